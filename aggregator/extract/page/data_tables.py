"""Tables that hold data, and those that only lay a page out."""

from __future__ import annotations

from lxml.html import HtmlElement

_LAYOUT_ROLES = frozenset({"presentation", "none"})
_SECTIONS = ("h1", "h2", "h3", "article", "section", "form")
_MAX_PARAGRAPHS = 2  # in one cell; more are text, not data


def is_layout(table: HtmlElement) -> bool:
    """True for a ``table`` that lays out its contents, like a box, and says nothing by its rows."""
    if (table.get("role") or "") in _LAYOUT_ROLES:
        return True
    nested = any(inner is not table for inner in table.iter("table"))
    if nested or is_numbered_code(table):
        return True
    if next(table.iter("th", "caption", "thead"), None) is not None:
        return False
    if next(table.iter(*_SECTIONS), None) is not None:
        return True
    widest = max((sum(1 for _ in row.iterchildren("td")) for row in table.iter("tr")), default=0)
    if widest < 2:
        return True
    return any(
        sum(1 for _ in cell.iterchildren("p")) > _MAX_PARAGRAPHS for cell in table.iter("td")
    )


def is_numbered_code(table: HtmlElement) -> bool:
    """True for a ``table`` of code with its line numbers in a column of their own."""
    rows = list(table.iter("tr"))
    return len(rows) == 1 and sum(1 for _ in table.iter("pre")) in {1, 2}


def is_line_numbers(pre: HtmlElement) -> bool:
    """True for a ``pre`` with nothing but the numbers 1, 2, 3 … of lines beside it."""
    numbers = "".join(map(str, pre.itertext())).split()
    return numbers == [str(n) for n in range(1, len(numbers) + 1)] and any(
        cell.tag == "td" for cell in pre.iterancestors()
    )
