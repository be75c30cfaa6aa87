"""Own words of a text: those outside of its quotations and links."""

from __future__ import annotations

import re

from aggregator.sanitize import to_text
from aggregator.text.words import words

# Sanitized HTML has its tags in lower case: to look for any case takes thirty times as long.
_QUOTE = re.compile(r"<(blockquote|q)\b.*?</\1\s*>", re.DOTALL)
_BLOCK = re.compile(r"<blockquote\b[^>]*>(?:\s*<p\b[^>]*>)?")
_BLOCK_END = re.compile(r"(?:</p\s*>\s*)?</blockquote\s*>")
_LINK = re.compile(r"<a\b.*?</a\s*>", re.DOTALL)
# Up to a stop, each character looked at once.
_STRETCH = re.compile(r"[^.!?。！？…\n]++([.!?…])?")
_LETTER = re.compile(r"[^\W\d_]")
_BRIEFEST = 15  # characters of a sentence, from its first letter
_UNSPACED_SENTENCE = re.compile(r"(?<=[\u3040-\u30ff\u3400-\u9fff]{6})[。！？!?]")
_LEAST = 6  # words


def own_words(html: str) -> str:
    """Own words of ``html`` (sanitized), outside of quotations and links, as text; ``""`` for no sentence."""
    said = to_text(_LINK.sub(" ", without_quotes(html)))
    return said if _has_sentence(said) and len(words(said)) >= _LEAST else ""


def without_quotes(html: str) -> str:
    """``html`` (sanitized) without its quotations."""
    return _QUOTE.sub(lambda found: "<br>" if found[1].lower() == "blockquote" else " ", html)


def with_marks(html: str) -> str:
    """``html`` (sanitized) with marks around its block quotations, which its text would not show."""
    if "<blockquote" not in html:
        return html
    return _BLOCK_END.sub(r"”\g<0>", _BLOCK.sub(r"\g<0>“", html))


def quotes(html: str) -> str:
    """The quotations in ``html`` (sanitized), as text."""
    return to_text(" ".join(found[0] for found in _QUOTE.finditer(html)))


def _has_sentence(text: str) -> bool:
    if _UNSPACED_SENTENCE.search(text):
        return True
    return any(
        found[1] and _LETTER.search(text, found.start(), found.start(1) - _BRIEFEST + 1)
        for found in _STRETCH.finditer(text)
    )
