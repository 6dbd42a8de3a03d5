"""Who acts: a person or the system itself, with a role and the brands they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["viewer", "analyst", "support", "administrator"]
RANK: Final[dict[Role, int]] = {"viewer": 0, "analyst": 1, "support": 2, "administrator": 3}


class NotAllowedError(PermissionError):
    """The principal's role or brands do not cover the action; trying again does not help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who acts. `brands` None means every brand."""

    name: str
    role: Role
    brands: frozenset[str] | None = None

    def may_see(self, brand: str) -> bool:
        """Whether this principal may see what concerns `brand`."""
        return self.brands is None or brand in self.brands

    def require(self, role: Role, *, brand: str | None = None) -> None:
        """Raise NotAllowedError unless the role is at least `role` and `brand`, if given, is covered."""
        if RANK[self.role] < RANK[role]:
            raise NotAllowedError(f"{self.name} is {self.role}; this needs {role} or higher")
        if brand is not None and not self.may_see(brand):
            raise NotAllowedError(f"{self.name} may not see the brand {brand}")


SYSTEM: Final = Principal(name="groundswell", role="administrator")
