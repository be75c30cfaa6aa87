"""Alarms: each told once when it begins, and once when it is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.app.alarm_watch import look_for_alarms
from aggregator.app.road_sync import sync_roads
from aggregator.config.load import load_with
from aggregator.config.secrets import keep_secret
from aggregator.model import EventKind, HealthKind, PollResult
from aggregator.store.db.tables import feeds
from tests.support.storage import HOUR, MINUTE, Stored, new

FEED = "https://u:s3cretpw0rd@a.example/feed"
TEXT = f"""
[database]
url = "sqlite:////nowhere/a.db"
[[feeds]]
url = "{FEED}"
[[mails]]
name = "me"
to = "ann@example.com"
alarms = true
[smtp]
host = "127.0.0.1"
sender = "news@example.com"
[publish]
directory = ""
"""
BROKE = {
    "result": PollResult.FAILED, "health": (HealthKind.BROKE,), "failures": 3, "parsed": None,
    "error": f"{FEED}: HTTP status 500",
}  # fmt: skip


async def told(stored: Stored) -> list[tuple[EventKind, str]]:
    return [(one.kind, one.text) for one in (await stored.store.read_alarms(0, 100)).events]


@pytest.mark.parametrize("more", ["", "[alarms]\nfeeds = false\n"])
async def test_a_feed_that_broke_is_told_once_and_without_its_secret(
    stored: Stored, more: str
) -> None:
    config = load_with(Path("a.toml"), {}, lambda _: (TEXT + more).encode())
    keep_secret(config.settings)
    now = stored.clock.now
    await stored.subscribe(FEED)
    await sync_roads(config, stored.store, now())
    await stored.poll(FEED, **BROKE)
    for _ in range(3):
        await look_for_alarms(config, stored.store, now())
    found = await told(stored)
    if more:
        assert found == []
        return
    ((kind, text),) = found
    assert kind is EventKind.ALARM
    assert text.startswith("Feed broke: a.example")
    assert "HTTP status 500" in text
    assert "s3cret" not in text
    stored.clock.advance(HOUR)
    await stored.poll(FEED, health=(HealthKind.BACK,), failures=0)
    assert stored.row(feeds).failures == 0
    await look_for_alarms(config, stored.store, now())
    assert (await told(stored))[1:] == [(EventKind.OVER, f"Over: {text}")]


async def test_a_backlog_and_a_delivery_that_is_off(stored: Stored) -> None:
    config = load_with(Path("a.toml"), {}, lambda _: TEXT.encode())
    now = stored.clock.now
    await stored.subscribe(FEED)
    await sync_roads(config, stored.store, now())
    await stored.poll(FEED, new("waits"))
    assert await look_for_alarms(config, stored.store, now()) == 0
    stored.clock.advance(HOUR + MINUTE)
    assert await look_for_alarms(config, stored.store, now()) == 1
    assert "Backlog" in (await told(stored))[0][1]
    await stored.settle()
    assert await look_for_alarms(config, stored.store, now()) == 1
    assert (await told(stored))[-1][0] is EventKind.OVER


async def test_a_disk_that_fills(stored: Stored, tmp_path: Path) -> None:
    text = TEXT.replace("/nowhere", str(tmp_path)) + '[alarms]\ndisk_free = "1000000GB"\n'
    config = load_with(Path("a.toml"), {}, lambda _: text.encode())
    await sync_roads(config, stored.store, stored.clock.now())
    for _ in range(2):
        await look_for_alarms(config, stored.store, stored.clock.now())
    ((_, said),) = await told(stored)
    assert said == f"Disk: less than 1000000GB free in {tmp_path}"


async def test_nobody_who_is_told_nothing_is_looked_for(stored: Stored) -> None:
    config = load_with(Path("a.toml"), {}, lambda _: f'[[feeds]]\nurl = "{FEED}"\n'.encode())
    await stored.subscribe(FEED)
    await stored.poll(FEED, **BROKE)
    assert await look_for_alarms(config, stored.store, stored.clock.now() + timedelta(days=1)) == 0
