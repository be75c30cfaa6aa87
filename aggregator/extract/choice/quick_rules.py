"""trafilatura's rules on what boxes are called, in Python and asked once for all boxes of one name.

They are XPath expressions with regular expressions in them, and half of its time. What stands here follows from the
expressions themselves, so that it selects what they do; those of another shape than is known are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import pairwise
from typing import Any

from lxml.html import HtmlElement
from trafilatura import xpaths
from trafilatura.settings import BASIC_CLEAN_XPATH

from aggregator.extract.choice.name_conditions import Condition, UnknownCondition, condition_of

_LISTS = (
    "BODY_XPATH", "RAW_TREE_PRUNE_XPATH", "REMOVE_COMMENTS_XPATH", "REMOVE_COMMENTS_AND_LISTS_XPATH", "OVERALL_DISCARD_XPATH",
    "TEASER_DISCARD_XPATH", "DISCARD_IMAGE_ELEMENTS",
)  # fmt: skip
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_TAG = r"self::([\w-]+)"
_TAGS = re.compile(rf"\s*{_TAG}(?:\s+or\s+{_TAG})*\s*")
_ATTRIBUTE = re.compile(r"@([\w-]+)")
_DESCENDANT = re.compile(r"\.//(\*|[\w-]+)")
_BRACKETS = re.compile(r"\([^()\[\]]*\)|\[[^()\[\]]*\]")
_FIRST = "1"
_MOST = 2_000  # names that a rule remembers
_LONGEST = 200  # characters of attributes that are remembered

Rule = Callable[[HtmlElement], list[Any]]


class NameRule:
    """An expression ``.//*[tags][conditions]``; be it for the first such element alone, or with more to ask of them."""

    def __init__(
        self, own: Rule, tags: Sequence[str], conditions: Sequence[str], *, first: bool, whole: bool
    ) -> None:
        self._own = own
        self._tags = tags or ["*"]
        self._conditions: list[Condition] = list(map(condition_of, conditions))
        self._names = frozenset(_ATTRIBUTE.findall(_STRING.sub("", " ".join(conditions))))
        self._first = first
        self._whole = whole
        self._known: dict[tuple[Any, ...], bool] = {}

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        """The elements in ``tree``, without itself, that the expression selects, in their order."""
        known, names = self._known, self._names
        found: list[HtmlElement] = []
        for element in tree.iterdescendants(*self._tags):
            # In the order in which the page has them: of a set of attributes, XPath takes the first.
            given = [pair for pair in element.items() if pair[0] in names]
            key = (element.tag, *given)
            holds = known.get(key)
            if holds is None:
                holds = self._ask(key, dict(given))
            if holds:
                found.append(element)
                if self._first:
                    break
        return found if self._whole or not found else self._own(tree)

    def _ask(self, key: tuple[Any, ...], given: dict[str, str]) -> bool:
        holds = all(condition(key[0], given) for condition in self._conditions)
        if sum(map(len, given.values())) <= _LONGEST:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = holds
        return holds


def quick(expression: Any) -> Rule:
    """A rule that selects what ``expression``, an :class:`lxml.etree.XPath`, does; itself where its shape is not known.

    Of an expression for the first element, the rule gives no more than that.
    """
    own: Rule = expression
    path = str(expression.path).strip()
    first = path.startswith("(") and path.endswith(")[1]")
    groups = _groups(path[1:-4].strip() if first else path)
    if groups[-1:] == [_FIRST]:  # of each parent, and so of all
        groups, first = groups[:-1], True
    tags: list[str] = []
    if groups and _TAGS.fullmatch(groups[0]):
        tags = re.findall(_TAG, groups.pop(0))
    known: list[str] = []
    for group in groups:
        try:
            condition_of(group)
        except UnknownCondition:
            break
        known.append(group)
    whole = len(known) == len(groups)
    if not known or (first and not whole):
        return own
    return NameRule(own, tags, known, first=first, whole=whole)


def _groups(path: str) -> list[str]:
    """The conditions of ``.//*[…][…]``, none for any other expression."""
    parts = [_step(part) for part in _united(path)]
    if len(parts) > 1 and all(parts):  # elements of any of several kinds: one kind, with a choice
        return [" or ".join(_condition(*part) for part in parts if part)]
    alone = parts[0] if len(parts) == 1 else None
    return alone[1] if alone and alone[0] == "*" else []


def _condition(tag: str, groups: Sequence[str]) -> str:
    own = [] if tag == "*" else [f"self::{tag}"]
    return f"({' and '.join([*own, *(f'({group})' for group in groups)])})"


def _united(path: str) -> list[str]:
    """The expressions between which ``path`` has ``|``."""
    bare = _STRING.sub(lambda match: "·" * len(match[0]), path)
    while (inner := _BRACKETS.sub(lambda match: "·" * len(match[0]), bare)) != bare:
        bare = inner
    ends = [at for at, sign in enumerate(bare) if sign == "|"]
    return [path[a + 1 : b].strip() for a, b in pairwise([-1, *ends, len(path)])]


def _step(path: str) -> tuple[str, list[str]] | None:
    """Tag and conditions of ``.//tag[…][…]``, None for any other expression."""
    begin = _DESCENDANT.match(path)
    if begin is None:
        return None
    bare = _STRING.sub(lambda match: "·" * len(match[0]), path)  # brackets in strings are none
    found: list[str] = []
    at = begin.end()
    while at < len(path):
        end = bare.find("]", at)
        if bare[at] != "[" or end < 0 or "[" in bare[at + 1 : end]:
            return None
        found.append(path[at + 1 : end].strip())
        at = end + 1
        while at < len(path) and path[at].isspace():
            at += 1
    return begin[1], found


_OWN = [(rules, tuple(rules)) for name in _LISTS if (rules := getattr(xpaths, name, None))]
_QUICK = [(rules, tuple(map(quick, own))) for rules, own in _OWN]
# One by itself: what is none of a page's text.
_BASELINE = import_module(
    "trafilatura.baseline"
)  # of which the package has a function of that name
_CLEANING = "BASIC_CLEAN_XPATH"
_QUICK_CLEANING = quick(BASIC_CLEAN_XPATH)


@contextmanager
def quick_rules() -> Iterator[None]:
    """Have trafilatura use quick rules, which select what its own do."""
    for rules, quicker in _QUICK:
        rules[:] = quicker
    setattr(_BASELINE, _CLEANING, _QUICK_CLEANING)
    try:
        yield
    finally:
        for rules, own in _OWN:
            rules[:] = own
        setattr(_BASELINE, _CLEANING, BASIC_CLEAN_XPATH)
