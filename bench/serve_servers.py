"""Servers of the same feed, each in a process of its own: ours, aiohttp alone, nginx if it is there."""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from aggregator.model import (
    DroppedOutput,
    FeedPlace,
    ItemPlace,
    NamedItem,
    OutputFeed,
    Rendered,
    StandingItems,
    Status,
)
from aggregator.privacy.public import Disclosure
from aggregator.publish.render import pack, render
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.server import WebServer
from bench.rendering import windows
from tests.support.patience import wait_until
from tests.support.storage import NOW

PATH = "/feeds/all.atom"
_ITEMS = 33  # of some 200 kB, a quarter of that with gzip
_DENSE = 1300  # characters of each that hardly compress


@dataclass(frozen=True, slots=True)
class Running:
    """A server: its name, the process that answers, its port."""

    name: str
    pid: int
    port: int


def feed() -> tuple[OutputFeed, Rendered]:
    """The feed that all of them serve."""
    whole = next(windows())
    chance = random.Random(1)
    items = tuple(
        replace(one, content_html=f"{one.content_html}<p>{chance.randbytes(_DENSE // 2).hex()}</p>")
        for one in whole.items[:_ITEMS]
    )
    output = OutputFeed("all", "All", "", "https://me.example", items, NOW)
    return output, pack("all", "atom", render(output, "atom"), NOW, all_codings=True)


class _Site:
    """A daemon of one output."""

    title, base_url, index, revision, holds_back = "Paper", "https://me.example", True, 0, False

    def __init__(self, output: OutputFeed) -> None:
        self._items = output.items[:20]
        self._outputs = [OutputInfo("all", "All")]

    def outputs(self) -> Sequence[OutputInfo]:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return self._outputs

    def dropped(self) -> Sequence[DroppedOutput]:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return ()

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:  # noqa: ARG002
        """See :class:`aggregator.web.daemon_view.Site`."""
        return Status((), 0, 0, 0, 0, 0, 0)

    async def sources(self, name: str) -> bytes:  # noqa: ARG002
        """See :class:`aggregator.web.daemon_view.Site`."""
        return b""

    def told(self, key: str) -> Disclosure | None:  # noqa: ARG002
        """See :class:`aggregator.web.daemon_view.Site`."""
        return None

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        """See :class:`aggregator.web.daemon_view.Site`."""
        return True, {}

    async def stories(
        self,
        name: str,  # noqa: ARG002
        below: ItemPlace | None = None,  # noqa: ARG002
    ) -> StandingItems | None:
        """See :class:`aggregator.web.daemon_view.Stories`."""
        return StandingItems(self._items, None)

    async def story(self, name: str, item_id: str) -> NamedItem | None:  # noqa: ARG002
        """See :class:`aggregator.web.daemon_view.Stories`."""
        return None


def _ours(told: Connection) -> None:
    async def serve() -> None:
        output, rendered = feed()
        snapshot, site = Snapshot(), _Site(output)
        snapshot.publish(output, [rendered])
        server = WebServer(create_app(snapshot, site, stories=site), "127.0.0.1", 0)
        await server.start()
        told.send(server.port)
        await asyncio.Event().wait()

    asyncio.run(serve())


def _floor(told: Connection) -> None:
    """The least that aiohttp does for such a feed."""
    body = gzip.compress(feed()[1].body, 6)

    async def answer(request: web.Request) -> web.Response:
        headers = {"ETag": '"1"', "Content-Encoding": "gzip"}
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="application/atom+xml", headers=headers)

    async def serve() -> None:
        app = web.Application()
        app.router.add_get(PATH, answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(serve())


@contextmanager
def _process(name: str, work: Callable[[Connection], None]) -> Iterator[Running]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there,), daemon=True)
    process.start()
    try:
        port = here.recv()
        yield Running(name, process.pid or 0, port)
    finally:
        process.kill()
        process.join()


def ours() -> AbstractContextManager[Running]:
    """Our server."""
    return _process("ours", _ours)


def floor() -> AbstractContextManager[Running]:
    """aiohttp with nothing of ours."""
    return _process("aiohttp", _floor)


_CONFIG = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/log; {user}
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; gzip_static on; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  types {{ application/atom+xml atom; }}
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[Running]:
    """The same feed as a file with its ``.gz`` beside it, from one process of nginx."""
    rendered = feed()[1]
    (folder / "feeds").mkdir()
    (folder / PATH[1:]).write_bytes(rendered.body)
    (folder / f"{PATH[1:]}.gz").write_bytes(gzip.compress(rendered.body, 6))
    user = "user root;" if Path("/proc/self").owner() == "root" else ""
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port, user=user))
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin")
    master = subprocess.Popen([found or "nginx", "-c", str(config), "-p", str(folder)])
    children = Path(f"/proc/{master.pid}/task/{master.pid}/children")
    try:
        wait_until(lambda: bool(children.read_text().split()), "nginx has a worker")
        yield Running("nginx", int(children.read_text().split()[0]), port)
    finally:
        master.terminate()
        master.wait()
