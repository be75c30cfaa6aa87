"""Addresses of archive pages: ``feeds/all.17-3.atom``, page 3 of the log 17 of the output ``all``.

They stand beside the window's own, in the web and in the folder, with or without a token before them.
A name of an output holds no dot, so that no output's address is a page's.
"""

from __future__ import annotations

import re

from aggregator.model import PageNumber
from aggregator.publish import feed_addresses

_OPEN = "open"
_PAGE = re.compile(
    rf"(?P<name>{feed_addresses.NAME})\.(?P<epoch>[1-9][0-9]{{0,17}})-(?P<number>[1-9][0-9]{{0,17}}|{_OPEN})"
)


def page_file(name: str, page: PageNumber, kind: str) -> str:
    """``all.17-3.atom``: the page of the output ``name`` in the format ``kind``."""
    number = _OPEN if page.number is None else page.number
    return feed_addresses.file_name(f"{name}.{page.epoch}-{number}", kind)


def split_page(stem: str) -> tuple[str, PageNumber] | None:
    """Name of the output and number of the page that ``all.17-3`` says; None for anything else."""
    found = _PAGE.fullmatch(stem)
    if found is None:
        return None
    number = found["number"]
    return found["name"], PageNumber(int(found["epoch"]), None if number == _OPEN else int(number))
