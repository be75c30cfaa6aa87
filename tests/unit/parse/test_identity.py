"""Identity and content hash: stable where nothing changed, distinct where entries differ."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.model import Details, Enclosure, Entry
from aggregator.parse.feed import parse_feed
from aggregator.parse.identity import content_hash, identity_of, make_distinct

WHEN = datetime(2021, 9, 6, tzinfo=UTC)
FULL = Entry(
    identity="1", title="t", url="https://e.org/1", guid="g", authors=("a",), categories=("c",),
    summary_html="s", content_html="c", enclosures=(Enclosure("https://e.org/x", "a/b", 1),),
    image="https://e.org/i", language="en", published=WHEN, updated=WHEN,
)  # fmt: skip
NOT_SAID = {"identity", "content_hash", "source_digest", "url_key"}
CHANGES: dict[str, Any] = {
    "title": "u", "url": "https://e.org/2", "guid": "h", "authors": ("a", "b"), "categories": (),
    "summary_html": "S", "content_html": "C", "enclosures": (Enclosure("https://e.org/x", "a/b", 2),),
    "image": None, "language": "de", "published": None, "updated": datetime(2022, 1, 1, tzinfo=UTC),
    "details": Details(rights="r"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({f.name for f in fields(Entry)} - NOT_SAID))
def test_every_field_counts_in_the_content_hash(name: str) -> None:
    changed: Entry = replace(FULL, **{name: CHANGES[name]})
    assert content_hash(changed) != content_hash(FULL)
    same = replace(FULL, identity="other", content_hash="x", source_digest="y", url_key=1)
    assert content_hash(same) == content_hash(FULL)


def test_text_moved_from_one_field_to_the_next_changes_the_hash() -> None:
    assert content_hash(Entry("1", summary_html="ab")) != content_hash(
        Entry("1", summary_html="a", content_html="b")
    )
    assert content_hash(Entry("1", authors=("a", "b"))) != content_hash(Entry("1", authors=("ab",)))


@pytest.mark.parametrize(
    ("guid", "url", "wanted"),
    [
        ("abc", "https://e.org/1", "abc"),
        ("/relative?x", None, "/relative?x"),
        (None, "http://e.org/1", "https://e.org/1"),
        (None, "https://e.org/1?utm_source=rss", "https://e.org/1"),
    ],
)
def test_guid_then_link(guid: str | None, url: str | None, wanted: str) -> None:
    assert identity_of(guid, url, "t", "c") == wanted


def test_an_entry_with_nothing_is_known_by_what_it_says() -> None:
    first = identity_of(None, None, "t", "<p>one  two</p>")
    assert first == identity_of(None, None, "t", "<div>one two</div>")
    assert first != identity_of(None, None, "t", "<p>one three</p>")
    assert first.startswith("sha256:")


def test_a_very_long_guid_is_hashed() -> None:
    long, other = "x" * 10_000, "x" * 9_999 + "y"
    assert len(identity_of(long, None, "", "")) < 100
    assert identity_of(long, None, "", "") != identity_of(other, None, "", "")


def entry(
    title: str, url: str | None = None, updated: datetime | None = None, html: str = ""
) -> Entry:
    return Entry("same", title=title, url=url, updated=updated, content_html=html)


def test_the_same_entry_twice_is_one_and_the_newer() -> None:
    old, new = (
        entry("t", "https://e.org/1", WHEN),
        entry("t", "https://e.org/1", datetime(2022, 1, 1, tzinfo=UTC)),
    )
    assert make_distinct([old, new]) == (new,)
    assert make_distinct([new, old]) == (new,)


def test_different_entries_with_one_guid_are_all_kept_whatever_their_order() -> None:
    entries = [
        entry("a", "https://e.org/1"),
        entry("b", "https://e.org/2"),
        entry("c", "https://e.org/3"),
    ]
    forwards = {e.title: e.identity for e in make_distinct(entries)}
    backwards = {e.title: e.identity for e in make_distinct(entries[::-1])}
    fewer = {e.title: e.identity for e in make_distinct(entries[1:])}
    assert len(set(forwards.values())) == 3
    assert forwards == backwards
    assert fewer.items() <= forwards.items()


def test_one_guid_and_link_for_all_are_told_apart_by_title_then_text() -> None:
    same_link = make_distinct([entry("a", "https://e.org/"), entry("b", "https://e.org/")])
    assert len({e.identity for e in same_link}) == 2
    nothing_else = make_distinct([entry("", html="x"), entry("", html="y"), entry("", html="x")])
    assert len({e.identity for e in nothing_else}) == 2


def test_a_guid_that_imitates_a_suffix_makes_no_duplicate() -> None:
    first, second = make_distinct([entry("a", "https://e.org/1"), entry("b", "https://e.org/2")])
    thief = Entry(second.identity, title="x")
    found = make_distinct([entry("a", "https://e.org/1"), entry("b", "https://e.org/2"), thief])
    assert len({e.identity for e in found}) == len(found)
    assert first.identity in {e.identity for e in found}


DOCUMENT = b"""<rss version="2.0"><channel><item><title>t</title><guid>1</guid><description>&lt;p id=x&gt;
&lt;a href="/x"&gt;y&lt;/a&gt;&lt;video src=/v controls loop&gt;&lt;/video&gt;&lt;iframe src="https://www.youtube.com/embed/x"
width=1 height=2&gt;&lt;/iframe&gt;&lt;/p&gt;</description></item></channel></rss>"""
_SCRIPT = f"""
from aggregator.parse.feed import parse_feed
print(parse_feed({DOCUMENT!r}, url="https://e.org/f").entries[0].content_hash)
"""


def test_the_hash_is_the_same_in_every_process() -> None:
    here = parse_feed(DOCUMENT, url="https://e.org/f").entries[0].content_hash
    for seed in ("1", "2", "3"):
        result = subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        )
        assert result.stdout.strip() == here
