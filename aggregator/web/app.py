"""The web application: routes, headers that every answer carries, errors without innards."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files

from aiohttp import web

from aggregator.config.own_address import HUB
from aggregator.deliver.hub_service import Hub
from aggregator.ports import NO_METRICS, NO_TRACES, Metrics, Tracer
from aggregator.publish import feed_addresses, health_items
from aggregator.publish.formats import FORMATS
from aggregator.publish.snapshot import Snapshot
from aggregator.web.answers import Handler, add_headers, plain_errors
from aggregator.web.clients import LOOPBACK, Network
from aggregator.web.connection import HOT
from aggregator.web.counting import ReaderCounts
from aggregator.web.daemon_view import HealthReporter, History, Searcher, Site, Stories
from aggregator.web.deltas import Deltas
from aggregator.web.feeds import FeedPages, Past
from aggregator.web.health_pages import HealthPages
from aggregator.web.hot.rendered_feeds import RenderedFeeds
from aggregator.web.hub_page import HubPage
from aggregator.web.metrics_page import Scrape, counting
from aggregator.web.past_pages import ArchivePages
from aggregator.web.policies import Policies
from aggregator.web.prefix import below_prefix, paths_of
from aggregator.web.push import PushPages
from aggregator.web.rate import CostlyRequests, RateLimit
from aggregator.web.reading_pages import ReadingPages
from aggregator.web.ready_page import ReadyPage
from aggregator.web.search_pages import SearchPages
from aggregator.web.views import Pages
from aggregator.websub.subscriber import Subscriber

_LONG = "public, max-age=3600"
# What crawlers of reader services and search engines may take: no page.
_CRAWLED = re.compile(
    rf"/(?:{feed_addresses.FOLDER}/[^/]+|(?:style|read|feed)\.css|read\.js|icon\.svg|robots\.txt)"
)


def create_app(
    snapshot: Snapshot,
    site: Site,
    *,
    max_age: timedelta | None = None,
    publish_interval: Callable[[], timedelta] = lambda: timedelta(0),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    listener: Subscriber | None = None,
    hub: Hub | None = None,
    searcher: Searcher | None = None,
    history: History | None = None,
    stories: Stories | None = None,
    reporter: HealthReporter | None = None,
    readiness: Callable[[], Awaitable[str]] | None = None,
    scrape: Scrape | None = None,
    metrics: Metrics = NO_METRICS,
    tracer: Tracer = NO_TRACES,
    proxies: Sequence[Network] = LOOPBACK,
    kept: timedelta = timedelta(seconds=5),
    counts: ReaderCounts | None = None,
) -> web.Application:
    """The application that serves ``snapshot`` and the pages about ``site``.

    ``max_age`` is how long subscribers and caches may keep a feed without asking again; None: by its
    pace, and no less than ``publish_interval``;
    ``listener`` answers the hubs that call, ``hub`` who wants to be called, ``searcher`` who looks for words, ``history`` who asks for more
    than the windows, ``stories`` who reads, ``reporter`` who asks for the health feed, ``readiness`` who asks whether readers may come, ``scrape`` who
    watches; every answer is told to ``metrics`` and ``tracer``. Clients that ask too often
    for what costs are refused,
    ``proxies`` never; the start page is ``kept`` for a while. ``counts``: where requests for feeds are
    counted.
    """
    costly = CostlyRequests(RateLimit(), proxies)
    reading = stories is not None
    pages = Pages(
        site,
        costly,
        kept,
        proxies,
        search=searcher is not None,
        reading=reading,
        reporter=reporter,
    )
    search = None
    if searcher is not None:
        search = SearchPages(site, searcher, costly, kept, reading=reading)
    fresh = kept.total_seconds()
    past = (
        Past(ArchivePages(history, fresh), Deltas(history, costly, fresh))
        if history is not None
        else None
    )
    policies = Policies(
        snapshot,
        site,
        pages=reading,
        publish_interval=publish_interval,
        now=now,
        fixed=max_age,
    )
    feeds = FeedPages(snapshot, site, policies, search, past, counts)
    # Where nobody looks at it, nothing is done for it.
    watched = metrics is not NO_METRICS or tracer is not NO_TRACES
    counted = [counting(metrics, tracer, time.perf_counter)] if watched else []
    app = web.Application(
        middlewares=[*counted, plain_errors, below_prefix(site)], client_max_size=1024
    )
    app.on_response_prepare.append(_headers_for(site))
    _add_basics(app.router, pages, readiness, scrape)
    _add_feeds(app.router, feeds)
    if search is not None:
        app.router.add_get("/search", search.page)
        app.router.add_get("/search/{token}", search.page)
    if stories is not None:
        _add_reading(
            app.router, ReadingPages(site, stories, costly, kept, search=search is not None)
        )
    if reporter is not None:
        health = HealthPages(site, reporter, costly, policies.usual(), kept)
        app.router.add_get(f"/{health_items.NAME}.{{kind:{'|'.join(FORMATS)}}}", health.get)
    _add_hubs(app.router, listener, hub, costly, proxies)
    app[HOT] = RenderedFeeds(snapshot, site, policies, feeds.counts, metrics).answer
    return app


def _add_basics(
    router: web.UrlDispatcher,
    pages: Pages,
    readiness: Callable[[], Awaitable[str]] | None,
    scrape: Scrape | None,
) -> None:
    router.add_get("/", pages.index)
    router.add_get("/style.css", _static("style.css", "text/css"))
    router.add_get("/icon.svg", _static("icon.svg", "image/svg+xml"))
    router.add_get("/health", pages.health)
    if readiness is not None:
        router.add_get("/ready", ReadyPage(readiness).get)
    if scrape is not None:
        router.add_get("/metrics", scrape.get)
    router.add_get("/robots.txt", robots)


def _add_feeds(router: web.UrlDispatcher, feeds: FeedPages) -> None:
    file = f"/{feed_addresses.FOLDER}/{{file}}"
    router.add_get(file, feeds.get)
    router.add_route("OPTIONS", file, feeds.preflight)
    router.add_get(f"/{feed_addresses.FOLDER}/{{token}}/{{file}}", feeds.get_private)


def _add_hubs(
    router: web.UrlDispatcher,
    listener: Subscriber | None,
    hub: Hub | None,
    costly: CostlyRequests,
    proxies: Sequence[Network],
) -> None:
    """Addresses for hubs that call us, and for who wants to be called by ours."""
    if listener is not None:
        push = PushPages(listener, costly)
        router.add_get("/websub/{token}", push.verify, allow_head=False)
        router.add_post("/websub/{token}", push.deliver)
    if hub is not None:
        router.add_post(f"/{HUB}", HubPage(hub, proxies).ask)


def _add_reading(router: web.UrlDispatcher, pages: ReadingPages) -> None:
    folder = f"/{feed_addresses.PAGES}"
    router.add_get(f"/{feed_addresses.STYLE}", _static("feed.css", "text/css"))
    router.add_get("/read.css", _static("read.css", "text/css"))
    router.add_get("/read.js", _static("read.js", "text/javascript"))
    router.add_get(f"{folder}/{{name}}", pages.get)
    router.add_get(f"{folder}/{{above}}/{{below}}", pages.get_below)
    router.add_get(f"{folder}/{{token}}/{{name}}/{{item}}", pages.get_private)


async def robots(_request: web.Request) -> web.Response:
    """Crawlers are welcome: everything here is meant to be read."""
    return web.Response(text="User-agent: *\nAllow: /\n", headers={"Cache-Control": _LONG})


def _headers_for(site: Site) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def add(request: web.Request, response: web.StreamResponse) -> None:
        add_headers(response)
        known = any(_CRAWLED.fullmatch(path) for path in paths_of(site, request))
        crawled = known and response.status != web.HTTPNotFound.status_code
        if not crawled and not site.index:
            response.headers["X-Robots-Tag"] = "noindex"

    return add


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
