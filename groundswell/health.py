"""`/healthz` for load balancers and people, `/metrics` for Prometheus; both read what the monitor wrote."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from config.principal import SYSTEM
from groundswell.bootstrap import House
from storage import health, status
from storage.database import DatabaseError
from storage.migration import is_current

PREFIX: Final = "groundswell_"
Endpoint = Callable[[Request], Awaitable[Response]]


def healthz(house: House) -> Endpoint:
    """Return the endpoint that answers 200 when the monitor is alive, else 503, with the reason in words."""

    async def answer(_request: Request) -> Response:
        body, code = await run_in_threadpool(_health, house)
        return JSONResponse(body, code)

    return answer


def _health(house: House) -> tuple[dict[str, Any], int]:
    try:
        return _state(house)
    except DatabaseError:  # its text names the database: nothing for a public route
        return {"status": "database down", "detail": "the database cannot be opened; the log says why"}, 503


def _state(house: House) -> tuple[dict[str, Any], int]:
    if not is_current(house.db):
        return {"status": "starting", "detail": "the database is being prepared"}, 503
    alive = {row.process: row.alive for row in status.processes(house.db, now=house.clock())}
    if not alive.get("monitor"):
        return {"status": "monitor down", "detail": "nothing is collected and no alert is sent"}, 503
    return {"status": "ok"}, 200


def metrics(house: House) -> Endpoint:
    """Return the endpoint in Prometheus' text format. It answers this machine alone, unless a proxy is put before
    it on purpose: names of sources are nobody else's business."""

    async def answer(request: Request) -> Response:
        if not _is_local(request):
            return PlainTextResponse("metrics are read from this machine only\n", 403)
        body = await run_in_threadpool(_exposition, house)
        return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")

    return answer


def _is_local(request: Request) -> bool:
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    host = request.client.host if request.client else ""
    try:
        return not forwarded and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _exposition(house: House) -> bytes:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    if not is_current(house.db):
        return generate_latest(registry)
    now = house.clock()
    up = Gauge(f"{PREFIX}process_up", "1 while the process beats", ["process"], registry=registry)
    for row in status.processes(house.db, now=now):
        up.labels(row.process).set(row.alive)
    _sources(house, registry)
    gauges: dict[str, Gauge] = {}
    for metric in health.metrics(house.db):
        if metric.name not in gauges:
            text = "As the monitor last counted it"
            gauges[metric.name] = Gauge(f"{PREFIX}{metric.name}", text, ["label"], registry=registry)
        gauges[metric.name].labels(metric.label).set(metric.value)
    return generate_latest(registry)


def _sources(house: House, registry: Any) -> None:
    from prometheus_client import Gauge

    names = ["source"]
    collected = Gauge(f"{PREFIX}source_collected", "Mentions a source has brought", names, registry=registry)
    failures = Gauge(f"{PREFIX}source_failures", "Visits failed since the last success", names, registry=registry)
    lag = Gauge(f"{PREFIX}source_lag_seconds", "Time since the last success", names, registry=registry)
    rejects = Gauge(f"{PREFIX}source_rejects", "Items refused, by reason", [*names, "reason"], registry=registry)
    for row in status.source_status(house.db, by=SYSTEM, now=house.clock()):
        collected.labels(row.name).set(row.collected)
        failures.labels(row.name).set(row.failures)
        if row.lag is not None:
            lag.labels(row.name).set(row.lag.total_seconds())
        for reason, n in row.rejects.items():
            rejects.labels(row.name, reason).set(n)
