"""The table of ``aggregator status``."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from aggregator.cli.status import _show_feeds
from aggregator.model import FeedStatus

NOW = datetime.now(UTC)
LONG = "HTTP status 500 (it is a long story that has to be wrapped, for eighty columns are few)"


def feed(title: str, url: str, error: str | None = None) -> FeedStatus:
    return FeedStatus(
        url,
        url,
        title,
        "News and much else",
        "failed" if error else "updated",
        error,
        failures=3 if error else 0,
        last_poll=NOW,
        next_poll=NOW,
        entries=12_345,
        categories=("News and much else",),
    )


FEEDS = [
    feed(
        "日本語 [b]x[/b]", "https://u:secret@a.example/feed", f"https://***@a.example/feed: {LONG}"
    ),
    feed("https://b.example/feed", "https://b.example/feed", "NotAFeed: it is a web page"),
    feed("C", "https://c.example/feed", "NotAFeed: it is a web page"),
    feed("D", "https://d.example/feed"),
]


def shown(width: int, *, terminal: bool) -> list[str]:
    out = StringIO()
    _show_feeds(Console(file=out, width=width, force_terminal=terminal, color_system=None), FEEDS)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_errors_stand_below_their_feed_and_have_the_whole_width(width: int) -> None:
    lines = shown(width, terminal=True)
    assert all(cell_len(line) <= width for line in lines)
    below = " ".join(line.strip() for line in lines[2:4])
    if width == 80:
        assert below == f"https://***@a.example/feed: 3x {LONG}"
    assert "  3x NotAFeed: it is a web page" in lines  # its title is its address
    assert "  https://c.example/feed: 3x NotAFeed: it is a web page" in lines
    at = {line.find("12345") for line in lines if "12345" in line}
    assert len(at) <= 2  # of a wide character a cell is two columns
    assert "secret" not in "".join(lines)


def test_an_error_is_one_line_where_it_is_no_terminal() -> None:
    assert f"  https://***@a.example/feed: 3x {LONG}" in shown(60, terminal=False)
