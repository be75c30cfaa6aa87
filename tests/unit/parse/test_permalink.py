"""Linkblogs' permalinks: where an entry is at home whose link leads elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import FurtherLink, Relation
from aggregator.parse.feed import parse_feed
from aggregator.parse.permalink import permalink

HOME = "https://blog.example/"
HERE = "https://blog.example/linked/77"
OUT = "https://paper.example/story"
SAID = "<p>This is exactly what I said in March, and nobody listened.</p>"
QUOTE = f"<blockquote><p>The sluices were opened on Monday.</p></blockquote>{SAID}"
SPOKEN = f'<p><a href="{OUT}">The sluices</a>: this is exactly what I said in March, and nobody listened.</p>'


@pytest.mark.parametrize(
    ("html", "named"),
    [
        (QUOTE, [HERE]),
        (SPOKEN, [None, "tag:blog.example,2026:77", HERE]),
        (f'{SAID}<p><a href="{HERE}">★</a></p>', []),
        (f'{SAID}<p><a href="{HERE}" title="Permanent link">&nbsp;∞&nbsp;</a></p>', ["x"]),
        (f'{SAID}<a href="{HERE}">Permalink</a>', [OUT]),
    ],
)
def test_told(html: str, named: list[object]) -> None:
    assert permalink(OUT, html, HOME, named) == HERE


@pytest.mark.parametrize(
    ("link", "html", "site", "named"),
    [
        (OUT, SAID, HOME, [HERE]),  # a guid of before the site moved
        (OUT, QUOTE, HOME, [HOME]),
        (OUT, QUOTE, HOME, ["https://other.example/linked/77"]),
        (OUT, "<blockquote>The sluices were opened.</blockquote>", HOME, [HERE]),
        (OUT, f'<a href="{HERE}">Comments</a> Points: 5', HOME, [HERE]),
        (OUT, f'{SAID}<a href="{HERE}">Our report of March</a>', HOME, []),
        ("https://www.blog.example/a", QUOTE, HOME, [HERE]),
        (OUT, QUOTE, None, [HERE]),
        (None, QUOTE, HOME, [HERE]),
    ],
)
def test_not_told(link: str | None, html: str, site: str | None, named: list[object]) -> None:
    assert permalink(link, html, site, named) is None


def test_an_atom_entry_is_at_home_and_speaks_of_its_link() -> None:
    feed = parse_feed(
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>B</title><link href='{HOME}'/><entry><title>Sluices</title><id>tag:blog.example,2026:77</id>"
        f"<link rel='alternate' href='{OUT}'/><link rel='related' href='{HERE}'/><content type='html'><![CDATA[{QUOTE}]]></content></entry></feed>".encode(),
        url="https://blog.example/feed",
    )
    (entry,) = feed.entries
    assert entry.url == HERE
    assert FurtherLink(Relation.RELATED, OUT) in entry.details.links
    assert HERE not in [link.url for link in entry.details.links]


@given(st.text(max_size=200), st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=3))
def test_anything_gives_a_page_of_the_site_or_none(html: str, named: list[object]) -> None:
    found = permalink(OUT, html, HOME, named)
    assert found is None or "blog.example" in found
