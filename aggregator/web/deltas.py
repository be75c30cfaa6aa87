"""News of a feed: 226 for who asks with ``A-IM: feed`` (RFC 3229), and ``?since=`` for scripts.

A window's entity tag names the place in its log that its readers have come to. Where that is of no log
that stands, or nothing can be told that way, the whole window is the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import hdrs, web

from aggregator.model import Cursor, NewItems, Rendered
from aggregator.publish.formats import FORMATS
from aggregator.web.answers import joined_header
from aggregator.web.conditional import Choice
from aggregator.web.daemon_view import History
from aggregator.web.feed_headers import headers_of
from aggregator.web.kept import Kept
from aggregator.web.past_pages import MADE_ONCE, chosen, patiently, sent, tag_of
from aggregator.web.rate import CostlyRequests

_MOST = 500  # items of one answer
_DIGITS = 9  # of a limit that is read at all
_USUAL = 100
_KEPT = 8  # answers: each may have megabytes
_IM_USED = 226
_TAG = re.compile(r'"[0-9a-f]{32}-([1-9][0-9]{0,17})-([0-9]{1,18})(?:-(?:br|zstd|gzip))?"')
_CURSOR = re.compile(r"([1-9][0-9]{0,17})-([0-9]{1,18})")
_TAGS_LOOKED_AT = 20

_Key = tuple[str, str, str, Cursor | datetime | None, int, str]


class Deltas:
    """The answers with what is new. The same question is answered from memory for some seconds."""

    def __init__(self, history: History, costly: CostlyRequests, fresh: float) -> None:
        self._history = history
        self._costly = costly
        self._made = Kept(self._make, fresh, _KEPT)

    # ── RFC 3229 ────────────────────────────────────────────────────────────────────────────

    async def since_tag(
        self, request: web.Request, window: Rendered, choice: Choice, policy: Mapping[str, str]
    ) -> web.Response | None:
        """226 with what is new since the tag that the reader names; None: the whole is to be sent."""
        if window.cursor is None or request.method == hdrs.METH_HEAD or not wants_delta(request):
            return None
        base = base_of(joined_header(request, "If-None-Match") or "", window.cursor)
        if base is None:
            return None
        try:
            self._costly.admit(request)
            found = await self._get(window, base)
        except web.HTTPException:  # the whole costs nothing
            return None
        self._costly.charge(request)
        if found is None or found[1].more or not found[1].items:
            return None
        tag, _ = base
        made = chosen(request, window.etag, window.modified, found[0].codings)
        choice = replace(made, not_modified=False)
        headers = headers_of(window.etag, window.modified, choice, policy)
        headers |= {"IM": "feed", "Delta-Base": tag}
        headers["Vary"] = "A-IM, If-None-Match, Accept-Encoding"
        # RFC 3229 §10.8.2: a cache that knows of no deltas might take this for the feed.
        headers["Cache-Control"] = "no-store, im"
        return sent(request, found[0], choice, headers, _IM_USED)

    async def _get(
        self, window: Rendered, base: tuple[str, Cursor]
    ) -> tuple[Rendered, NewItems] | None:
        said = f"{window.etag} {self._history.configured}"
        key = (window.name, window.format, window.token, base[1], _MOST, said)
        return await patiently(self._made.get(key))

    # ── scripts ─────────────────────────────────────────────────────────────────────────────

    async def since(
        self,
        request: web.Request,
        name: str,
        kind: str,
        token: str,
        policy: Mapping[str, str],
    ) -> web.Response:
        """The items that entered or changed after ``since``, at most ``limit``; 400 for what is neither.

        The header ``X-Cursor`` is the ``since`` to go on with, and where there is more, so is the link ``next``.
        410 where the log of a cursor has ended.
        """
        since, limit = _said(request)
        self._costly.admit(request)
        version = await patiently(self._history.version())
        etag = tag_of(name, kind, token, str(since), limit, version)
        choice = chosen(request, etag, None, MADE_ONCE)
        headers = headers_of(etag, None, choice, policy)
        if choice.not_modified:
            return web.Response(status=304, headers=headers)
        if request.method == hdrs.METH_HEAD:
            headers["Content-Type"] = FORMATS[kind].content_type
            return web.Response(headers=headers)
        self._costly.charge(request)
        found = await patiently(self._made.get((name, kind, token, since, limit, version)))
        if found is None:
            text = "410 Gone: this output's log began anew; read it from its archive pages.\n"
            return web.Response(status=410, text=text, headers=policy)
        rendered, new = found
        headers["X-Cursor"] = str(new.upto)
        if new.more:
            headers["Link"] = f'<?since={new.upto}&limit={limit}>; rel="next"'
        return sent(request, rendered, choice, headers)

    async def _make(self, key: _Key) -> tuple[Rendered, NewItems] | None:
        name, kind, token, since, limit, _ = key
        return await self._history.new_items(name, kind, token, since, limit)


def asks_since(request: web.Request) -> bool:
    """True where the request is a script's."""
    return "since" in request.query or "limit" in request.query


def _said(request: web.Request) -> tuple[Cursor | datetime | None, int]:
    text = request.query.get("limit", str(_USUAL))
    limit = int(text) if len(text) <= _DIGITS and text.isascii() and text.isdecimal() else 0
    if not 1 <= limit <= _MOST:
        raise web.HTTPBadRequest
    since = request.query.get("since")
    return (None if since is None else _place(since)), limit


def _place(text: str) -> Cursor | datetime:
    found = _CURSOR.fullmatch(text)
    if found is not None:
        return Cursor(int(found[1]), int(found[2]))
    try:
        # "+" of an offset arrives as a space where it was not encoded.
        when = datetime.fromisoformat(text.replace(" ", "+").upper())
        return when.astimezone(UTC) if when.tzinfo is not None else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise web.HTTPBadRequest from None


def wants_delta(request: web.Request) -> bool:
    """True where ``feed`` is among the instance manipulations that A-IM accepts (RFC 3229 §10.5.3)."""
    for one in (joined_header(request, "A-IM") or "").split(","):
        name, _, weight = (part.strip().lower() for part in one.partition(";"))
        if name == "feed" and not re.fullmatch(r"q=0(?:\.0{0,3})?", weight):
            return True
    return False


def base_of(if_none_match: str, now: Cursor) -> tuple[str, Cursor] | None:
    """The tag in ``If-None-Match`` that names the latest place in the window's log, and that place.

    None where none does: a tag of another log, of a release before, of nobody's.
    """
    known = [
        (found[0], Cursor(int(found[1]), int(found[2])))
        for found in list(_TAG.finditer(if_none_match))[:_TAGS_LOOKED_AT]
    ]
    mine = [one for one in known if one[1].epoch == now.epoch and one[1].seq <= now.seq]
    return max(mine, key=lambda one: one[1], default=None)
