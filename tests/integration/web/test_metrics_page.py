"""``/metrics`` and ``/ready``: who may read the one, and what the other says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_network

import pytest
from aiohttp import ClientSession, web

from aggregator.errors import StoreError
from aggregator.observe.prometheus import CONTENT_TYPE, PrometheusMetrics
from aggregator.ports import NO_TRACES
from aggregator.web.answers import plain_errors
from aggregator.web.clients import LOOPBACK, Network
from aggregator.web.metrics_page import Scrape, counting
from aggregator.web.ready_page import ReadyPage
from aggregator.web.server import WebServer


def served(metrics: PrometheusMetrics, networks: tuple[Network, ...] | None) -> web.Application:
    ticks = iter(range(1000))
    count = counting(metrics, NO_TRACES, lambda: float(next(ticks)))
    app = web.Application(middlewares=[count, plain_errors])
    app.router.add_get("/metrics", Scrape(metrics.text, CONTENT_TYPE, networks).get)
    app.router.add_get("/feeds/{token}/{file}", _fails)
    return app


async def _fails(_request: web.Request) -> web.Response:
    raise ValueError("ours")


async def got(
    app: web.Application, *paths: str, headers: dict[str, str] | None = None
) -> list[tuple[int, str]]:
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        async with ClientSession(f"http://127.0.0.1:{server.port}", headers=headers) as session:
            found = []
            for path in paths:
                async with session.get(path) as answer:
                    found.append((answer.status, await answer.text()))
            return found
    finally:
        await server.stop()


async def test_requests_are_counted_by_route_and_status_and_never_by_path() -> None:
    app = served(PrometheusMetrics("1"), LOOPBACK)
    *_, (status, text) = await got(app, "/feeds/secret/a.atom", "/secret-place", "/metrics")
    assert status == 200
    counted = "aggregator_http_request_duration_seconds_count"
    assert f'{counted}{{route="/feeds/{{token}}/{{file}}",status="500"}} 1.0' in text
    assert f'{counted}{{route="none",status="404"}} 1.0' in text
    assert "secret" not in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_local_metrics_are_not_for_who_comes_through_a_proxy(header: str) -> None:
    app = served(PrometheusMetrics("1"), LOOPBACK)
    assert [status for status, _ in await got(app, "/metrics", headers={header: "x"})] == [404]


async def test_other_networks_see_nothing_and_all_means_all() -> None:
    elsewhere: tuple[Network, ...] = (ip_network("192.0.2.0/24"),)
    hidden = await got(served(PrometheusMetrics("1"), elsewhere), "/metrics", "/nothing")
    assert hidden[0] == hidden[1] == (404, "404 Not Found\n")
    ((status, _),) = await got(
        served(PrometheusMetrics("1"), None), "/metrics", headers={"X-Forwarded-For": "1.2.3.4"}
    )
    assert status == 200


def ready(readiness: Callable[[], Awaitable[str]]) -> web.Application:
    app = web.Application()
    app.router.add_get("/ready", ReadyPage(readiness, fresh=0.0).get)
    return app


async def test_ready_says_why_it_is_not() -> None:
    reasons = iter(["nothing published yet", ""])

    async def readiness() -> str:
        return next(reasons)

    first, second = await got(ready(readiness), "/ready", "/ready")
    assert first == (503, '{"status": "not ready", "reason": "nothing published yet"}')
    assert second == (200, '{"status": "ready"}')


async def test_a_database_that_fails_is_told_without_its_innards() -> None:
    async def readiness() -> str:
        raise StoreError("postgresql://user:secret@host refused")

    ((status, text),) = await got(ready(readiness), "/ready")
    assert status == 503
    assert "secret" not in text
    assert "the database does not answer" in text
