"""The article's text as scripts of its page hold it, for pages that show but a piece of it.

JSON-LD has an ``articleBody``; frameworks embed what they draw the page from as JSON. Both lack markup
and may say something else, so they stand in only where the page itself says much less of the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape

from lxml.html import HtmlElement

from aggregator.extract.choice.votes import squeezed, votes
from aggregator.extract.judging.page_state import states
from aggregator.extract.judging.state_prose import prose_of
from aggregator.extract.page.json_ld import is_article, schema_nodes
from aggregator.sanitize import to_text

JSON_LD_SOURCE, EMBEDDED_SOURCE = "page:json-ld", "page:embedded"
_MUCH_MORE = 1.5  # times the letters of what the page shows
_LEAST = 600  # letters of an article that is worth it
_LITTLE = 2000  # letters; a page that shows more needs no rescue
_AGREES = 0.5  # share of what is shown or described that the other text must have
_TRIED = 8
_LINES = re.compile(
    r"\s*\n\s*|</(?:p|h[1-6]|li|blockquote|div)>|<br\s*/?>\s*<br\s*/?>", re.IGNORECASE
)
# Many write paragraphs without anything between them.
_SENTENCES = re.compile(r"(?<=[a-z][.!?])(?=[A-Z“])|(?<=[a-z][.!?][”\"])(?=[A-Z“])")


@dataclass(frozen=True, slots=True)
class Rescued:
    """Paragraphs of plain text, and the source they are said to come from."""

    paragraphs: tuple[str, ...]
    source: str

    @property
    def text(self) -> str:
        """One line per paragraph."""
        return "\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        """The paragraphs as HTML."""
        return "".join(f"<p>{escape(text, quote=False)}</p>" for text in self.paragraphs)


def rescue(tree: HtmlElement, shown: str, body: str, described: Sequence[str]) -> Rescued | None:
    """A longer text of the article whose page gave the lines ``shown``; None when there is none.

    ``body`` is what JSON-LD says (see :class:`~aggregator.extract.page.metadata.Metadata`); ``described``
    are summaries of the article. A longer text must have half of what is shown, or of a summary.
    """
    size = len(squeezed(shown))
    if size >= _LITTLE:
        return None
    if len(squeezed(body)) >= max(_LEAST, _MUCH_MORE * size):
        found = _best(map(_paragraphs, _linked(tree)))
        if _is_better(found, shown, described):
            return Rescued(found, JSON_LD_SOURCE)
    for found in _longest(_embedded(tree)):
        if _is_better(found, shown, described):
            return Rescued(found, EMBEDDED_SOURCE)
    return None


def _is_better(found: Sequence[str], shown: str, described: Sequence[str]) -> bool:
    text, lines = squeezed("".join(found)), [squeezed(line) for line in shown.split("\n")]
    size = sum(map(len, lines))
    if len(text) < max(_LEAST, _MUCH_MORE * size):
        return False
    shares = votes(lines, text)
    same = sum(share * len(line) for share, line in zip(shares, lines, strict=True))
    if size and same >= _AGREES * size:
        return True
    told = [squeezed(summary) for summary in described]
    return any(share >= _AGREES for share in votes([said for said in told if len(said) > 40], text))


def _best(candidates: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return max(candidates, key=lambda paragraphs: sum(map(len, paragraphs)), default=())


def _longest(candidates: Iterator[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The longest first: terms of use and other articles may be longer than what is looked for."""
    sized = [(sum(map(len, one)), one) for one in candidates]
    return [
        one for size, one in sorted(sized, key=lambda pair: -pair[0])[:_TRIED] if size >= _LEAST
    ]


def _paragraphs(body: str) -> tuple[str, ...]:
    parts = _LINES.split(body)
    if len(parts) == 1:
        parts = _SENTENCES.split(body)
    texts = (to_text(part) if "<" in part else unescape(part) for part in parts)
    return tuple(line for text in texts if (line := " ".join(text.split())))


def _linked(tree: HtmlElement) -> Iterator[str]:
    for node in schema_nodes(tree):
        body = node.get("articleBody")
        if is_article(node) and isinstance(body, str):
            yield unescape(body)


def _embedded(tree: HtmlElement) -> Iterator[tuple[str, ...]]:
    """For each list, and each long string, in the page's state the prose in it."""
    strings: list[str] = []
    for document in states(tree):
        for found, is_whole in prose_of(document):
            if is_whole:
                strings += found
            else:
                yield found
    for text in sorted(strings, key=len, reverse=True)[:_TRIED]:
        yield _paragraphs(unescape(text) if "&lt;" in text and "</p>" not in text else text)
