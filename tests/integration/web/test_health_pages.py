"""``/status.FORMAT`` over real HTTP, from the events of a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aggregator.app.health_report import health_of, keep_health
from aggregator.app.wiring import subscribe
from aggregator.config.config import Config
from aggregator.config.load import load
from aggregator.errors import StoreError
from aggregator.model import HealthKind, OutputFeed, PollResult
from aggregator.publish.formats import FORMATS
from aggregator.publish.snapshot import Snapshot
from aggregator.store.db.tables import health_events
from aggregator.web.app import create_app
from aggregator.web.server import WebServer
from tests.integration.web.test_app import FakeDaemon
from tests.support.storage import DAY, HOUR, Stored

CONFIG = """
timezone = "Europe/Berlin"
base_url = "https://me.example"
[[feeds]]
url = "https://a.example/feed"
title = "The A"
[[feeds]]
url = "https://p.example/feed?token=0123456789abcdef0123456789abcdef"
title = "The P"
"""
DOWN: dict[str, Any] = {
    "result": PollResult.FAILED, "health": (HealthKind.BROKE,), "error": "it is down", "failures": 3,
    "parsed": None, "validators": None,
}  # fmt: skip


@dataclass
class Reporter:
    stored: Stored
    config: Config
    has_health_feed: bool = True
    broken: StoreError | None = None
    made: list[OutputFeed] = field(default_factory=list)

    async def health_feed(self) -> OutputFeed:
        if self.broken:
            raise self.broken
        self.made.append(await health_of(self.config, self.stored.store))
        return self.made[-1]


@dataclass
class Served:
    reporter: Reporter
    session: aiohttp.ClientSession

    async def get(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(path, headers=named) as answer:
            return answer.status, answer.headers.copy(), await answer.text()


@pytest.fixture
async def served(stored: Stored, tmp_path: Path) -> AsyncIterator[Served]:
    path = tmp_path / "aggregator.toml"
    path.write_text(CONFIG, encoding="utf-8")
    reporter = Reporter(stored, load(path, {}))
    await subscribe(reporter.config, stored.store, stored.clock.now())
    for claimed in await stored.claim():
        await stored.store.commit_poll(stored.outcome(claimed, **DOWN), claimed.lease)
    app = create_app(
        Snapshot(), FakeDaemon(), reporter=reporter, max_age=timedelta(minutes=2), kept=timedelta(0)
    )
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield Served(reporter, session)
    await server.stop()


@pytest.mark.parametrize("kind", FORMATS)
async def test_it_tells_of_the_feeds_that_the_page_tells_of(served: Served, kind: str) -> None:
    status, headers, body = await served.get(f"/status.{kind}")
    assert (status, headers["Cache-Control"]) == (
        200,
        "public, max-age=120, stale-while-revalidate=120, stale-if-error=86400",
    )
    assert headers["Content-Type"] == FORMATS[kind].content_type
    assert "The A broke" in body
    assert "it is down" in body
    for secret in ("0123456789abcdef", "The P", "p.example"):
        assert secret not in body
    again, _, nothing = await served.get(f"/status.{kind}", If_None_Match=headers["ETag"])
    assert (again, nothing) == (304, "")


async def test_it_is_switched_off_and_says_when_it_cannot(served: Served) -> None:
    assert (await served.get("/status.html"))[0] == 404
    assert (await served.get("/feeds/status.atom"))[0] == 404  # it is no output
    served.reporter.broken = StoreError("down")
    status, headers, body = await served.get("/status.atom")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert "down" not in body
    served.reporter.has_health_feed = False
    assert (await served.get("/status.atom"))[0] == 404


async def test_a_day_is_summed_up_in_the_morning_and_once(served: Served) -> None:
    reporter = served.reporter
    stored, config = reporter.stored, reporter.config
    await keep_health(config, stored.store, stored.clock.now())
    assert len(reporter.stored.rows(health_events)) == 2
    morning = stored.clock.advance(18 * HOUR)  # 07:00 there
    for _ in range(2):
        await keep_health(config, stored.store, morning)
    _, _, body = await served.get("/status.atom")
    assert body.count("<entry>") == 2
    assert "Feeds on 2026-11-03: 1 broke, 1 broken now" in body
    await keep_health(config, stored.store, morning + 200 * DAY)
    _, _, body = await served.get("/status.atom")
    assert body.count("<entry>") == 1  # what still says that a feed is broken
