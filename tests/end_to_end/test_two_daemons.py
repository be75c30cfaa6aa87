"""One daemon subscribed to another: whoever was away for longer than the window ends with all its items."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.polling import ok, open_site, rss
from tests.support.running import Running, free_port, patient, started
from tests.support.thorough import IS_THOROUGH

_WINDOW, _BEFORE, _AFTER = 20, 15, 350


def _config(folder: Path, port: int, feed: str, limit: int) -> Path:
    folder.mkdir()
    (folder / "aggregator.toml").write_text(
        patient(
            f"""
            base_url = "http://127.0.0.1:{port}"
            [database]
            url = "sqlite:///a.db"
            [server]
            port = {port}
            [fetch]
            allow_networks = ["127.0.0.0/8"]
            host_gap = 0
            [publish]
            min_interval = "100ms"
            [schedule]
            lease = "3s"
            [extract]
            mode = "never"
            [dedupe]
            enabled = false
            [[outputs]]
            name = "all"
            limit = {limit}
            [[feeds]]
            url = "{feed}"
            every = "1s"
            """
        ),
        encoding="utf-8",
    )
    return folder / "aggregator.toml"


def _shows(names: set[str], feed: Any) -> bool:
    return {entry.title for entry in feed.entries} >= names


@pytest.mark.parametrize("kind", ["atom", "json"] if IS_THOROUGH else ["atom"])
async def test_away_for_longer_than_the_window_and_killed_on_the_way_back(
    tmp_path: Path, kind: str
) -> None:
    first, second = free_port(), free_port()
    names = [f"n{number}" for number in range(_AFTER)]
    async with open_site() as site:
        site.answers["/feed"] = ok(rss(*reversed(names[:_BEFORE])))
        giver = _config(tmp_path / "giver", first, site.url("/feed"), _WINDOW)
        address = f"http://127.0.0.1:{first}/feeds/all.{kind}"
        taker = _config(tmp_path / "taker", second, address, 10 * _AFTER)
        async with started(giver, first, giver.parent) as giving:
            async with started(taker, second, taker.parent) as taking:
                await taking.until(partial(_shows, set(names[:_BEFORE])))
                await taking.stop()
            for upto in range(100, _AFTER + 1, 50):
                site.answers["/feed"] = ok(rss(*reversed(names[upto - 100 : upto])))
                await giving.until(partial(_shows, {names[upto - 1]}))
            shown = [entry.title for entry in (await giving.feed()).entries]
            assert len(shown) == _WINDOW
            async with started(taker, second, taker.parent) as taking:
                await taking.until(partial(_shows, set(shown)))
                await taking.stop(signal.SIGKILL)
            async with started(taker, second, taker.parent) as taking:
                await taking.until(partial(_shows, set(names)))
                _each_once(names, await taking.feed(), taking)


def _each_once(names: list[str], feed: Any, daemon: Running) -> None:
    assert sorted(entry.title for entry in feed.entries) == sorted(names), daemon.said()
