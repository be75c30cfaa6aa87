"""``python -m bench [NAME ...]``: run all benches that need nothing, or those named.

``python -m bench NAME FOLDER`` measures over the files of a folder: see ``OVER_FILES``. Those that take
long run only when named, with numbers that bound them: see ``LONG``. Some work over stores that stay: ``STORES``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench import (
    cadence,
    contention,
    cost,
    dedupe,
    expressions,
    feedparser_tests,
    fidelity,
    growth,
    hostile_feeds,
    kills,
    long_run,
    outputs,
    pace,
    parse,
    past,
    polls,
    queue_growth,
    readers,
    rendering,
    serve,
    silent,
    soak,
    start,
    trace,
    workers,
)

BENCHES: dict[str, Callable[[], None]] = {
    "contention": contention.main,
    "dedupe": dedupe.main,
    "expressions": expressions.main,
    "fidelity": fidelity.main,
    "growth": growth.main,
    "outputs": outputs.main,
    "past": past.main,
    "polls": polls.main,
    "readers": readers.main,
    "rendering": rendering.main,
    "silent": silent.main,
    "soak": soak.main,
    "start": start.main,
    "trace": trace.main,
}
OVER_FILES: dict[str, Callable[[str], None]] = {
    "articles": lambda folder: _late("articles", folder),
    "cadence": cadence.main,
    "dedupe": lambda folder: dedupe.main([folder]),
    "feedparser-tests": feedparser_tests.main,
    "extract-left-out": lambda folder: _late("extract_left_out", folder),
    "extract-memory": lambda folder: _late("extract_memory", folder),
    "hostile": hostile_feeds.main,
    "parse": parse.main,
    "train-extractor": lambda folder: _late("train_extractor", folder),
}


LONG: dict[str, Callable[..., None]] = {
    "cost": cost.main,  # FEEDS
    "kills": kills.main,  # COUNT
    "long-run": long_run.main,  # MINUTES FEEDS
    "queue-growth": queue_growth.main,  # MINUTES JOBS
    "serve": serve.main,  # REQUESTS SECONDS
    "workers": workers.main,  # SECONDS FEEDS
}


# Over stores that stay: see :mod:`bench.growth` and :mod:`bench.pace`.
STORES: dict[str, Callable[..., None]] = {
    "made-store": lambda folder, feeds, each, url="": growth.make_store(
        Path(folder), int(feeds), int(each), url
    ),
    "growth": lambda small, large: growth.compare(Path(small), Path(large)),
    "pace": lambda folder, minutes: pace.main(Path(folder), int(minutes)),
}


def _late(module: str, folder: str) -> None:
    """Import what needs libraries that nothing else does only when it is asked for."""
    import_module(f"bench.{module}").main(Path(folder))


def main(names: list[str]) -> int:
    """Run the named benches, or all; exit status 2 for an unknown name or a missing folder."""
    if len(names) == 2 and names[0] in OVER_FILES and Path(names[1]).is_dir():
        OVER_FILES[names[0]](names[1])
        return 0
    if names and names[0] in LONG and all(one.isdigit() for one in names[1:]):
        LONG[names[0]](*map(int, names[1:]))
        return 0
    if len(names) > 2 and names[0] in STORES:
        STORES[names[0]](*names[1:])
        return 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        there = ", ".join([*BENCHES, *LONG, *STORES, *(f"{name} FOLDER" for name in OVER_FILES)])
        print(f"no bench {', '.join(unknown)}; there are {there}", file=sys.stderr)
        return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
