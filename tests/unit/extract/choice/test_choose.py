"""choose: the article's blocks, with the model and without it."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import HtmlElement

from aggregator.errors import NoArticle
from aggregator.extract.choice.block_model import (
    PATH,
    Model,
    UnusableModel,
    load_model,
    most_probable,
)
from aggregator.extract.choice.boxes import Lexicon
from aggregator.extract.choice.choose import Known, choose
from aggregator.extract.choice.features import FEATURES, Context, Description, describe
from aggregator.extract.choice.smooth import Numbers
from aggregator.extract.page.blocks import Block, blocks_of
from aggregator.extract.page.tree import parse_page

FIRST = (
    "The long awaited bridge across the river opened on Monday, ten years after the first stone was laid, and "
    "thousands of people walked over it in the rain that had fallen since the morning."
)
SECOND = (
    "The city paid 210 million, twice what had been planned, as the auditors noted in their report; the mayor said "
    "that the next one would be cheaper, and some of those present even laughed."
)
LAST = "Traffic starts on Thursday, and the old ferry will make its last journey on the evening before, with music."
PARAGRAPHS = [FIRST, SECOND, LAST]
PAGE = (
    "<html><head><title>Bridge opens</title></head><body><nav><ul><li><a href=/a>World</a></li><li><a href=/b>Sport</a></li></ul></nav>"
    "<article><h1>Bridge opens after ten years</h1>"
    + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    + "</article><div class=newsletter><p>Sign up for our newsletter</p></div>"
    "<footer><p>Copyright 2026 The Daily. All rights reserved.</p></footer></body></html>"
)


def _kept(known: Known, *, use_model: bool = True) -> list[str]:
    tree = parse_page(PAGE)
    blocks = blocks_of(tree)
    kept = choose(tree, blocks, known, use_model=use_model).kept
    return [
        block.text
        for block, keep in zip(blocks, kept, strict=True)
        if keep and block.parent.tag == "p"
    ]


@pytest.mark.parametrize("use_model", [True, False])
def test_the_paragraphs_of_the_article_are_kept(use_model: bool) -> None:
    assert _kept(Known(), use_model=use_model) == PARAGRAPHS


def test_what_stands_on_sibling_pages_goes() -> None:
    last = "".join(PARAGRAPHS[2].split())
    assert _kept(Known(siblings={last: 1})) == PARAGRAPHS[:2]


def test_siblings_that_tell_the_same_story_say_nothing() -> None:
    assert _kept(Known(siblings={"".join(text.split()): 1 for text in PARAGRAPHS})) == PARAGRAPHS


def _described(html: str, context: Context) -> tuple[list[Block], list[dict[str, float]]]:
    blocks = blocks_of(parse_page(html))
    rows = describe(blocks, context, Lexicon({"newsletter": -2.0}, {}, {"sign up": -1.5})).rows
    return blocks, [dict(zip(FEATURES, row, strict=True)) for row in rows]


def test_what_the_model_is_told_of_a_block() -> None:
    _, rows = _described(
        PAGE, Context(titles=("Bridge opens after ten years",), summary=PARAGRAPHS[0][:90])
    )
    menu, title, first, box = rows[0], rows[2], rows[3], rows[6]
    assert (menu["linked"], menu["in_ul"]) == (1.0, 1)
    assert (title["heading"], title["title_like"], title["title_at"]) == (1, 1.0, 0)
    assert (first["title_at"], first["summary_at"], first["since_heading"]) == (1, 0, 1)
    assert first["summary_in"] == pytest.approx(1.0)
    assert (box["near_min"], box["word_min"], box["summary_at"]) == (-2.0, -1.5, 3)


@pytest.mark.parametrize(
    ("line", "odds"),
    [
        ("Newsletter", -1.2),
        ("Newsletter abonnieren", -1.2),
        ("分享", -1.2),
        ("会议讨论了东京的交通" * 4 + "分享", 0.0),
        ("Die Brücke ist offen", 0.0),
        ("Sign up", -1.5),
    ],
)
def test_cues_of_languages_that_nobody_annotated_are_known(line: str, odds: float) -> None:
    _, rows = _described(f"<p>{line}</p>", Context())
    assert rows[0]["word_min"] == odds


@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "<p>", "x", " ", "<a>", "long text " * 9, "<h2>"]),
        max_size=40,
    )
)
def test_every_page_gets_a_chance_for_each_block(parts: list[str]) -> None:
    blocks, rows = _described(
        f"<html><body>y{''.join(parts)}</body></html>", Context(summary="long text " * 5)
    )
    described = describe(blocks, Context(), load_model().lexicon)
    chances = load_model().chances(described)
    assert len(rows) == len(chances) == len(blocks)
    assert all(0 <= chance <= 1 for chance in chances)


def test_a_model_for_other_features_is_refused(tmp_path: Path) -> None:
    content = json.loads(PATH.read_bytes())
    content["features"] = content["features"][1:]
    other = tmp_path / "model.json"
    other.write_text(json.dumps(content))
    with pytest.raises(UnusableModel, match="other features"):
        load_model(other)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"features": 1}'])
def test_a_damaged_model_is_refused(tmp_path: Path, content: str) -> None:
    damaged = tmp_path / "model.json"
    damaged.write_text(content)
    with pytest.raises(UnusableModel):
        load_model(damaged)


@pytest.mark.parametrize(
    ("chances", "letters", "kept"),
    [
        pytest.param([0.9, 0.5, 0.1], [100, 100, 100], [True, True, False], id="clear page"),
        pytest.param([0.9, 0.3, 0.05], [100, 100, 100], [True, False, False], id="doubtful block"),
        pytest.param([0.3, 0.28, 0.05], [100, 100, 100], [True, True, False], id="unclear page"),
        pytest.param([0.1, 0.1], [100, 100], [False, False], id="nothing"),
        pytest.param([], [], [], id="no blocks"),
    ],
)  # fmt: skip
def test_the_threshold_depends_on_how_clear_a_page_is(
    chances: list[float], letters: list[int], kept: list[bool]
) -> None:
    assert most_probable(np.array(chances), letters) == kept


def test_without_a_usable_model_trafilatura_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable() -> Model:
        raise UnusableModel("the model of articles cannot be used: gone")

    monkeypatch.setattr("aggregator.extract.choice.choose.load_model", unusable)
    with pytest.warns(RuntimeWarning, match="cannot be used"):
        assert _kept(Known()) == PARAGRAPHS


def test_where_most_is_doubted_all_of_trafilatura_s_extractors_choose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = "".join(
        f"<p>{number}. {'The bridge opened on Monday, after seven years. ' * 4}</p>"
        for number in range(6)
    )
    tree = parse_page(
        f"<html><body><article>{body}</article><div><p>Hello there, you.</p></div></body></html>"
    )
    blocks = blocks_of(tree)

    class Doubting:
        lexicon = load_model().lexicon

        def chances(self, described: Description) -> Numbers:
            return np.array([0.0] * (len(blocks) - 1) + [0.5])

    choice = choose(tree, blocks, Known(), model=Doubting())  # type: ignore[arg-type]
    assert choice.expected == 0.5
    assert choice.kept[:6] == [True] * 6

    def failing(tree: HtmlElement, *, dense: bool) -> None:
        raise NoArticle("trafilatura failed on the page: KeyError")

    monkeypatch.setattr("aggregator.extract.choice.choose.thorough_tree", failing)
    choice = choose(tree, blocks, Known(), model=Doubting())  # type: ignore[arg-type]
    assert choice.kept == [False] * 6 + [True]
