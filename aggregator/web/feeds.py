"""``/feeds/NAME.FORMAT``: the merged feeds, from memory, with no look at any database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import web

from aggregator.model import Rendered
from aggregator.publish import addresses
from aggregator.publish.board import Board
from aggregator.web.conditional import GZIP, IDENTITY, Choice, choose
from aggregator.web.site import Site

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
_RETRY_AFTER = "10"  # seconds; the first rendering follows the start within a few


class FeedPages:
    """The handlers of the feeds' addresses."""

    def __init__(self, board: Board, site: Site, max_age: timedelta) -> None:
        self._board = board
        self._site = site
        self._cache_control = f"public, max-age={int(max_age.total_seconds())}"

    async def get(self, request: web.Request) -> web.Response:
        """GET and HEAD. 404 for what is not published, 503 for what is not rendered yet."""
        # The name is only ever a key of the board: it reaches no file and no database.
        name, kind = addresses.split(request.match_info["file"])
        rendered = self._board.get(name, kind)
        if rendered is None:
            return self._missing(name, kind)
        choice = choose(
            rendered,
            if_none_match=_joined(request, "If-None-Match"),
            if_modified_since=request.headers.get("If-Modified-Since"),
            accept_encoding=_joined(request, "Accept-Encoding"),
        )
        headers = self._headers(rendered, choice)
        if choice.not_modified:
            return web.Response(status=304, headers=headers)
        headers["Content-Type"] = rendered.media_type
        if choice.coding != IDENTITY:
            headers["Content-Encoding"] = choice.coding
        body = rendered.gzip if choice.coding == GZIP else rendered.body
        return web.Response(body=body, headers=headers)

    async def preflight(self, _request: web.Request) -> web.Response:
        """OPTIONS: browsers ask before a script may send If-None-Match."""
        return web.Response(status=204, headers={**_CROSS_ORIGIN, **_PREFLIGHT})

    def _headers(self, rendered: Rendered, choice: Choice) -> dict[str, str]:
        """What a 200 and a 304 have in common (RFC 9110 §15.4.5)."""
        return {
            "ETag": choice.etag,
            "Last-Modified": format_datetime(rendered.modified, usegmt=True),
            "Cache-Control": self._cache_control,
            "Vary": "Accept-Encoding",
            **_CROSS_ORIGIN,
        }

    def _missing(self, name: str, kind: str) -> web.Response:
        if any(name == one.name and kind in one.formats for one in self._site.outputs()):
            return _plain(503, "This feed has not been made yet.", {"Retry-After": _RETRY_AFTER})
        return _plain(404, "There is no such feed.", {})


def _plain(status: int, text: str, headers: Mapping[str, str]) -> web.Response:
    return web.Response(
        status=status,
        text=text + "\n",
        headers={**_CROSS_ORIGIN, "Cache-Control": "no-store", **headers},
    )


def _joined(request: web.Request, name: str) -> str | None:
    """A header that may be sent in several lines as one list (RFC 9110 §5.3), None for none."""
    lines = request.headers.getall(name, [])
    return ", ".join(lines) if lines else None
