"""What an expression costs, asked about a story: CPU beside that of a loop of fixed work.

``fresh`` makes the story's fields ready for one expression, ``shared`` asks 50 of one story, as outputs do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from aggregator.model import Entry
from aggregator.select.expressions import Context, Expression, compile_expression
from aggregator.select.sieve import FeedWords, Sieve
from aggregator.select.story_fields import Phase, StoryFields
from bench.outputs import calibration

MOST_US = 20.0  # a story and output, without a regular expression
_ROUNDS, _SHARED = 2000, 50
_NOW = datetime(2026, 11, 2, tzinfo=UTC)
_STORY = StoryFields(
    title="Several servers were moved to another rack",
    author="Jane Doe",
    url="https://www.example.org/news/servers",
    domain="example.org",
    feed="Example News",
    feed_id="https://example.org/feed",
    categories=("Tech", "Hardware", "News"),
    tags=("work",),
    published=_NOW,
    discovered=_NOW,
    text="Nobody had expected that any of them would be moved again. " * 100,
    words=1100,
    language="en",
    sources=2,
)
_TOLD = {
    "contains": 'title.contains("sponsored")',
    "numbers": "words > 150 && sources >= 2",
    "lists": '"Tech" in categories && words > 150 && language in ["en", "de"]',
    "exists": '!(title.contains("sponsored") || categories.exists(c, c == "Deals"))',
    "text": '!text.contains("kubernetes")',
    "regex": r'!text.matches("(?i)\\bkubernetes\\b")',
}


def main() -> None:
    """Print microseconds of CPU, and what is held to."""
    print(f"calibration: {1000 * calibration():.0f} ms for 200,000 digests")
    held = True
    for name, text in _TOLD.items():
        expression = compile_expression(text, Phase.STORY)
        fresh = _spent(lambda one=expression: one.accepts(Context(_STORY)))  # type: ignore[misc]
        shared = _spent(lambda one=expression: _shared(one)) / _SHARED  # type: ignore[misc]
        print(f"{name:10} fresh {fresh:6.1f} µs, shared {shared:6.1f} µs")
        held = held and (name == "regex" or shared <= MOST_US)
    sieve = Sieve(
        FeedWords("https://example.org/feed"), compile_expression(_TOLD["contains"], Phase.FEED)
    )
    entry = Entry("1", "Several servers", "https://www.example.org/1", categories=("Tech",))
    print(
        f"an entry judged by its feed's filter: {_spent(lambda: sieve.judge(entry, _NOW)):.1f} µs"
    )
    print(
        f"at most {MOST_US:.0f} µs a story and output without regular expression: {'yes' if held else 'NO'}"
    )


def _shared(expression: Expression) -> None:
    context = Context(_STORY)
    for _ in range(_SHARED):
        expression.accepts(context)


def _spent(work: Callable[[], object]) -> float:
    """Microseconds of CPU for one time, the best of five rounds."""
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        for _ in range(_ROUNDS // 10):
            work()
        best = min(best, time.process_time() - begun)
    return best * 1e6 / (_ROUNDS // 10)
