"""States of pages as frameworks write them: by reference, in attributes, escaped, as a string in a string."""

import json
from html import escape
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.judging.references import unflattened
from aggregator.extract.judging.rescue import rescue
from aggregator.extract.judging.state_prose import prose_of
from aggregator.extract.page.tree import parse_page

LINES = [
    f"In the year {year} the keeper of the lighthouse wrote down each ship that passed, its flag and where it was bound for, and the wind."
    for year in range(1871, 1878)
]
HTML = "".join(f"<p>{line}</p>" for line in LINES)


def found(body: str) -> list[str]:
    rescued = rescue(parse_page(f"<html><body>{body}</body></html>"), "", "", (LINES[0],))
    return list(rescued.paragraphs) if rescued else []


def script(content: Any, kind: str = "application/json") -> str:
    return f'<script type="{kind}">{json.dumps(content)}</script>'


def node(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "children": [{"text": text[:40]}, {"type": "link", "children": [{"text": text[40:]}]}]}  # fmt: skip


DEVALUED = [
    {"data": 1}, {"story": 2}, {"blocks": 3}, [4 + 2 * i for i in range(len(LINES))],
    *(value for i, line in enumerate(LINES) for value in ({"text": 5 + 2 * i}, line)),
]  # fmt: skip
APOLLO = {
    "Story:1": {"body": [{"__ref": f"Line:{i}"} for i in range(len(LINES))]},
    **{f"Line:{i}": {"__typename": "Line", "text": line} for i, line in enumerate(LINES)},
}
ANGULAR = json.dumps({"key": {"body": HTML}}).translate(
    {ord("&"): "&a;", ord('"'): "&q;", ord("<"): "&l;", ord(">"): "&g;"}
)


QUOTED = (
    json.dumps({"b": HTML}).replace("\\", "\\\\").replace("'", "\\'").replace('"b"', "\\x22b\\x22")
)


@pytest.mark.parametrize(
    "body",
    [
        script(DEVALUED),
        script([{"_1": 2}, "html", HTML]),
        f"<script>window.__APOLLO_STATE__={json.dumps(APOLLO)}</script>",
        script({"data": {"body": HTML}}, "fastboot/shoebox"),
        f'<script type="application/json">{ANGULAR}</script>',
        f'<div data-page="{escape(json.dumps({"props": {"body": HTML}}))}"></div>',
        f"<script>window.S = JSON.parse(decodeURIComponent('x' && \"{quote(json.dumps({'b': HTML}))}\"));</script>",
        f"<script>window.S = JSON.parse('{QUOTED}');</script>",
        f"<script>window.__PRELOADED__='{QUOTED}'</script>",
        f"<script>App.store=App.store||{{}};App.store.page={json.dumps({'content': [{'content': line} for line in LINES]})};</script>",
        script({"story": json.dumps({"blocks": [{"text": line} for line in LINES]})}),
        script({"story": {"blocks": [{"type": "paragraph", "data": {"text": line}} for line in LINES]}}),
        script({"story": {"root": {"children": [node(line) for line in LINES]}}}),
        script({"stories": [{"body": [node(line) for line in LINES]}]}),
        script({"story": {"paragraphs": LINES}}),
    ],
)  # fmt: skip
def test_states_hold_the_text(body: str) -> None:
    assert found(body) == LINES


def test_a_state_that_holds_itself_ends() -> None:
    assert found(script([{"a": 1, "html": 2}, {"up": 0}, HTML])) == LINES


def test_ways_through_nodes_that_name_each_other_are_not_all_gone() -> None:
    """Nine ways at each of nine places, and a list of a thousand that names such lists."""
    keys = ("text", "value", "content", "html", "body", "paragraph", "rendered", "children", "data")
    ladder = [dict.fromkeys(keys, at + 3) for at in range(9)]
    assert found(script([{"html": 12, "a": 1}, [2], *ladder, {}, HTML])) == LINES
    rows = [value for at in range(3, 9, 2) for value in ({"children": at}, [at + 1] * 1000)]
    assert found(script([{"html": 9, "a": 1}, [2] * 1000, *rows, {}, HTML])) == LINES


def test_one_text_named_a_thousand_times_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    loads = json.loads

    def counted(text: str, **_: Any) -> Any:
        read.append(text)
        return loads(text)

    monkeypatch.setattr(json, "loads", counted)
    inner = json.dumps({"blocks": [{"text": line} for line in LINES]})
    documents = unflattened([{"rows": 1}, [2] * 1000, inner])
    assert [lines for lines, _ in prose_of(documents)] == [tuple(LINES)]
    assert read == [inner]


def test_what_is_no_element_is_none() -> None:
    assert found(script({"a": [["$", ["p"], None, {"children": "x"}]], "html": HTML})) == LINES


def test_escapes_outside_of_strings_begin_no_search() -> None:
    """Marks that nothing closes, each of which was looked for to the end."""
    assert found("<script>x = " + '\\"' * 200_000 + "</script>") == []


JSON = st.recursive(
    st.one_of(st.integers(-1, 9), st.sampled_from(["text", "$", HTML, "Reactive", "_1", "p"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.dictionaries(st.sampled_from(["text", "children", "_1", "__ref", "a"]), inner),
    ),
    max_leaves=25,
)


@given(JSON)
def test_any_state_is_survived(state: Any) -> None:
    found(script([state, state, "x" * 700]))
