from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from sentiment.registry import CLASSIFIERS, UnknownClassifierError, build
from sentiment.score import Score

VADER = build("vader")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Terrible service, my parcel is lost and nobody cares. I hate it.", "negative"),
        ("I love this shop, wonderful support and great prices!", "positive"),
        ("The office is open from nine to five.", "neutral"),
    ],
)
def test_english_is_scored(text, label):
    assert VADER.score([text], ["en"])[0].label == label


@pytest.mark.parametrize("language", ["ru", "uk", "pl", "de", "und", ""])
def test_every_other_language_is_said_to_be_unreadable_and_gets_no_made_up_label(language):
    (score,) = VADER.score(["Terrible, I hate it"], [language])
    assert score.cannot_score
    assert score.label == "unscored"
    assert score.negative == score.neutral == score.positive == 0


@given(st.lists(st.text(max_size=200), max_size=5))
def test_probabilities_add_up_and_the_order_is_kept(texts):
    scores = VADER.score(texts, ["en"] * len(texts))
    assert len(scores) == len(texts)
    for text, score in zip(texts, scores, strict=True):
        assert score.negative + score.neutral + score.positive == pytest.approx(1)
        assert VADER.score([text], ["en"]) == [score]


def test_the_label_follows_the_published_bounds():
    analyser = SentimentIntensityAnalyzer()
    for text in ("good", "bad", "ok", "not bad", "fine I guess", "sad but true", "kinda meh", ""):
        compound = analyser.polarity_scores(text)["compound"]
        expected = "positive" if compound >= 0.05 else "negative" if compound <= -0.05 else "neutral"
        assert VADER.score([text], ["en"])[0].label == expected


def test_a_weak_signal_is_marked_as_unsure():
    assert VADER.score(["It was okay but slow, hardly a problem"], ["en"])[0].negative < 1
    (strong,) = VADER.score(["Horrible, disgusting, awful!"], ["en"])
    assert not strong.unsure


def test_a_score_cannot_be_made_up():
    with pytest.raises(ValueError, match="no probabilities"):
        Score(negative=1.0, classifier="x", cannot_score=True)
    with pytest.raises(ValueError, match="add up"):
        Score(negative=0.5, classifier="x")


def test_a_very_long_text_takes_no_very_long_time():
    import time

    started = time.process_time()
    VADER.score(["bad but good " * 8000], ["en"])
    assert time.process_time() - started < 2


def test_an_unknown_classifier_is_refused_with_what_there_is():
    with pytest.raises(UnknownClassifierError, match="vader"):
        build("oracle")


@pytest.mark.parametrize("name", sorted(CLASSIFIERS))
def test_every_classifier_keeps_the_contract(name):
    classifier = build(name)
    scores = classifier.score(["one", "два", ""], ["en", "ru", "und"])
    assert [type(score) for score in scores] == [Score] * 3
    assert classifier.name
    assert classifier.version
    assert type(classifier).__doc__
