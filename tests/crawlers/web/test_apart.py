"""Every noun that crosses the pipe from a process apart comes out as it went in."""

from __future__ import annotations

from datetime import UTC, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.connector import Reject
from crawlers.mention import Engagement
from crawlers.rating import Rating
from crawlers.web.apart import ANSWER, ASK
from crawlers.web.asking import Answer, Ask
from crawlers.web.cell import written
from crawlers.web.failure import Failure
from crawlers.web.found import Found
from crawlers.web.link import Link
from crawlers.web.site import Extract
from crawlers.when import When

TEXTS = st.text(max_size=20)
MAYBE = st.none() | TEXTS
COUNTS = st.none() | st.integers(min_value=0, max_value=10**12)
LINKS = st.builds(
    Link,
    url=TEXTS,
    role=st.sampled_from(["index", "listing", "item"]),
    stamp=MAYBE,
    context=st.dictionaries(TEXTS, TEXTS, max_size=2),
)
MOMENTS = st.datetimes(timezones=st.just(UTC))
WHENS = st.builds(
    lambda a, b, relative: When(since=min(a, b), until=max(a, b), relative=relative), MOMENTS, MOMENTS, st.booleans()
)
RATINGS = st.builds(Rating, value=st.floats(min_value=0, max_value=1), given=st.text(min_size=1, max_size=10))
ENGAGEMENTS = st.builds(Engagement, likes=COUNTS, shares=COUNTS, replies=COUNTS)
FOUND = st.builds(
    Found,
    text=TEXTS,
    id=MAYBE,
    url=MAYBE,
    own_url=st.booleans(),
    author=MAYBE,
    published=st.none() | WHENS,
    rating=st.none() | RATINGS,
    reach=COUNTS,
    engagement=ENGAGEMENTS,
)
REJECTS = st.builds(Reject, reason=TEXTS, detail=TEXTS, external_id=MAYBE, line=COUNTS)
EXTRACTS = st.builds(
    Extract,
    items=st.lists(FOUND, max_size=2).map(tuple),
    links=st.lists(LINKS, max_size=2).map(tuple),
    more=st.none() | LINKS,
    oldest_first=st.booleans(),
    rejects=st.lists(REJECTS, max_size=2).map(tuple),
    missed=st.lists(TEXTS, max_size=2).map(tuple),
)
FAILURES = st.builds(
    Failure,
    reason=TEXTS,
    detail=TEXTS,
    temporary=st.booleans(),
    retry_after=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1)),
    status=COUNTS,
    held=st.booleans(),
)
ASKS = st.builds(Ask, link=LINKS, etag=MAYBE, last_modified=MAYBE)
ANSWERS = st.builds(
    Answer,
    ask=ASKS,
    url=TEXTS,
    extract=st.none() | EXTRACTS,
    unchanged=st.booleans(),
    failure=st.none() | FAILURES,
    etag=MAYBE,
    last_modified=MAYBE,
    size=st.integers(min_value=0, max_value=10**9),
)


@given(ANSWERS)
@settings(max_examples=150, deadline=None)
def test_an_answer_comes_through_as_it_was(answer: Answer) -> None:
    line = written(answer)
    assert b"\n" not in line
    assert ANSWER.validate_json(line) == answer


@given(ASKS)
def test_an_ask_comes_through_as_it_was(ask: Ask) -> None:
    line = ASK.dump_json(ask)
    assert b"\n" not in line
    assert ASK.validate_json(line) == ask


@given(st.text(alphabet=st.characters(categories=["Cs", "L"]), max_size=5))
def test_half_a_character_does_not_break_the_pipe(text: str) -> None:
    answer = Answer(
        ask=Ask(link=Link(url="https://x.example/", role="item")),
        url="https://x.example/",
        extract=Extract(items=(Found(text=text),)),
    )
    heard = ANSWER.validate_json(written(answer))
    assert heard.extract is not None
    assert heard.extract.items[0].text == text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
