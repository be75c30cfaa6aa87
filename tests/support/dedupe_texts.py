"""Texts of our own for tests of deduplication: words without number, and ways to dress them."""

from __future__ import annotations

import random

from aggregator.dedupe.sketch import Sketch, lines_of, sketch

_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "er")]


def prose(seed: str, count: int = 200) -> str:
    """``count`` words that say nothing; another seed shares no five of them in a row."""
    draw = random.Random(seed)
    said = ["".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4))) for _ in range(count)]
    return " ".join(said)


def paragraphs(seed: str, *sizes: int) -> str:
    """Lines of that many words each."""
    return "\n".join(prose(f"{seed} {n}", size) for n, size in enumerate(sizes))


def sketched(text: str, entry_id: int = 1, feed_id: int = 1, title: str = "") -> Sketch:
    """The sketch of an entry that says ``text``."""
    return sketch(entry_id, feed_id, title, lines_of(text))
