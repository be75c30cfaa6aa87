"""rescue: articles that a page holds in its scripts only."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.judging.rescue import EMBEDDED_SOURCE, JSON_LD_SOURCE, Rescued, rescue
from aggregator.extract.page.metadata import read_metadata
from aggregator.extract.page.tree import parse_page
from aggregator.sanitize import clean_html

URL = "https://news.example.org/bridge"
PARAGRAPHS = (
    (
        "The long awaited bridge across the river opened on Monday, ten years after the first stone was laid, and "
        "thousands of people walked over it in the rain."
    ),
    (
        "The city paid 210 million, twice what had been planned, as the auditors noted in their report; the mayor said "
        "that the next one would be cheaper, and some of those present laughed."
    ),
    (
        "Traffic starts on Thursday & the old ferry will make its last journey on the evening before, with music, "
        "fireworks and the crew of thirty years ago."
    ),
    (
        "Shops on both banks hope for more customers. Those who live beside the new road hope for the opposite, and for "
        "the trees that the council promised them."
    ),
    (
        "Engineers will measure how the deck moves for a year. Nothing has been heard so far but the wind in the cables, "
        "which some call a song."
    ),
    (
        "Whether the ferry house becomes a museum is decided in spring, when the council has seen what the building's "
        "roof would cost to mend."
    ),
)
SUMMARY = PARAGRAPHS[0][:120]


def _rescued(script: str, shown: str, *described: str) -> Rescued | None:
    tree = parse_page(f"<html><head>{script}</head><body><p>{shown}</p></body></html>")
    return rescue(tree, shown, read_metadata(tree, URL, URL).body, described)


def _linked(body: str) -> str:
    node = {"@type": "NewsArticle", "headline": "Bridge opens", "articleBody": body}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def _embedded(content: Any) -> str:
    drawn = {"props": {"page": {"menu": [{"text": "World"}, {"text": "Sport"}], "story": content}}}
    return f'<script id="data" type="application/json">{json.dumps(drawn)}</script>'


@pytest.mark.parametrize(
    "body",
    [
        "\n\n".join(PARAGRAPHS),
        "".join(PARAGRAPHS),
        "".join(f"<p>{text}</p>" for text in PARAGRAPHS),
    ],
    ids=["lines", "run together", "html"],
)
def test_json_ld_stands_in_for_a_teaser(body: str) -> None:
    found = _rescued(_linked(body), PARAGRAPHS[0])
    assert found is not None
    assert found.source == JSON_LD_SOURCE
    assert "".join(found.text.split()) == "".join("".join(PARAGRAPHS).split())
    assert len(found.paragraphs) >= len(PARAGRAPHS)


@pytest.mark.parametrize(
    "content",
    [
        [
            {"type": "paragraph", "content": [{"type": "text", "value": text}]}
            for text in PARAGRAPHS
        ],
        [{"html": f"<p>{text}</p>"} for text in PARAGRAPHS],
        [{"text": text, "id": "x1"} for text in PARAGRAPHS],
    ],
)
def test_an_embedded_article_stands_in_for_a_teaser(content: Any) -> None:
    assert _rescued(_embedded(content), PARAGRAPHS[0]) == Rescued(PARAGRAPHS, EMBEDDED_SOURCE)


HTML = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
STORY = {"data": {"story": {"title": "Bridge opens", "body": HTML, "related": ["Ducks", "Rain"]}}}


def _flight(*rows: str) -> str:
    """Rows as Next.js pushes them, cut anywhere."""
    text = "\n".join(rows)
    pieces = [text[i : i + 500] for i in range(0, len(text), 500)]
    return "".join(f"<script>self.__next_f.push([1,{json.dumps(one)}])</script>" for one in pieces)


def _elements() -> str:
    rows = [
        ["$", "p", None, {"children": [text[:20], ["$", "b", None, {"children": text[20:]}]]}]
        for text in PARAGRAPHS
    ]
    return json.dumps(["$", "div", None, {"children": rows}])


@pytest.mark.parametrize(
    "script",
    [
        f"<script>window.__STATE__ = {json.dumps(STORY)};</script>",
        f"<script>window.__STATE__ = JSON.parse({json.dumps(json.dumps(STORY))});</script>",
        f"<script>window['app'] = {json.dumps(STORY)[:-1]}, \"user\": undefined}};</script>",
        f"<script>window.__NUXT__=(function(a,b){{return {{data:[{{body:{json.dumps(HTML)},user:a}}]}}}}(null,1))</script>",
        f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(STORY)}</script>',
        _flight('1:I["a.js"]', f"a:{_elements()}", '2:["$","nav",null,{}]'),
        _flight('1:I["a.js"]', f'3:{json.dumps(["$", "div", None, {"dangerouslySetInnerHTML": {"__html": HTML}}])}'),
        _flight('1:I["a.js"]', f"b:T{len(HTML.encode()):x},{HTML}c:[]"),
        f"<script>window.terms = {json.dumps({'html': '<p>Terms of use.</p>' * 400})}; window.app = {json.dumps(STORY)}</script>",
    ],
    ids=["assigned", "parsed", "undefined", "nuxt", "next", "flight", "flight-html", "flight-text", "terms"],
)  # fmt: skip
def test_an_article_in_the_state_of_a_framework(script: str) -> None:
    found = _rescued(script, "", SUMMARY)
    assert found is not None
    assert "".join(found.text.split()) == "".join("".join(PARAGRAPHS).split())


@pytest.mark.parametrize(
    "script",
    [
        "<script>window.a = " + "[" * 100_000 + "</script>",
        '<script>window.a = "' + "\\" * 500_001 + "</script>",
        "<script>" + "window.a = {" * 50_000 + "</script>",
        "<script>" + 'self.__next_f.push([1,"' * 50_000 + "</script>",
        _flight("a:Tffffff,x", "b:T0,", "zz", ":"),
        f"<script>window.a = {json.dumps(['<p>x</p>' * 80] * 3_000)}</script>",
    ],
)
def test_state_made_to_harm_costs_little(script: str) -> None:
    assert _rescued(script, "", SUMMARY) is None


def test_a_page_that_shows_the_article_needs_no_other() -> None:
    assert _rescued(_linked("\n".join(PARAGRAPHS)), "\n".join(PARAGRAPHS[:5])) is None


def test_another_text_is_not_taken() -> None:
    shown = (
        "Ducks have moved into the old ferry house, and nobody knows what they eat there in winter."
    )
    assert _rescued(_linked("\n".join(PARAGRAPHS)), shown) is None


def test_the_summary_says_which_text_it_is_where_nothing_is_shown() -> None:
    wall = "Please subscribe to read on."
    assert _rescued(_linked("\n".join(PARAGRAPHS)), wall) is None
    assert _rescued(_linked("\n".join(PARAGRAPHS)), wall, SUMMARY) is not None


def test_what_is_rescued_is_written_safely() -> None:
    sneaky = "\n".join(
        (*PARAGRAPHS, "&lt;img src=x onerror=alert(1)&gt; is what they wrote on it.")
    )
    found = _rescued(_linked(sneaky), PARAGRAPHS[0])
    assert found is not None
    assert "<img" not in found.html
    assert "Thursday &amp; the" in clean_html(found.html, URL)


_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["text", "content", "articleBody", "@graph", "x"]), inner)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_any_json_is_read(document: Any) -> None:
    said = json.dumps({"@type": "Article", "articleBody": "x " * 900, "more": document})
    padding = json.dumps([document, "y" * 700])
    tree = parse_page(
        f'<html><body><script type="application/ld+json">{said}</script>'
        f'<script type="application/json">{padding}</script><p>a</p></body></html>'
    )
    found = rescue(tree, "x x x x x x x x x x x x x x x x", "x" * 900, ())
    assert found is None or found.paragraphs
