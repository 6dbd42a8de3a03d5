"""The rating of a review: on any scale, as a share of the best there is, with what the page wrote kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """`value` runs from 0 to 1 and is the share of the best rating (4 of 5 is 0.8); `given` is what stood there."""

    value: float
    given: str

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError(f"a rating runs from 0 to 1, not {self.value}")
