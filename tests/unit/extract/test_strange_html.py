"""Markup as no author writes it costs an article nothing but itself."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.extract.article import read_page
from aggregator.model import Article, ArticleHints
from aggregator.sanitize import clean_html, to_text
from tests.support.auditor import audit
from tests.support.strange_html import strange_html

URL = "https://news.example.org/2026/bridge"
TITLE = "Bridge opens after ten years"
LINES = [
    f"Sentence {n} says that the bridge across the river was opened by {who} in the rain of that long year."
    for n, who in enumerate(("the mayor", "a school class", "two engineers", "an old fisher"))
]


def read(strange: str) -> Article:
    body = "".join(f"<p>{line}</p>" for line in LINES)
    page = f"<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>{body}<div>{strange}</div></article>"
    reading = read_page(
        page.encode("utf-8", "replace"),
        url=URL,
        content_type="text/html; charset=utf-8",
        hints=ArticleHints(TITLE),
    )
    assert pickle.loads(pickle.dumps(reading)) == reading
    return reading.article


@given(strange_html())
def test_an_article_survives_whatever_stands_in_it(strange: str) -> None:
    article = read(strange)
    for line in LINES:
        assert line in article.text
        assert line in article.html
    audit(article.html)


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\f\r/>\"'=<"),
    min_size=1,
    max_size=6,
)


@given(NAMES, NAMES)
def test_a_formula_may_bear_any_name(attribute: str, element: str) -> None:
    article = read(f"<p>It holds that <math><mrow {attribute}='#a'><mi>E</mi><m{element}><mn>2</mn></m{element}></mrow></math>.</p>")  # fmt: skip
    for line in LINES:
        assert line in article.text


@pytest.mark.parametrize("attribute", ["xlink:href", "a:b:c", ":", "1", "@click"])
def test_a_formula_with_an_undeclared_prefix_is_shown(attribute: str) -> None:
    formula = f"<math><mrow {attribute}='#a'><mi>E</mi></mrow></math>"
    html = read(f"<p>{LINES[0][:-1]} {formula} and more words after it, as it is.</p>").html
    assert "<mi>E</mi>" in html


@given(strange_html())
@example('<math xml:lang="de" xlink:title="a"></math>')
def test_the_sanitizer_survives_it(strange: str) -> None:
    cleaned = clean_html(strange, URL)
    audit(cleaned)
    audit(clean_html(cleaned, URL))
    assert "\0" not in to_text(strange)
