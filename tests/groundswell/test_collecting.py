"""Visits to a real server on loopback, with the real connector, client, pipeline and database."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from config.principal import SYSTEM
from config.settings import Settings, SourceSpec
from groundswell.collecting import origin_of, visit
from storage import declared, rollups, sources, status
from storage.schema import coverage, mention, mention_brand, source_state

ITEM = "<item><guid>{key}</guid><title>{title}</title><description>{text}</description><pubDate>{at}</pubDate></item>"


class Site(ThreadingHTTPServer):
    """A site on loopback whose one answer can be changed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body, self.headers = 200, b"", {}
        self.asked: list[dict[str, str]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        self.send_response(self.server.status)
        for name, value in {"Content-Length": str(len(self.server.body)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site():
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def house(house, site):
    url = f"http://127.0.0.1:{site.server_port}/feed"
    spec = SourceSpec(name="live", type="rss", kind="forum", options={"url": url})
    server = Settings(allow_private=("127.0.0.1",))
    declared.save(house.db, house.declaration.model_copy(update={"sources": (spec,)}), by=SYSTEM, now=house.clock())
    return replace(house, declaration=house.declaration.model_copy(update={"server": server}))


@pytest.fixture
def go(house, reader):
    def run(at=None, owner="me", **more):
        catalogue = declared.catalogue(house.db)
        source = next(one for one in catalogue.sources if one.item.name == "live")
        there = replace(house, clock=lambda: at) if at else house
        return visit(there, reader, origin_of(source, catalogue), source.item, owner=owner, **more)

    return run


def _feed(*items):
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>".encode()


def _item(key, text, at):
    return ITEM.format(key=key, title="Shopsy", text=text, at=format_datetime(at))


def _state(house):
    with house.db.read() as conn:
        return conn.execute(select(source_state)).one()


def _status(house, now):
    return next(row for row in status.source_status(house.db, by=SYSTEM, now=now) if row.name == "live")


def test_the_first_visit_is_history_and_the_next_one_news(house, site, go, now):
    site.body = _feed(_item("1", "terrible Shopsy", now - timedelta(hours=2)))
    assert go().stored.new == 1
    site.body = _feed(
        _item("2", "awful Shopsy", now + timedelta(minutes=5)), _item("1", "terrible Shopsy", now - timedelta(hours=2))
    )
    later = now + timedelta(minutes=10)
    outcome = go(at=later)
    assert (outcome.stored.new, outcome.stored.same) == (1, 1)
    with house.db.read() as conn:
        flags = conn.execute(select(mention_brand.c.backfill).order_by(mention_brand.c.mention_id)).scalars().all()
        (read,) = conn.execute(select(coverage)).all()
    assert flags == [True, False]
    assert (read.covered_from, read.covered_to) == (now - timedelta(hours=2), later)
    assert _status(house, later).last_success == later


def test_an_unchanged_feed_is_not_sent_twice_and_still_counts_as_read(house, site, go, now):
    site.body = _feed(_item("1", "terrible Shopsy", now - timedelta(hours=2)))
    site.headers = {"ETag": '"one"'}
    go()
    site.status, site.body = 304, b""
    assert go(at=now + timedelta(minutes=15)).error is None
    assert site.asked[1]["if-none-match"] == '"one"'
    with house.db.read() as conn:
        assert conn.execute(select(coverage.c.covered_to)).scalar_one() == now + timedelta(minutes=15)


def test_a_busy_server_is_left_alone_for_as_long_as_it_wants(house, site, go, now):
    site.status, site.headers = 429, {"Retry-After": "1800"}
    outcome = go()
    assert not outcome.permanent
    assert "429" in outcome.error
    assert go(at=now + timedelta(minutes=20)).busy
    site.status, site.headers, site.body = 200, {}, _feed(_item("1", "Shopsy", now))
    assert go(at=now + timedelta(minutes=31)).stored.new == 1
    assert _state(house).failures == 0


def test_a_gone_page_is_a_failure_that_waits_for_a_person(house, site, go, now):
    site.status = 404
    assert go().permanent
    row = _status(house, now)
    assert (row.failures, row.last_error_permanent) == (1, True)
    assert "404" in row.last_error


def test_a_source_that_somebody_reads_is_left_to_them(house, go, now):
    source = next(one for one in declared.catalogue(house.db).sources if one.item.name == "live")
    assert sources.begin(house.db, source.id, owner="somebody", now=now)
    assert go().busy


def test_a_private_address_is_refused_unless_the_operator_allows_it(house, site, reader):
    catalogue = declared.catalogue(house.db)
    source = next(one for one in catalogue.sources if one.item.name == "live")
    strict = replace(house, declaration=house.declaration.model_copy(update={"server": Settings()}))
    outcome = visit(strict, reader, origin_of(source, catalogue), source.item, owner="me")
    assert outcome.permanent
    assert "private" in outcome.error
    assert site.asked == []


def test_wrong_options_fail_in_words(house, reader):
    catalogue = declared.catalogue(house.db)
    source = next(one for one in catalogue.sources if one.item.name == "live")
    wrong = source.item.model_copy(update={"options": {"url": {"env": "NOT_SET"}}})
    outcome = visit(house, reader, origin_of(source, catalogue), wrong, owner="me")
    assert outcome.permanent
    assert "NOT_SET" in outcome.error


def test_a_visit_that_is_told_to_end_keeps_what_it_has(house, site, go, now):
    items = (_item(str(n), f"Shopsy number {n}", now - timedelta(minutes=n)) for n in range(1200))
    site.body = _feed(*items)
    outcome = go(keep_on=lambda: False)
    assert 0 < outcome.stored.new <= 1200
    assert go(at=now + timedelta(minutes=1)).error is None
    with house.db.read() as conn:
        assert len(conn.execute(select(mention.c.id)).all()) == 1200
    assert rollups.verify(house.db) == []
