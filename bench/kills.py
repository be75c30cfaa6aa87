"""``kill -9`` at random moments, of the daemon and of workers, on SQLite: what is lost, doubled, half-written?

Each kill waits until the daemon has started, so that it finds it at work.

``python -m bench kills [COUNT]``. Feeds grow meanwhile; published files are read after every kill.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
import zlib
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import brotli
import zstandard
from lxml import etree

from bench.growing import Growth, Running, free_port, growing, title, write_config

COUNT = 1000
FEEDS = 40
_NEW_EVERY_S = 0.4
_UP_S = (0.0, 6.0)  # from the end of a start to the next kill
_START_S = 3.0  # of a start, about
_STARTED_S = 120.0  # at most
_WORKERS = 0.4  # of the kills are of other processes than the daemon
_UNPACKED = {
    ".gz": gzip.decompress,
    ".br": brotli.decompress,
    ".zst": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}
_NOT_WHOLE = (zlib.error, brotli.error, zstandard.ZstdError)
_PATIENCE_S = 120.0
_SHARE = 3  # items of a feed in an output, a day
_DROPPED, _EVEN = "7", tuple("02468")  # what entries' numbers end with
_MORE = f"""[publish]
min_interval = "100ms"
[health_feed]
failures = 2
[[rules]]
when = 'title.matches("^entry [0-9]*{_DROPPED} of")'
drop = true
[[rules]]
when = 'words > 0 && title.matches("^entry [0-9]*[{"".join(_EVEN)}] of")'
tags = ["even"]
"""
_OUTPUTS = f"""[[outputs]]
name = "even"
limit = 10000
formats = ["json"]
filter = '"even" in tags'
[[outputs]]
name = "shares"
limit = 10000
formats = ["json"]
max_per_feed = "{_SHARE}/1d"
"""
# Minutes from the start at which outputs have their edition of the day.
_PAPERS_MIN = (*range(2, 12), *range(12, 51, 4))
_PAPER = """[[outputs]]
name = "{name}"
formats = ["json"]
text = "title"
digest = "{minute} {hour} * * *"
"""


def _papers(start: float) -> str:
    """Outputs with one edition each, minutes apart."""
    written = []
    for after in _PAPERS_MIN:
        at = datetime.fromtimestamp(start, UTC) + timedelta(minutes=after)
        written.append(_PAPER.format(name=f"paper-{after}", minute=at.minute, hour=at.hour))
    return "".join(written)


def _taken(entry: str) -> bool:
    return not _number(entry).endswith(_DROPPED)


def _number(entry: str) -> str:
    return entry.split()[1]


def _half_written(folder: Path) -> list[str]:
    """Published files that are not whole."""
    bad = []
    for path in sorted((folder / "data/public/feeds").glob("*.*")):
        name, unpacked = path.name, _UNPACKED.get(path.suffix)
        try:
            body = path.read_bytes()
            if unpacked is not None:
                name, body = path.stem, unpacked(body)
            json.loads(body) if name.endswith(".json") else etree.fromstring(body)
        except (OSError, EOFError, ValueError, etree.XMLSyntaxError, *_NOT_WHOLE):
            bad.append(path.name)
    return bad


def _archive(folder: Path) -> tuple[int, list[str]]:
    """Number of closed archive pages, and what is wrong with them: numbers, lines, bytes, files."""
    faults = []
    with closing(sqlite3.connect(folder / "a.db")) as database:
        logs = database.execute(
            "SELECT id, name, closed_page, closed_seq FROM output_logs"
        ).fetchall()
        ask = "SELECT number, last_seq, items FROM archive_pages WHERE log_id = ? ORDER BY number"
        pages = {log[0]: database.execute(ask, log[:1]).fetchall() for log in logs}
        ask = "SELECT item_id FROM output_now WHERE log_id = ? AND seq <= ?"
        stand = {log[0]: {row[0] for row in database.execute(ask, log[::3])} for log in logs}
        ask = "SELECT log_id, number, kind, body FROM archive_bodies"
        bodies: dict[tuple[int, int], dict[str, bytes]] = {}
        for log, number, kind, body in database.execute(ask):
            bodies.setdefault((log, number), {})[kind] = gzip.decompress(body)
    for log, name, last, closed in logs:
        own = pages[log]
        if [row[0] for row in own] != list(range(1, last + 1)) or (own and own[-1][1] != closed):
            faults.append(f"log {log}: pages {[row[0] for row in own]} of {last}")
        if any(after[1] <= before[1] for before, after in pairwise(own)):
            faults.append(f"log {log}: a line in two pages")
        held = {item for row in own for item in json.loads(row[2])}
        faults += [f"log {log}: {item} in no page" for item in stand[log] - held]
        for number, _, items in own:
            if not bodies.get((log, number)):
                faults.append(f"page {number}: no bytes")
            for kind, body in bodies.get((log, number), {}).items():
                if any(item.encode() not in body for item in json.loads(items)):
                    faults.append(f"page {number}.{kind}: an item of it is missing")
                if not (folder / f"data/public/feeds/{name}.{log}-{number}.{kind}").exists():
                    faults.append(f"page {number}.{kind}: no file")
    return sum(map(len, pages.values())), faults


def _stored(folder: Path) -> Counter[str]:
    """Titles of entries that no rule dropped."""
    ask = "SELECT title FROM entries WHERE filtered IS NULL"
    with closing(sqlite3.connect(folder / "a.db")) as database:
        return Counter(row[0] for row in database.execute(ask))


def _shown(folder: Path, output: str = "all") -> Counter[str]:
    whole = json.loads((folder / f"data/public/feeds/{output}.json").read_bytes())
    return Counter(item["title"] for item in whole["items"])


def _gaps(folder: Path) -> list[str]:
    """Logs whose lines have not all numbers, or where what stands is not what the lines say."""
    faults = []
    with closing(sqlite3.connect(folder / "a.db")) as database:
        for log, following in database.execute("SELECT id, next_seq FROM output_logs").fetchall():
            ask = "SELECT seq, item_id, kind FROM output_items WHERE log_id = ? ORDER BY seq"
            lines = database.execute(ask, (log,)).fetchall()
            if lines and [line[0] for line in lines] != list(range(lines[0][0], following)):
                faults.append(f"log {log}: {len(lines)} lines up to {following}")
            last = {item: (seq, kind) for seq, item, kind in lines}
            ask = "SELECT item_id, seq FROM output_now WHERE log_id = ?"
            stand = dict(database.execute(ask, (log,)).fetchall())
            said = {item: seq for item, (seq, kind) in last.items() if kind != "withdraw"}
            if stand != said:
                faults.append(
                    f"log {log}: {len(stand.items() ^ said.items())} items stand otherwise"
                )
    return faults


def _editions(folder: Path) -> tuple[int, list[str]]:
    """Number of editions, and outputs whose edition does not tell exactly what stood up to its place."""
    faults, found = [], 0
    with closing(sqlite3.connect(folder / "a.db")) as database:
        ask = (
            "SELECT l.id, l.name, c.seq, c.day FROM output_logs l JOIN edition_cuts c"
            " ON c.name = l.name AND c.epoch = l.id"
        )
        for log, name, seq, day in database.execute(ask).fetchall():
            own = database.execute("SELECT items FROM editions WHERE name = ?", [name]).fetchall()
            found += len(own)
            ask = "SELECT item_id FROM output_now WHERE log_id = ? AND seq <= ?"
            due = {row[0] for row in database.execute(ask, [log, seq])} if day else set()
            told = Counter(one for row in own for one in json.loads(row[0]))
            # A time at which nothing stood yet is served by none.
            if len(own) != bool(due) or set(told) != due or _more(told):
                wrong = len(due - set(told)), len(set(told) - due), _more(told)
                faults.append(f"{name}: {len(own)}; not told, too early, twice: {wrong}")
    return found, faults


def _overfull(folder: Path) -> list[str]:
    """Feeds with more items in the output of shares than its share."""
    feeds = Counter(one.rpartition(" ")[2] for one in _shown(folder, "shares"))
    return [feed for feed, count in feeds.items() if count > _SHARE]


def _ids(folder: Path) -> dict[str, str]:
    try:
        whole = json.loads((folder / "data/public/feeds/all.json").read_bytes())
    except OSError:
        return {}
    return {item["title"]: item["id"] for item in whole["items"]}


def _storm(folder: Path, count: int, chance: random.Random) -> tuple[Counter[str], list[str], int]:
    """Kill ``count`` times; how often whom, what was half-written, and how many ids changed."""
    killed: Counter[str] = Counter()
    bad: list[str] = []
    ids: dict[str, str] = {}
    moved = 0
    running = Running(folder)
    while killed.total() < count:
        running.until_started(_STARTED_S)
        time.sleep(chance.uniform(*_UP_S))
        others = running.family()[1:]
        if others and chance.random() < _WORKERS:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(others), signal.SIGKILL)
            killed["worker"] += 1
            continue
        running.end(signal.SIGKILL)
        killed["daemon"] += 1
        bad += _half_written(folder)
        now = _ids(folder)
        moved += sum(1 for name, one in now.items() if ids.get(name, one) != one)
        ids |= now
        running = Running(folder)
    running.end(signal.SIGKILL)
    return killed, bad, moved


def main(count: int = COUNT) -> None:
    """Print what ``count`` kills have cost."""
    chance = random.Random(count)
    seconds = count * (_START_S + sum(_UP_S) / 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        growth = Growth(FEEDS, _NEW_EVERY_S, seconds, time.time())
        with growing(growth) as port:
            write_config(folder, port, FEEDS, "1s", free_port(), _MORE)
            with (folder / "aggregator.toml").open("a") as file:
                file.write(_OUTPUTS + _papers(growth.start))
            killed, bad, moved = _storm(folder, count, chance)
            running, end = Running(folder), time.time() + _PATIENCE_S
            whole = {
                title(feed, one)
                for feed in range(FEEDS)
                for one in range(growth.entries(feed, growth.start + seconds))
                if _taken(title(feed, one))
            }
            even = {one for one in whole if _number(one).endswith(_EVEN)}
            while time.time() < max(end, growth.start + seconds):
                time.sleep(1)
                with suppress(OSError, ValueError, sqlite3.Error):
                    if set(_shown(folder)) >= whole and set(_shown(folder, "even")) >= even:
                        break
            running.until_started(_STARTED_S)
            status = running.end()
        stored, shown, filtered = _stored(folder), _shown(folder), _shown(folder, "even")
        bad += _half_written(folder)
        pages, faults = _archive(folder)
        with closing(sqlite3.connect(folder / "a.db")) as database:
            blamed = database.execute("SELECT count(*) FROM feeds WHERE failures > 0").fetchone()[0]
        print(f"{killed['daemon']} kills of the daemon, {killed['worker']} of workers")
        print(f"  {len(whole)} entries published by the feeds")
        print(
            f"  lost: {len(whole - set(stored))} of the store, {len(whole - set(shown))} of the output, "
            f"{len(even - set(filtered))} of the one with a filter"
        )
        print(
            f"  doubled: {_more(stored)} in the store, {_more(shown)} in the output; ids changed: {moved}"
        )
        wrong = {*set(stored) - whole, *set(shown) - whole, *set(filtered) - even}
        print(
            f"  let in although dropped: {len(wrong)}; more than their share: {_overfull(folder)}"
        )
        gaps = _gaps(folder)
        print(f"  logs with gaps: {len(gaps)} {gaps[:3]}")
        told, wrong_editions = _editions(folder)
        print(f"  editions: {told}; wrong with them: {len(wrong_editions)} {wrong_editions[:3]}")
        print(f"  half-written files: {len(bad)} {bad[:3]}")
        print(f"  archive pages closed: {pages}; wrong with them: {len(faults)} {faults[:3]}")
        print(
            f"  feeds with failures at the end: {blamed}; exit status of the last daemon: {status}"
        )


def _more(found: Counter[str]) -> int:
    return sum(number - 1 for number in found.values())
