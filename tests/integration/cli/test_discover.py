"""Finding feeds from addresses, over a loopback server: what is asked, found and said."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.cli.discover import Way, find_feeds
from aggregator.config.config import Config
from aggregator.config.load import load
from aggregator.errors import HostOnCooldown, HttpStatus, NotAFeed
from tests.support.running import call
from tests.support.servers import run_app

CONFIG = """[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
"""
PAGE = "<!doctype html><html><head><title>A page</title>{}</head><body><p>x</p></body></html>"


def feed(title: str) -> str:
    item = "<item><title>One</title><link>http://e.example/1</link></item>"
    return f"<rss version='2.0'><channel><title>{title}</title>{item}</channel></rss>"


def linked(path: str, title: str = "") -> str:
    return f"<link rel=alternate type=application/rss+xml title='{title}' href='{path}'>"


@dataclass
class Site:
    """What stands at which path; an int is a status. ``asked`` holds the paths of all requests."""

    pages: dict[str, str | int]
    base: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        found = self.pages.get(request.path, 404)
        if isinstance(found, int):
            return web.Response(status=found)
        kind = "text/html" if "<html" in found else "application/rss+xml"
        return web.Response(text=found, content_type=kind)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site({})
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with run_app(app) as site.base:
        yield site


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "mine.toml").write_text(CONFIG)
    return load(tmp_path / "mine.toml", {})


async def command(folder: Path, *arguments: str, typed: str | None = None) -> tuple[int, str, str]:
    """Run the command in ``folder``; with ``typed``, at a terminal where that is typed."""
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, (typed or "").encode())
        reads = os.devnull if typed is None else os.ttyname(terminal)
        return await call(folder, "--config", str(folder / "mine.toml"), *arguments, reads=reads)
    finally:
        os.close(keyboard)
        os.close(terminal)


async def test_a_feed_is_found_at_its_own_address(site: Site, config: Config) -> None:
    site.pages = {"/f": feed("F")}
    found = await find_feeds(config, f"{site.base}/f")
    assert [(one.title, one.format, one.entries, one.way) for one in found] == [
        ("F", "rss20", 1, Way.ITSELF)
    ]
    assert site.asked == ["/f"]


async def test_what_a_page_offers_is_asked_and_only_feeds_are_named(
    site: Site, config: Config
) -> None:
    links = linked("/comments/feed", "Comments") + linked("/gone") + linked("/a") + linked("/b")
    site.pages = {
        "/": PAGE.format(links), "/gone": 410, "/a": feed("A"), "/b": feed("B"),
        "/comments/feed": feed("C"), "/feed": feed("never asked"),
    }  # fmt: skip
    found = await find_feeds(config, f"{site.base}/")
    assert [(one.title, one.way) for one in found] == [
        ("A", Way.OFFERED),
        ("B", Way.OFFERED),
        ("C", Way.OFFERED),
    ]
    assert "/feed" not in site.asked


async def test_no_more_than_five_of_a_page_are_asked(site: Site, config: Config) -> None:
    site.pages = {"/": PAGE.format("".join(linked(f"/{number}") for number in range(20)))}
    with pytest.raises(NotAFeed):
        await find_feeds(config, f"{site.base}/")
    assert sum(path.strip("/").isdigit() for path in site.asked) == 5


async def test_a_site_of_a_known_kind_needs_no_page(site: Site, config: Config) -> None:
    site.pages = {"/@jo": 403}
    with pytest.raises(HttpStatus):  # the known place is on https, where nothing answers here
        await find_feeds(config, f"{site.base}/@jo")


async def test_places_where_feeds_often_are_come_last_and_end_at_the_first(
    site: Site, config: Config
) -> None:
    site.pages = {"/blog/": PAGE.format(""), "/atom.xml": feed("F"), "/index.xml": feed("G")}
    found = await find_feeds(config, f"{site.base}/blog/")
    assert [(one.url, one.way) for one in found] == [(f"{site.base}/atom.xml", Way.GUESSED)]
    assert site.asked[0] == "/blog/"
    assert site.asked[-1] == "/atom.xml"
    assert len(site.asked) == len(set(site.asked))


async def test_a_site_that_asks_for_a_rest_is_asked_no_more(site: Site, config: Config) -> None:
    site.pages = {"/": PAGE.format(""), "/feed": 429}
    with pytest.raises(HostOnCooldown):
        await find_feeds(config, f"{site.base}/")
    assert site.asked == ["/", "/feed"]

    site.pages = {"/p": PAGE.format(linked("/a") + linked("/b") + linked("/c")), "/a": feed("A")}
    site.pages["/b"] = 429
    other = site.base.replace("127.0.0.1", "localhost")
    assert [one.title for one in await find_feeds(config, f"{other}/p")] == ["A"]


async def test_a_site_without_a_feed_is_told(site: Site, config: Config, tmp_path: Path) -> None:
    site.pages = {"/": PAGE.format("")}
    status, out, err = await command(tmp_path, "discover", f"{site.base}/")
    assert (status, out) == (1, "")
    assert f"no feed found at {site.base}/: it is a web page without a link to a feed" in err
    assert "8 other addresses of the site were tried" in err


async def test_discover_and_add_say_what_they_found(
    site: Site, config: Config, tmp_path: Path
) -> None:
    site.pages = {
        "/": PAGE.format(linked("/a") + linked("/b")), "/a": feed("A"), "/b": feed("B"),
    }  # fmt: skip
    status, out, _ = await command(tmp_path, "discover", f"{site.base}/")
    assert status == 0
    assert out.splitlines()[0] == f"{site.base}/a  'A', rss20, 1 entry (the page offers it)"
    status, out, _ = await command(tmp_path, "discover", "--json", f"{site.base}/")
    assert [one["url"] for one in json.loads(out)] == [f"{site.base}/a", f"{site.base}/b"]

    status, out, err = await command(tmp_path, "feeds", "add", f"{site.base}/")
    assert status == 0
    assert f"subscribed to {site.base}/a" in out
    assert f"other feed: {site.base}/b" in err

    status, out, err = await command(tmp_path, "feeds", "add", f"{site.base}/", typed="2\n")
    assert status == 0
    assert f"2  {site.base}/b  'B'" in err
    assert f"subscribed to {site.base}/b" in out


async def test_a_poll_that_meets_a_page_names_the_feed_it_links_to(
    site: Site, config: Config, tmp_path: Path
) -> None:
    site.pages = {"/": PAGE.format(linked("/a"))}
    (tmp_path / "mine.toml").write_text(
        f"{CONFIG}\n[database]\nurl = 'sqlite:///{tmp_path}/a.db'\n"
        f"[publish]\ndirectory = '{tmp_path}/public'\n[[feeds]]\nurl = '{site.base}/'\n"
    )
    status, out, _ = await command(tmp_path, "once")
    assert status == 1
    assert f"it is a web page (it links to a feed: {site.base}/a)" in out


async def test_a_page_offers_no_feed_of_another_host_inside(site: Site, config: Config) -> None:
    port = site.base.rpartition(":")[2]
    offers = linked(f"http://127.0.0.1:{port}/feed") + linked(f"http://localhost:{port}/other")
    site.pages |= {"/": PAGE.format(offers), "/feed": feed("Ours"), "/other": feed("Another")}
    found = await find_feeds(config, site.base + "/")
    assert [one.title for one in found] == ["Ours"]
    assert "/other" not in site.asked
