"""blocks_of: every visible character stands in exactly one block, in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.page.blocks import INVISIBLE_TAGS, blocks_of
from aggregator.extract.page.tree import parse_page


def _texts(html: str) -> list[str]:
    return [block.text for block in blocks_of(parse_page(f"<html><body>{html}</body></html>"))]


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        pytest.param("<p>one</p><p>two</p>", ["one", "two"], id="paragraphs"),
        pytest.param(
            "<div>a<p>b</p>c <b>d</b><br><br>e<br>f</div>", ["a", "b", "c d", "e f"], id="mixed box"
        ),
        pytest.param(
            "<span>x<div>y</div>z</span>", ["x", "y", "z"], id="block within inline element"
        ),
        pytest.param("a<br> <br>\n<br>b<br>c", ["a", "b c"], id="breaks in a row"),
        pytest.param("<p>a<script>x</script>b</p>", ["ab"], id="script"),
        pytest.param("<p>a</p><noscript>x</noscript>b", ["a", "b"], id="text after invisible"),
        pytest.param("<a>Kim</a><a>Lee</a>", ["Kim Lee"], id="links in a row"),
        pytest.param("<b>d</b>on't<i>!</i>", ["don't!"], id="word of several elements"),
        pytest.param("<table><tr><td>1<td>2</table>", ["1", "2"], id="cells"),
        pytest.param(" \n<div> </div>", [], id="white space"),
        pytest.param("<pre>a<br><br>b<div>c</div></pre>", ["a b c"], id="preformatted"),
        pytest.param("<pre><p>a<p>b</pre>", ["a", "b"], id="paragraphs in pre"),
    ],
)
def test_text_is_cut_where_a_browser_begins_a_paragraph(html: str, texts: list[str]) -> None:
    assert _texts(html) == texts


def test_linked_letters_are_counted() -> None:
    tree = parse_page(
        "<html><body><p>see <a href=x>this <b>one</b></a> or"
        " <i><a href=y>that</a></i><a href=z><div>all <b>linked</b></div></a></body></html>"
    )
    assert [(block.text, block.linked) for block in blocks_of(tree)] == [
        ("see this one or that", 11),
        ("all linked", 9),
    ]


def test_a_block_says_which_part_of_its_parent_it_is() -> None:
    tree = parse_page("<html><body><div>a<b>b</b><p>c</p>d<i>e</i></div></body></html>")
    found = [(b.parent.tag, b.start, b.end) for b in blocks_of(tree)]
    assert found == [("div", 0, 1), ("p", 0, 0), ("div", 2, 3)]


def test_a_part_of_a_page_can_be_cut_alone() -> None:
    tree = parse_page("<html><body><p>x</p><div><p>y</p>z</div></body></html>")
    assert [block.text for block in blocks_of(tree.find("body")[1])] == ["y", "z"]


_TAGS = ("div", "p", "b", "a", "br", "span", "td", "li", "script", "noscript", "svg", "x-y")
_PAGES = st.lists(
    st.one_of(
        st.sampled_from(_TAGS).map("<{}>".format),
        st.sampled_from(_TAGS).map("</{}>".format),
        st.text("ab \n", max_size=3),
    ),
    max_size=40,
).map("".join)


def _visible(element: HtmlElement) -> str:
    if element.tag in INVISIBLE_TAGS:
        return ""
    return (element.text or "") + "".join(_visible(child) + (child.tail or "") for child in element)


@given(_PAGES)
def test_every_visible_character_is_in_one_block(html: str) -> None:
    tree = parse_page(f"<html><body>start{html}</body></html>")
    shown = "".join(_visible(tree.find("body")).split())
    assert "".join("".join(block.text.split()) for block in blocks_of(tree)) == shown


@given(_PAGES)
def test_slots_are_where_the_text_of_a_block_stands(html: str) -> None:
    for block in blocks_of(parse_page(f"<html><body>start{html}</body></html>")):
        slots = ((element.tail if is_tail else element.text) for element, is_tail in block.slots())
        assert "".join("".join(filter(None, slots)).split()) == "".join(block.text.split())


@pytest.mark.parametrize("tag", ["div", "b"])
def test_deep_nesting_is_no_recursion(tag: str) -> None:
    root = parse_page("<html><body><p>x</p></body></html>").find("body")
    inner = root
    for _ in range(5000):  # deeper than the parser lets a page be
        inner = etree.SubElement(inner, tag)
    inner.text = "text"
    assert [block.text for block in blocks_of(root)] == ["x", "text"]


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><title>x</title><article><h1>A</h1><p>b</p></article>c",
        "<!doctype html><meta charset=utf-8><title>x</title><main><h1>A</h1><p>b</p></main><p>c",
        "<html><head><title>x</title></head><body><h1>A</h1><p>b</p>c</body></html>",
    ],
)
def test_a_page_need_not_write_its_body(page: str) -> None:
    assert [block.text for block in blocks_of(parse_page(page))] == ["A", "b", "c"]
