"""``/status.FORMAT``: what happened to the feeds, for whoever may see the status page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog
from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model import Rendered
from aggregator.publish.render import pack, render
from aggregator.web.daemon_view import HealthReporter, Site
from aggregator.web.feeds import answer
from aggregator.web.kept import Kept
from aggregator.web.rate import CostlyRequests

_LOG = structlog.get_logger(__name__)

_PATIENCE_S = 10.0  # for the database


class HealthPages:
    """The handler. The feed is made at most once every few seconds."""

    def __init__(
        self,
        site: Site,
        reporter: HealthReporter,
        costly: CostlyRequests,
        policy: Mapping[str, str],
        kept: timedelta,
    ) -> None:
        self._site = site
        self._reporter = reporter
        self._costly = costly
        self._policy = policy
        self._made = Kept(self._make, kept.total_seconds())

    async def get(self, request: web.Request) -> web.Response:
        """GET and HEAD. 404 where it is switched off, or for another format."""
        if not self._reporter.has_health_feed:
            raise web.HTTPNotFound
        self._costly.admit(request)
        self._costly.charge(request)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                rendered = await self._made.get((self._site.revision, request.match_info["kind"]))
        except (TimeoutError, AggregatorError) as error:
            _LOG.warning("health feed without answer", error=type(error).__name__)
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}) from None
        return answer(request, rendered, self._policy)

    async def _make(self, key: tuple[int, str]) -> Rendered:
        feed = await self._reporter.health_feed()
        body = await asyncio.to_thread(render, feed, key[1])
        return await asyncio.to_thread(pack, feed.name, key[1], body, feed.updated)
