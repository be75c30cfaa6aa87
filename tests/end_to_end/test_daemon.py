"""The daemon over the small internet: every story exactly once, whole, whatever happens to it."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from aggregator.demo.internet import DemoInternet
from aggregator.demo.stories import DemoStory
from aggregator.sanitize import to_text
from aggregator.store.db.database import open_engine
from aggregator.store.db.tables import hosts
from tests.support.patience import until
from tests.support.running import free_port, patient, started


def shown(feed: Any) -> Counter[str]:
    return Counter(entry.title for entry in feed.entries)


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def has_all(feed: Any, stories: Sequence[DemoStory]) -> bool:
    """Whether all stories are shown, and with each the links to its copies: no more will change."""
    copies = {entry.title: 1 + len(related(entry)) for entry in feed.entries}
    return all(copies.get(story.title) == len(story.copies) for story in stories)


def related(entry: Any) -> list[str]:
    return [link.href for link in entry.links if link.rel == "related"]


def assert_each_once_and_whole(feed: Any, stories: Sequence[DemoStory]) -> None:
    assert not feed.bozo
    assert shown(feed) == Counter(story.title for story in stories)
    assert len({entry.id for entry in feed.entries}) == len(stories)
    by_title = {entry.title: entry for entry in feed.entries}
    for story in stories:
        text = words(to_text(by_title[story.title].content[0].value))
        wanted = story.paragraphs if story.full_text else (story.summary,)
        missing = [part for part in wanted if words(part) not in text]
        assert not missing, (story.title, missing)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "aggregator.toml"


def write_config(config: Path, internet: DemoInternet, database_url: str, port: int) -> None:
    text = internet.config_toml(database_url, port, str(config.parent / "data"))
    text = text.replace("[schedule]", '[schedule]\nlease = "5s"')  # of those that are killed
    config.write_text(patient(text), encoding="utf-8")


async def test_every_story_once_with_its_full_text(
    config: Path, tmp_path: Path, empty_database_url: str
) -> None:
    port = free_port()
    async with DemoInternet(story_interval=None) as internet:
        write_config(config, internet, empty_database_url, port)
        async with started(config, port, tmp_path) as daemon:
            await daemon.until(lambda feed: has_all(feed, internet.stories()))
            internet.publish(6)
            feed = await daemon.until(lambda feed: has_all(feed, internet.stories()))
            assert_each_once_and_whole(feed, internet.stories())

            # The same stories in every format, over HTTP and in the files.
            ids = [entry.id for entry in feed.entries]
            assert [item["id"] for item in (await daemon.feed(kind="json"))["items"]] == ids
            assert [entry.id for entry in (await daemon.feed(kind="rss")).entries] == ids
            for kind in ("atom", "rss", "json"):
                _, _, body = await daemon.get(f"/feeds/all.{kind}")
                file = tmp_path / f"data/public/feeds/all.{kind}"
                await until(partial(holds, file, body), f"{kind} in its file")

            # What was syndicated names its other source.
            syndicated = [story for story in internet.stories() if len(story.copies) > 1]
            assert syndicated
            by_title = {entry.title: entry for entry in feed.entries}
            for story in syndicated:
                assert len(related(by_title[story.title])) == len(story.copies) - 1

            assert await daemon.stop() == 0
            assert "Traceback" not in daemon.said()


async def test_nothing_changed_means_the_same_bytes_and_304(config: Path, tmp_path: Path) -> None:
    port = free_port()
    async with DemoInternet(story_interval=None, backlog=10) as internet:
        write_config(config, internet, f"sqlite:///{tmp_path / 'a.db'}", port)
        async with started(config, port, tmp_path) as daemon:
            await daemon.until(lambda feed: has_all(feed, internet.stories()))
            status, headers, body = await daemon.get("/feeds/all.atom")
            assert status == 200
            etag, modified = headers["ETag"], headers["Last-Modified"]
            assert await daemon.stop() == 0
        before = len(internet.requests)
        # A restart renders anew: to the same bytes, validators and all.
        async with started(config, port, tmp_path) as daemon:
            await daemon.until(lambda feed: has_all(feed, internet.stories()))
            assert await daemon.get("/feeds/all.atom", {"If-None-Match": etag}) == (
                304,
                (await daemon.get("/feeds/all.atom", {"If-None-Match": etag}))[1],
                b"",
            )
            _, again, same = await daemon.get("/feeds/all.atom")
            assert (same, again["ETag"], again["Last-Modified"]) == (body, etag, modified)
            # After a restart every feed is asked conditionally.
            await until(
                lambda: any(one.conditional for one in internet.requests[before:]),
                "a conditional request",
            )


async def test_a_corrected_entry_keeps_its_id_and_moves_only_updated(
    config: Path, tmp_path: Path
) -> None:
    port = free_port()
    async with DemoInternet(story_interval=None) as internet:
        write_config(config, internet, f"sqlite:///{tmp_path / 'a.db'}", port)
        async with started(config, port, tmp_path) as daemon:
            before = await daemon.until(lambda feed: has_all(feed, internet.stories()))
            second = int(time.time())  # dates in feeds are whole seconds
            await until(lambda: time.time() >= second + 1, "the next second")
            corrected = internet.correct()

            def is_corrected(feed: Any) -> bool:
                texts = [words(to_text(e.content[0].value)) for e in feed.entries]
                wanted = corrected.paragraphs if corrected.full_text else (corrected.summary,)
                return any(all(words(part) in text for part in wanted) for text in texts)

            after = await daemon.until(is_corrected)
            old = {entry.id: entry for entry in before.entries}
            assert {entry.id for entry in after.entries} == set(old)
            moved = [e for e in after.entries if e.updated != old[e.id].updated]
            assert [entry.title for entry in moved] == [corrected.title]
            assert all(e.published == old[e.id].published for e in after.entries)


def holds(file: Path, body: bytes) -> bool:
    return file.is_file() and file.read_bytes() == body


async def test_killed_at_any_moment_nothing_is_lost_and_nothing_comes_twice(
    config: Path, tmp_path: Path, empty_database_url: str
) -> None:
    port = free_port()
    seen: dict[str, str] = {}  # title → the id under which subscribers saw it
    async with DemoInternet(story_interval=None) as internet:
        write_config(config, internet, empty_database_url, port)
        for requests in (8, 20, 35, 0):
            before = len(internet.requests)
            async with started(config, port, tmp_path) as daemon:
                if requests:
                    await until(partial(asked, internet, before + requests), f"request {requests}")
                else:
                    await daemon.until(lambda feed: len(feed.entries) > 0)
                remember(seen, await daemon.feed())
                internet.publish(2)
                await daemon.stop(signal.SIGKILL)
            let_host_leases_end(empty_database_url)
        assert seen
        async with started(config, port, tmp_path) as daemon:
            feed = await daemon.until(lambda feed: has_all(feed, internet.stories()))
            assert_each_once_and_whole(feed, internet.stories())
            remember(seen, feed)
            assert await daemon.stop() == 0


def let_host_leases_end(database_url: str) -> None:
    """What half a minute does: the hosts that a dead process was asking may be asked again."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(update(hosts).values(holder=None, busy_until=None))
    engine.dispose()


def asked(internet: DemoInternet, times: int) -> bool:
    return len(internet.requests) >= times


def remember(seen: dict[str, str], feed: Any) -> None:
    for entry in feed.entries:
        assert seen.setdefault(entry.title, entry.id) == entry.id
