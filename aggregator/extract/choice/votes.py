"""Votes: blocks of a page that stand in a text that someone else chose from it."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from aggregator.extract.page.tree import text_of

_LONG = 25  # letters from which a text is unlikely to stand somewhere by chance
_PIECE = 24  # letters
_REACH = 60  # letters within which the next short block must follow
_MAX_PIECES = 12  # of one block
_SEARCHED = 500_000_000  # letters for all blocks of a page together, and at least for each:
_LEAST_SEARCHED = 20_000
_SEPARATOR = "\ue000"  # of a private use area
# Feeds and pages of one article differ in these.
_TYPOGRAPHIC = str.maketrans({
    **dict.fromkeys("‘’‚‛′`´", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—−", "-"), "…": "...",
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
})  # fmt: skip
# Elements of trafilatura's result that begin a line.
_LINE_TAGS = ("p", "head", "item", "cell", "list", "table", "row", "div")


def squeezed(text: str) -> str:
    """``text`` without white space, of which every extractor has a notion of its own."""
    return "".join(text.split())


def alike(text: str) -> str:
    """Squeezed ``text`` with its case, its quotation marks and dashes made alike, for comparing."""
    folded = text.casefold()
    return folded if folded.isascii() else folded.translate(_TYPOGRAPHIC)


def lines_of(body: etree._Element | None) -> str:
    """The text of trafilatura's result (which is used up): squeezed lines."""
    if body is None:
        return ""
    for element in body.iter(*_LINE_TAGS):
        element.text = _SEPARATOR + (element.text or "")
        element.tail = _SEPARATOR + (element.tail or "")
    return squeezed(text_of(body)).replace(_SEPARATOR, "\n")


def votes(blocks: Sequence[str], chosen: str) -> list[float]:
    """For each of ``blocks`` (squeezed, in document order) the share (0 … 1) that stands in ``chosen``.

    ``chosen`` has squeezed lines. A short block counts only where its turn has come: after the block
    found before it, at the beginning of a line. On huge pages a block is not looked for everywhere.
    """
    found: list[float] = []
    pointer = 0
    reach = max(_LEAST_SEARCHED, _SEARCHED // (len(blocks) or 1))
    for text in blocks:
        if len(text) < _LONG:
            at = chosen.find(text, pointer, pointer + len(text) + _REACH)
            share = float(at >= 0 and (at <= pointer + 1 or chosen[at - 1] == "\n"))
        else:
            at = chosen.find(text, pointer, pointer + reach)
            if at < 0:
                at = chosen.find(text, 0, reach)
            share = 1.0 if at >= 0 else _share(text, chosen, reach // _MAX_PIECES)
        if at >= 0 and share == 1.0:
            pointer = at + len(text)
        found.append(share)
    return found


def _share(text: str, chosen: str, reach: int) -> float:
    step = max(_PIECE, len(text) // _MAX_PIECES)
    pieces = [text[i : i + _PIECE] for i in range(0, len(text) - _PIECE + 1, step)]
    found = sum(chosen.find(piece, 0, reach) >= 0 for piece in pieces)
    return found / len(pieces) if pieces else 0.0
