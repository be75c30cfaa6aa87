"""A running daemon, talked to by commands; a site counts what it is asked."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from aiohttp import web

from tests.support.commands import command
from tests.support.patience import patience, until
from tests.support.polling import ok, open_site, rss
from tests.support.running import call, free_port, started

SETTINGS = """# Mine.
base_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
[schedule]
tick = "100ms"
"""


class Operator:
    """Somebody with a config file, in whose folder a daemon runs."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder, self.port = folder, free_port()
        self.path = folder / "aggregator.toml"
        self.settings = SETTINGS.format(port=self.port) + more
        self.path.write_text(self.settings)

    async def __call__(self, *arguments: str, status: int = 0) -> str:
        """All that a command says; it must end with ``status``."""
        ended, out, errors = await call(self.folder, "--config", str(self.path), *arguments)
        assert ended == status, out + errors
        return out + errors


async def test_what_is_asked_of_a_running_daemon_takes_effect_at_once(tmp_path: Path) -> None:
    asked = Operator(tmp_path)
    async with open_site() as site, started(asked.path, asked.port, tmp_path) as daemon:
        feed, other = site.url("/feed"), site.url("/other", host=2)
        site.answers |= {"/feed": ok(rss("one")), "/other": ok(rss("two"))}
        said = await asked("feeds", "add", "--no-check", "--title", "A feed", feed)
        assert "the daemon has read its files again: feeds 1 added" in said
        await until(lambda: site.paths == ["/feed"], "the first poll")
        site.answers["/feed"] = ok(rss("one", "three", "four"))
        await daemon.until(lambda shown: len(shown.entries) == 1)
        said = await asked("feeds", "poll", feed)
        assert said == f"A feed ({feed}): updated, 2 new entries\n"

        said = await asked("feeds", "pause", feed)
        assert f"A feed ({feed}): paused, in {asked.path}" in said
        assert "paused = true" in asked.path.read_text()
        assert "paused, and not polled" in await asked("feeds", "poll", feed)
        status = json.loads(await asked("status", "--json"))
        assert (status["paused"], status["feeds"][0]["paused"]) == (1, True)
        await daemon.until(lambda shown: len(shown.entries) == 3)
        before = len(site.paths)
        await asked("feeds", "resume", feed)
        await until(lambda: len(site.paths) > before, "a poll at once")
        said = await asked("feeds", "edit", feed, "--every", "2h", "--category", "News")
        assert "the daemon has read its files again" in said
        assert asked.path.read_text().startswith("# Mine.")
        assert 'every = "2h"\ncategory = "News"' in asked.path.read_text()

        site.answers["/feed"] = web.Response(status=500)
        said = await asked("feeds", "poll", "--category", "News", status=1)
        assert said.startswith(f"A feed ({feed}): HTTP status 500")
        polls = json.loads(await asked("feeds", "poll", "--failing", "--json", status=1))
        assert polls["daemon"]
        assert [(one["key"], one["result"]) for one in polls["feeds"]] == [(feed, "failed")]
        site.answers["/feed"] = web.Response(status=429, headers={"Retry-After": "600"})
        await asked("feeds", "poll", feed, status=1)
        before = len(site.paths)
        assert "put off until" in await asked("feeds", "poll", feed)
        assert len(site.paths) == before  # a host that wants to be left alone is

        text = asked.path.read_text()
        asked.path.write_text(f"{text}[[feeds]]\nurll = 1\n")
        said = await asked("reload", status=2)
        assert "did you mean `url`" in said
        fresh = asked.path.with_suffix(".new")
        fresh.write_text(f'{text}[[feeds]]\nurl = "{other}"\n')
        fresh.replace(asked.path)  # as editors do: nobody is told of it
        await until(lambda: "/other" in site.paths, "a reload unasked")
        assert await daemon.stop() == 0
    assert not (tmp_path / "data/aggregator.db.control/socket").exists()


async def test_without_a_daemon_the_database_is_told_and_a_killed_one_is_missed(
    tmp_path: Path,
) -> None:
    asked = Operator(tmp_path)
    arrived, may_go = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await may_go.wait()
        return ok(rss("one"))

    async with open_site() as site:
        feed = site.url("/feed")
        site.answers["/feed"] = ok(rss("one"))
        assert "nothing was ever polled here" in await asked("feeds", "poll", "--failing")
        said = await asked("feeds", "add", "--no-check", feed)
        assert "it is polled when one starts" in said
        assert "no daemon runs" in await asked("reload", status=1)
        async with started(asked.path, asked.port, tmp_path) as daemon:
            await daemon.until(lambda shown: len(shown.entries) == 1)
            site.answers["/feed"] = slow
            async with command(
                ("--config", str(asked.path), "feeds", "poll", feed),
                folder=tmp_path, out=tmp_path / "out", err=tmp_path / "err",
            ) as waiting, patience():  # fmt: skip
                await arrived.wait()
                await daemon.stop(signal.SIGKILL)
                assert await waiting.wait() == 1
            assert b"the daemon has ended; 1 feed is not polled" in waiting.said()
        may_go.set()
        assert (tmp_path / "data/aggregator.db.control/socket").is_socket()
        said = await asked("feeds", "poll", feed)
        assert "no daemon runs: 1 feed is polled when one starts" in said
        before = len(site.paths)
        async with started(asked.path, asked.port, tmp_path) as daemon:
            await until(lambda: len(site.paths) > before, "the poll that was noted")
            assert "the daemon has read its files again" in await asked("reload")
            assert await daemon.stop() == 0


async def test_daemons_on_one_postgresql_hear_of_it_from_anywhere(
    tmp_path: Path, postgres_url: str
) -> None:
    more = f'[database]\nurl = "{postgres_url}"\n'
    folders = [tmp_path / name for name in ("one", "two", "elsewhere")]
    for folder in folders:
        folder.mkdir()
    one, two, elsewhere = (Operator(folder, more) for folder in folders)
    async with open_site() as site:
        feed = site.url("/feed")
        site.answers["/feed"] = ok(rss("one"))
        for each in (one, two, elsewhere):
            each.path.write_text(f'{each.settings}[[feeds]]\nurl = "{feed}"\n')
        assert "no daemon runs" in await elsewhere("feeds", "poll", feed)
        async with (
            started(one.path, one.port, folders[0]) as first,
            started(two.path, two.port, folders[1]) as second,
        ):
            await until(lambda: len(site.paths) == 1, "the first poll")
            site.answers["/feed"] = ok(rss("one", "two"))
            assert "updated, 1 new entry" in await elsewhere("feeds", "poll", feed)
            assert len(site.paths) == 2  # one of them has asked
            replies = json.loads(await elsewhere("reload", "--json"))
            assert replies
            assert {reply["config"] for reply in replies} <= {str(one.path), str(two.path)}
            await until(lambda: all("reloaded" in each.said() for each in (first, second)))
            await one("feeds", "pause", feed)
            await until(lambda: '"paused": 1' in first.said(), "the pause")
            assert set(await asyncio.gather(first.stop(), second.stop())) == {0}


async def test_the_status_is_watched_until_it_is_enough(tmp_path: Path) -> None:
    asked = Operator(tmp_path)
    async with open_site() as site, started(asked.path, asked.port, tmp_path) as daemon:
        feed = site.url("/feed")
        site.answers["/feed"] = ok(rss("one"))
        await asked("feeds", "add", "--no-check", "--title", "A feed", feed)
        await daemon.until(lambda shown: len(shown.entries) == 1)
        out = tmp_path / "watched"
        async with command(
            ("--config", str(asked.path), "status", "--watch"),
            folder=tmp_path, out=out, err=out,
        ) as watching, patience():  # fmt: skip
            await until(
                lambda: out.exists() and b"waiting for polls" in out.read_bytes(), "a start"
            )
            site.answers["/feed"] = ok(rss("one", "two"))
            await asked("feeds", "poll", feed)
            line = f"A feed ({feed}): updated, 1 new entry".encode()
            await until(lambda: line in out.read_bytes(), "a line of it")
            watching.send_signal(signal.SIGINT)
            assert await watching.wait() == 0
        assert b"Traceback" not in out.read_bytes()
        assert await daemon.stop() == 0
