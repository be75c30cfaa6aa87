"""Words and regular expressions over titles and texts, for those who write no expressions. Pure.

Regular expressions are RE2's, which take time in proportion to the text, whatever is in them. Not every
platform has it: there words do without.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any, Final, Protocol

from aggregator.text.stream_safe import stream_safe
from aggregator.text.words import MARKS, UNSPACED

LONGEST: Final = 500  # characters of a word or an expression
LONGEST_TEXT: Final = 100_000  # characters of a text that are looked at
_MEMORY: Final = 4 << 20  # of a compiled expression
_MOST_REPEATED: Final = 100
_AT_ONCE: Final = 4096
_PIECE: Final = re.compile(
    r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\{(\d{1,4})(?:,(\d{0,4}))?\}|.",
    re.DOTALL,
)
_FLAGGED: Final = re.compile(r"/(.+)/([imsU]{1,4})", re.DOTALL)
_MISSING: Final = (
    "words: regular expressions need the package google-re2, which is not installed "
    "(pip install 'aggregator[expressions]')"
)
_SIGN_OF_WORD: Final = f"(?:(?![{UNSPACED}_])[\\w{MARKS}])"
_OF_WORDS: Final = re.compile(_SIGN_OF_WORD)


class WordRule(Protocol):
    """A word or an expression that occurs in a text, or does not."""

    @property
    def said(self) -> str:
        """The rule as the operator wrote it."""

    def place_in(self, text: SearchedText) -> str:
        """``title`` or ``text``, where it occurs first; empty: in neither."""


class SearchedText:
    """A title and a text, made ready once for all rules."""

    def __init__(self, title: str, text: str) -> None:
        self._parts = {"title": title[:LONGEST_TEXT], "text": text[:LONGEST_TEXT]}

    @cached_property
    def folded(self) -> dict[str, str]:
        """Forms of them without case, compatibility forms and more than one blank in a row."""
        return {name: folded(part) for name, part in self._parts.items()}

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """Bytes of them as they are, in UTF-8."""
        return {name: part.encode("utf-8", "replace") for name, part in self._parts.items()}


@dataclass(frozen=True, slots=True)
class Words:
    """Words in a row, whatever their case; in scripts without spaces, characters in a row."""

    said: str
    _folded: str
    _pattern: re.Pattern[str]

    def place_in(self, text: SearchedText) -> str:
        """``title`` or ``text``, where they occur first as whole words; empty: in neither."""
        return next((n for n, part in text.folded.items() if self._stands_in(part)), "")

    def _stands_in(self, part: str) -> bool:
        # Looking for the characters is fastest; a text full of longer words is left to the pattern.
        at = part.find(self._folded)
        return at >= 0 and self._pattern.search(part, at) is not None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    said: str
    _compiled: Any

    def place_in(self, text: SearchedText) -> str:
        """``title`` or ``text``, where something fits it first; empty: in neither."""
        return next((n for n, part in text.encoded.items() if self._compiled.search(part)), "")


@lru_cache(maxsize=4096)
def word_rule(said: str) -> WordRule:
    """The rule that is written as ``said``: words, or a regular expression between slashes.

    Raises ``ValueError`` whose text is what was expected.
    """
    if len(said) > LONGEST:
        raise ValueError(f"words or a /regular expression/ of at most {LONGEST} characters")
    if said.startswith("/") and said.endswith("/") and len(said) > 1:
        return Pattern(said, _compiled(said[1:-1]))
    if said.startswith("/") and len(said) > 1:
        raise ValueError(_instead_of(said))
    plain = folded(said).strip()
    if not plain:
        raise ValueError("a word, or a regular expression between slashes such as `/(?i)sqlite/`")
    return Words(said, plain, _whole(plain))


def _instead_of(said: str) -> str:
    """The way to write what begins with a slash, and does not end with one."""
    flagged = _FLAGGED.fullmatch(said)
    if flagged is not None:
        return f"the letters of a regular expression within it: `/(?{flagged[2]}){flagged[1]}/`"
    return f"a regular expression between two slashes: `{said}/`, or `/\\{said}/` for what begins with one"


def _compiled(pattern: str) -> Any:
    engine = _engine()
    if not pattern:
        raise ValueError("a regular expression between the slashes")
    if engine is None:
        raise ValueError(_MISSING)
    if _repeated(pattern) > _MOST_REPEATED:
        raise ValueError(f"repetitions within each other of at most {_MOST_REPEATED} in all")
    options = engine.Options()
    options.log_errors, options.max_mem = False, _MEMORY
    try:
        return engine.compile(pattern.encode(), options)
    except engine.error as error:
        said = error.args[0] if error.args else b""
        detail = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"a regular expression as RE2 knows it ({detail[:100]})") from None
    except UnicodeEncodeError:
        raise ValueError("a regular expression of whole characters") from None


def _repeated(pattern: str) -> int:
    """The largest product of counted repetitions within each other, which cost so much a character."""
    inside, most, last = [1], 1, 1  # of each group that is open; and of what the next count repeats
    for piece in _PIECE.finditer(pattern):
        said = piece[0]
        if said == "(":
            inside.append(1)
        elif said == ")" and len(inside) > 1:
            last = inside.pop()
            inside[-1] = max(inside[-1], last)
        elif piece[1]:
            count = int(piece[2] or piece[1])
            last *= count
            inside[-1] = max(inside[-1], last)
            most = max(most, last if last != count else 1)  # a count by itself is cheap
        else:
            last = 1
    return most


@lru_cache(maxsize=1)
def _engine() -> ModuleType | None:
    try:
        import re2  # noqa: PLC0415 - there may be none
    except ImportError:
        return None
    module: ModuleType = re2
    return module


def folded(text: str) -> str:
    """``text`` as words are compared."""
    if not text.isascii():
        text = "".join(_plain(stream_safe(text)))[:LONGEST_TEXT].casefold()
        # Folding may take marks apart: "ǰ" is one character only after it.
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.lower().split())


def _plain(text: str) -> Iterator[str]:
    """Pieces of ``text`` without compatibility forms, of which one character may become eighteen."""
    made = 0
    for at in range(0, len(text), _AT_ONCE):
        if made >= LONGEST_TEXT:
            return
        piece = unicodedata.normalize("NFKC", text[at : at + _AT_ONCE])
        made += len(piece)
        yield piece


def _whole(words: str) -> re.Pattern[str]:
    """A pattern of ``words`` where no word goes on at either end of them."""
    left = f"(?<!{_SIGN_OF_WORD})" if _is_of_word(words[0]) else ""
    right = f"(?!{_SIGN_OF_WORD})" if _is_of_word(words[-1]) else ""
    return re.compile(left + re.escape(words) + right)


def _is_of_word(sign: str) -> bool:
    """True for letters, digits and marks of scripts that have spaces between words."""
    return _OF_WORDS.match(sign) is not None
