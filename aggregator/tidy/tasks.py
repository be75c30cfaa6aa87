"""Boxes of lists of tasks: what is done, and what is not."""

from __future__ import annotations

from collections.abc import Mapping

from lxml.html import HtmlElement

DONE, OPEN = "☑ ", "☐ "
_WRAPPERS = frozenset({"label", "p", "span"})  # between an item and its box


def task_sign(attributes: Mapping[str, str], *, begins_item: bool) -> str:
    """The sign for an ``<input>`` that is the box of a task, ``""`` for any other.

    One that nobody can tick, or that ``begins_item`` of a list: style sheets unfold notes with boxes, too.
    """
    if attributes.get("type", "").strip().lower() != "checkbox":
        return ""
    if not begins_item and "disabled" not in attributes:
        return ""
    return DONE if "checked" in attributes else OPEN


def begins_item(box: HtmlElement) -> bool:
    """True where nothing stands before ``box`` in its item of a list."""
    element = box
    while element.getprevious() is None:
        parent = element.getparent()
        if parent is None or (parent.text and not parent.text.isspace()):
            return False
        if parent.tag == "li":
            return True
        if parent.tag not in _WRAPPERS:
            return False
        element = parent
    return False
