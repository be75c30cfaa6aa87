"""The way of one claimed feed through the code: files entered, climbs back up, returns.

One real poll: a server on loopback, an SQLite file, every thread of this process traced. Counted are
calls to functions of the package that get the claimed feed, from the engine's function to the store's
that commits it: the claim, its feed, or a value that holds one of them or says by a key or id whose it
is (rules, facts, the outcome). What gets only an address or a document gets no feed: so the fetcher and
the workers, each behind its port, are not on the way.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import sys
import tempfile
import threading
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import aggregator
from aggregator.app.wiring import SystemClock, open_parts, subscribe
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.logs import configure_logs
from aggregator.model import ClaimedFeed, Feed
from bench.farm import farm, url

_PACKAGE = Path(aggregator.__file__).parent
_FIRST, _LAST = "InProcessEngine._poll", "SqlFeeds.commit_poll"
_NAMES = ("feed_id", "feed_key", "key")  # fields by which a value says whose it is


@dataclass(frozen=True, slots=True)
class Stay:
    """Calls in one file, one after the other, that got the claimed feed."""

    file: str  # relative to the package
    functions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """The stays of one claimed feed, in the order of the calls."""

    stays: tuple[Stay, ...]

    @property
    def files(self) -> int:
        """Files entered."""
        return len({stay.file for stay in self.stays})

    @property
    def returns(self) -> int:
        """Stays in a file that was left before."""
        return len(self.stays) - self.files

    @property
    def climbs(self) -> int:
        """Calls into a file that stands above the one that the feed was in, by import order."""
        floors = [floor(stay.file) for stay in self.stays]
        return sum(after < before for before, after in pairwise(floors))

    def in_words(self) -> Iterator[str]:
        """The stays, one a line, and the three figures."""
        for number, stay in enumerate(self.stays, 1):
            yield f"{number:3}. {stay.file:24} {', '.join(dict.fromkeys(stay.functions))}"
        yield f"{self.files} files, {self.climbs} climbs back up, {self.returns} returns"


class _Tracer:
    """Notes every call that gets the claimed feed, while it is on."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._suspended: set[FrameType] = set()  # coroutines that began: their calls are over
        self._feed: Feed | None = None
        self._over = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or self._over or not code.co_filename.startswith(str(_PACKAGE)):
            return
        if code.co_name.startswith("<"):  # comprehensions get what their function got
            return
        if code.co_flags & inspect.CO_COROUTINE:
            if frame in self._suspended:
                return
            self._suspended.add(frame)
        given = [frame.f_locals.get(name) for name in _parameters(frame)]
        if self._feed is None:
            if code.co_qualname != _FIRST:
                return
            self._feed = next(one.feed for one in given if isinstance(one, ClaimedFeed))
        if any(_holds(value, self._feed) for value in given):
            file = str(Path(code.co_filename).relative_to(_PACKAGE))
            self.calls.append((file, code.co_qualname))
        self._over = code.co_qualname == _LAST


def _parameters(frame: FrameType) -> Sequence[str]:
    code = frame.f_code
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + 2]


def _holds(value: Any, feed: Feed, depth: int = 2) -> bool:
    """True for the claimed feed, and for a value or a sequence that holds or names it."""
    if isinstance(value, ClaimedFeed | Feed):
        return (value.feed if isinstance(value, ClaimedFeed) else value).id == feed.id
    if isinstance(value, tuple | list):
        return depth > 0 and any(_holds(one, feed, depth - 1) for one in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return False
    named = [getattr(value, name, None) for name in _NAMES]
    if feed.id in named or feed.key in named:
        return True
    fields = (getattr(value, field.name, None) for field in dataclasses.fields(value))
    return depth > 0 and any(_holds(one, feed, depth - 1) for one in fields)


def import_order() -> list[tuple[str, ...]]:
    """The packages on each floor, the highest first; inside the flow, its files."""
    project = tomllib.loads((_PACKAGE.parent / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    inner = {
        container: contract["layers"]
        for contract in contracts
        for container in contract.get("containers", ())
    }
    order: list[tuple[str, ...]] = []
    for layer in contracts[0]["layers"]:
        names = tuple(layer.split(" | "))
        inside = [below.split(" | ") for below in inner.get(names[0], [])]
        order += [tuple(f"{names[0]}.{one}" for one in below) for below in inside] or [names]
    return order


def floor(file: str) -> int:
    """The place of ``file`` (relative to the package) in the import order; 0 is the highest."""
    module = "aggregator." + file.removesuffix(".py").replace("/", ".")
    return next(
        number
        for number, names in enumerate(import_order())
        if any(module == name or module.startswith(f"{name}.") for name in names)
    )


def journey(port: int, folder: Path) -> Journey:
    """Poll one feed at ``port`` for the first time, its database in ``folder``; the way it went."""
    tracer = _Tracer()
    threading.setprofile(tracer)
    sys.setprofile(tracer)
    try:
        asyncio.run(_poll(port, folder))
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    stays: list[Stay] = []
    for file, function in tracer.calls:
        name = function.rpartition(".")[2]
        if stays and stays[-1].file == file:
            stays[-1] = Stay(file, (*stays[-1].functions, name))
        else:
            stays.append(Stay(file, (name,)))
    return Journey(tuple(stays))


async def _poll(port: int, folder: Path) -> None:
    settings = Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'trace.db'}"},
            "fetch": {"allow_networks": (ip_network("127.0.0.0/8"),), "host_gap": 0},
            "extract": {"mode": "never"},
            "publish": {"directory": ""},
            "schedule": {"lease": "1h"},  # that nobody renews meanwhile
        }
    )
    config, clock = Config(settings, None, (FeedSettings(url=url("200", 0, port)),)), SystemClock()
    async with open_parts(config, clock) as parts:
        await subscribe(config, parts.store, clock.now())
        await parts.engine.run_once(all_feeds=False)
        if parts.engine.stats.updated != 1:
            raise RuntimeError(f"not what was to be traced: {parts.engine.stats}")


def main() -> None:
    """Print the way of one feed that is polled for the first time."""
    configure_logs("error", "text")
    with farm(1) as port, tempfile.TemporaryDirectory() as folder:
        print("\n".join(journey(port, Path(folder)).in_words()))
