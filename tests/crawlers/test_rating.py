import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.rating import Rating, read_rating
from crawlers.value import rating_of

TABLES = {
    "figures": [
        ("4", 0.8),
        ("4,5", 0.9),
        ("4.5", 0.9),
        ("4.6667", 0.93334),
        ("7.5", 0.75),
        ("10", 1.0),
        ("85", 0.85),
        ("100", 1.0),
        ("4.5/5", 0.9),
        ("4 / 5", 0.8),
        ("8/10", 0.8),
        ("8.0/10", 0.8),
        ("0/10", 0.0),
        ("0/5", 0.0),
        ("85%", 0.85),
        ("85 %", 0.85),
        ("92,5 %", 0.925),
        ("0%", 0.0),
        ("\u00a04\u00a0", 0.8),
        ("４", 0.8),
        ("4.5 (310)", 0.9),
        ("4.5 (310 reviews)", 0.9),
        ("4/5 (12 votes)", 0.8),
        ("7 из 7", 1.0),
        ("3½", 0.7),
        ("4 ½ / 5", 0.9),
    ],
    "en": [
        ("8 out of 10", 0.8),
        ("4 of 5", 0.8),
        ("4.7 out of 5 stars", 0.94),
        ("4 stars out of 5", 0.8),
        ("Rated 4.00 out of 5", 0.8),
        ("Rated 4.00 out of 5 based on 12 customer ratings", 0.8),
        ("Rated 5 out of 5", 1.0),
        ("four out of five", 0.8),
        ("Four", 0.8),
        ("FOUR STARS", 0.8),
        ("One star", 0.2),
        ("four and a half stars", 0.9),
        ("4 stars", 0.8),
        ("4-star", 0.8),
        ("Rating: 4", 0.8),
        ("Overall rating: 8", 0.8),
        ("Rating: 85%", 0.85),
    ],
    "ru": [
        ("4 из 5", 0.8),
        ("4,5 из 5", 0.9),
        ("Оценка: 4", 0.8),
        ("Оценка 4 из 5", 0.8),
        ("Средняя оценка покупателей: 4,8", 0.96),
        ("пять", 1.0),
        ("Пять звёзд", 1.0),
        ("пять из пяти", 1.0),
        ("четыре с половиной", 0.9),
        ("4 звезды", 0.8),
        ("5 звёзд", 1.0),
        ("8 баллов", 0.8),
    ],
    "uk": [
        ("4 з 5", 0.8),
        ("4 із 5", 0.8),
        ("Оцінка: 4", 0.8),
        ("чотири", 0.8),
        ("п’ять зірок", 1.0),
        ("п'ять", 1.0),
        ("4 зірки", 0.8),
        ("5 зірок", 1.0),
        ("8 балів", 0.8),
        ("три з половиною", 0.7),
    ],
    "pl": [
        ("4 z 5", 0.8),
        ("4 na 5", 0.8),
        ("Ocena: 4/5", 0.8),
        ("Ocena: 4,5", 0.9),
        ("cztery", 0.8),
        ("pięć gwiazdek", 1.0),
        ("5 gwiazdek", 1.0),
        ("4 gwiazdki", 0.8),
        ("1 gwiazdka", 0.2),
        ("8 pkt", 0.8),
        ("trzy i pół", 0.7),
    ],
    "stars": [
        ("★★★★☆", 0.8),
        ("★★★★★", 1.0),
        ("★ ★ ★ ☆ ☆", 0.6),
        ("★★★", 0.6),
        ("⭐⭐⭐⭐", 0.8),
        ("⭐️⭐️⭐️⭐️", 0.8),
        ("🌟🌟🌟", 0.6),
        ("★", 0.2),
        ("★★★★⯨", 0.9),
        ("★★★⯪☆", 0.7),
        ("★★★½", 0.7),
        ("★★★½☆", 0.7),
        ("★★★★★★★★☆☆", 0.8),
        ("★★★★★★★", 0.7),
        ("●●●●○", 0.8),
        ("★★★★☆ Great boots", 0.8),
        ("★★★★☆ 4.2/5", 0.84),
        ("★ 4.5", 0.9),
        ("5★", 1.0),
        ("5 ★", 1.0),
    ],
    "class names": [
        ("star-rating Four", 0.8),
        ("star-rating One", 0.2),
        ("four-stars", 0.8),
        ("rating--five", 1.0),
        ("rating-4", 0.8),
        ("review__rating review__rating--4", 0.8),
        ("rating-8", 0.8),
        ("rating-80", 0.8),
        ("rating-8-10", 0.8),
        ("rating_4_of_5", 0.8),
        ("stars4", 0.8),
        ("stars_45", 0.9),
        ("stars_50", 1.0),
        ("stars-80", 0.8),
        ("icon-star-4-5", 0.9),
        ("a-icon a-icon-star a-star-4-5 review-rating", 0.9),
        ("i-stars i-stars--regular-4-half", 0.9),
        ("ui_bubble_rating bubble_45", 0.9),
        ("s80", 0.8),
        ("stars s80", 0.8),
        ("width:80%", 0.8),
        ('style="width: 80%;"', 0.8),
        ("width:92.5%; height:100%", 0.925),
    ],
    "not rated": [
        ("☆☆☆☆☆", None),
        ("○○○○○", None),
        ("0", None),
        ("0 stars", None),
        ("width:0%", None),
        ("rating-0", None),
        ("stars_0", None),
    ],
    "no rating": [
        (text, None)
        for text in (
            "",
            " ",
            "Anna",
            "Size 42",
            "12 reviews",
            "12 March 2026",
            "12/03/2026",
            "2026-03-12",
            "2 hours ago",
            "👍",
            "👎",
            "5000",
            "150",
            "150%",
            "-1",
            "11/10",
            "6 из 5",
            "4/0",
            "1,234",
            "nan",
            "inf",
            "½",
            "● In stock",
            "☆☆☆☆☆★★★★",
            "4 of 5 people found this helpful",
            "3 из 5 покупателей рекомендуют",
            "Page 1 of 5",
            "20% off",
            "4 5",
            "4-5",
            "star-rating",
            "fa fa-star",
            "icon-star-16",
            "star-5-5",
            "rating-1234",
            "col-md-4 rating",
            "w-4 h-4",
            "One of the best shops",
            "x" * 300,
        )
    ],
}


@pytest.mark.parametrize(("text", "value"), [pair for table in TABLES.values() for pair in table])
def test_a_rating_is_read_as_a_share_of_the_best(text, value):
    rating = read_rating(text)
    assert (rating and rating.value) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "best", "worst", "value"),
    [
        ("4", "5", "1", 0.8),
        ("4", 10, None, 0.4),
        ("4", "10,0", None, 0.4),
        ("8", 5, None, None),
        ("1", 5, 1, 0.2),
        ("0", 5, 1, None),
        ("0", 5, None, 0.0),
        ("0", "5", "0", 0.0),
        ("★★★★", 6, None, 4 / 6),
        ("★★★★☆", 10, None, 0.8),  # the row tells its own scale
        ("8/10", 5, None, 0.8),
        ("85%", 5, None, 0.85),
        ("star-rating Four", 10, None, 0.4),
        ("rating-45", 5, None, 0.9),
        ("rating-45", 100, None, 0.45),
        ("rating-45", None, None, 0.45),
        ("stars_20", None, None, 0.4),
        ("stars_20", 100, None, 0.2),
        ("2", 1, 6, 0.8),  # marks: 1 is the best
        ("7", 1, 6, None),
        ("0", 5, -5, 0.5),
        ("-5", 5, -5, 0.0),
        ("4", "", "", 0.8),
        ("4", "five", "none", 0.8),
        ("4", 0, None, 0.8),
        ("4", float("nan"), float("inf"), 0.8),
        ("5", 5, 5, 1.0),
    ],
)
def test_a_scale_beside_the_rating_counts_before_a_guess(text, best, worst, value):
    rating = read_rating(text, best=best, worst=worst)
    assert (rating and rating.value) == (value if value is None else pytest.approx(value))


def test_what_the_page_wrote_is_kept():
    assert read_rating(" Rated\n 4.00  out of 5 ") == Rating(value=0.8, given="Rated 4.00 out of 5")
    long = read_rating("Rated 4 out of 5 " + "by the people who bought it " * 4)
    assert long is not None
    assert long.given == "Rated 4 out of 5 by the people who bought it by the people w"


@given(st.integers(0, 50), st.sampled_from([".", ","]))
def test_plain_numbers_are_what_rows_of_files_give(tenths, point):
    text = f"{tenths // 10}{point}{tenths % 10}"
    rating = read_rating(text, best=5)
    assert rating is not None
    assert rating.value == rating_of(text, 5)


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "4",
                "4.5",
                "5",
                "10",
                "0",
                "100",
                "%",
                "/",
                "из",
                "out of",
                "of",
                "★",
                "☆",
                "½",
                "⯨",
                "⭐️",
                "width:",
                "stars",
            ]
        ),
        st.sampled_from(
            ["rating-", "star", "_45", "-half", "-of-", "four", "п'ять", "Оценка:", "s80", "(", ")", "-", "."]
        ),
        st.text(max_size=4),
    ),
    max_size=8,
)
TEXTS = st.one_of(st.builds(lambda pieces, glue: glue.join(pieces), PIECES, st.sampled_from(["", " "])), st.text())
BOUNDS = st.one_of(
    st.none(), st.floats(), st.text(max_size=5), st.sampled_from(["5", "1", "0", "-5", "1e308", "1e-320"])
)


@given(TEXTS, BOUNDS, BOUNDS)
def test_no_text_raises_and_every_value_is_a_share(text, best, worst):
    rating = read_rating(text, best=best, worst=worst)
    assert rating is None or (0 <= rating.value <= 1 and rating.given and len(rating.given) <= 60)


@pytest.mark.parametrize(
    "piece", ["4", "4 ", "★", "★ ", "4/", "(", "four ", "rating-", "4 stars ", "width:", "1.", "a:"]
)
def test_no_text_takes_long(piece):
    began = time.perf_counter()
    read_rating((piece * 200)[:200])
    assert time.perf_counter() - began < 0.5
