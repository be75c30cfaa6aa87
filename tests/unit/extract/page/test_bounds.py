"""What costs libraries more than linear time is bounded before they see it: long tags, cells that span many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from aggregator.extract.page.bounds import with_small_tags
from aggregator.extract.page.json_ld import schema_nodes
from aggregator.extract.page.tree import parse_page

LONG = "x" * 70_000


def test_ordinary_pages_are_left_alone() -> None:
    page = f'<p class="a" title=\'b > c\'>One <b>two</b></p><script>if (a<b) "{LONG}"</script>'
    assert with_small_tags(page) == page


def test_of_thousands_of_attributes_some_are_left() -> None:
    many = " ".join(f"a{i}=1" for i in range(10_000))
    root = html.fragment_fromstring(with_small_tags(f'<div class="b" {many}>One</div>'))
    assert len(root.attrib) == 64
    assert (root.get("class"), root.get("a1"), root.text) == ("b", "1", "One")


def test_attributes_that_hide_the_end_of_their_tag_are_counted() -> None:
    many = " ".join(f'a{i}=">"' for i in range(60_000))
    assert len(html.fragment_fromstring(with_small_tags(f"<div {many}>One</div>")).attrib) == 64


def test_a_huge_value_goes_and_the_others_stay() -> None:
    page = f"<img src='data:{LONG}' data-src=\"/a.jpg\" alt='a \"pier\"'><p>One</p>"
    root = html.fragment_fromstring(with_small_tags(page), create_parent="div")
    assert dict(root[0].attrib) == {"data-src": "/a.jpg", "alt": 'a "pier"'}
    assert root[1].text == "One"


def test_a_tag_without_an_end_is_left_alone() -> None:
    page = f'<p>One</p><a title="{LONG}'
    assert with_small_tags(page) == page


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("<!--", "-->"),
        (" // <![CDATA[\n", "\n// ]]>\n"),
        ("/* <![CDATA[ */", "/* ]]> */"),
        ("", ""),
    ],
)
def test_what_stands_around_json_ld_is_taken_off(opened: str, closed: str) -> None:
    """And many spaces in it, each of which might have begun an end, cost nothing."""
    wide = '{"@type": "Article",' + " " * 400_000 + '"name": "One"}'
    page = f'<script type="application/ld+json">{opened}{wide}{closed}</script>'
    assert [node["name"] for node in schema_nodes(parse_page(page))] == ["One"]


@given(
    st.lists(
        st.sampled_from(["<a ", "<p", ">", "b='", "'", '"', 'c="', "=", " ", "<", "x" * 5000, "/"]),
        max_size=30,
    ).map("".join)
)
def test_any_text_grows_by_no_more_than_quotes(text: str) -> None:
    small = with_small_tags(f"<p>One</p>{text}")
    assert small.startswith("<p>One</p>")
    attributes = 64 * text.count("<")  # written in quotes, with a value
    assert len(small) <= len("<p>One</p>") + len(text) + 6 * text.count('"') + 4 * attributes


def test_cells_that_span_too_many_places_span_one() -> None:
    cell = "<td rowspan=60000 colspan={}>One</td>"
    kept = parse_page("<table><tr><td rowspan=2 colspan=' 3 '>One</td></tr></table>")
    assert [dict(td.attrib) for td in kept.iter("td")] == [{"rowspan": "2", "colspan": " 3 "}]
    for colspan in ("1000", "9999999", "٣"):
        page = f"<table><tr><td colspan=2>Two</td>{cell.format(colspan)}</tr></table>"
        assert all(not td.attrib for td in parse_page(page).iter("td"))
