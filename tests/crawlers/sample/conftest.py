"""The invented history, made once for all tests of the sample workspace."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.mention import Mention
from crawlers.sample.generator import Generator
from crawlers.sample.stream import STREAMS
from crawlers.sample.workspace import SEED

STARTED = datetime(2026, 3, 12, 14, 37, 11, tzinfo=UTC)


@pytest.fixture(scope="session")
def started() -> datetime:
    """A Thursday afternoon."""
    return STARTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Everything that all streams published before the start, oldest first, and the CPU seconds it took."""

    mentions: tuple[Mention, ...]
    cpu: float


@pytest.fixture(scope="session")
def telling() -> Telling:
    begun = time.process_time()
    found = [mention for name in STREAMS for mention in _published(name)]
    cpu = time.process_time() - begun
    return Telling(mentions=tuple(sorted(found, key=lambda mention: mention.published_at)), cpu=cpu)


@pytest.fixture(scope="session")
def history(telling: Telling) -> tuple[Mention, ...]:
    return telling.mentions


def _published(stream: str) -> list[Mention]:
    generator = Generator(stream=stream, seed=SEED, started=STARTED)
    return list(generator.published(STARTED - timedelta(days=70), STARTED, collected_at=STARTED))
