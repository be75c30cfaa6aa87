"""``/metrics``: counts for who may see them; and the counting of requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Middleware

from aggregator.ports import Metrics, Tracer
from aggregator.web.clients import Network, is_within

ROUTE = web.RequestKey("route", str)
"""The request's key for the pattern that its path matched, where it was found below a prefix."""

# Where one stands a proxy has passed the request on: who asks is not who connects.
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
_UNKNOWN = "none"  # every path that there is nothing at

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Scrape:
    """The page that is scraped: its text and media type. ``networks`` may do so; None: anybody."""

    text: Callable[[], bytes]
    content_type: str
    networks: Sequence[Network] | None = None

    async def get(self, request: web.Request) -> web.Response:
        """GET and HEAD; 404 for who may not know of it."""
        if self.networks is not None and not self._may_read(request, self.networks):
            raise web.HTTPNotFound
        headers = {"Content-Type": self.content_type, "Cache-Control": "no-store"}
        return web.Response(body=self.text(), headers=headers)

    def _may_read(self, request: web.Request, networks: Sequence[Network]) -> bool:
        if any(name in request.headers for name in _FORWARDED):
            return False
        return is_within(request.remote or "", networks)


def counting(metrics: Metrics, tracer: Tracer, clock: Callable[[], float]) -> Middleware:
    """A middleware, the outermost, that counts and traces every answer by its route and status."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, status = clock(), 500
        try:
            with tracer.span("request", method=request.method) as span:
                response = await handler(request)
                status = response.status
                span.tell(route=route_of(request), status=str(status))
        except web.HTTPException as error:
            status = error.status
            raise
        except ConnectionError:
            status = 499  # the client has gone, as nginx has it
            raise
        finally:
            metrics.answered(route_of(request), status, clock() - began)
        return response

    return count


def route_of(request: web.Request) -> str:
    """The pattern that the request's path matched, such as ``/feeds/{file}``; ``none`` for none."""
    found: str | None = request.get(ROUTE)
    if found is not None:
        return found
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else _UNKNOWN
