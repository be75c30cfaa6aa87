"""Answers of one site: feed, article pages, pictures, front page, and its particular failings."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import cycle

from aiohttp import web

from aggregator.demo import documents, pages
from aggregator.demo.sites import Site
from aggregator.demo.stories import Posting

FLAKY_TURNS = ("well", "500", "well", "truncated", "well", "html")
"""What the flaky site answers to one request for its feed after another."""


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """One request that a site answered. ``path`` includes the query; ``ended`` is after the answer
    was made. ``conditional``: it had If-None-Match or If-Modified-Since.
    """

    time: datetime
    ended: datetime
    site: str
    host: str  # the address, with the port where the sites differ by it alone
    path: str
    status: int
    conditional: bool
    user_agent: str


class SiteServer:
    """The web application of one site.

    ``postings`` gives what its feed lists, newest first; ``find`` the posting with a path.
    """

    def __init__(
        self,
        site: Site,
        base_url: str,
        postings: Callable[[], Sequence[Posting]],
        find: Callable[[str], Posting | None],
        note: Callable[[web.Request, int, datetime], None],
        clock: Callable[[], datetime],
        delay: timedelta,
    ) -> None:
        self.site = site
        self.base_url = base_url
        self._postings = postings
        self._find = find
        self._note = note
        self._clock = clock
        self._delay = delay
        self._turns = cycle(FLAKY_TURNS if site.behaves == "flaky" else ("well",))

    def application(self) -> web.Application:
        """The application: GET and HEAD on any path."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.Response:
        started = self._clock()
        if self.site.behaves == "slow":
            await asyncio.sleep(self._delay.total_seconds())
        response = self._answer(request)
        self._note(request, response.status, started)
        return response

    def _answer(self, request: web.Request) -> web.Response:
        if self.site.behaves == "gone":
            return self._failure(410)
        if request.path == self.site.feed_path:
            return self._feed(request)
        posting = self._find(_untracked(request))
        if posting is not None:
            return self._article(request, posting)
        return self._other(request.path)

    def _other(self, path: str) -> web.Response:
        if path == "/robots.txt":
            return web.Response(text="User-agent: *\nDisallow: /search\n")
        if path.startswith("/media/"):
            return self._picture(path)
        if path == "/":
            page = pages.home_page(self.site, self._postings())
            return web.Response(text=page, content_type="text/html")
        return self._failure(404)

    def _feed(self, request: web.Request) -> web.Response:
        turn = next(self._turns)
        if turn == "500":
            return self._failure(500)
        kind = self.site.feed_media_type
        if turn == "html":  # a proxy's error page with status 200
            return web.Response(text=pages.failure_page(self.site, 503), content_type="text/html")
        postings = self._postings()
        updated = max((p.story.updated for p in postings), default=datetime.fromtimestamp(0, UTC))
        body = documents.render(self.site, self.base_url, postings, updated)
        if turn == "truncated":
            return web.Response(body=documents.truncated(body), content_type=kind)
        weak = self.site.feed_format == "json"
        return conditional(request, body, kind, updated, weak=weak)

    def _article(self, request: web.Request, posting: Posting) -> web.Response:
        if not self.site.serves_pages:
            return self._failure(404 if posting.story.number // 10 % 2 else 500)
        others = [p for p in self._postings() if p.story.number != posting.story.number]
        body = pages.article_page(posting, others).encode()
        return conditional(request, body, "text/html", posting.story.updated)

    def _picture(self, path: str) -> web.Response:
        name = path.removeprefix("/media/").removesuffix(".png")
        if not name.isascii() or not name.isdigit() or len(name) > 9:
            return self._failure(404)
        return web.Response(body=pages.picture(int(name)), content_type="image/png")

    def _failure(self, status: int) -> web.Response:
        page = pages.failure_page(self.site, status)
        return web.Response(status=status, text=page, content_type="text/html")


def conditional(
    request: web.Request, body: bytes, kind: str, modified: datetime, *, weak: bool = False
) -> web.Response:
    """``body``, or a 304 when the client has it already (RFC 9110 §13.1.2, §13.1.3, §13.2.2)."""
    etag = ("W/" if weak else "") + f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    modified = modified.replace(microsecond=0)
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(modified, usegmt=True),
        "Cache-Control": "no-cache",
    }
    if _is_current(request, etag, modified):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def _is_current(request: web.Request, etag: str, modified: datetime) -> bool:
    none_match = request.headers.get("If-None-Match")
    if none_match is not None:
        opaque = etag.removeprefix("W/")  # GET compares weakly
        tags = [tag.strip().removeprefix("W/") for tag in none_match.split(",")]
        return opaque in tags or "*" in tags
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return modified <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # not a date, or one without a zone
        return False


def _untracked(request: web.Request) -> str:
    """Path and query without tracking parameters."""
    query = "&".join(
        f"{name}={value}" for name, value in request.query.items() if not name.startswith("utm_")
    )
    return f"{request.path}?{query}" if query else request.path
