"""Words of a text in any script, for counting and comparing.

Text is compatibility-normalised and case-folded. Scripts written without spaces (Chinese, Japanese,
Thai, Lao, Khmer, Burmese) have no cheap word boundaries; there each character counts as a word.
"""

from __future__ import annotations

import re
import unicodedata

from aggregator.text.stream_safe import stream_safe

# Combining marks are no ``\w``, yet they do not end a word: vowel signs of Arabic, Hebrew and the
# Indic scripts, accents left over by decomposition.
MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u0900-\u0963\u0971-\u0dff\u200c\u200d"
)
# Thai, Lao, Burmese, Khmer, kana, ideographs of all planes.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORDS_A_MINUTE = 230
_CHARACTERS_A_MINUTE = 500
_UNSPACED_WORD = re.compile(f"[{UNSPACED}]")
# Equal where no character of those occurs, and several times as fast; ASCII is faster still.
_SPACED_WORD = re.compile(f"(?:[^\\W_]+|[{MARKS}]+)+")
# In ASCII a word is what stands between blanks once all else is one.
_ASCII_FOLDED = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(0x80))
_WORD = re.compile(f"[{UNSPACED}]|(?:(?![{UNSPACED}_])[\\w{MARKS}])+")


def words(text: str) -> list[str]:
    """The normalised words of ``text`` in order; punctuation and symbols are left out."""
    if text.isascii():
        return text.translate(_ASCII_FOLDED).split()
    plain = unicodedata.normalize("NFKC", stream_safe(text)).casefold()
    return (_WORD if _UNSPACED_WORD.search(plain) else _SPACED_WORD).findall(plain)


def reading_minutes(text: str) -> int:
    """Reading time of ``text`` for a grown-up, in whole minutes; 0 for none.

    230 words a minute (Brysbaert 2019, 238 for non-fiction), 500 characters of scripts without spaces.
    """
    said = words(text)
    unspaced = sum(map(is_unspaced, said))
    minutes = (len(said) - unspaced) / _WORDS_A_MINUTE + unspaced / _CHARACTERS_A_MINUTE
    return max(round(minutes), 1) if said else 0


def is_unspaced(word: str) -> bool:
    """True when ``word``, one of :func:`words`, is a character of a script without spaces."""
    return len(word) == 1 and _UNSPACED_WORD.match(word) is not None


def count_unspaced(words_of_text: str) -> int:
    """Number of the words in ``words_of_text`` (joined by spaces) that :func:`is_unspaced`."""
    return len(_UNSPACED_WORD.findall(words_of_text))
