"""A path in ``base_url``: addresses below it lead here, whether a reverse proxy keeps it or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from aggregator.publish.uris import uri
from aggregator.web.daemon_view import Site
from aggregator.web.metrics_page import ROUTE

_NOT_FOUND = web.HTTPNotFound.status_code

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def prefix_of(site: Site) -> str:
    """The path of the address under which readers reach ``site``, as requests spell it; no slash at its end."""
    return urlsplit(uri(site.base_url)).path.rstrip("/")


def paths_of(site: Site, request: web.Request) -> tuple[str, ...]:
    """The path that was asked for, and what it is below our own, if it stands there."""
    prefix, path = prefix_of(site), request.rel_url.raw_path
    below = prefix and path.startswith(f"{prefix}/")
    return (path, path[len(prefix) :]) if below else (path,)


def below_prefix(site: Site) -> Middleware:
    """A middleware that answers ``/reader/feeds/all.atom`` as ``/feeds/all.atom``."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        prefix, path = prefix_of(site), request.rel_url.raw_path
        if not prefix or not f"{path}/".startswith(f"{prefix}/"):
            return await handler(request)
        if path == prefix:  # relative links on the page need the slash
            return web.Response(
                status=308, headers={"Location": f"{prefix}/"}, text="308 Permanent Redirect\n"
            )
        there = request.rel_url.with_path(path[len(prefix) :], encoded=True, keep_query=True)
        meant = request.clone(rel_url=there)
        found = await request.app.router.resolve(meant)
        if found.http_exception is not None and found.http_exception.status == _NOT_FOUND:
            return await handler(request)  # it only begins alike: the proxy has taken the path off
        if found.route.resource is not None:
            request[ROUTE] = found.route.resource.canonical
        found.add_app(request.app)
        meant._match_info = found  # noqa: SLF001 - as aiohttp's own middleware for paths does
        return await found.handler(meant)

    return answer
