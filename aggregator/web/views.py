"""The pages for people, and for whatever watches over the daemon."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from aggregator import __version__
from aggregator.errors import AggregatorError
from aggregator.model import FeedPlace, Status
from aggregator.web.answers import health_answer
from aggregator.web.asked_at import asked_at
from aggregator.web.clients import LOOPBACK, Network, is_within
from aggregator.web.daemon_view import HealthReporter, Site
from aggregator.web.kept import Kept
from aggregator.web.page import FEEDS_PER_PAGE, render_page
from aggregator.web.prefix import prefix_of
from aggregator.web.rate import CostlyRequests

_LOG = structlog.get_logger(__name__)

_PATIENCE_S = 10.0  # for the database
_FORWARDED = ("Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto")
# In the place of our address while the page is kept: what is kept is nobody's. Another one in each
# process, so that no stranger's text can hold it.
_OWN_ADDRESS = f"own-address-{secrets.token_urlsafe(24)}"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Pages:
    """The handlers of both. The start page is made at most once every few seconds."""

    def __init__(
        self,
        site: Site,
        costly: CostlyRequests,
        kept: timedelta,
        proxies: Sequence[Network],
        *,
        search: bool = False,
        reading: bool = False,
        reporter: HealthReporter | None = None,
    ) -> None:
        self._site = site
        self._search = search
        self._reading = reading
        self._reporter = reporter
        self._costly = costly
        self._proxies = tuple(proxies)
        self._warned = False
        self._pages = Kept(self._render, kept.total_seconds())

    async def index(self, request: web.Request) -> web.Response:
        """Status page: addresses to subscribe to, and the feeds. ``?after=…`` turns the table."""
        self._costly.admit(request)
        self._costly.charge(request)
        after = FeedPlace.read(request.query.get("after", ""))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                html = await self._pages.get((self._site.revision, after))
        except TimeoutError:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}) from None
        headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-cache"}
        if not self._site.base_url:
            # What a client says of our address is shown to it alone, and kept by no cache.
            html = html.replace(_OWN_ADDRESS.encode(), escape(self._asked_at(request)).encode())
            headers["Cache-Control"] = "no-store"
        return web.Response(body=html, content_type="text/html", charset="utf-8", headers=headers)

    def _asked_at(self, request: web.Request) -> str:
        headers = {name: ",".join(request.headers.getall(name, [])) for name in _FORWARDED}
        named = asked_at(
            request.scheme,
            request.headers.get("Host", ""),
            request.remote or "",
            headers,
            self._proxies,
        )
        if named is None and request.transport is not None:
            host, port = request.transport.get_extra_info("sockname")[:2]
            named = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        host = urlsplit(named or "").hostname or ""
        if host and not self._warned and host != "localhost" and not is_within(host, LOOPBACK):
            self._warned = True
            _LOG.warning(
                "readers ask for another address than feeds say", asked_for=named,
                hint="set base_url; what is private is held back by it, too",
            )  # fmt: skip
        return named or ""

    async def health(self, _request: web.Request) -> web.Response:
        """200 while the daemon ticks, else 503."""
        ok, detail = self._site.healthy()
        return health_answer(ok=ok, detail=detail)

    async def _render(self, key: tuple[int, FeedPlace | None]) -> bytes:
        _, after = key
        status = await self._read_status(after)
        told = ((feed.key, self._site.told(feed.key)) for feed in (status.feeds if status else ()))
        return render_page(
            title=self._site.title,
            base_url=self._site.base_url or _OWN_ADDRESS,
            root=f"{prefix_of(self._site)}/" if prefix_of(self._site) else "",
            version=__version__,
            index=self._site.index,
            outputs=[one for one in self._site.outputs() if not one.tokens],
            status=status,
            told={key: one for key, one in told if one is not None},
            holds_back=self._site.holds_back,
            search=self._search,
            reading=self._reading,
            health=self._reporter is not None and self._reporter.has_health_feed,
            is_first=after is None,
            now=datetime.now(UTC),
        ).encode()

    async def _read_status(self, after: FeedPlace | None) -> Status | None:
        """None while the database does not answer: the subscribe links are of use all the same."""
        try:
            return await self._site.status(FEEDS_PER_PAGE, after)
        except AggregatorError as error:
            _LOG.warning("status page without status", error=str(error))
            return None
