"""Which of two texts of one page is to be kept: the one that is stored, or a later one."""

from __future__ import annotations

_MUCH_SHORTER = 0.6
_MUCH_SURER = 0.2
_SHORT = 200  # characters; what is shorter was hardly a text


def why_worse(stored: int, stored_confidence: float | None, new: int, new_confidence: float) -> str:
    """Why a text of ``new`` characters must not replace one of ``stored``, ``""`` when it may.

    Pages turn into teasers, walls and stubs; what they once gave is kept. A text much shorter than
    the stored one must be much surer than it.
    """
    if stored < _SHORT or new >= stored * _MUCH_SHORTER:
        return ""
    if new and new_confidence >= (stored_confidence or 0) + _MUCH_SURER:
        return ""
    return f"the page now gives {new} characters; the {stored} that it gave before are kept"
