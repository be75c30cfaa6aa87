"""``/search`` and ``/feeds/NAME.FORMAT?q=…``: what an output's stories say, the latest first.

Only what the caller may see is looked through: an output with tokens stands at ``/search/TOKEN``. Queries are
bounded, and never logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import structlog
from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model import FoundItems, Item, OutputFeed, Rendered
from aggregator.publish import feed_addresses, formatting
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import pack, render
from aggregator.select.search_query import BadQuery, SearchQuery, parse_query
from aggregator.web.daemon_view import OutputInfo, Searcher, Site
from aggregator.web.kept import Kept
from aggregator.web.page import environment
from aggregator.web.rate import CostlyRequests
from aggregator.web.readers import admitted

_LOG = structlog.get_logger(__name__)

_PATIENCE_S = 10.0  # for the database
_ON_A_PAGE, _IN_A_FEED = 30, 50  # items
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_LARGEST = 2**63  # of a place to go on from


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search: in which output, for what, from where on; another one after each reload."""

    revision: int
    output: str
    query: SearchQuery
    limit: int
    below: int | None


class SearchPages:
    """The handlers of both. The same search is made at most once every few seconds."""

    def __init__(
        self,
        site: Site,
        searcher: Searcher,
        costly: CostlyRequests,
        kept: timedelta,
        *,
        reading: bool = False,
    ) -> None:
        self._site = site
        self._searcher = searcher
        self._costly = costly
        self._reading = reading
        self._found = Kept(self._search, kept.total_seconds())

    async def page(self, request: web.Request) -> web.Response:
        """GET and HEAD of the page: ``q``, ``in`` (an output), ``below`` (where the page before ended)."""
        token = request.match_info.get("token", "")
        outputs = _readable(self._site.outputs(), token)
        if token and not outputs:
            raise web.HTTPNotFound
        said, name = _said(request), request.query.get("in", "")
        named = (one for one in outputs if name == one.name or name in one.aliases)
        output = next(named, next(iter(outputs), None))
        found, fault = FoundItems(()), ""
        if said.strip() and output is not None:
            self._costly.admit(request)
            self._costly.charge(request)
            try:
                below = _place(request.query.get("below", ""))
                found = await self._answer(output, parse_query(said), _ON_A_PAGE, below)
            except BadQuery as error:
                fault = error.message
        html = _page(self._site, outputs, output, said, found, fault, token, reading=self._reading)
        headers = {
            "Content-Security-Policy": _PAGE_POLICY,
            "Cache-Control": "private, no-cache" if token else "no-cache",
        }
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def feed(
        self, request: web.Request, output: OutputInfo, kind: str, token: str = ""
    ) -> Rendered:
        """The answer to the query ``q`` as a feed; 400 for what is none."""
        said = _said(request)
        self._costly.admit(request)
        self._costly.charge(request)
        try:
            query = parse_query(said)
        except BadQuery:
            raise web.HTTPBadRequest from None
        found = await self._answer(output, query, _IN_A_FEED, None)
        feed = _feed(self._searcher, output, kind, said, found.items, token)
        body = await asyncio.to_thread(render, feed, kind)
        return await asyncio.to_thread(pack, output.name, kind, body, feed.updated)

    async def _answer(
        self, output: OutputInfo, query: SearchQuery, limit: int, below: int | None
    ) -> FoundItems:
        """What is found. Raises 503 while the database does not answer."""
        asked = _Asked(self._site.revision, output.name, query, limit, below)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._found.get(asked)
        except (TimeoutError, AggregatorError) as error:
            # The kind alone: a database repeats in its errors what was looked for.
            _LOG.warning("search without answer", error=type(error).__name__)
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}) from None

    async def _search(self, asked: _Asked) -> FoundItems:
        return await self._searcher.search(asked.output, asked.query, asked.limit, asked.below)


def _readable(outputs: Sequence[OutputInfo], token: str) -> list[OutputInfo]:
    """The outputs that who gives ``token`` may read there; those for everybody without one."""
    if not token:
        return [one for one in outputs if not one.tokens]
    return [one for one in outputs if admitted(token, one.tokens) is not None]


def _said(request: web.Request) -> str:
    """What is looked for, as text that can be written again."""
    return request.query.get("q", "").encode(errors="replace").decode()


def _place(text: str) -> int | None:
    # Of very many digits not even the number is made.
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST))
    return int(text) if is_number and int(text) < _LARGEST else None


def _feed(
    searcher: Searcher, output: OutputInfo, kind: str, said: str, items: Sequence[Item], token: str
) -> OutputFeed:
    """The items found as a feed of its own, with an identity that follows from the query."""
    said = " ".join(said.split())
    query = urlencode({"q": said})
    address = f"{searcher.feed_base}/{feed_addresses.path(output.name, kind, token)}?{query}"
    return OutputFeed(
        name=f"{output.name}?{query}",
        title=f"{output.title or output.name}: {said}",
        description="",
        base_url=searcher.feed_base,
        id_base=searcher.id_base,
        items=tuple(items),
        updated=max((one.updated for one in items), default=datetime.fromtimestamp(0, UTC)),
        formats=(kind,),
        links={kind: address},
        page=f"{searcher.feed_base}/{'/'.join(filter(None, ('search', token)))}?{query}&in={output.name}",
    )


def _page(
    site: Site,
    outputs: Sequence[OutputInfo],
    output: OutputInfo | None,
    said: str,
    found: FoundItems,
    fault: str,
    token: str,
    *,
    reading: bool,
) -> str:
    up = "../" if token else ""
    name = output.name if output is not None else ""
    following = {"q": said, "in": name, "below": str(found.below)} if found.below else None
    query = urlencode({"q": said})
    return (
        environment()
        .get_template("search.html")
        .render(
            title=site.title,
            index=site.index and not token and not said,
            outputs=outputs,
            chosen=name,
            said=said,
            fault=fault,
            items=[_shown(one) for one in found.items],
            further=f"?{urlencode(following)}" if following else "",
            feeds=[
                (FORMATS[kind], f"{up}{feed_addresses.path(name, kind, token)}?{query}")
                for kind in (output.formats if output is not None else ())
            ],
            root=up,
            page=f"{up}{feed_addresses.page_path(name, token)}" if reading and name else "",
        )
    )


def _shown(item: Item) -> dict[str, object]:
    return {
        "title": formatting.headline(item),
        "url": formatting.link(item.url),
        "source": formatting.source_name(item),
        "date": item.published or item.updated,
        "summary": formatting.text(item.summary),
    }
