"""The web application: routes, headers that every answer carries, errors without innards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import structlog
from aiohttp import web

from aggregator import __version__
from aggregator.errors import AggregatorError
from aggregator.model import Status
from aggregator.publish import addresses
from aggregator.publish.snapshot import Snapshot
from aggregator.web.answers import add_headers, plain
from aggregator.web.feeds import FeedPages
from aggregator.web.page import render_page
from aggregator.web.push import PushPages
from aggregator.web.site import Site
from aggregator.websub.subscriber import Subscriber

_LOG = structlog.get_logger(__name__)

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_LONG = "public, max-age=3600"
# What crawlers of reader services and search engines may take: no page.
_CRAWLED = frozenset({"/feeds/{file}", "/style.css", "/icon.svg", "/robots.txt"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(
    snapshot: Snapshot,
    site: Site,
    *,
    max_age: timedelta = timedelta(minutes=5),
    listener: Subscriber | None = None,
) -> web.Application:
    """The application that serves ``snapshot`` and the pages about ``site``.

    ``max_age`` is how long subscribers and caches may keep a feed without asking again;
    ``listener`` answers the hubs that call.
    """
    pages = Pages(site)
    feeds = FeedPages(snapshot, site, max_age)
    app = web.Application(middlewares=[plain_errors], client_max_size=1024)
    app.on_response_prepare.append(_headers_for(site))
    file = f"/{addresses.FOLDER}/{{file}}"
    app.router.add_get("/", pages.index)
    app.router.add_get("/style.css", _static("style.css", "text/css"))
    app.router.add_get("/icon.svg", _static("icon.svg", "image/svg+xml"))
    app.router.add_get("/health", pages.health)
    app.router.add_get("/robots.txt", robots)
    app.router.add_get(file, feeds.get)
    app.router.add_route("OPTIONS", file, feeds.preflight)
    app.router.add_get(f"/{addresses.FOLDER}/{{token}}/{{file}}", feeds.get_private)
    if listener is not None:
        push = PushPages(listener)
        app.router.add_get("/websub/{token}", push.verify, allow_head=False)
        app.router.add_post("/websub/{token}", push.deliver)
    return app


class Pages:
    """The pages for people, and for whatever watches over the daemon."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def index(self, request: web.Request) -> web.Response:
        """Status page: addresses to subscribe to, and the feeds. ``?page=2`` turns the table."""
        page = request.query.get("page", "1")
        html = render_page(
            title=self._site.title,
            base_url=self._site.base_url,
            version=__version__,
            index=self._site.index,
            outputs=[one for one in self._site.outputs() if not one.tokens],
            status=await self._status(),
            told=self._site.told(),
            number=int(page) if page.isdecimal() and len(page) < 9 else 1,
            now=datetime.now(UTC),
        )
        headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-cache"}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def health(self, _request: web.Request) -> web.Response:
        """200 while the daemon ticks, else 503."""
        ok, detail = self._site.healthy()
        body = {"status": "ok" if ok else "failing", "version": __version__, **detail}
        return web.json_response(
            body, status=200 if ok else 503, headers={"Cache-Control": "no-store"}
        )

    async def _status(self) -> Status | None:
        """None while the database does not answer: the subscribe links are of use all the same."""
        try:
            return await self._site.status()
        except AggregatorError as error:
            _LOG.warning("status page without status", error=str(error))
            return None


async def robots(_request: web.Request) -> web.Response:
    """Crawlers are welcome: everything here is meant to be read."""
    return web.Response(text="User-agent: *\nAllow: /\n", headers={"Cache-Control": _LONG})


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as one line of plain text: never a traceback, never an echo of the request."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return plain(error)
    except ConnectionError:
        raise  # the client has gone: there is nobody to answer, and nothing to note
    except web.RequestPayloadError:
        return plain(web.HTTPBadRequest())
    except Exception:  # noqa: BLE001 - whatever it is, it belongs in the log and not in the answer
        # The route and not the path, which may hold a token.
        _LOG.exception("request failed", method=request.method, route=_route(request))
        return web.Response(status=500, text="500 Internal Server Error\n")


def _headers_for(site: Site) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add(request: web.Request, response: web.StreamResponse) -> None:
        add_headers(response)
        crawled = _route(request) in _CRAWLED and response.status != web.HTTPNotFound.status_code
        if not crawled and not site.index:
            response.headers["X-Robots-Tag"] = "noindex"

    return add


def _route(request: web.Request) -> str:
    """The pattern that the request's path matched, such as ``/feeds/{file}``; empty for none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


def _static(name: str, content_type: str) -> Handler:
    """A handler for a file of the package, read once."""
    body = (files("aggregator.web") / "static" / name).read_bytes()

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(
            body=body,
            content_type=content_type,
            charset="utf-8",
            headers={"Cache-Control": _LONG},
        )

    return serve
