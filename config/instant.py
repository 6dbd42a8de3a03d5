"""Instants: every datetime in the house is aware and UTC; time comes from one injected clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def require_utc(value: datetime, name: str) -> None:
    """Raise ValueError unless `value` is aware and in UTC."""
    if value.tzinfo is None or value.utcoffset() != timedelta(0):
        raise ValueError(f"{name} must be an aware datetime in UTC, not {value!r}")


def hour_of(value: datetime) -> datetime:
    """Return the beginning of the hour that holds `value`."""
    return value.replace(minute=0, second=0, microsecond=0)
