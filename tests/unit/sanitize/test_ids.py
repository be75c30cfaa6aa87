"""Ids of two entries on one page of a reader."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sanitize import clean_html, with_own_ids

BASE = "https://example.org/1"
NOTE = '<p>Text<sup id="fnref:1"><a href="#fn:1">1</a></sup></p><p id="fn:1"><a href="#fnref:1">^</a></p>'


def _ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]+)"', html)


def test_two_entries_with_the_same_footnotes_have_no_id_in_common() -> None:
    first, second = (with_own_ids(clean_html(NOTE, BASE), owner) for owner in ("urn:1", "urn:2"))
    assert not set(_ids(first)) & set(_ids(second))
    for html in (first, second):
        assert sorted(re.findall(r'href="#([^"]+)"', html)) == sorted(_ids(html))
    assert first == with_own_ids(clean_html(NOTE, BASE), "urn:1")


def test_cells_name_the_headers_of_their_own_table() -> None:
    table = "<table><tr><th id=a>x<th id=entry-b>x<td headers='a entry-b'>y</table>"
    html = with_own_ids(clean_html(table, BASE), "urn:1")
    headers = re.search(r'headers="([^"]+)"', html)
    assert headers is not None
    assert headers[1].split() == _ids(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>plain</p>",
        '<pre>&lt;p id="entry-x"&gt; and headers="entry-x"</pre>',
        '<p title="id=&quot;entry-x&quot;">&lt;a href="#entry-x"&gt;</p>',
        '<a href="https://example.org/2#entry-x" rel="noopener noreferrer">x</a>',
    ],
)
def test_what_only_looks_like_an_id_stays(html: str) -> None:
    assert clean_html(html, BASE) == html
    assert with_own_ids(html, "urn:1") == html


@given(st.text(alphabet='<>="# aidhrefentry-x&;/', max_size=60))
def test_whatever_is_marked_stays_clean(text: str) -> None:
    marked = with_own_ids(clean_html(f"{text}<p id=x>", BASE), "urn:1")
    assert clean_html(marked, BASE) == marked
