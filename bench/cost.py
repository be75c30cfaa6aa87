"""CPU of all processes of ``aggregator once`` over a farm of feeds: first, unchanged, a tenth changed.

Of the whole command, and without its start: what it costs where nothing is due.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import resource
import statistics
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bench.farm import HOSTS, NOT_MODIFIED, feed_answer, serve_feeds, served_by

ENTRIES = 20  # of each feed
_ROUNDS = 3
_SUBREAPER = 36  # prctl(2): who outlives its parent becomes this process's child
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of CPU: of the main process, and of all of them."""

    main: float
    everything: float

    def without(self, start: Cpu) -> Cpu:
        """What is left without that of a ``start``."""
        return Cpu(self.main - start.main, self.everything - start.everything)


def _words() -> list[str]:
    """As many words as a paper uses, so that only copies share five in a row."""
    chance = random.Random(0)
    syllables = [
        "ba",
        "ce",
        "di",
        "fo",
        "gu",
        "ha",
        "le",
        "mi",
        "no",
        "pu",
        "ra",
        "se",
        "ti",
        "vo",
        "wu",
        "ze",
        "cha",
        "lin",
        "mar",
        "sol",
    ]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(5000)]


def document(feed: int, port: int, entries: int, words: list[str]) -> bytes:
    """An RSS 2.0 feed of ``entries`` entries, the newest first, of some 1.3 kB each."""
    items = []
    for entry in range(entries - 1, max(entries - ENTRIES, 0) - 1, -1):
        chance = random.Random(feed * 1_000_003 + entry)
        link = f"{_host(feed, port)}/news/{feed}/{entry}.html"
        text = " ".join(chance.choices(words, k=180))
        items.append(
            f"<item><title>{' '.join(chance.choices(words, k=7))}</title><link>{link}</link>"
            f"<guid>{link}</guid><pubDate>Thu, 0{1 + entry % 7} Jan 2026 10:00:00 GMT</pubDate>"
            f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
        )
    head = "<?xml version='1.0'?><rss version='2.0'><channel>"
    title = f"<title>Feed {feed}</title><link>{_host(feed, port)}/</link>"
    return f"{head}{title}{''.join(items)}</channel></rss>".encode()


def _host(feed: int, port: int) -> str:
    return f"http://127.0.0.{1 + feed % HOSTS}:{port}"


async def _serve(ready: Connection) -> None:
    words, more, port = _words(), [0], [0]

    def respond(head: bytes) -> bytes:
        name = head.split(b" ", 2)[1].strip(b"/")
        if name == b"tick":
            more[0] += 1
            return feed_answer(b"", b"")
        feed = int(name)
        port[0] = int(head.lower().partition(b"host:")[2].partition(b"\r\n")[0].rpartition(b":")[2])
        entries = ENTRIES + (more[0] if feed % 10 == 0 else 0)
        tag = f'"{entries}"'.encode()
        if tag in head:
            return NOT_MODIFIED % tag
        return feed_answer(document(feed, port[0], entries, words), tag)

    await serve_feeds(respond, ready)


def _process(ready: Connection) -> None:
    asyncio.run(_serve(ready))


def once(folder: Path, *arguments: str) -> Cpu:
    """CPU of one ``aggregator once`` in ``folder``, with all that it starts."""
    reads, writes = os.pipe()
    if (child := os.fork()) == 0:
        _measure(folder, arguments, writes)
    os.close(writes)
    with os.fdopen(reads) as told:
        said = told.read().split()
    os.waitpid(child, 0)
    if len(said) != 2:
        raise RuntimeError("the command failed")
    return Cpu(float(said[0]), float(said[1]))


def _measure(folder: Path, arguments: tuple[str, ...], told: int) -> None:
    """In a process of its own, which inherits what outlives the command, such as where workers come from."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    os.chdir(folder)
    given = {name: one for name, one in os.environ.items() if not name.startswith("AGGREGATOR_")}
    command = [sys.executable, "-m", "aggregator", "once", *arguments]
    quiet = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_WRONLY, 0) for n in (1, 2)]
    pid = os.posix_spawn(
        sys.executable, command, {**given, "PYTHONPATH": str(_ROOT)}, file_actions=quiet
    )
    _, status, used = os.wait4(pid, 0)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    of_all = resource.getrusage(resource.RUSAGE_CHILDREN)
    if os.waitstatus_to_exitcode(status) == 0:
        main, everything = used.ru_utime + used.ru_stime, of_all.ru_utime + of_all.ru_stime
        os.write(told, f"{main} {everything}".encode())
    os._exit(0)


def _configure(folder: Path, port: int, feeds: int) -> None:
    top = (
        '[database]\nurl = "sqlite:///a.db"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\nhost_gap = 0\n'
        '[extract]\nmode = "never"\n'
    )
    lines = (f'[[feeds]]\nurl = "{_host(n, port)}/{n}"\n' for n in range(feeds))
    (folder / "aggregator.toml").write_text(top + "".join(lines), "utf-8")


def _say(what: str, whole: Cpu, start: Cpu, feeds: int, entries: int) -> None:
    own = whole.without(start)
    each = f", {own.main * 1000 / entries:.2f} ms of the main process an entry" if entries else ""
    print(
        f"  {what:16} {whole.everything:6.2f} s in all ({whole.main:.2f} of the main process), "
        f"without its start {own.everything:.2f} s ({own.main:.2f}): "
        f"{own.everything * 1000 / feeds:.2f} ms a feed{each}"
    )


def main(feeds: int = 1000) -> None:
    """Print CPU of first, unchanged and changed polls of so many ``feeds``, and of the start alone."""
    with tempfile.TemporaryDirectory() as name, served_by(_process) as port:
        folder = Path(name)
        _configure(folder, port, feeds)
        first = once(folder, "--all")
        starts = [once(folder) for _ in range(_ROUNDS)]
        start = Cpu(
            statistics.median(one.main for one in starts),
            statistics.median(one.everything for one in starts),
        )
        unchanged = sorted(
            (once(folder, "--all") for _ in range(_ROUNDS)), key=lambda c: c.everything
        )
        urllib.request.urlopen(f"http://127.0.0.1:{port}/tick", timeout=10).read()
        changed = once(folder, "--all")
    print(f"CPU of `aggregator once` over {feeds} feeds of {ENTRIES} entries")
    print(f"  start            {start.everything:6.2f} s")
    _say("first", first, start, feeds, feeds * ENTRIES)
    _say("unchanged", unchanged[_ROUNDS // 2], start, feeds, 0)
    _say("a tenth changed", changed, start, feeds, 0)
