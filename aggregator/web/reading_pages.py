"""``/read/NAME`` and ``/read/NAME/ITEM``: what stands in an output, on pages for people.

Who may read an output's feeds may read these, and nobody else: an output with tokens stands at
``/read/TOKEN/NAME``; without one of them its address is as any that does not exist.
"""

from __future__ import annotations

import asyncio
import gzip
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import structlog
from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model import Coding, Rendered
from aggregator.publish.render import digest
from aggregator.web.answers import joined_header
from aggregator.web.conditional import choose
from aggregator.web.cursor import item_id_of, item_path, place_of
from aggregator.web.daemon_view import OutputInfo, Site, Stories, named_output
from aggregator.web.kept import Kept
from aggregator.web.rate import CostlyRequests
from aggregator.web.readers import admitted, was_admitted
from aggregator.web.reading_html import Frame, render_stories, render_story

_LOG = structlog.get_logger(__name__)

_PATIENCE_S = 10.0  # for the database
_PAGES = 64  # kept
_NO_TIME = datetime.fromtimestamp(0, UTC)
_LATER = {"Retry-After": "10"}  # seconds
# Pictures and sound may come from everywhere, as in a feed reader; nothing else may.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https:; media-src https:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page that is asked for; another one after each reload."""

    revision: int
    output: str
    token: str
    item: str  # its id; empty: a page of many
    cursor: str


@dataclass(frozen=True, slots=True)
class _Page:
    """A page, or what became of its story."""

    rendered: Rendered | None = None
    holder: str = ""
    is_gone: bool = False


class ReadingPages:
    """The handlers of both. The same page is made at most once every few seconds."""

    def __init__(
        self,
        site: Site,
        stories: Stories,
        costly: CostlyRequests,
        kept: timedelta,
        *,
        search: bool = False,
    ) -> None:
        self._site = site
        self._stories = stories
        self._costly = costly
        self._search = search
        self._pages = Kept(self._made, kept.total_seconds(), _PAGES)

    async def get(self, request: web.Request) -> web.Response:
        """GET and HEAD of ``/read/NAME``: 301 for a former name, 410 for what was dropped of late."""
        return await self._answer(request, "", request.match_info["name"])

    async def get_below(self, request: web.Request) -> web.Response:
        """GET and HEAD of ``/read/NAME/ITEM`` and ``/read/TOKEN/NAME``."""
        above, below = request.match_info["above"], request.match_info["below"]
        if item_id_of(below) is not None and self._named(below) is None:
            return await self._answer(request, "", above, below)
        return await self._answer(request, above, below)

    async def get_private(self, request: web.Request) -> web.Response:
        """GET and HEAD of ``/read/TOKEN/NAME/ITEM``."""
        given = request.match_info
        return await self._answer(request, given["token"], given["name"], given["item"])

    def _named(self, name: str) -> OutputInfo | None:
        """The output that is called ``name``, or was."""
        return named_output(self._site.outputs(), name)

    async def _answer(
        self, request: web.Request, given: str, name: str, item: str = ""
    ) -> web.Response:
        output = self._named(name)
        token = admitted(given, output.tokens if output else ()) if given else ""
        if output is None or token is None or bool(output.tokens) != bool(token):
            raise self._absent(given, name)
        item_id = item_id_of(item) if item else ""
        if item_id is None:
            raise web.HTTPNotFound
        if output.name != name:
            there = f"../{output.name}/{item}" if item else output.name
            return _elsewhere(request, 301, there, private=bool(token))
        cursor = request.query.get("after", "")
        if cursor and (item or place_of(cursor, output.name) is None):
            raise web.HTTPBadRequest
        page = await self._page(
            request, _Asked(self._site.revision, output.name, token, item_id, cursor)
        )
        if page.rendered is not None:
            return _sent(request, page.rendered, private=bool(token))
        if page.holder:  # for now: an operator may split what was merged
            return _elsewhere(request, 302, item_path(page.holder), private=bool(token))
        raise web.HTTPGone if page.is_gone else web.HTTPNotFound

    def _absent(self, given: str, name: str) -> web.HTTPException:
        """The answer where there is no such output for who asks: another one if it was dropped of late."""
        for one in self._site.dropped():
            told = was_admitted(given, one.readers) if given else not one.readers
            if one.name == name and told and self._named(name) is None:
                return web.HTTPGone()
        return web.HTTPNotFound()

    async def _page(self, request: web.Request, asked: _Asked) -> _Page:
        """The page. Raises 429 for who asks for too many, 503 while the database does not answer."""
        if not self._pages.has(asked):
            self._costly.admit(request)
            self._costly.charge(request)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                page = await self._pages.get(asked)
        except (TimeoutError, AggregatorError) as error:
            _LOG.warning("page without stories", error=type(error).__name__)
            raise web.HTTPServiceUnavailable(headers=_LATER) from None
        if page is None:
            raise web.HTTPServiceUnavailable(headers=_LATER)
        return page

    async def _made(self, asked: _Asked) -> _Page | None:
        output = self._named(asked.output)
        if output is None:
            return _Page()
        frame = Frame.of(
            self._site, output, asked.token, is_story=bool(asked.item), search=self._search
        )
        if asked.item:
            named = await self._stories.story(output.name, asked.item)
            if named is None:
                return None
            if named.item is None:
                return _Page(holder=named.holder, is_gone=named.is_withdrawn)
            item = named.item
            return _Page(
                await asyncio.to_thread(lambda: _packed(output.name, render_story(frame, item)))
            )
        below = place_of(asked.cursor, output.name) if asked.cursor else None
        found = await self._stories.stories(output.name, below)
        if found is None:
            return None
        return _Page(
            await asyncio.to_thread(
                lambda: _packed(output.name, render_stories(frame, found, is_first=below is None))
            )
        )


def _policy(*, private: bool) -> dict[str, str]:
    """Headers by which caches and search engines learn whose a page is."""
    if private:
        return {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    return {"Cache-Control": "no-cache"}


def _elsewhere(request: web.Request, status: int, there: str, *, private: bool) -> web.Response:
    """To what stands beside the address asked for: whatever leads there stays as it is, a token and a query too."""
    asked = request.rel_url.raw_query_string
    return web.Response(
        status=status,
        text=f"{status} {HTTPStatus(status).phrase}\n",
        headers={"Location": there + (f"?{asked}" if asked else ""), **_policy(private=private)},
    )


def _packed(output: str, html: str) -> Rendered:
    body = html.encode()
    return Rendered(
        name=output,
        format="html",
        media_type="text/html; charset=utf-8",
        body=body,
        gzip=gzip.compress(body, compresslevel=6, mtime=0),
        etag=f'"{digest(body)[:32]}"',
        modified=_NO_TIME,
    )


def _sent(request: web.Request, page: Rendered, *, private: bool) -> web.Response:
    choice = choose(
        page,
        if_none_match=joined_header(request, "If-None-Match"),
        if_modified_since=None,  # pages change with more than their stories
        accept_encoding=joined_header(request, "Accept-Encoding"),
    )
    headers = {
        "Content-Security-Policy": _POLICY,
        **_policy(private=private),
        "Vary": "Accept-Encoding",
        "ETag": choice.etag,
    }
    if choice.not_modified:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = page.media_type
    if choice.coding is not Coding.IDENTITY:
        headers["Content-Encoding"] = choice.coding.value
    # Sent piece by piece: what a slow reader has yet to take is not copied for each of them.
    return web.Response(body=io.BytesIO(page.in_coding(choice.coding)), headers=headers)
