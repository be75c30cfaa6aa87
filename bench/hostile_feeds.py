"""``python -m bench hostile FOLDER``: what documents made to break parsers cost in a worker process.

Each file is read as the daemon reads one that it sees for the first time, with the default limits.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aggregator.config import choices
from aggregator.config.settings import Settings
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import NotAFeed, ParseError, WorkerError
from aggregator.parse.feed import parse_feed

URL = "https://feeds.example/feed"
_LIMITS = choices.parse_limits(Settings())


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds, peak of resident memory beyond what was held before in MB, what came of it."""

    seconds: float
    megabytes: float
    outcome: str


def _resident(what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def cost(body: bytes, content_type: str = "") -> Cost:
    """Called in a worker."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak (Linux)
    held, before = _resident("VmRSS"), time.process_time()
    try:
        parsed = parse_feed(body, url=URL, content_type=content_type)
        outcome = f"{len(parsed.entries)} entries"
    except (NotAFeed, ParseError) as error:
        outcome = f"{type(error).__name__}: {error}"[:60]
    return Cost(time.process_time() - before, _resident("VmHWM") - held, outcome)


async def costs(files: list[Path]) -> dict[str, Cost]:
    """What each of ``files`` costs, by its name."""
    found: dict[str, Cost] = {}
    async with ProcessWorkers(1) as workers:
        for file in files:
            try:
                found[file.name] = await workers.run(cost, file.read_bytes(), limits=_LIMITS)
            except Exception as error:  # noqa: BLE001 - that is the finding
                limit = _LIMITS.cpu.total_seconds() if _LIMITS.cpu else 0.0
                spent = limit if isinstance(error, WorkerError) else 0.0
                found[file.name] = Cost(spent, 0.0, f"!! {type(error).__name__}: {error}"[:90])
    return found


def main(folder: str) -> None:
    """Print the table for the files in ``folder``, dearest first, and how many ended how."""
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    found = asyncio.run(costs(files))
    ordered = sorted(found.items(), key=lambda one: one[1].seconds, reverse=True)
    print("| document | CPU s | MB | outcome |\n|---|---|---|---|")
    for name, one in ordered:
        print(f"| {name} | {one.seconds:.3f} | {one.megabytes:.0f} | {one.outcome} |")
    kinds = Counter(re.split(r"[:\d]", one.outcome)[0] or "entries" for one in found.values())
    print("\n" + ", ".join(f"{kind.strip()}: {count}" for kind, count in kinds.items()))
    worst = max(one.megabytes for one in found.values())
    print(f"{len(found)} documents, worst {ordered[0][1].seconds:.2f} s, {worst:.0f} MB")
