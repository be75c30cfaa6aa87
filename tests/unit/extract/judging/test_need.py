"""wants_page: which entries' pages are fetched."""

from dataclasses import replace

import pytest

from aggregator.extract.judging.need import (
    FEED_SOURCE,
    feed_is_whole,
    file_type,
    pages_of_several,
    wants_page,
)
from aggregator.model import Entry, ExtractMode

URL = "https://example.org/2026/bridge"
LONG = "<p>" + "The bridge across the river opened on Monday in the rain. " * 40 + "</p>"
MIDDLE = "<p>" + "The bridge across the river opened on Monday in the rain. " * 18 + "</p>"
SHORT = "<p>The bridge across the river opened on Monday.</p>"


def entry(content: str = "", summary: str = "", url: str | None = URL) -> Entry:
    return Entry(identity="a", title="Bridge", url=url, content_html=content, summary_html=summary)


@pytest.mark.parametrize(
    ("content", "summary", "wanted"),
    [
        (LONG, "", False),
        (MIDDLE, "", False),
        ("", MIDDLE, True),  # a description of that length may be a teaser
        ("", LONG, False),
        (SHORT, "", True),
        ("", SHORT, True),
        ("", "", True),
        (LONG + "<p>[&#8230;]</p>", "", True),
        (LONG + "…", "", True),
        (LONG + "<p>(...)</p>", "", True),
        (LONG + '<p><a href="/x">Read more</a></p>', "", True),
        (LONG + "<p>Continue reading at The Daily</p>", "", True),
        (LONG + "<p>Weiterlesen …</p>", "", True),
        (LONG + "<p>続きを読む</p>", "", True),
        (LONG + "<p>Wait … what? It opened.</p>", "", False),
        (LONG + "<p>The post <a>Bridge</a> appeared first on <a>The Daily</a>.</p>", "", False),
        (SHORT + "<p>The post Bridge appeared first on The Daily.</p>", "", True),
        (LONG + "<p>[…]</p><p>The post Bridge appeared first on The Daily.</p>", "", True),
        ("<p>" + "橋が月曜日に開通し数千人が歩いて渡った。" * 20 + "</p>", "", False),
    ],
)
def test_auto_goes_by_the_feeds_own_text(content: str, summary: str, *, wanted: bool) -> None:
    assert wants_page(entry(content, summary), ExtractMode.AUTO) is wanted


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [(ExtractMode.ALWAYS, True), (ExtractMode.NEVER, False), (ExtractMode.AUTO, False)],
)
def test_modes(mode: ExtractMode, *, wanted: bool) -> None:
    assert wants_page(entry(LONG), mode) is wanted


@pytest.mark.parametrize("mode", [ExtractMode.AUTO, ExtractMode.ALWAYS])
@pytest.mark.parametrize(
    "url",
    [
        None, "", "mailto:a@example.org", "ftp://example.org/a", "https://example.org/e/12.mp3",
        "https://example.org/paper.PDF?download=1", "https://example.org/a.zip", "https://example.org/i.jpeg#x",
        "https://example.org/feed.xml", "http://[::1",
    ],
)  # fmt: skip
def test_what_is_no_page_is_never_fetched(url: str | None, mode: ExtractMode) -> None:
    assert not wants_page(entry(url=url), mode)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://example.org/a.html",
        "https://example.org/v1.2",
        "https://example.org/?f=a.pdf",
    ],
)
def test_pages(url: str) -> None:
    assert wants_page(entry(url=url), ExtractMode.AUTO)


PAGE = "page:blocks"


@pytest.mark.parametrize(
    ("sources", "whole"),
    [
        ([], None),
        ([FEED_SOURCE] * 2, None),
        ([FEED_SOURCE] * 3, True),
        ([FEED_SOURCE] * 8 + [PAGE] * 2, True),
        ([FEED_SOURCE] * 5 + [PAGE] * 5, None),
        ([FEED_SOURCE] + [PAGE] * 9, False),
        ([PAGE] * 3, False),
        (["file:application/pdf"] * 9, None),
    ],
)
def test_a_feeds_habit(sources: list[str], whole: bool | None) -> None:
    assert feed_is_whole(sources) is whole


@pytest.mark.parametrize(
    ("content", "feed_whole", "wanted"),
    [
        (SHORT, True, False),
        ("", True, True),
        (SHORT + "<p>[…]</p>", True, True),
        (LONG, False, True),
        (SHORT, None, True),
        (LONG, None, False),
    ],
)
def test_auto_goes_by_the_feeds_habit(content: str, feed_whole: bool, wanted: bool) -> None:
    assert wants_page(entry(content), ExtractMode.AUTO, feed_whole) is wanted


def test_habits_are_checked_now_and_then() -> None:
    entries = [replace(entry(LONG), identity=str(number)) for number in range(400)]
    checked = sum(wants_page(one, ExtractMode.AUTO, feed_whole=True) for one in entries)
    first = sum(wants_page(one, ExtractMode.AUTO) for one in entries)
    assert 10 < checked < 50
    assert 40 < first < 100
    assert not any(wants_page(one, ExtractMode.NEVER, feed_whole=True) for one in entries)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.example/paper.pdf", "application/pdf"),
        ("https://a.example/1.mp3?x=1", "audio/mpeg"),
        ("https://a.example/story", ""),
        ("ftp://a.example/paper.pdf", ""),
        (None, ""),
        ("http://[::1", ""),
    ],
)
def test_files_are_told_by_their_names(url: str | None, kind: str) -> None:
    assert file_type(url) == kind


@pytest.mark.parametrize(
    ("url", "content", "wanted"),
    [
        (f"{URL}#comment-7", SHORT, False),
        (f"{URL}#v2.1", SHORT, False),
        (f"{URL}#comment-7", "", True),  # there is nothing else to show
        (f"{URL}#comment-7", SHORT + "…", True),
        (f"{URL}#spring", SHORT, True),
        (f"{URL}#comments", SHORT, True),
        (f"{URL}#!/1", SHORT, True),
    ],
)
def test_the_page_of_a_part_is_not_wanted_where_the_feed_says_something(
    url: str, content: str, *, wanted: bool
) -> None:
    one = entry(content, url=url)
    assert wants_page(one, ExtractMode.AUTO) is wanted
    assert wants_page(one, ExtractMode.AUTO, feed_whole=False) is wanted
    assert wants_page(one, ExtractMode.ALWAYS)


def test_several_entries_on_one_page_are_its_parts() -> None:
    both = [entry(SHORT, url=f"{URL}#{part}") for part in ("spring", "autumn")]
    pages = pages_of_several([*both, entry(SHORT, url=f"{URL}2#winter"), entry(SHORT)])
    assert pages == {URL}
    assert not any(wants_page(one, ExtractMode.AUTO, None, pages) for one in both)
    assert not pages_of_several([both[0], both[0]])
