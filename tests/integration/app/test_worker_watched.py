"""A worker answers whoever watches it, and nobody where that is not asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from aggregator.app.worker import Worker
from aggregator.config.config_files import ConfigFiles
from aggregator.config.load import load_with
from aggregator.errors import AggregatorError
from aggregator.model import Role
from tests.support.running import free_port
from tests.support.storage import stored_at

ROLES = frozenset((Role.POLL, Role.SCHEDULE))


def worker_of(folder: Path, url: str, more: str) -> Worker:
    path = folder / "a.toml"
    path.write_text(f'engine = "pgqueuer"\n[database]\nurl = "{url}"\n{more}', "utf-8")
    files = ConfigFiles(lambda read: load_with(path, {}, read))
    return Worker(files.load(), files, ROLES)


@asynccontextmanager
async def working(folder: Path, url: str, more: str) -> AsyncIterator[Worker]:
    worker = worker_of(folder, url, more)
    running = asyncio.create_task(worker.run())
    ready = asyncio.create_task(worker.ready.wait())
    await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    if not worker.ready.is_set():
        await running
    try:
        yield worker
    finally:
        worker.stop()
        await running


async def got(worker: Worker, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{worker.port}{path}") as answer,
    ):
        assert answer.headers["X-Robots-Tag"] == "noindex"
        return answer.status, await answer.text()


async def test_health_readiness_and_metrics_where_they_are_asked_for(
    tmp_path: Path, postgres_url: str
) -> None:
    more = f'[server]\nmetrics = "local"\n[worker]\nport = {free_port()}\n'
    async with working(tmp_path, postgres_url, more) as worker:
        status, text = await got(worker, "/health")
        assert (status, '"status": "ok"' in text, '"poll"' in text) == (200, True, True)
        assert await got(worker, "/ready") == (200, '{"status": "ready"}')
        status, text = await got(worker, "/metrics")
        assert status == 200
        assert 'aggregator_polls_total{result="failed"} 0.0' in text
        assert "aggregator_network_down 0.0" in text
        secret = postgres_url.split(":")[2].split("@", maxsplit=1)[0]
        assert secret not in text
        for path in ("/", "/feeds/all.atom", "/read/all", "/hub", "/robots.txt", "/..%2f"):
            assert await got(worker, path) == (404, "404 Not Found\n")
        worker.stop()
        assert (await got(worker, "/health"))[0] == 200


async def test_a_queue_that_is_not_served_is_told(tmp_path: Path, postgres_url: str) -> None:
    async with working(tmp_path, postgres_url, f"[worker]\nport = {free_port()}\n") as worker:
        assert worker._parts is not None
        worker._parts.engine._queue._troubled.add("poll")  # type: ignore[attr-defined]
        status, text = await got(worker, "/ready")
        assert (status, "the job queue is not served" in text) == (503, True)
        assert (await got(worker, "/metrics"))[0] == 404
        worker._parts.engine._queue._troubled.clear()  # type: ignore[attr-defined]


async def test_it_listens_nowhere_unless_told_to(tmp_path: Path, postgres_url: str) -> None:
    async with working(tmp_path, postgres_url, '[server]\nmetrics = "all"\n') as worker:
        assert worker.port is None


async def test_a_port_that_is_taken_is_said_by_its_setting(
    tmp_path: Path, postgres_url: str
) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    with pytest.raises(AggregatorError, match=r"worker\.port"):
        async with working(tmp_path, postgres_url, f"[worker]\nport = {port}\n"):
            pass
    taken.close()
    await taken.wait_closed()


async def test_another_list_of_feeds_than_the_daemons_is_said(
    tmp_path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with stored_at(postgres_url) as stored:
        await stored.subscribe("https://a.example/feed", "https://b.example/feed")
    for more, times in (
        ("", 1),
        (
            '[[feeds]]\nurl = "https://a.example/feed"\n[[feeds]]\nurl = "https://b.example/feed"\n',
            0,
        ),
    ):
        async with working(tmp_path, postgres_url, more):
            assert capsys.readouterr().out.count("other feeds than the daemon's") == times
