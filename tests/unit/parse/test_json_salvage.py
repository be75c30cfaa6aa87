"""JSON Feeds that are broken: what is whole of them is read, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import ParsedFeed
from aggregator.parse.feed import parse_feed

ITEMS = [
    {"id": str(n), "title": f"Title {n}", "content_text": f"The lock was drained, {n}."}
    for n in range(4)
]
FEED = {"version": "https://jsonfeed.org/version/1.1", "title": "Weir", "items": ITEMS}
TEXT = json.dumps(FEED)


def read(text: str) -> ParsedFeed:
    return parse_feed(text.encode("utf-8", "surrogatepass"), url="https://weir.example/feed.json")


def titles(text: str) -> list[str]:
    return [entry.title for entry in read(text).entries]


ALL = ["Title 0", "Title 1", "Title 2", "Title 3"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + TEXT,
        TEXT + "<script>count()</script>",
        TEXT + TEXT,
        TEXT[:-2] + ",]}",
        TEXT.replace('"title": "Weir"', '"title": "Weir", "x": NaN, "y": -Infinity'),
        TEXT.replace('"id": "2"', '"size": ' + "9" * 5000 + ', "id": "2"'),
        TEXT.replace('"id": "2"', '"deep": ' + "[" * 20_000 + "]" * 20_000 + ', "id": "2"'),
        TEXT.replace('"id": "2"', '"id": "", "id": "2", "id": null'),
        TEXT.replace('"title": "Weir"', '"title": "Weir", "odd": tru, "more": \'x\''),
        TEXT.replace('"items": [', '"items": [], "items": ['),
        TEXT.replace("drained, 2", "drained\t\n, 2"),
    ],
)
def test_what_is_whole_is_read(text: str) -> None:
    assert titles(text) == ALL
    assert read(text).title == "Weir"


def test_one_bad_item_costs_no_other() -> None:
    assert titles(TEXT.replace('"title": "Title 2"', '"title": "Title 2" "x"'))[:2] == ALL[:2]
    broken = TEXT.replace('{"id": "2"', '{"id" "2"')
    assert [title for title in titles(broken) if title != "Title 2"] == [
        "Title 0",
        "Title 1",
        "Title 3",
    ]
    assert titles(TEXT.replace('{"id": "2"', 'nonsense, {"id": "2"')) == ALL


def test_a_document_that_breaks_off_gives_its_whole_items() -> None:
    feed = read(TEXT[: TEXT.index("drained, 3")])
    assert [entry.title for entry in feed.entries] == ALL[:3]
    assert feed.partial
    assert any("breaks off" in note for note in feed.notes)


def test_many_values_in_one_item_cost_no_other() -> None:
    many = {**FEED, "items": [{**ITEMS[0], "tags": [f"t{n}" for n in range(100_000)]}, *ITEMS[1:]]}
    assert titles(json.dumps(many)) == ALL


def test_the_message_is_for_operators() -> None:
    with pytest.raises(ParseError, match=r"it is not JSON \(line 1\)"):
        read("{ this is no feed")
    with pytest.raises(NotAFeed, match="no JSON Feed"):
        read("[1, 2]")


@given(st.integers(0, len(TEXT)), st.text(alphabet='{}[]",:\\x1 ', max_size=4), st.integers(0, 6))
def test_any_damage_is_survived(at: int, put: str, dropped: int) -> None:
    damaged = TEXT[:at] + put + TEXT[at + dropped :]
    try:
        feed = read(damaged)
    except (NotAFeed, ParseError):
        return
    assert len(feed.entries) <= 5


@given(st.text(alphabet='{}[]",:\\tn1 e-', max_size=60).map("{".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotAFeed, ParseError):
        read(text)
