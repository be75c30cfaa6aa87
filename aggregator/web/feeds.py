"""``/feeds/NAME.FORMAT``: the merged feeds, from memory, with no look at any database; and
``/feeds/NAME.opml``: what each is made of.

An output with tokens stands at ``/feeds/TOKEN/NAME.FORMAT``; without one of them, its address is as
any that does not exist.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model import DroppedOutput, Rendered
from aggregator.publish import feed_addresses
from aggregator.publish.render import digest
from aggregator.publish.snapshot import Snapshot
from aggregator.web.conditional import GZIP, IDENTITY, Choice, choose
from aggregator.web.daemon_view import OutputInfo, Site
from aggregator.web.kept import Kept
from aggregator.web.readers import admitted, was_admitted
from aggregator.web.search_pages import SearchPages

# A public feed may be read by scripts of any page; they need to see the validators, too.
_CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}
SOURCES = "opml"  # beside the formats of an output: what it is made of
_SOURCES_KEPT_S = 60.0
_PATIENCE_S = 10.0  # for the database
_LONGEST = 8190  # characters of a list of entity tags or codings that are looked at
_RETRY_AFTER = "10"  # seconds; the first rendering follows the start within a few


class FeedPages:
    """The handlers of the feeds' addresses."""

    def __init__(
        self, snapshot: Snapshot, site: Site, max_age: timedelta, search: SearchPages | None
    ) -> None:
        self._snapshot = snapshot
        self._search = search
        self._site = site
        self._sources = Kept(self._make_sources, _SOURCES_KEPT_S)
        age = f"max-age={int(max_age.total_seconds())}"
        self._open = {"Cache-Control": f"public, {age}", **_CROSS_ORIGIN}
        self._private = {
            "Cache-Control": f"private, {age}",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        }

    async def get(self, request: web.Request) -> web.Response:
        """GET and HEAD. 301 for a former name, 410 for what was dropped of late, 404 for what is not
        published, 503 for what is not rendered yet.
        """
        # The name is only ever a key of the board: it reaches no file and no database.
        name, kind = feed_addresses.split(request.match_info["file"])
        output = _named(self._site.outputs(), name)
        if output is not None and not output.tokens and kind in (*output.formats, SOURCES):
            if output.name != name:
                return _moved(request, output.name, kind, self._open)
            if kind == SOURCES:
                return await self._sources_of(request, name, self._open)
            rendered = await self._searched(request, output, kind)
            return _answer(request, rendered or self._snapshot.get(name, kind), self._open)
        if any(not one.readers for one in self._dropped(name, kind)):
            return _gone(self._open)
        raise web.HTTPNotFound

    async def get_private(self, request: web.Request) -> web.Response:
        """The same for an output with tokens: 404 for every address but those with one of them."""
        name, kind = feed_addresses.split(request.match_info["file"])
        given, output = request.match_info["token"], _named(self._site.outputs(), name)
        token = admitted(given, output.tokens if output else ())
        if output is not None and token is not None and kind in (*output.formats, SOURCES):
            if output.name != name:
                return _moved(request, output.name, kind, self._private)
            if kind == SOURCES:
                return await self._sources_of(request, name, self._private)
            rendered = await self._searched(request, output, kind, token)
            rendered = rendered or self._snapshot.get(name, kind, token)
            return _answer(request, rendered, self._private)
        if any(was_admitted(given, one.readers) for one in self._dropped(name, kind)):
            return _gone(self._private)
        raise web.HTTPNotFound

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
        if etag in (_joined(request, "If-None-Match") or ""):
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
        return web.Response(status=204, headers={**_CROSS_ORIGIN, **_PREFLIGHT})


def _named(outputs: Sequence[OutputInfo], name: str) -> OutputInfo | None:
    """The output that is called ``name``, or was."""
    return next((one for one in outputs if name == one.name or name in one.aliases), None)


def _moved(request: web.Request, name: str, kind: str, policy: Mapping[str, str]) -> web.Response:
    """To the file beside the one asked for: whatever leads there stays as it is, a token and a query too."""
    asked = request.rel_url.raw_query_string
    there = {"Location": feed_addresses.file_name(name, kind) + (f"?{asked}" if asked else "")}
    return web.Response(status=301, text="301 Moved Permanently\n", headers={**policy, **there})


def _gone(policy: Mapping[str, str]) -> web.Response:
    return web.Response(status=410, text="410 Gone\n", headers=policy)


def _answer(
    request: web.Request, rendered: Rendered | None, policy: Mapping[str, str]
) -> web.Response:
    if rendered is None:
        later = {"Cache-Control": "no-store", "Retry-After": _RETRY_AFTER}
        return web.Response(
            status=503, text="This feed has not been made yet.\n", headers={**policy, **later}
        )
    choice = choose(
        rendered,
        if_none_match=_joined(request, "If-None-Match"),
        if_modified_since=request.headers.get("If-Modified-Since"),
        accept_encoding=_joined(request, "Accept-Encoding"),
    )
    headers = _headers(rendered, choice, policy)
    if choice.not_modified:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = rendered.media_type
    if choice.coding != IDENTITY:
        headers["Content-Encoding"] = choice.coding
    body = rendered.gzip if choice.coding == GZIP else rendered.body
    # Sent piece by piece: what a slow reader has yet to take is not copied for each of them.
    return web.Response(body=io.BytesIO(body), headers=headers)


def _headers(rendered: Rendered, choice: Choice, policy: Mapping[str, str]) -> dict[str, str]:
    """What a 200 and a 304 have in common (RFC 9110 §15.4.5)."""
    return {
        "ETag": choice.etag,
        "Last-Modified": format_datetime(rendered.modified, usegmt=True),
        "Vary": "Accept-Encoding",
        **policy,
    }


def _joined(request: web.Request, name: str) -> str | None:
    """A header that may be sent in several lines as one list (RFC 9110 §5.3), None for none.

    Of a long one, which nobody sends who means well, as much as one line may hold.
    """
    lines = request.headers.getall(name, [])
    return ", ".join(lines)[:_LONGEST] if lines else None
