"""Starting, reloading, refusing, stopping."""

from __future__ import annotations

import json
import signal
import tomllib
from pathlib import Path

from aggregator.demo.internet import DemoInternet
from tests.support.patience import until
from tests.support.running import call, free_port, patient, started

EMPTY = '[server]\nport = {port}\n[fetch]\nallow_networks = ["127.0.0.0/8"]\n'


async def test_sighup_takes_up_new_feeds_and_keeps_the_old_config_when_the_new_is_wrong(
    tmp_path: Path,
) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    config.write_text(EMPTY.format(port=port))
    async with (
        DemoInternet(story_interval=None, backlog=12) as internet,
        started(config, port, tmp_path, fresh=True) as daemon,
    ):
        config.write_text(EMPTY.format(port=port) + "[[feeds]]\nurll = 1\n")
        daemon.process.send_signal(signal.SIGHUP)
        await until(lambda: "did you mean `url`" in daemon.said(), "the refusal")
        site = next(feed for feed in internet.feeds if feed.behaves == "steady")
        config.write_text(EMPTY.format(port=port) + f'[[feeds]]\nurl = "{site.url}"\n')
        daemon.process.send_signal(signal.SIGHUP)
        feed = await daemon.until(lambda feed: len(feed.entries) > 0)
        assert {entry.source.title for entry in feed.entries} == {site.title}

        config.write_text(EMPTY.format(port=port))
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.until(lambda feed: len(feed.entries) == 0)
        assert await daemon.stop() == 0


async def test_a_second_instance_on_one_sqlite_file_says_so_and_ends(tmp_path: Path) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    config.write_text(EMPTY.format(port=port))
    async with started(config, port, tmp_path) as daemon:
        status, _, errors = await call(tmp_path, "--config", str(config), "run")
        assert status == 1
        assert f"process {daemon.process.pid}" in errors
        assert "stop it first" in errors


async def test_a_taken_port_is_one_clear_error(tmp_path: Path) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    config.write_text(EMPTY.format(port=port))
    other = tmp_path / "other"
    other.mkdir()
    async with started(config, port, tmp_path):
        status, _, errors = await call(other, "--config", str(config), "run")
    assert status == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert "Traceback" not in errors


async def test_a_wrong_config_starts_nothing(tmp_path: Path) -> None:
    config = tmp_path / "aggregator.toml"
    config.write_text('[sever]\nport = 1\n[fetch]\ntimeout = "soon"\n')
    status, _, errors = await call(tmp_path, "--config", str(config), "run")
    assert status == 2
    assert "aggregator.toml:1: " in errors
    assert "did you mean `server`" in errors
    assert "aggregator.toml:4: " in errors
    assert "2 faults" in errors
    assert not (tmp_path / "data").exists()


async def test_once_polls_everything_and_says_what_failed(tmp_path: Path) -> None:
    config = tmp_path / "aggregator.toml"
    async with DemoInternet(story_interval=None) as internet:
        text = internet.config_toml(f"sqlite:///{tmp_path / 'a.db'}", 0, str(tmp_path / "data"))
        config.write_text(patient(text), encoding="utf-8")
        status, out, _ = await call(tmp_path, "--config", str(config), "once", "--all", "--json")
        summary = json.loads(out)
        assert status == 1  # one of the sites is gone for good
        assert summary["polled"] == len(internet.feeds)
        assert summary["new_stories"] == len(internet.stories())
        [(gone, reason)] = summary["failures"].items()
        assert gone in {feed.url for feed in internet.feeds}
        assert f"({gone}): HTTP status 410" in reason or reason.startswith(
            f"{gone}: HTTP status 410"
        )
        assert (tmp_path / "data/public/feeds/all.atom").is_file()

        status, out, _ = await call(tmp_path, "--config", str(config), "status", "--json")
        assert status == 0
        assert json.loads(out)["stories"] == len(internet.stories())


async def test_in_an_empty_folder_a_config_holds_what_was_asked(tmp_path: Path) -> None:
    status, _, errors = await call(tmp_path, "run")
    assert status == 2
    assert "aggregator init" in errors
    assert not (tmp_path / "config").exists()
    status, _, errors = await call(
        tmp_path, "feeds", "add", "--no-check", "https://example.org/feed.xml"
    )
    assert status == 0, errors
    written = (tmp_path / "config/aggregator.toml").read_text()
    assert tomllib.loads(written) == {"feeds": [{"url": "https://example.org/feed.xml"}]}
