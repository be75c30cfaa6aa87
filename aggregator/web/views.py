"""The pages for people, and for whatever watches over the daemon."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from aiohttp import web

from aggregator import __version__
from aggregator.errors import AggregatorError
from aggregator.model import FeedPlace, Status
from aggregator.web.daemon_view import Site
from aggregator.web.kept import Kept
from aggregator.web.page import FEEDS_PER_PAGE, render_page
from aggregator.web.rate import CostlyRequests

_LOG = structlog.get_logger(__name__)

_PATIENCE_S = 10.0  # for the database
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Pages:
    """The handlers of both. The start page is made at most once every few seconds."""

    def __init__(self, site: Site, costly: CostlyRequests, kept: timedelta) -> None:
        self._site = site
        self._costly = costly
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
        return web.Response(body=html, content_type="text/html", charset="utf-8", headers=headers)

    async def health(self, _request: web.Request) -> web.Response:
        """200 while the daemon ticks, else 503."""
        ok, detail = self._site.healthy()
        body = {"status": "ok" if ok else "failing", "version": __version__, **detail}
        return web.json_response(
            body, status=200 if ok else 503, headers={"Cache-Control": "no-store"}
        )

    async def _render(self, key: tuple[int, FeedPlace | None]) -> bytes:
        _, after = key
        status = await self._read_status(after)
        told = ((feed.key, self._site.told(feed.key)) for feed in (status.feeds if status else ()))
        return render_page(
            title=self._site.title,
            base_url=self._site.base_url,
            version=__version__,
            index=self._site.index,
            outputs=[one for one in self._site.outputs() if not one.tokens],
            status=status,
            told={key: one for key, one in told if one is not None},
            holds_back=self._site.holds_back,
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
