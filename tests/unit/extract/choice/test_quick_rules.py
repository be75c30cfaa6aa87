"""trafilatura's rules in Python select what its own XPath expressions do."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import HtmlElement, fromstring
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

from aggregator.extract.choice.quick_rules import NameRule, quick, quick_rules

RE = {"re": "http://exslt.org/regular-expressions"}
EXPRESSIONS = [
    expression
    for rules in (
        xpaths.BODY_XPATH, xpaths.RAW_TREE_PRUNE_XPATH, xpaths.REMOVE_COMMENTS_XPATH, xpaths.REMOVE_COMMENTS_AND_LISTS_XPATH,
        xpaths.OVERALL_DISCARD_XPATH, xpaths.TEASER_DISCARD_XPATH, xpaths.DISCARD_IMAGE_ELEMENTS, [BASIC_CLEAN_XPATH],
    )
    for expression in rules
]  # fmt: skip
# Names that the expressions look for, whole and in part, and some that they do not.
NAMES = [
    "post", "entry", "post-text", "post_text", "postXtext", "article-body", "article__body", "^article", "article ", "single-post", "main-content", "Main-Content",
    "page-Content", "content", "contentBody", "fulltext", "FullText", "comments", "Commentary", "comment-list", "dsq-comments", "share", "sharing", "social", "cookie",
    "breadcrumb", "bread-crumb", "nav", "post-nav", " ad ", "x ad-y", "dfpad", "dfpXd", "paid-content", "paidcontent", "teaser", "Teaser-x", "caption", "hidden",
    "display:none", "display: none", "reply-1", "suggest-links", "x hidden", "infinitescroll", "mvp-post-add-box", "elementor-share-buttons", "navigation", "Navigation", "true",
    "MostPopularStories", "Cookie-Consent", "cookie-banner", "footer", "article", "story", "h", "",
]  # fmt: skip
ATTRIBUTES = [
    "class",
    "id",
    "role",
    "style",
    "itemprop",
    "data-component",
    "aria-hidden",
    "data-lp-replacement-content",
]
TAGS = [
    "div",
    "section",
    "article",
    "main",
    "p",
    "span",
    "ul",
    "ol",
    "details",
    "list",
    "item",
    "aside",
    "h1",
    "em",
]

names = st.lists(st.sampled_from(NAMES), max_size=2).map("".join) | st.text("abc-_ N", max_size=6)
attributes = st.lists(
    st.tuples(st.sampled_from(ATTRIBUTES), names), max_size=3, unique_by=lambda one: one[0]
)
elements: st.SearchStrategy[Any] = st.recursive(
    st.tuples(st.sampled_from(TAGS), attributes, st.just([])),
    lambda inner: st.tuples(st.sampled_from(TAGS), attributes, st.lists(inner, max_size=4)),
    max_leaves=12,
)


def build(described: Any) -> HtmlElement:
    tag, given_attributes, children = described
    element = HtmlElement(tag)
    element.tag = tag
    for name, value in given_attributes:
        element.set(name, value)
    element.extend(build(child) for child in children)
    return element


@given(elements)
def test_rules_select_what_the_expressions_do(described: Any) -> None:
    tree = build(("body", [], [described]))
    for expression in EXPRESSIONS:
        rule = quick(expression)
        theirs: Any = expression(tree)
        first = rule is not expression and expression.path.strip().endswith("[1]")
        assert rule(tree) == (theirs[:1] if first else theirs), expression.path
    for expression in EXPRESSIONS:  # what is remembered is the same again
        rule = quick(expression)
        assert rule(tree) == rule(tree)


def test_most_of_the_expressions_are_known() -> None:
    known = [isinstance(quick(expression), NameRule) for expression in EXPRESSIONS]
    assert known.count(False) == 2  # of whole elements: ``(.//article)[1]`` and ``…|(.//main)[1]``


def test_names_are_told_apart_by_their_order_and_tag() -> None:
    rule = quick(
        etree.XPath(
            ".//*[self::p or self::div][re:test(@id|@class, '^a') and not(self::p)]", namespaces=RE
        )
    )
    tree = fromstring(
        "<body><div id=a class=b>1</div><div class=b id=a>2</div><p id=a>3</p></body>"
    )
    assert isinstance(rule, NameRule)
    assert [one.text for one in rule(tree)] == ["1"]


@pytest.mark.parametrize(
    "path",
    [
        ".//p", ".//*[1]", ".//*[position()=1]", ".//*[text()='a']", ".//*[@class='a']/p", "//*[@id='a']",
        ".//*[count(@class)=1]", ".//*[@id", ".//*[contains(@class, @id)]", ".//*[.//p]",
    ],
)  # fmt: skip
def test_other_expressions_are_left_as_they_are(path: str) -> None:
    class Expression:
        def __init__(self) -> None:
            self.path = path

    expression: Any = Expression()
    assert quick(expression) is expression


def test_what_is_asked_beyond_names_is_left_to_the_expression() -> None:
    expression = etree.XPath(".//*[@class='a'][not(.//p)]")
    tree = fromstring("<body><div class=a><p>1</p></div><div class=a>2</div><div>3</div></body>")
    rule = quick(expression)
    assert isinstance(rule, NameRule)
    assert rule(tree) == expression(tree) == [tree[1]]


def test_rules_are_trafilaturas_own_again_afterwards() -> None:
    before = list(xpaths.OVERALL_DISCARD_XPATH)
    within: list[object] = []

    def fail() -> None:
        with quick_rules():
            within.append(xpaths.OVERALL_DISCARD_XPATH[0])
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 (the one above)
        fail()
    assert isinstance(within[0], NameRule)
    assert import_module("trafilatura.baseline").BASIC_CLEAN_XPATH is BASIC_CLEAN_XPATH
    assert before == xpaths.OVERALL_DISCARD_XPATH


def test_names_without_end_are_not_kept() -> None:
    rule = quick(etree.XPath(".//*[contains(@class, 'a')]"))
    assert isinstance(rule, NameRule)
    many = "".join(f"<p class='a{number}'>" for number in range(2_100))
    tree = fromstring(f"<body>{many}<p class='{'b' * 300}a'></body>")
    assert len(rule(tree)) == 2_101
    assert len(rule._known) <= 2_000
    assert max(len(value) for key in rule._known for _, value in key[1:]) < 300
