"""The internet of the canary test: private feeds that ask who is there and tell tales, and others.

One server on all of 127.0.0.0/8: every address there is a host of its own. Whatever is asked is
kept, so that the test can look for one host's secrets in what another was sent.
"""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web

from tests.support.servers import run_app

STRANGER = "127.0.20.1"  # has articles that the private feeds link to
MOVED_TO = "127.0.20.2"  # where redirects lead
_LONG = "<p>" + "Plain words of a long article that says what happened. " * 12 + "</p>"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: to which host, and every byte of its head and body."""

    host: str
    data: bytes


@dataclass(slots=True)
class Origin:
    """A private feed's host. ``told`` is what it says all over its documents: its secrets.

    ``knows`` tells whether a request may be answered; ``answer`` replaces the feed.
    """

    host: str
    told: Sequence[str]
    knows: Callable[[web.Request], bool]
    answer: Callable[[web.Request], web.Response] | None = None
    hub: str = ""
    topic: str = ""  # the path that its self link names; empty: all of its address
    served: int = 0


@dataclass(slots=True)
class Internet:
    """All hosts; ``port`` is theirs."""

    port: int = 0
    origins: dict[str, Origin] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        """Note the request and answer for the host that it names."""
        host = request.host.partition(":")[0]
        head = [f"{request.method} {request.raw_path}".encode()]
        head += [name + b": " + value for name, value in request.raw_headers]
        self.asked.append(Asked(host, b"\r\n".join([*head, b"", await request.read()])))
        if request.path == "/robots.txt":
            raise web.HTTPNotFound(text="none")
        origin = self.origins.get(host)
        if origin is None:
            return self._of_strangers(request)
        if "/article" in request.path or request.path == "/":
            return page(f"Article of {host}", " ".join(origin.told))
        if not origin.knows(request):
            return told_off(401, request, origin.told)
        origin.served += 1
        return origin.answer(request) if origin.answer else self.feed(request, origin)

    def _of_strangers(self, request: web.Request) -> web.Response:
        if "feed" in request.path:
            host = request.host.partition(":")[0]
            return self.feed(request, Origin(host, [], lambda _: True))
        return page("A stranger's article", "")

    def feed(self, request: web.Request, origin: Origin) -> web.Response:
        """An RSS feed that tells its secrets wherever a feed can say something."""
        headers = {"ETag": f'"{"".join(origin.told)[:60]}"'} if origin.told else {}
        body = self.feed_of(origin, request.raw_path)
        return web.Response(body=body, content_type="application/rss+xml", headers=headers)

    def feed_of(self, origin: Origin, asked: str) -> bytes:
        """The document of ``origin``, which was asked for with the path and query ``asked``."""
        return tattling(f"http://{origin.host}:{self.port}", asked, origin, self.port)


@asynccontextmanager
async def running_internet() -> AsyncIterator[Internet]:
    """The hosts, listening."""
    internet = Internet()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", internet.handle)
    async with run_app(app, host="0.0.0.0") as base:
        internet.port = int(base.rpartition(":")[2])
        yield internet


def told_off(status: int, request: web.Request, told: Sequence[str]) -> web.Response:
    """An error that repeats whatever it was asked, in its reason, its headers and its body."""
    said = " ".join([str(request.url), request.headers.get("Authorization", ""), *told])
    line = quote(said, safe=" :/?&=@-_.")
    headers = {"WWW-Authenticate": f'Basic realm="{line}"', "X-Asked": line, "Via": f"1.1 {line}"}
    return web.Response(status=status, reason=f"No {line}", text=said, headers=headers)


def page(title: str, text: str) -> web.Response:
    """An article long enough to be taken."""
    return web.Response(
        text=f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{_LONG}"
        f"<p>{html.escape(text)}</p>{_LONG}</article></body></html>",
        content_type="text/html",
    )


def tattling(base: str, asked: str, origin: Origin, port: int) -> bytes:
    """An RSS document with every secret of ``origin`` in links, ids, enclosures, pictures, texts."""
    told = origin.told
    raw = " ".join(told)
    once = quote("-".join(told), safe="")
    twice = quote(once, safe="")
    query = f"token={once}&amp;again={twice}&amp;n=1"
    own = html.escape(base + asked)
    user, password = (*told, "x", "x")[:2]
    full = html.escape(
        base.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@") + asked
    )
    topic = base + origin.topic if origin.topic else own
    links = f'<link>{base}/?{query}</link><atom:link rel="self" href="{topic}"/>'
    if origin.hub:
        links += f'<atom:link rel="hub" href="{origin.hub}"/>'
    text = html.escape(
        f"<p>Your address is {full} and {own}, you are {html.escape(raw)}.</p>"
        f'<p><a href="{full}">feed</a> <a href="{base}/file?{query}">file</a>'
        f'<a href="http://{STRANGER}:{port}/landing?from={once}">elsewhere</a>'
        f'<img src="{base}/i.png?{query}" srcset="{base}/i.png?{query} 1x, {full} 2x" alt="{own}" '
        f'width="300" height="200"></p>' + _LONG * 3
    )
    name = origin.host
    return f"""<?xml version="1.0"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Feed {name}</title>{links}<description>for {html.escape(raw)}</description>
<image><url>{base}/logo.png?{query}</url><title>x</title><link>{own}</link></image>
<item><title>Own {name}</title><link>{base}/article/1?{query}</link>
<guid isPermaLink="true">{own}#1</guid><comments>{base}/comments?{query}</comments>
<dc:creator>{html.escape(user)} of {name}</dc:creator><category domain="{own}">news</category>
<source url="{own}">Feed {name}</source>
<enclosure url="{base}/e.mp3?{query}" length="9" type="audio/mpeg"/>
<media:thumbnail url="{full}"/><description>{text}</description></item>
<item><title>Elsewhere {name}</title><link>http://{STRANGER}:{port}/story/{name}</link>
<guid isPermaLink="false">id-{once}</guid><description>Short, see the page.</description></item>
</channel></rss>""".encode()
