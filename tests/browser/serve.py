"""Serve the dashboard over a workspace full of everything that a page must show; run by the browser test.

    python serve.py FOLDER PORT [--empty]

The mentions are the sample's own, read by the real matcher and the real classifier; beside them stand the odd
ones: hostile text, a very long one, right-to-left, edited, undated, a failing source, rejects, a dead letter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from alerts.rule import decide
from config.settings import Brand, Query, Settings, SourceSpec
from crawlers.connector import Batch, Reject
from crawlers.matching import Matcher, compile_queries
from crawlers.memory import Page
from crawlers.mention import Author, Engagement, Mention
from crawlers.normal import search_text
from crawlers.report import Report
from crawlers.sample import workspace
from crawlers.sample.generator import Generator
from dashboard.serving import build_app
from sentiment.score import Score
from sentiment.vader import Vader
from storage.database import Database, sqlite_url
from storage.intake import Arrival, Reading, Stored, store
from storage.judging import Watch, judge_brand
from storage.migration import migrate
from storage.pages import Remembered, save
from storage.schema import brand, heartbeat, outbox, source, source_state
from storage.visits import Tally, record
from storage.workspace import mark_sample

WEB = "Shop reviews"
OTHER = Brand(name="Ålesund & Søn <b>AS", languages=("en",))
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "[click](javascript:alert(1)) ![tracker](http://tracker.invalid/p.png) **bold** $x^2$ Kolvinta :material/delete:"
)
VADER = Vader()


def fill(db: Database, now: datetime) -> None:
    """Store the workspace."""
    mark_sample(db, started=now)
    declared = workspace.declare(now)
    ids = _save_brands(db, (*declared.brands, OTHER), now)
    matcher = compile_queries((*declared.queries, Query(name="other", brand=OTHER.name, any=("Ålesund",))))
    for number, spec in enumerate(declared.sources, 1):
        _save_source(db, number, spec, ids, now, failures=0)
        stream = Generator(stream=spec.options["stream"], seed=spec.options["seed"], started=now)
        items = tuple(stream.published(stream.begin, now, collected_at=now))
        gap = stream.gap
        pieces = ((stream.begin, gap[0]), (gap[1], now)) if gap else ((stream.begin, now),)
        _store(db, number, items, matcher, ids, spec, pieces, now)
    _save_odd(db, matcher, ids, now)
    _save_web(db, matcher, ids, now)
    _save_visits(db, now)
    watches = [
        Watch(
            brand_id=ids[workspace.BRAND.name],
            brand=workspace.BRAND.name,
            rule=rule,
            channels=("sample log", "on-call"),
            invented=True,
        )
        for rule in declared.rules
    ]
    judge_brand(db, ids[workspace.BRAND.name], watches, detect=decide, now=now)
    _kill_a_letter(db, now)
    _beat(db, now)


def _save_brands(db: Database, brands: Iterable[Brand], now: datetime) -> dict[str, int]:
    ids: dict[str, int] = {}
    with db.write() as conn:
        for item in brands:
            row = {"name": item.name, "declared": item.model_dump(mode="json"), "managed_by": "person", "enabled": True}
            ids[item.name] = conn.execute(
                brand.insert().values(**row, updated_at=now).returning(brand.c.id)
            ).scalar_one()
    return ids


def _save_source(
    db: Database, number: int, spec: SourceSpec, ids: dict[str, int], now: datetime, *, failures: int
) -> None:
    row = {
        "id": number,
        "name": spec.name,
        "type": spec.type,
        "kind": spec.kind or "other",
        "brand_id": ids.get(spec.brand or ""),
        "declared": spec.model_dump(mode="json"),
        "managed_by": "person",
        "enabled": True,
        "created_at": now,
        "updated_at": now,
    }
    state = {
        "source_id": number,
        "last_started": now,
        "last_success": now - timedelta(seconds=20) if not failures else now - timedelta(hours=5),
        "failures": failures,
        "last_error": "HTTP 403 from feeds.example: <b>Forbidden</b>" if failures else None,
        "last_error_permanent": False,
        "collected": 0,
    }
    with db.write() as conn:
        conn.execute(source.insert().values(**row))
        conn.execute(source_state.insert().values(**state))


def _store(
    db: Database,
    number: int,
    items: Sequence[Mention],
    matcher: Matcher,
    ids: dict[str, int],
    spec: SourceSpec,
    covered: Iterable[tuple[datetime, datetime]],
    now: datetime,
    rejects: tuple[Reject, ...] = (),
) -> None:
    for at in range(0, max(len(items), 1), 500):
        part = items[at : at + 500]
        readings = tuple(_read(item, matcher, ids, spec) for item in part)
        batch = Batch(items=tuple(part), rejects=rejects, backfill=False)
        store(db, Arrival(source_id=number, batch=batch, readings=readings, rejects=rejects), now=now)
    for since, until in covered:
        batch = Batch(covered_from=since, covered_to=until)
        store(db, Arrival(source_id=number, batch=batch, readings=()), now=now)


def _read(item: Mention, matcher: Matcher, ids: dict[str, int], spec: SourceSpec) -> Reading:
    spans = {ids[match.brand]: match.spans for match in matcher.match(item.title, item.text)}
    if spec.brand:
        spans.setdefault(ids[spec.brand], ())
    language = item.language or "en"
    score: Score = VADER.score([item.whole_text], [language])[0]
    return Reading(
        mention=item, language=language, search_text=search_text(item.title, item.text), brands=spans, score=score
    )


def _save_odd(db: Database, matcher: Matcher, ids: dict[str, int], now: datetime) -> None:
    spec = SourceSpec(name="Odd feed <i>of things", type="rss", kind="news", every=timedelta(minutes=15), options={})
    number = 90
    _save_source(db, number, spec, ids, now, failures=3)
    odd = tuple(_odd(now))
    rejects = (
        Reject(reason="empty text", detail="no text in it", external_id="a-1", line=17),
        Reject(reason="wrong encoding", detail="byte 0xff at 12 is not UTF-8 <script>", line=18),
    )
    covered = (
        (now - timedelta(days=9), now - timedelta(hours=30)),
        (now - timedelta(hours=18), now - timedelta(hours=5)),
    )
    _store(db, number, odd, matcher, ids, spec, covered, now, rejects)
    edited = replace(odd[0], text=odd[0].text + " (edited later)")
    _store(db, number, (edited,), matcher, ids, spec, (), now)
    _store(
        db,
        number,
        (replace(edited, text=edited.text + " And again."),),
        matcher,
        ids,
        spec,
        (),
        now + timedelta(seconds=1),
    )


def _save_web(db: Database, matcher: Matcher, ids: dict[str, int], now: datetime) -> None:
    """A web source whose site was rebuilt, with a review that was raised, and one that nobody confirmed."""
    options = {"start": ["https://reviews.shop.example/all"], "items": ".review", "text": ".text"}
    spec = SourceSpec(name=WEB, type="pages", kind="review", brand=workspace.BRAND.name, options=options)
    _save_source(db, 91, spec, ids, now, failures=0)
    review = Mention(
        platform="web:reviews.shop.example",
        external_id="r-1",
        kind="review",
        text="They called me back and made it good: the lamp works now.",
        url="https://reviews.shop.example/r-1",
        author=Author(handle="Ola", name="Ola"),
        language="en",
        rating=0.8,
        rating_given="4/5",
        product="Lamp",
        published_at=now - timedelta(hours=2),
        collected_at=now,
    )
    first = replace(review, text="Awful, it smokes.", rating=0.2, rating_given="1/5")
    covered = ((now - timedelta(days=6), now),)
    _store(db, 91, (first,), matcher, ids, spec, covered, now, (Reject(reason="no such page", detail="/old"),))
    _store(db, 91, (review,), matcher, ids, spec, (), now)
    Remembered(db, 91).hold(
        "reviews.shop.example", until=now + timedelta(hours=2), reason="the site asked to wait: /all answered 429"
    )
    pages = [
        Page(url=f"https://reviews.shop.example/{n}", role="listing", gone=n < 3, waiting=n > 30, due_at=now)
        for n in range(43)
    ]
    with db.write() as conn:
        save(conn, 91, pages)
    closed = SourceSpec(name="Closed forum", type="pages", terms="restricted", options=options)
    _save_source(db, 92, closed, ids, now, failures=0)


def _save_visits(db: Database, now: datetime) -> None:
    """Four visits a day for ten days, to all but the source that nobody confirmed."""
    with db.write() as conn:
        numbers = [number for number in conn.execute(source.select()).scalars() if number != 92]
        for number in numbers:
            for n in range(40):
                at = now - timedelta(hours=6 * (40 - n))
                fails = (number == 90 and n > 36) or (n + number) % 17 == 0
                tally = _tally(n) if number == 91 else Tally(stored=Stored(new=n % 5 + 1, same=12, lags=(400.0 + n,)))
                started, ended = at, at + timedelta(seconds=40)
                record(conn, number, tally, started=started, ended=ended, error="HTTP 503" if fails else None)


def _tally(n: int) -> Tally:
    rated = 47 if n < 37 else 1
    fields = {"text": 48, "author": 47, "date": 48, "rating": rated, "product": 20}
    report = Report(pages=4, items=48, fields=fields)
    return Tally(stored=Stored(new=n % 3 if n < 39 else 0, same=46 if n < 39 else 3, lags=(7_200.0,)), report=report)


def _odd(now: datetime) -> Iterable[Mention]:
    texts = (
        ("Awful: Kolvinta lost my parcel and support is terrible", "An <b>edited</b> post about a lost parcel."),
        ("Terrible, hateful & broken", HOSTILE),
        (None, "Horrible wait, awful service at Kolvinta. " + "I waited and waited, it was terrible. " * 60),
        (None, "\u202eatnivloK is reversed\u202c and awful, horrible. Kolvinta \u200b\u200bagain. " + "w" * 300),
        (None, "Kolvinta كانت سيئة جدا، terrible, awful, horrible service"),
        ("Bad day at Ålesund", "Ålesund was horrible and awful to us; Kolvinta too."),
    )
    for number, (title, text) in enumerate(texts):
        yield Mention(
            platform="web:odd.example",
            external_id=f"odd-{number}",
            kind="news",
            title=title,
            text=text,
            url="https://odd.example/1" if number != 1 else "javascript:document.title='owned'",
            author=Author(
                handle=f"odd{number}",
                name=f'O\'Neil <{number}> "quoted"',
                url="https://odd.example/u",
                followers=12_345,
            ),
            language="en",
            engagement=Engagement(likes=3, shares=1, replies=1_234),
            reach=98_765,
            published_at=now - timedelta(minutes=3 + number),
            collected_at=now,
            undated=number == 4,
        )


def _kill_a_letter(db: Database, now: datetime) -> None:
    dead = {"state": "dead", "attempts": 7, "last_error": "HTTP 404: no such channel <b>#ops</b>"}
    sent = {"state": "sent", "attempts": 1, "sent_at": now}
    with db.write() as conn:
        conn.execute(outbox.update().where(outbox.c.channel == "on-call").values(**dead))
        conn.execute(outbox.update().where(outbox.c.channel == "sample log").values(**sent))


def _beat(db: Database, now: datetime) -> None:
    row = {"process": "monitor", "pid": 1, "host": "test", "started_at": now, "at": now + timedelta(days=1)}
    with db.write() as conn:
        conn.execute(heartbeat.insert().values(**row))


def main(folder: Path, port: int, *, empty: bool) -> None:
    """Fill the workspace unless it is there already, and serve it."""
    path = folder / "groundswell.db"
    fresh = not path.exists()
    db = Database(sqlite_url(path))
    now = datetime.now(UTC)
    migrate(db, now=now)
    if fresh and not empty:
        fill(db, now)
    app = build_app(db=db, clock=lambda: datetime.now(UTC), settings=Settings(port=port))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), empty="--empty" in sys.argv)
