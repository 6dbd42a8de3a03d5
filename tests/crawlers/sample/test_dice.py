from __future__ import annotations

from crawlers.sample.dice import Dice


def test_the_draws_are_fixed_for_all_time() -> None:
    dice = Dice(20, "social", 7)
    assert [dice.below(1_000) for _ in range(5)] == [986, 853, 84, 508, 3]


def test_weights_decide_how_often_a_key_comes() -> None:
    dice = Dice("weights")
    drawn = [dice.weighted({"often": 3, "seldom": 1}) for _ in range(4_000)]
    assert 0.72 < drawn.count("often") / len(drawn) < 0.78


def test_counts_come_as_often_as_expected() -> None:
    dice = Dice("counts")
    drawn = [dice.poisson(2.5) for _ in range(4_000)]
    mean = sum(drawn) / len(drawn)
    assert 2.4 < mean < 2.6
    assert 2.2 < sum((count - mean) ** 2 for count in drawn) / len(drawn) < 2.8


def test_a_long_tail_stays_between_its_bounds() -> None:
    dice = Dice("tail")
    drawn = sorted(dice.long_tail(10, 1.0, 5_000) for _ in range(2_000))
    assert drawn[0] >= 10
    assert drawn[-1] <= 5_000
    assert drawn[1_000] < 25
    assert drawn[-5] > 500
