"""Dice: chance that falls the same way in every process, on every machine and under every Python version."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")

_WORD: Final = 2**64 - 1
_STEP: Final = 0x9E3779B97F4A7C15


class Dice:
    """A stream of draws that depends on `parts` alone (splitmix64 over a BLAKE2 digest)."""

    __slots__ = ("_state",)

    def __init__(self, *parts: object) -> None:
        text = "\x1f".join(str(part) for part in parts)
        self._state = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())

    def word(self) -> int:
        """Return the next 64 bits."""
        self._state = (self._state + _STEP) & _WORD
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        return z ^ (z >> 31)

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return (self.word() >> 11) / (1 << 53)

    def below(self, bound: int) -> int:
        """Return a whole number in [0, bound)."""
        return self.word() * bound >> 64

    def chance(self, share: float) -> bool:
        """Return True in `share` of all draws."""
        return self.fraction() < share

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of `choices`, each as likely as the next."""
        return choices[self.below(len(choices))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """Return one of the keys, as likely as its weight; weights need not add up to 1."""
        left = self.fraction() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return next(reversed(list(weights)))

    def poisson(self, rate: float) -> int:
        """Return how often a thing happens that is expected `rate` times (Knuth's method; rates up to 100)."""
        bound, product, count = math.exp(-rate), self.fraction(), 0
        while product > bound:
            product *= self.fraction()
            count += 1
        return count

    def long_tail(self, least: float, power: float, most: float) -> int:
        """Return a Pareto-distributed number from `least` to `most`; a greater `power` has a longer tail."""
        return int(min(most, least / (1.0 - self.fraction()) ** power))
