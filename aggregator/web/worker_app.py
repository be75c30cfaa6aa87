"""The web application of a worker: for whoever watches it, and nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from aggregator.web.answers import add_headers, health_answer, plain_errors
from aggregator.web.metrics_page import Scrape
from aggregator.web.ready_page import ReadyPage


def create_worker_app(
    healthy: Callable[[], tuple[bool, Mapping[str, object]]],
    readiness: Callable[[], Awaitable[str]],
    scrape: Scrape | None,
) -> web.Application:
    """``/health``, which ``healthy`` knows without waiting; ``/ready``; and ``/metrics`` where there is a ``scrape``."""

    async def health(_request: web.Request) -> web.Response:
        ok, detail = healthy()
        return health_answer(ok=ok, detail=detail)

    app = web.Application(middlewares=[plain_errors], client_max_size=1024)
    app.on_response_prepare.append(_headers)
    app.router.add_get("/health", health)
    app.router.add_get("/ready", ReadyPage(readiness).get)
    if scrape is not None:
        app.router.add_get("/metrics", scrape.get)
    return app


async def _headers(_request: web.Request, response: web.StreamResponse) -> None:
    add_headers(response)
    response.headers["X-Robots-Tag"] = "noindex"
