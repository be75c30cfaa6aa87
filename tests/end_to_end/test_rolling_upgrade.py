"""A daemon and a worker of this release go on while a made-up next one migrates their database and runs."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from aiohttp import web

from aggregator.cli.exits import EXIT_TOO_OLD
from aggregator.store.db.tables import REVISION
from tests.support.commands import command
from tests.support.next_release import CONTRACTED, EXPANDED, RELEASE, Next, next_release
from tests.support.patience import patience, until
from tests.support.polling import Site, ok, open_site, rss
from tests.support.running import Process, Running, call, free_port, patient, started

FEEDS, EACH = 6, 5


def configured(folder: Path, url: str, port: int, site: Site, lease: str = "5s") -> Path:
    """A configuration in a folder of its own, as on a machine of its own."""
    folder.mkdir()
    feeds = "".join(
        f'[[feeds]]\nurl = "{site.url(f"/{n}", n + 1)}"\nevery = "1s"\n' for n in range(FEEDS)
    )
    engine = '"pgqueuer"' if url.startswith("postgresql") else '"in_process"'
    (folder / "aggregator.toml").write_text(
        patient(
            f'engine = {engine}\nbase_url = "http://feeds.example"\ndatabase.url = "{url}"\n'
            f'server.port = {port}\nfetch.allow_networks = ["127.0.0.0/8"]\nfetch.host_gap = 0\n'
            'extract.mode = "never"\ndedupe.enabled = false\npublish.min_interval = "100ms"\n'
            f'schedule.lease = "{lease}"\nlog.format = "json"\n{feeds}'
            '[[outputs]]\nname = "all"\nlimit = 1000\n'
        ),
        encoding="utf-8",
    )
    return folder / "aggregator.toml"


def publish(site: Site, batches: int) -> set[str]:
    """Have each feed list so many batches of entries; the titles of all."""
    titles = {}
    for feed in range(FEEDS):
        own = [f"feed {feed}, entry {number}" for number in range(batches * EACH)]
        site.answers[f"/{feed}"] = ok(rss(*reversed(own)))
        titles[feed] = own
    return {title for own in titles.values() for title in own}


async def shown_by(daemons: list[Running], titles: set[str]) -> list[Any]:
    """The feeds of all daemons, once each shows each title; and each shows it once."""
    feeds = [
        await daemon.until(lambda feed: {one.title for one in feed.entries} >= titles)
        for daemon in daemons
    ]
    for feed in feeds:
        assert Counter(one.title for one in feed.entries) == Counter(titles)
    assert len({frozenset(one.id for one in feed.entries) for feed in feeds}) == 1
    return feeds


def revision(url: str) -> str:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert row is not None
    return str(row[0])


def leased(url: str) -> int:
    """Feeds that have a lease which was not given back."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT count(lease_until) FROM feeds").fetchone()
    assert row is not None
    return int(row[0])


def hold(site: Site) -> Callable[[], None]:
    """Have the site keep all who ask waiting, until what is returned is called."""
    over = asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response(status=503)

    site.answers.update(dict.fromkeys(site.answers, wait))
    return over.set


def entered_twice(url: str) -> list[Any]:
    """Items that were announced more than once."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(
            "SELECT item_id FROM output_items WHERE kind = 'enter' GROUP BY item_id HAVING count(*) > 1"
        ).fetchall()


async def begun(process: Process, log: Path) -> Running:
    """The next release's daemon, once it answers at a port of its choice."""
    said: list[str] = []

    def is_there() -> bool:
        said[:] = re.findall(r'"listening": "(.*?)"', log.read_text("utf-8"))
        assert process.returncode is None, log.read_text("utf-8")
        return bool(said)

    await until(is_there, "the next release")
    return Running(process, f"http://{said[-1]}", log)


@asynccontextmanager
async def former_worker(config: Path) -> AsyncIterator[Process]:
    log = config.parent / "worker.txt"
    arguments = ("--config", str(config), "worker")
    async with command(arguments, folder=config.parent, out=log, err=log) as one:
        await until(lambda: log.exists() and '"started"' in log.read_text("utf-8"), "the worker")
        yield one


async def test_a_rolling_upgrade_loses_nothing_and_shows_nothing_twice(
    tmp_path: Path, postgres_url: str
) -> None:
    place = next_release(tmp_path / "next")
    async with open_site() as site, AsyncExitStack() as newer:
        old_port = free_port()
        old = configured(tmp_path / "old", postgres_url, old_port, site)
        new = configured(tmp_path / "new", postgres_url, 0, site)
        later = Next(place, new.parent, new)
        titles = publish(site, 1)
        async with started(old, old_port, old.parent) as former, former_worker(old) as worker:
            await shown_by([former], titles)

            titles = publish(site, 2)  # while it migrates
            log = new.parent / "log.txt"
            process = await newer.enter_async_context(later.running("run", log=log))
            daemon = await begun(process, log)
            assert revision(postgres_url) == EXPANDED
            assert '"upgrade unfinished"' in daemon.said()
            await shown_by([former, daemon], titles)
            titles = publish(site, 3)
            await shown_by([former, daemon], titles)

            # What they need is not taken away while they live.
            status, said, err = await later.call("migrate")
            assert (status, said) == (0, f"already at {EXPANDED}\n")
            assert f"{CONTRACTED} not applied" in err
            assert {former.process.pid, worker.pid} <= set(_numbers(err))
            _, said, _ = await later.call("status", "--json")
            assert json.loads(said)["upgrade"]["waiting"] == [CONTRACTED]
            assert revision(postgres_url) == EXPANDED

            # The former release starts again meanwhile, and works.
            assert await former.stop() == 0, former.said()
            async with started(old, old_port, old.parent) as again:
                titles = publish(site, 4)
                await shown_by([again, daemon], titles)
                assert await again.stop() == 0, again.said()
            worker.send_signal(15)
            assert await worker.wait() == 0

        status, said, err = await later.call("migrate")
        assert (status, said) == (0, f"migrated from {EXPANDED} to {CONTRACTED}\n"), err
        titles = publish(site, 5)
        await shown_by([daemon], titles)
        assert entered_twice(postgres_url) == []
        for which in ("run", "worker"):
            status, _, err = await call(old.parent, "--config", str(old), which)
            assert status == EXIT_TOO_OLD
            assert f"knows the database up to revision {REVISION}; release {RELEASE}" in err
            assert f"hint: install release {RELEASE}" in err
        assert await daemon.stop() == 0, daemon.said()
        assert '"level": "error"' not in daemon.said()
        assert '"level": "error"' not in former.said()


async def test_who_is_not_waited_for_ends_by_itself_and_loses_nothing(
    tmp_path: Path, postgres_url: str
) -> None:
    place = next_release(tmp_path / "next")
    async with open_site() as site:
        old_port = free_port()
        old = configured(tmp_path / "old", postgres_url, old_port, site, lease="10m")
        new = configured(tmp_path / "new", postgres_url, 0, site)
        later = Next(place, new.parent, new)
        titles = publish(site, 1)
        async with started(old, old_port, old.parent) as former, former_worker(old) as worker:
            await shown_by([former], titles)
            let_go = hold(site)
            await until(lambda: leased(postgres_url) == FEEDS, "polls under way")
            worker.send_signal(signal.SIGSTOP)
            status, said, err = await later.call("migrate", "--contract")
            assert (status, said) == (0, f"migrated from {REVISION} to {CONTRACTED}\n"), err
            worker.send_signal(signal.SIGCONT)  # it wakes in a database that is too new for it
            async with patience():
                assert await former.process.wait() == EXIT_TOO_OLD
                assert await worker.wait() == EXIT_TOO_OLD
            for said in (former.said(), (old.parent / "worker.txt").read_text("utf-8")):
                assert '"too old for the database"' in said
                assert f"hint: install release {RELEASE}" in said
                assert said.index('"draining"') < said.index("hint: install release")
        assert leased(postgres_url) == 0  # each gave back what it had begun, before its lease ended
        let_go()
        with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
            assert connection.execute("SELECT kind FROM processes").fetchall() == []
        log = new.parent / "log.txt"
        titles = publish(site, 2)
        async with later.running("run", log=log) as process:
            daemon = await begun(process, log)
            await shown_by([daemon], titles)
            titles = publish(site, 3)
            await shown_by([daemon], titles)
            assert await daemon.stop() == 0, daemon.said()
        assert entered_twice(postgres_url) == []


def _numbers(text: str) -> list[int]:
    return [
        int(part.rstrip(")"))
        for part in text.replace(";", " ").split()
        if part.rstrip(")").isdigit()
    ]


async def test_an_older_release_refuses_an_sqlite_file_that_was_contracted(tmp_path: Path) -> None:
    place, port = next_release(tmp_path / "next"), free_port()
    async with open_site() as site:
        publish(site, 1)
        config = configured(tmp_path / "old", f"sqlite:///{tmp_path / 'a.db'}", port, site)
        status, _, err = await call(config.parent, "--config", str(config), "once")
        assert status == 0, err
        later = Next(place, config.parent, config)
        # Nobody runs: the next release takes away at once what it needs no more.
        status, said, err = await later.call("once")
        assert status == 0, err
        for which in ("run", "once", "status"):
            status, _, err = await call(config.parent, "--config", str(config), which)
            assert status == EXIT_TOO_OLD, err
            assert f"release {RELEASE} changed it" in err
        status, said, _ = await call(
            config.parent, "--config", str(config), "doctor", "--offline", "--json"
        )
        assert status == 1
        (found,) = [one for one in json.loads(said) if RELEASE in one["found"]]
        assert found["grade"] == "fault"
        # And back: what the next release added goes, and this one works again.
        status, said, err = await later.call("migrate", "--to", REVISION, "--yes")
        assert status == 0, err
        status, _, err = await call(config.parent, "--config", str(config), "once")
        assert status == 0, err
