"""``/feeds/NAME.FORMAT``: the merged feeds, from memory, with no look at any database; and
``/feeds/NAME.opml``: what each is made of.

An output with tokens stands at ``/feeds/TOKEN/NAME.FORMAT``; without one of them, its address is as
any that does not exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model import DroppedOutput, PageNumber, Rendered
from aggregator.publish import feed_addresses
from aggregator.publish.archive_addresses import page_file, split_page
from aggregator.publish.render import digest
from aggregator.publish.snapshot import Snapshot
from aggregator.web.answers import joined_header
from aggregator.web.conditional import Choice
from aggregator.web.counting import ARCHIVE, ReaderCounts
from aggregator.web.daemon_view import OutputInfo, Site, named_output
from aggregator.web.deltas import Deltas, asks_since
from aggregator.web.feed_headers import headers_of
from aggregator.web.kept import Kept
from aggregator.web.past_pages import ArchivePages, chosen, sent
from aggregator.web.policies import CROSS_ORIGIN, Policies
from aggregator.web.readers import admitted, was_admitted
from aggregator.web.search_pages import SearchPages

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "A-IM, If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}
SOURCES = "opml"  # beside the formats of an output: what it is made of
_SOURCES_KEPT_S = 60.0
_PATIENCE_S = 10.0  # for the database
_RETRY_AFTER = "10"  # seconds; the first rendering follows the start within a few


@dataclass(frozen=True, slots=True)
class Past:
    """The answers with more than the window, where there is a database to ask."""

    pages: ArchivePages
    deltas: Deltas


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file that was asked for: of which output, in which format; an archive page, or None."""

    name: str
    kind: str
    page: PageNumber | None

    @classmethod
    def of(cls, file: str) -> _Asked:
        stem, kind = feed_addresses.split(file)
        page = split_page(stem)
        return cls(stem, kind, None) if page is None else cls(page[0], kind, page[1])

    def file_of(self, name: str) -> str:
        """The same of an output called ``name``."""
        if self.page is None:
            return feed_addresses.file_name(name, self.kind)
        return page_file(name, self.page, self.kind)


class FeedPages:
    """The handlers of the feeds' addresses."""

    def __init__(
        self,
        snapshot: Snapshot,
        site: Site,
        policies: Policies,
        search: SearchPages | None,
        past: Past | None = None,
        counts: ReaderCounts | None = None,
    ) -> None:
        self._snapshot = snapshot
        self.counts = counts if counts is not None else ReaderCounts()
        self._search = search
        self._past = past
        self._site = site
        self._sources = Kept(self._make_sources, _SOURCES_KEPT_S)
        self._policies = policies

    async def get(self, request: web.Request) -> web.Response:
        """GET and HEAD. 301 for a former name, 410 for what was dropped of late, 404 for what is not
        published, 503 for what is not rendered yet.
        """
        # The name is only ever a key of the board: it reaches no file and no database.
        asked = _Asked.of(request.match_info["file"])
        name, kind = asked.name, asked.kind
        output = named_output(self._site.outputs(), name)
        if output is not None and not output.tokens and self._has(output, asked):
            return await self._found(request, output, asked, "")
        if asked.page is None and any(not one.readers for one in self._dropped(name, kind)):
            return _gone(self._policies.usual())
        raise web.HTTPNotFound

    async def get_private(self, request: web.Request) -> web.Response:
        """The same for an output with tokens: 404 for every address but those with one of them."""
        asked = _Asked.of(request.match_info["file"])
        name, kind = asked.name, asked.kind
        given, output = request.match_info["token"], named_output(self._site.outputs(), name)
        token = admitted(given, output.tokens if output else ())
        if output is not None and token is not None and self._has(output, asked):
            return await self._found(request, output, asked, token)
        if asked.page is None and any(
            was_admitted(given, one.readers) for one in self._dropped(name, kind)
        ):
            return _gone(self._policies.usual(given))
        raise web.HTTPNotFound

    def _has(self, output: OutputInfo, asked: _Asked) -> bool:
        if asked.page is not None:
            return self._past is not None and asked.kind in output.formats
        return asked.kind in (*output.formats, SOURCES)

    async def _found(
        self,
        request: web.Request,
        output: OutputInfo,
        asked: _Asked,
        token: str,
    ) -> web.Response:
        """The answer to who may read the output; it is counted, whatever it is."""
        try:
            response = await self._answered(request, output, asked, token)
        except web.HTTPException as error:
            self._count(request, output, asked, error.status)
            raise
        self._count(request, output, asked, response.status)
        return response

    def _count(self, request: web.Request, output: OutputInfo, asked: _Asked, status: int) -> None:
        kind = asked.kind if asked.page is None else ARCHIVE
        self.counts.count(output.name, kind, status, request.headers.get("User-Agent", ""))

    async def _answered(
        self,
        request: web.Request,
        output: OutputInfo,
        asked: _Asked,
        token: str,
    ) -> web.Response:
        name, kind, past = output.name, asked.kind, self._past
        policy = self._policies.usual(token)
        if name != asked.name:
            return _moved(request, asked.file_of(name), policy)
        if kind == SOURCES:
            return await self._sources_of(request, name, policy)
        if past is not None and asked.page is not None:
            return await past.pages.answer(request, name, asked.page, kind, token, policy)
        rendered = await self._searched(request, output, kind, token)
        if rendered is not None:
            return answer(request, rendered, policy)
        return await self._window(request, name, kind, token)

    async def _window(self, request: web.Request, name: str, kind: str, token: str) -> web.Response:
        """The window from memory, or as much of it as the request asks for."""
        past = self._past
        if past is not None and asks_since(request):
            policy = self._policies.usual(token)
            return await past.deltas.since(request, name, kind, token, policy)
        rendered = self._snapshot.get(name, kind, token)
        policy = self._policies.window(name, kind, token, rendered)
        if past is not None and rendered is not None:
            choice = _chosen(request, rendered)
            if not choice.not_modified:
                delta = await past.deltas.since_tag(request, rendered, choice, policy)
                if delta is not None:
                    return delta
        return answer(request, rendered, policy)

    async def _sources_of(
        self, request: web.Request, name: str, policy: Mapping[str, str]
    ) -> web.Response:
        """The feeds that the output is made of, as OPML; made once in a while."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                body = await self._sources.get((self._site.revision, name))
        except (TimeoutError, AggregatorError):
            raise web.HTTPServiceUnavailable(headers={"Retry-After": _RETRY_AFTER}) from None
        etag = f'"{digest(body)[:32]}"'
        if etag in (joined_header(request, "If-None-Match") or ""):
            return web.Response(status=304, headers={**policy, "ETag": etag})
        return web.Response(
            body=body, content_type="text/x-opml", charset="utf-8", headers={**policy, "ETag": etag}
        )

    async def _make_sources(self, key: tuple[int, str]) -> bytes:
        return await self._site.sources(key[1])

    async def _searched(
        self, request: web.Request, output: OutputInfo, kind: str, token: str = ""
    ) -> Rendered | None:
        """What the request looks for in ``output``; None where it asks for all of it."""
        if "q" not in request.query:
            return None
        if self._search is None:
            raise web.HTTPNotFound
        return await self._search.feed(request, output, kind, token)

    def _dropped(self, name: str, kind: str) -> list[DroppedOutput]:
        return [one for one in self._site.dropped() if (one.name, one.format) == (name, kind)]

    async def preflight(self, _request: web.Request) -> web.Response:
        """OPTIONS: browsers ask before a script may send If-None-Match."""
        return web.Response(status=204, headers={**CROSS_ORIGIN, **_PREFLIGHT})


def _moved(request: web.Request, file: str, policy: Mapping[str, str]) -> web.Response:
    """To the file beside the one asked for: whatever leads there stays as it is, a token and a query too."""
    asked = request.rel_url.raw_query_string
    there = {"Location": file + (f"?{asked}" if asked else "")}
    return web.Response(status=301, text="301 Moved Permanently\n", headers={**policy, **there})


def _gone(policy: Mapping[str, str]) -> web.Response:
    return web.Response(status=410, text="410 Gone\n", headers=policy)


def answer(
    request: web.Request, rendered: Rendered | None, policy: Mapping[str, str]
) -> web.Response:
    """Answer to a request for ``rendered``: all of it, compressed or not, or a 304; 503 for None."""
    if rendered is None:
        later = {"Cache-Control": "no-store", "Retry-After": _RETRY_AFTER}
        return web.Response(
            status=503, text="This feed has not been made yet.\n", headers={**policy, **later}
        )
    choice = _chosen(request, rendered)
    headers = headers_of(rendered.etag, rendered.modified, choice, policy)
    if choice.not_modified:
        return web.Response(status=304, headers=headers)
    return sent(request, rendered, choice, headers)


def _chosen(request: web.Request, rendered: Rendered) -> Choice:
    return chosen(request, rendered.etag, rendered.modified, rendered.codings)
