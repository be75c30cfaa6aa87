"""``python -m bench extract-memory FOLDER``: the memory of processes that extract page after page.

In one process that is never replaced, in another with trafilatura alone and everything of it on, and through
worker processes as the daemon has them. The number of pages is the environment's ``PAGES`` (20000 unless given).
Hardly two are equal: from the second round on, sentences and addresses bear the round's number, so that
whatever remembers texts has new ones to remember.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count, islice
from multiprocessing.connection import Connection
from pathlib import Path

import trafilatura

from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import NoArticle
from aggregator.extract.article import read_page
from aggregator.model import ArticleHints, TaskLimits
from bench.article_data import AnnotatedPage, read_pages

_PAGES = 20_000
_EVERY = 2000  # pages between two looks
_LIMITS = TaskLimits("extract", 1 << 30, wall=timedelta(seconds=60))  # memory as is the default


def resident_mb(pid: int | str = "self") -> float:
    """The memory that a process holds, in MB of 2^20 bytes (Linux); 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def endless(pages: list[AnnotatedPage]) -> Iterator[AnnotatedPage]:
    """``pages`` round and round, each time with other sentences and another address."""
    yield from pages
    for turn in count(2):
        for page in pages:
            html = page.html.replace(". ", f" {turn}. ").replace("</p>", f" {turn}</p>")
            yield replace(page, url=f"{page.url}?turn={turn}", html=html)


def extracted(page: AnnotatedPage) -> int:
    """The characters of the article on ``page``, as a worker finds it."""
    with suppress(NoArticle):
        return len(
            read_page(
                page.html.encode(),
                url=page.url,
                content_type="text/html; charset=utf-8",
                hints=ArticleHints(title=page.title),
            ).article.text
        )
    return 0


def by_trafilatura(page: AnnotatedPage) -> int:
    """The characters that trafilatura finds, with its metadata, images and links."""
    found = trafilatura.extract(
        page.html, url=page.url, include_comments=False,
        with_metadata=True, include_images=True, include_links=True,
    )  # fmt: skip
    return len(found or "")


def _work_alone(end: Connection, work: Callable[[AnnotatedPage], int]) -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    while (page := end.recv()) is not None:
        work(page)
        end.send(resident_mb())


def alone(
    pages: list[AnnotatedPage], total: int, work: Callable[[AnnotatedPage], int] = extracted
) -> Iterator[tuple[int, float]]:
    """Pages done and the memory of the process that did ``work`` on them all."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work_alone, args=(there, work))
    process.start()
    for number, page in enumerate(islice(endless(pages), total), 1):
        here.send(page)
        memory: float = here.recv()
        if number == 1 or number % _EVERY == 0:
            yield number, memory
    here.send(None)
    process.join()


async def recycled(pages: list[AnnotatedPage], total: int) -> None:
    """Print pages done, and the largest worker's memory since the last look: they are replaced between."""
    async with ProcessWorkers(1) as workers:
        most = 0.0
        for number, page in enumerate(islice(endless(pages), total), 1):
            await workers.run(extracted, page, limits=_LIMITS)
            if number % 20 == 0 or number == 1:
                most = max([most, *map(resident_mb, _workers())])
            if number % _EVERY == 0 or number == 1:
                print(f"| {number} | {most:.0f} |", flush=True)
                most = 0.0


def _workers() -> list[int]:
    """The processes that run workers: children of this one's children (the server that forks them)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    return [inner for outer in children.get(os.getpid(), []) for inner in children.get(outer, [])]


def main(folder: Path) -> None:
    """Print the curves over all files of ``folder``, read round and round."""
    pages = [page for file in sorted(folder.glob("*.jsonl.xz")) for page in read_pages(file)]
    if not pages:
        raise SystemExit(f"there are no *.jsonl.xz files in {folder}")
    total = int(os.environ.get("PAGES", _PAGES))
    print(f"{len(pages)} pages, read again until {total} are done")
    for name, work in (("One process, never replaced", extracted), ("trafilatura", by_trafilatura)):
        print(f"\n{name}:\n\n| pages | MB |\n|---|---|", flush=True)
        for number, memory in alone(pages, total, work):
            print(f"| {number} | {memory:.0f} |", flush=True)
    print("\nWorkers:\n\n| pages | most MB since the last line |\n|---|---|", flush=True)
    asyncio.run(recycled(pages, total))
