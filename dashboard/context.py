"""Where the pages find what they work with: set once, when the application is built.

Streamlit runs its script anew for every visit and offers no way to pass anything in.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.instant import Clock
from config.settings import Settings
from storage.database import Database
from storage.vault import KeySource


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every page needs: the database, the clock, the settings, and the key for secrets that people type."""

    db: Database
    clock: Clock
    settings: Settings
    secret_key: KeySource | None = None

    @property
    def is_https(self) -> bool:
        """Whether people reach the dashboard over https, so that cookies can insist on it."""
        return self.settings.base_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session cookie; over https browsers then refuse it from anybody but this host."""
        return "__Host-groundswell" if self.is_https else "groundswell_session"


class _Registry:
    house: House | None = None


def furnish(house: House) -> None:
    """Set what pages find."""
    _Registry.house = house


def house() -> House:
    """Return what was set; RuntimeError before that."""
    if _Registry.house is None:
        raise RuntimeError("dashboard.serving.build_app has not run in this process")
    return _Registry.house
