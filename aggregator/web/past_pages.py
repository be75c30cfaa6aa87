"""``/feeds/NAME.EPOCH-NUMBER.FORMAT``: archive pages, from the database; 304 and HEAD without their bytes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp import hdrs, web

from aggregator.errors import AggregatorError
from aggregator.model import Absence, Coding, Cursor, PageNumber, Rendered, StoredPage
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import digest
from aggregator.web.answers import joined_header
from aggregator.web.conditional import ALL_CODINGS, Choice, choose
from aggregator.web.daemon_view import History
from aggregator.web.feed_headers import content_headers, headers_of
from aggregator.web.kept import Kept

T = TypeVar("T")

_CLOSED_FOR = 86_400  # seconds: only `outputs purge` and what becomes private change a closed page
_PATIENCE_S = 10.0  # for the database
_AT_ONCE = 2  # pages that are made ready to be sent, so that who asks for all of them slows nobody
_KEPT = 4  # open pages: each may have megabytes
_CLOSED_KEPT, _CLOSED_BYTES, _CLOSED_KEPT_S = 256, 24 << 20, 3600.0
MADE_ONCE = (Coding.GZIP, Coding.IDENTITY)  # codings of what is not worth more
_IN_BROWSERS = "application/xml; charset=utf-8"
_DIGITS = 18  # of a line's number
_NO_DATE = datetime.fromtimestamp(0, UTC)


class ArchivePages:
    """The answers for archive pages; who may ask is decided before."""

    def __init__(self, history: History, fresh: float) -> None:
        self._history = history
        self._making = asyncio.Semaphore(_AT_ONCE)
        self._closed = Kept(
            self._make_closed, _CLOSED_KEPT_S, _CLOSED_KEPT, weigh=_size, most_weight=_CLOSED_BYTES
        )
        self._open = Kept(self._make_open, fresh, _KEPT)

    async def answer(
        self,
        request: web.Request,
        name: str,
        page: PageNumber,
        kind: str,
        token: str,
        policy: Mapping[str, str],
    ) -> web.Response:
        """The page, 404 where there was never one, 410 for what is past the archive."""
        if page.number is None:
            return await self._answer_open(request, name, page.epoch, kind, token, policy)
        found = await patiently(self._history.find_page(name, page, kind))
        if not isinstance(found, StoredPage):
            return _absent(found, policy)
        kept = {"Cache-Control": _for_a_day(policy)}
        etag = tag_of(found.digest, self._history.address_version(name), token)
        choice = chosen(request, etag, found.modified)
        headers = headers_of(etag, found.modified, choice, {**policy, **kept})
        if choice.not_modified:
            return web.Response(status=304, headers=headers)
        if request.method == hdrs.METH_HEAD:
            headers["Content-Type"] = _shown_type(request, FORMATS[kind].content_type)
            return web.Response(headers=headers)
        rendered = await patiently(self._closed.get((name, page, kind, token, etag)))
        return sent(request, rendered, choice, headers)

    async def _answer_open(
        self,
        request: web.Request,
        name: str,
        epoch: int,
        kind: str,
        token: str,
        policy: Mapping[str, str],
    ) -> web.Response:
        # The place is read before the lines are: they reach at least as far as it.
        now = await patiently(self._history.cursor(name))
        if now is None or epoch > now.epoch:
            raise web.HTTPNotFound
        version = await patiently(self._history.version())
        etag = tag_of("open", version, kind, token)
        choice = chosen(request, etag, None, MADE_ONCE)
        if not _reaches(now, epoch, request.query.get("to")):
            policy = {**policy, "Cache-Control": "no-store"}
        headers = headers_of(etag, None, choice, policy)
        if choice.not_modified:
            return web.Response(status=304, headers=headers)
        rendered = await patiently(self._open.get((name, kind, token, version)))
        return sent(request, rendered, choice, headers)

    async def _make_closed(self, key: tuple[str, PageNumber, str, str, str]) -> Rendered:
        name, page, kind, token, _ = key
        async with self._making:
            made = await self._history.page(name, page, kind, token)
        if made is None:  # and that is not kept: it may be there again in a moment
            raise web.HTTPNotFound
        return made

    async def _make_open(self, key: tuple[str, str, str, str]) -> Rendered | None:
        name, kind, token, _ = key
        return await self._history.open_page(name, kind, token)


def _reaches(now: Cursor, epoch: int, upto: str | None) -> bool:
    """True where the open page holds the line ``upto`` that its address names.

    The address of a line to come is easily guessed: a cache that keeps the page of today under it would
    keep that line from the readers whom a window sends there.
    """
    if upto is None or epoch != now.epoch:
        return upto is None
    is_number = upto.isascii() and upto.isdecimal() and len(upto) <= _DIGITS
    return is_number and int(upto) <= now.seq


def _absent(why: Absence, policy: Mapping[str, str]) -> web.Response:
    if why is Absence.GONE:
        return web.Response(status=410, text="410 Gone\n", headers=policy)
    if why is Absence.LATER:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"})
    raise web.HTTPNotFound


def _for_a_day(policy: Mapping[str, str]) -> str:
    audience = policy["Cache-Control"].partition(",")[0]
    return f"{audience}, max-age={_CLOSED_FOR}"


def _size(page: Rendered) -> int:
    """Bytes of a page in all codings."""
    return sum(len(page.in_coding(one)) for one in page.codings)


async def patiently(made: Awaitable[T]) -> T:
    """The value that is ``made``; 503 where the database does not answer."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await made
    except (TimeoutError, AggregatorError):
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}) from None


def tag_of(*said: object) -> str:
    """A strong entity tag of what bytes are made of; a token is not to be had from it."""
    return f'"{digest(repr(said).encode())[:32]}"'


def chosen(
    request: web.Request,
    etag: str,
    modified: datetime | None,
    offered: Sequence[Coding] = ALL_CODINGS,
) -> Choice:
    """The answer to the request's conditions, by the tag of bytes that are not made yet."""
    bare = Rendered("", "", "", b"", b"", etag, modified or _NO_DATE)
    since = request.headers.get("If-Modified-Since") if modified is not None else None
    return choose(
        bare,
        if_none_match=joined_header(request, "If-None-Match"),
        if_modified_since=since,
        accept_encoding=joined_header(request, "Accept-Encoding"),
        offered=offered,
    )


def sent(
    request: web.Request,
    rendered: Rendered | None,
    choice: Choice,
    headers: dict[str, str],
    status: int = 200,
) -> web.Response:
    """The bytes in the coding chosen; 404 where there are none any more."""
    if rendered is None:
        raise web.HTTPNotFound
    headers |= content_headers(_shown_type(request, rendered.media_type), choice.coding)
    body = rendered.in_coding(choice.coding)
    # Sent piece by piece: what a slow reader has yet to take is not copied for each of them.
    return web.Response(status=status, body=io.BytesIO(body), headers=headers)


def _shown_type(request: web.Request, media_type: str) -> str:
    """The media type: for somebody who opens the feed in a browser one that browsers show styled.

    They show feeds as the plain text of their source; pages and programs that ask get the feed's own.
    """
    is_opened = request.headers.get("Sec-Fetch-Dest") == "document"
    return _IN_BROWSERS if is_opened and "+xml" in media_type else media_type
