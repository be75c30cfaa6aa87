"""What rendering an output costs of whose 1,000 items 3 change: with and without what is remembered.

CPU of this process for a rendering in each format and for its compression, and how large the whole is
when it is compressed in parts.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from aggregator.demo.prose import write
from aggregator.model import Item, OutputFeed
from aggregator.publish.compression import Parts
from aggregator.publish.formats import FORMATS
from aggregator.publish.fragments import Fragments
from aggregator.publish.render import pack, render
from tests.support.published import source
from tests.support.storage import NOW

ITEMS, CHANGED, ROUNDS = 1000, 3, 5
_VOICES = (("en", "town"), ("en", "software"), ("de", "town"))


def main() -> None:
    """Print CPU of a rendering and of its compression in each format."""
    made = list(windows())
    print(f"{ITEMS} items, {CHANGED} of them new or other; ms of CPU, without memory and with")
    spent = [0.0, 0.0]
    for kind in FORMATS:
        for what, pair in _measured(kind, made):
            found = _cpu(pair[0]), _cpu(pair[1])
            spent = [spent[0] + found[0], spent[1] + found[1]]
            print(f"  {kind + ' ' + what:20}{found[0]:8.1f}{found[1]:8.1f}")
        body = render(made[0], kind)
        whole, packed = len(gzip.compress(body, 6)), len(pack("all", kind, body, NOW).gzip)
        print(
            f"  {kind} in parts is {packed / whole:.3f} times as large as the whole, {packed:,} bytes"
        )
    print(f"  {'all':20}{spent[0]:8.1f}{spent[1]:8.1f}")


Work = Callable[[int], object]


def _measured(kind: str, windows: Sequence[OutputFeed]) -> Iterator[tuple[str, tuple[Work, Work]]]:
    """What is done with the n-th window, without memory and with it."""
    bodies = [render(one, kind) for one in windows]
    fragments, parts = Fragments(64 << 20), Parts(16 << 20)
    yield (
        "written",
        (lambda n: render(windows[n], kind), lambda n: render(windows[n], kind, fragments)),
    )
    yield (
        "compressed",
        (
            lambda n: gzip.compress(bodies[n], 6, mtime=0),
            lambda n: pack("all", kind, bodies[n], NOW, parts=parts),
        ),
    )


def _cpu(work: Work) -> float:
    """Milliseconds of CPU for one of the windows after the first, as a mean."""
    work(0)
    before = time.process_time()
    for n in range(1, ROUNDS + 1):
        work(n)
    return 1000 * (time.process_time() - before) / ROUNDS


def windows() -> Iterator[OutputFeed]:
    """A window, and those after it: two items are new, two have left, and one is another."""
    items = [_item(n) for n in range(ITEMS, 0, -1)]
    for n in range(ROUNDS + 1):
        news = [_item(ITEMS + 2 * n), _item(ITEMS + 2 * n - 1)] if n else []
        items = [*news, *items][:ITEMS]
        items[500 + n] = replace(items[500 + n], title=f"Another title {n}")
        # As they come from the database: equal, but not the same.
        loaded = tuple(replace(one, content_html=f"{one.content_html} "[:-1]) for one in items)
        yield OutputFeed("all", "All", "", "https://me.example", loaded, NOW)


def _item(number: int) -> Item:
    language, theme = _VOICES[number % len(_VOICES)]
    prose = write(language, theme, str(number))
    moment = NOW + timedelta(minutes=number)
    return Item(
        id=f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        title=prose.title,
        url=f"https://pages.example/{number}",
        content_html="".join(f"<p>{one}</p>\n" for one in prose.paragraphs),
        summary=prose.summary,
        published=moment,
        updated=moment,
        source=source("Example", "https://e.example/feed", "https://e.example/"),
        authors=(prose.author,),
        categories=prose.tags,
        language=language,
    )
