"""After a start: the bytes and validators of before at once, unless anything else may be in them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from aggregator.app.last_outputs import put_back
from aggregator.app.reload import apply_config
from aggregator.app.wiring import open_parts
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.engine.in_process import InProcessEngine
from aggregator.errors import StoreError
from aggregator.flow.pipeline import Pipeline
from aggregator.model import Rendered
from tests.support.patience import turns
from tests.support.storage import DAY, FakeClock, wanted

FEED = FeedSettings(url="https://a.example/feed")
TOKEN = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OPEN = {(name, kind, "") for name in ("all", "other") for kind in ("atom", "rss")}
PRIVATE = {("mine", "atom", TOKEN)}

Table = Mapping[tuple[str, str, str], Rendered]


class Starts:
    """One start after another over one database and one folder of files, each a day later."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.rendered = list[str]()

    def config(self, **changes: Any) -> Config:
        outputs = [
            {"name": "all", "formats": ["atom", "rss"]},
            {"name": "other", "formats": ["atom", "rss"], "title": "Other"},
            {"name": "mine", "formats": ["atom"], "token": TOKEN},
        ]
        settings = {
            "database": {"url": f"sqlite:///{self.folder / 'a.db'}"},
            "publish": {"directory": str(self.folder / "public")},
            "outputs": outputs,
            **changes,
        }
        return Config(Settings.model_validate(settings), None, (FEED,))

    async def start(self, config: Config, *, publish: bool = False) -> Table:
        """What is served from the first moment on; ``publish``: then all is rendered, as time goes on."""
        self.clock.advance(DAY)
        async with open_parts(config, self.clock) as parts:
            await parts.store.sync_feeds(wanted({FEED.key: self.clock.now()}))
            await put_back(config, parts)
            served = dict(parts.snapshot.table)
            if publish:
                await parts.engine.publish([one.name for one in config.settings.outputs])
                served = dict(parts.snapshot.table)
        return served


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starts:
    made, publish = Starts(tmp_path), InProcessEngine.publish

    async def noted(engine: InProcessEngine, outputs: list[str]) -> None:
        made.rendered += outputs
        await publish(engine, outputs)

    monkeypatch.setattr(InProcessEngine, "publish", noted)
    return made


async def test_nothing_before_the_first_rendering_and_the_same_bytes_after_it(
    starts: Starts,
) -> None:
    config = starts.config()
    assert await starts.start(config) == {}
    before = await starts.start(config, publish=True)
    assert set(before) == OPEN | PRIVATE
    del starts.rendered[:]
    after = await starts.start(config)
    assert after == before  # bodies, compressed, entity tags and times
    assert starts.rendered == ["mine"]  # no file says what it was to whom


async def test_bytes_of_another_configuration_or_release_or_hand_are_never_served(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await starts.start(starts.config(), publish=True)
    file = starts.folder / "public" / "feeds" / "all.atom"
    secret = b"<!-- secret -->"

    file.write_bytes(file.read_bytes() + secret)
    del starts.rendered[:]
    served = await starts.start(starts.config())
    assert starts.rendered == ["all", "mine"]
    assert secret not in served["all", "atom", ""].body
    assert secret not in file.read_bytes()

    file.unlink()
    del starts.rendered[:]
    assert set(await starts.start(starts.config())) == OPEN | PRIVATE
    assert starts.rendered == ["all", "mine"]

    del starts.rendered[:]
    served = await starts.start(starts.config(title="New title"))
    assert starts.rendered == ["all", "other", "mine"]
    assert b"New title" in served["all", "rss", ""].body

    monkeypatch.setattr("aggregator.config.choices.of_outputs.__version__", "9.9")
    del starts.rendered[:]
    await starts.start(starts.config(title="New title"))
    assert starts.rendered == ["all", "other", "mine"]


async def test_an_output_with_a_new_name_is_served_from_the_first_moment_on(starts: Starts) -> None:
    await starts.start(starts.config(), publish=True)
    renamed = {"name": "news", "aliases": ["all"], "formats": ["atom"]}
    assert set(await starts.start(starts.config(outputs=[renamed]))) == {("news", "atom", "")}


async def test_what_cannot_be_rendered_keeps_nothing_from_starting(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await starts.start(starts.config(), publish=True)
    for error in (StoreError("away"), ValueError("a stranger's entry")):

        async def fails(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(InProcessEngine, "publish", fails)
        assert set(await starts.start(starts.config())) == OPEN


async def test_an_output_that_cannot_be_written_keeps_no_other_from_being_made_anew(
    starts: Starts,
) -> None:
    await starts.start(starts.config(), publish=True)
    blocked = starts.folder / "blocked"
    blocked.write_text("no folder")
    first = {"name": "mine", "formats": ["atom"], "token": TOKEN, "files": str(blocked)}
    outputs = [first, *({"name": name, "formats": ["atom", "rss"]} for name in ("all", "other"))]
    served = await starts.start(starts.config(title="New title", outputs=outputs))
    assert set(served) == OPEN | PRIVATE
    for name in ("all.atom", "all.rss"):
        assert b"New title" in (starts.folder / "public" / "feeds" / name).read_bytes()


async def test_a_reload_lets_nothing_of_the_former_configuration_be_served(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, fresh = starts.config(), starts.config(title="New title")
    async with open_parts(now, starts.clock) as parts:
        await parts.engine.publish([one.name for one in now.settings.outputs])
        before = dict(parts.snapshot.table)
        await apply_config(now, starts.config(), parts, starts.clock)
        assert parts.snapshot.table == before  # nothing changed, and nothing is made anew at once
        await apply_config(now, fresh, parts, starts.clock)
        assert set(parts.snapshot.table) == OPEN | PRIVATE
        assert b"New title" in parts.snapshot.table["all", "rss", ""].body

        async def fails(*_: object) -> None:
            raise StoreError("away")

        monkeypatch.setattr(InProcessEngine, "publish", fails)
        await apply_config(fresh, now, parts, starts.clock)
        assert dict(parts.snapshot.table) == {}


async def test_another_release_serves_the_same_bytes_as_of_the_same_time(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers get a 304 for what an upgrade renders anew."""
    before = await starts.start(starts.config(), publish=True)
    monkeypatch.setattr("aggregator.config.choices.of_outputs.__version__", "999")
    starts.rendered.clear()
    after = await starts.start(starts.config())
    assert set(starts.rendered) == {"all", "other", "mine"}
    assert {key: (one.etag, one.body, one.modified) for key, one in after.items()} == {
        key: (one.etag, one.body, one.modified) for key, one in before.items()
    }


async def test_a_reload_waits_for_what_is_rendered_by_the_former_configuration(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_go, publish = asyncio.Event(), asyncio.Event(), Pipeline.publish

    async def slow(pipeline: Pipeline, names: Collection[str] | None = None) -> int:
        began.set()
        await may_go.wait()
        return await publish(pipeline, names)

    monkeypatch.setattr(Pipeline, "publish", slow)
    async with open_parts(starts.config(), starts.clock) as parts:
        rendering = asyncio.create_task(parts.engine.publish(["all"]))
        await began.wait()
        reload = asyncio.create_task(parts.engine.reconfigure(starts.config(title="New")))
        await turns()
        assert not reload.done()
        may_go.set()
        await rendering
        await reload


async def test_what_a_reload_hides_is_served_no_more_from_its_first_moment_on(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although a round by the former configuration goes on, and publishes what it had made."""
    began, may_go, publish = asyncio.Event(), asyncio.Event(), Pipeline.publish
    config = starts.config(base_url="https://feeds.example")
    secret = Config(config.settings, None, (FEED.model_copy(update={"private": "true"}),))
    files = starts.folder / "public" / "feeds"

    async def slow(pipeline: Pipeline, names: Collection[str] | None = None) -> int:
        began.set()
        await may_go.wait()
        return await publish(pipeline, names)

    async with open_parts(config, starts.clock) as parts:
        await parts.store.sync_feeds(wanted({FEED.key: starts.clock.now()}))
        names = [one.name for one in config.settings.outputs]
        await parts.engine.publish(names)
        monkeypatch.setattr(Pipeline, "publish", slow)
        round_ = asyncio.create_task(parts.engine.publish(names))
        await began.wait()
        reload = asyncio.create_task(apply_config(config, secret, parts, starts.clock))
        await turns()
        assert set(parts.snapshot.table) == PRIVATE
        assert not [path for path in files.iterdir() if path.suffix != ".opml"]
        before = parts.snapshot.table["mine", "atom", TOKEN]
        may_go.set()
        await round_
        assert set(parts.snapshot.table) == PRIVATE
        await reload
        assert set(parts.snapshot.table) == OPEN | PRIVATE
        assert parts.snapshot.table["mine", "atom", TOKEN] is not before
        assert (files / "all.atom").exists()
