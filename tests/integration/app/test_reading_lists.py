"""Reading lists: OPML at an address, asked for again, and kept where the new one is doubtful."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner

from aggregator.app.reading_lists import lists_of, refresh, versions
from aggregator.app.stored import open_database
from aggregator.cli.main import cli
from aggregator.config.config import Config
from aggregator.config.edit import remove_feed
from aggregator.config.load import load
from aggregator.errors import ConfigError
from aggregator.fetch.client import HttpFetcher
from tests.support.patience import PATIENCE_S
from tests.support.servers import run_app
from tests.support.storage import FakeClock

DAY = timedelta(days=1)


def listing(*names: str, base: str = "http://127.0.0.9/") -> bytes:
    outlines = "".join(
        f'<outline text="News"><outline text="{name}" xmlUrl="{base}{name}"/></outline>'
        for name in names
    )
    return f'<opml version="2.0"><body>{outlines}</body></opml>'.encode()


TEN = "abcdefghij"


@dataclass
class Place:
    """A folder with a configuration that names a list, the list's server, and a clock."""

    path: Path
    body: bytes = listing(*TEN)
    status: int = 200
    says_nothing_new: bool = True
    asked: list[web.Request] = field(default_factory=list)
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime(2026, 11, 30, tzinfo=UTC)))

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        headers = {"ETag": f'"{hash(self.body)}"'}
        known = request.headers.get("If-None-Match") == headers["ETag"]
        if known and self.says_nothing_new:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self.body, status=self.status, headers=headers)

    def config(self) -> Config:
        return load(self.path, {})

    async def read_again(self, after: timedelta = DAY) -> Config:
        self.clock.advance(after)
        config = self.config()
        async with HttpFetcher(config.settings.fetch, base_url="") as fetcher:
            await refresh(config, fetcher, self.clock)
        return self.config()

    def names(self) -> str:
        return "".join(feed.url[-1] for feed in self.config().feeds)

    def trouble(self) -> str:
        (one,) = lists_of(self.config())
        return one.state.trouble


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(tmp_path / "aggregator.toml")
    app = web.Application()
    app.router.add_get("/list.opml", made.answer)
    async with run_app(app) as base:
        made.path.write_text(
            f'[[opml]]\nurl = "{base}/list.opml"\nevery = "12h"\n'
            f'[database]\nurl = "sqlite:///{tmp_path}/data/a.db"\n'
            '[fetch]\nallow_networks = ["127.0.0.0/8"]\nhost_gap = 0\n'
            f'timeout = "{round(PATIENCE_S)}s"\n'
        )
        yield made


async def test_a_list_is_subscribed_and_asked_for_again_when_it_is_due(place: Place) -> None:
    assert any("not read yet" in one for one in place.config().warnings)
    before = versions(place.config())
    config = await place.read_again()
    assert place.names() == TEN
    assert config.feeds[0].categories == ("News",)
    assert set(config.listed_at.values()) == {config.settings.opml[0].url}
    assert versions(config) != before
    for copy in (place.path.parent / "data" / "opml").iterdir():
        assert copy.stat().st_mode & 0o777 == 0o600
    await place.read_again(timedelta(hours=1))
    assert len(place.asked) == 1
    await place.read_again()  # 304
    assert (len(place.asked), place.names(), place.trouble()) == (2, TEN, "")
    place.says_nothing_new = False  # the same again, by a server without validators
    same = versions(place.config())
    await place.read_again()
    assert (len(place.asked), versions(place.config())) == (3, same)
    place.body = listing(*TEN[1:], "k")  # one of ten less, one more
    await place.read_again()
    assert place.names() == TEN[1:] + "k"


@pytest.mark.parametrize(
    ("body", "status", "trouble"),
    [
        (b"", 500, "HTTP status 500"),
        (b"<html><body>Moved</body></html>", 200, "expected an OPML document"),
        (b"\x00\x01", 200, "not well-formed"),
        (listing(), 200, "lists no feeds"),
        (listing(*TEN[2:]), 200, "lacks 2 of 10 feeds"),
        (listing(*TEN.upper()), 200, "lacks 10 of 10 feeds"),
        (listing(*TEN)[:-90], 200, "not well-formed XML"),
        (b" " * (6 << 20), 200, "larger than 5 MB"),
    ],
)
async def test_the_last_good_copy_stays(
    place: Place, body: bytes, status: int, trouble: str
) -> None:
    await place.read_again()
    place.body, place.status = body, status
    await place.read_again()
    assert place.names() == TEN
    assert trouble in place.trouble()
    place.body, place.status = listing(*TEN, "k"), 200
    await place.read_again()
    assert (place.names(), place.trouble()) == (TEN + "k", "")


async def test_the_operator_accepts_what_lacks_much(place: Place) -> None:
    await place.read_again()
    runner, given = CliRunner(), ["--config", str(place.path), "feeds"]
    url = place.config().settings.opml[0].url
    nothing = runner.invoke(cli, [*given, "accept", url])
    assert "nothing of it waits" in str(nothing.exception)
    place.body = listing("a", "b")
    await place.read_again()
    shown = runner.invoke(cli, [*given, "lists"])
    assert "10 feeds" in shown.output
    assert "lacks 8 of 10 feeds" in shown.output
    before = versions(place.config())
    accepted = runner.invoke(cli, [*given, "accept", url])
    assert accepted.exit_code == 0, accepted.output
    assert (place.names(), place.trouble()) == ("ab", "")
    assert versions(place.config()) != before


async def test_status_tells_of_a_list_that_was_never_read_or_not_taken(place: Place) -> None:
    async def status(*options: str) -> str:
        given = ["--config", str(place.path), "status", *options]
        shown = await asyncio.to_thread(CliRunner().invoke, cli, given)
        assert shown.exit_code == 0, shown.output
        return shown.stdout

    (name,) = (one.name for one in lists_of(place.config()))
    with open_database(place.config()):  # as after the first run
        pass
    assert f"reading list {name}: not read yet\n" in await status()
    assert json.loads(await status("--json"))["lists"][0]["taken"] is None
    await place.read_again()
    assert "reading list" not in await status()
    place.body = listing("a")
    await place.read_again()
    assert f"reading list {name}: taken " in await status()
    assert "lacks 9 of 10 feeds" in await status()


async def test_a_list_decides_on_nothing_but_what_is_subscribed(place: Place) -> None:
    place.body = (
        b'<opml xmlns:frss="https://freshrss.org/opml"><body>'
        b'<outline text="a" xmlUrl="http://127.0.0.9/a" frss:cssFullContent=".x" frss:ttl="60"/>'
        b'<outline text="b" xmlUrl="http://u:p@127.0.0.9/b"/>'
        b'<outline text="c" xmlUrl="http://127.0.0.9/c?t=${env:HOME}"/>'
        b'<outline text="d" xmlUrl="http://127.0.0.9/d?t=${file:aggregator.toml}"/>'
        b'<outline text="e" xmlUrl="file:///etc/passwd"/></body></opml>'
    )
    config = await place.read_again()
    (feed,) = config.feeds
    assert (feed.title, feed.options, feed.extract, feed.every) == ("a", None, None, None)
    said = " ".join(config.warnings)
    assert "user name or password" in said
    assert said.count("references such as") == 2
    with pytest.raises(ConfigError) as refused:
        remove_feed(place.path, "http://127.0.0.9/a", {})
    assert "/list.opml" in str(refused.value)
    assert "subscribed by this reading list" in str(refused.value)


async def test_a_table_gives_a_feed_of_a_list_settings_of_its_own(place: Place) -> None:
    text = place.path.read_text() + '[[feeds]]\nurl = "http://127.0.0.9/a"\nevery = "2h"\n'
    place.path.write_text(text)
    config = await place.read_again()
    assert len(config.feeds) == len(TEN)
    assert config.feeds[0].every == timedelta(hours=2)
    assert (config.feeds[0].title, config.feeds[0].categories) == ("a", ("News",))


async def test_a_list_whose_copy_is_gone_is_asked_for_anew(place: Place) -> None:
    await place.read_again()
    assert place.names() == TEN
    (one,) = lists_of(place.config())
    one.file.unlink()
    await place.read_again(timedelta(seconds=1))
    assert place.names() == TEN
