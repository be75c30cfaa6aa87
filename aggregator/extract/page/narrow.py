"""A page made smaller by its site's rule, before anything else looks at it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from aggregator.model import SiteRule

_FEWEST = 200  # characters; a body of less is a rule that no longer fits
_MAX_GROWTH = 2  # what replacements may make of a page's size
_MAX_BODIES = 50
_NEVER_STRIPPED = frozenset({"html", "body", "head"})


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Result of a site's rule: the page's smaller tree, and the article's facts it selected."""

    tree: HtmlElement
    title: str = ""
    authors: tuple[str, ...] = ()
    date: str = ""


def replaced(source: str, rule: SiteRule) -> str:
    """The page's ``source`` with the rule's literal replacements; at most twice as long."""
    for wanted, put in rule.replacements:
        times = source.count(wanted)
        growth = times * (len(put) - len(wanted))
        if times and growth <= (_MAX_GROWTH - 1) * len(source):
            source = source.replace(wanted, put)
    return source


def narrow(tree: HtmlElement, rule: SiteRule) -> Narrowed | None:
    """``tree`` as ``rule`` narrows it, a copy; None when the rule does not match (any longer)."""
    copied = deepcopy(tree)
    title = next(iter(_texts(copied, rule.title)), "")
    authors = tuple(dict.fromkeys(_texts(copied, rule.author)))
    date = next(iter(_texts(copied, rule.date)), "")
    # Rules are written for what is stripped being there: the body is looked for first.
    bodies = _bodies(copied, rule) if rule.body else []
    _strip(copied, rule)
    if rule.body:
        if sum(_size(body) for body in bodies) < _FEWEST:
            return None
        _keep_only(copied, bodies)
    return Narrowed(copied, title, authors, date)


def link_of(tree: HtmlElement, expressions: tuple[str, ...]) -> str:
    """The first address that one of ``expressions`` selects, ``""`` for none."""
    for expression in expressions:
        for found in _select(tree, expression):
            href = found.get("href") if isinstance(found, HtmlElement) else str(found)
            if href and href.strip():
                return href.strip()
    return ""


def _select(tree: HtmlElement, expression: str) -> list[Any]:
    """The elements and strings that ``expression`` selects; none where it is at fault."""
    try:
        found: Any = etree.XPath(expression, regexp=False, smart_strings=False)(tree)
    except (etree.XPathError, ValueError):
        return []
    if isinstance(found, str):
        return [found] if found.strip() else []
    return found if isinstance(found, list) else []


def _texts(tree: HtmlElement, expressions: tuple[str, ...]) -> list[str]:
    """What the first of ``expressions`` that selects any text selects, spaces collapsed."""
    for expression in expressions:
        said = []
        for found in _select(tree, expression)[:_MAX_BODIES]:
            text = (
                "".join(map(str, found.itertext()))
                if isinstance(found, HtmlElement)
                else str(found)
            )
            said.append(" ".join(text.split())[:500])
        if any(said):
            return [text for text in said if text]
    return []


def _bodies(tree: HtmlElement, rule: SiteRule) -> list[HtmlElement]:
    """What the first of the rule's bodies that fits selects, without what stands in another of it."""
    for expression in rule.body:
        selected = [e for e in _select(tree, expression) if isinstance(e, HtmlElement)]
        found = [e for e in selected if e.tag != "html"][:_MAX_BODIES]
        outermost = [e for e in found if not any(a in found for a in e.iterancestors())]
        if sum(_size(body) for body in outermost) >= _FEWEST:
            return outermost
    return []


def _strip(tree: HtmlElement, rule: SiteRule) -> None:
    unwanted = [e for x in rule.strip for e in _select(tree, x) if isinstance(e, HtmlElement)]
    if rule.strip_id_or_class:
        unwanted += [e for e in tree.iter() if _holds(_names(e), rule.strip_id_or_class)]
    if rule.strip_image_src:
        images = tree.iter("img")
        unwanted += [i for i in images if _holds(i.get("src") or "", rule.strip_image_src)]
    for element in unwanted:
        if element.tag not in _NEVER_STRIPPED and element.getparent() is not None:
            element.drop_tree()


def _names(element: HtmlElement) -> str:
    return f"{element.get('id') or ''} {element.get('class') or ''}"


def _holds(text: str, parts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts)


def _keep_only(tree: HtmlElement, bodies: list[HtmlElement]) -> None:
    """Leave nothing in the body of ``tree`` but ``bodies``, in their order."""
    page = tree.find("body")
    if page is None or any(body is page for body in bodies):
        return
    for body in bodies:
        body.tail = None
    page.text = None
    page[:] = bodies


def _size(element: HtmlElement) -> int:
    return sum(len(text.strip()) for text in map(str, element.itertext()))
