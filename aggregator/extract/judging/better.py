"""Choose between the stored text of a page and a later one."""

from __future__ import annotations

_MUCH_SHORTER, _SHORTER = 0.6, 0.8  # of the stored text's length
_MUCH_SURER = 0.2
_LESS_SURE, _HARDLY_SURE = 0.1, 0.3
_DOUBTED = 0.5  # a confidence below it
_MUCH_LONGER = 2


def why_worse(stored: int, stored_confidence: float | None, new: int, new_confidence: float) -> str:
    """Reason not to replace a text of ``stored`` characters by one of ``new``, ``""`` for none.

    Pages turn into teasers, walls, stubs and other pages; what they once gave is kept. A text much shorter
    than the stored one must be much surer than it, one that is somewhat shorter about as sure, and no
    doubted text replaces one that is far surer, unless it is at least twice as long.
    """
    before = stored_confidence or 0
    if not stored:
        return ""
    if new < stored * _MUCH_SHORTER and (not new or new_confidence < before + _MUCH_SURER):
        return f"the page now gives {new} characters; the {stored} that it gave before are kept"
    loss = before - new_confidence
    if new < stored * _SHORTER and loss >= _LESS_SURE:
        return (
            f"the page now gives {new} characters, less surely (confidence {new_confidence}); "
            f"the {stored} that it gave before are kept"
        )
    doubted = new_confidence < _DOUBTED and loss >= _HARDLY_SURE
    if doubted and new < stored * _MUCH_LONGER:
        return (
            f"the page now gives another text (confidence {new_confidence}); "
            f"the one that it gave before ({before}) is kept"
        )
    return ""
