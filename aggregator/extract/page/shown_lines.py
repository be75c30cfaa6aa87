"""Short lines of a page: whether one may be a byline or a date, and what it says then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.foreign import FRAME_TAGS, class_and_id
from aggregator.extract.page.slashed_dates import read_page_date
from aggregator.text.dates import NO_HABITS

_BY_BEGINS = frozenset(" \n\tbvpdawBVPDAW")
_BY = re.compile(r"\s*(?:by|von|par|por|door|av|written by)(?:\s|$)", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:(?:first |originally |date )?(?:publish|post|releas|creat|submitt|add|fil)ed?\b(?: (?:date|on|at|in))?|publication date|date|on|veröffentlicht(?: am)?|erstellt(?: am)?|"
    r"stand|publiée?(?: le)?|le|publicado(?: el| em)?|fecha|pubblicato(?: il)?|data|gepubliceerd(?: op)?|opublikowano|publicerad|publisert|julkaistu|опубликовано)?[\s:|·•–—-]*",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"updat|modif|revis|edited|reviewed|current as of|aktualisiert|geändert|mis à jour|actualizado|atualizado|aggiornat|bijgewerkt|обновлен",
    re.IGNORECASE,
)
_CHANGED_LABEL = re.compile(
    r"^.{0,20}?(?:updated|modified|revised|edited|reviewed|current as of|aktualisiert|geändert|mis à jour|actualizado|atualizado|aggiornato|bijgewerkt|обновлено)"
    r"(?: (?:on|at|am|le|il|el|em|op))?[\s:|·•–—-]*",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\s*(?:last |first |page |content )?(?:updated|modified|reviewed|published|posted|current as of|zuletzt aktualisiert|aktualisiert|veröffentlicht|mis à jour|publié|actualizado|publicado|pubblicato|aggiornato)\b",
    re.IGNORECASE,
)
_APART = re.compile(r"\s*(?:[|·•●–—]|\bat\b|\bby\b|\bum\b|\bà\b|\s-\s)\s*", re.IGNORECASE)
_MOST_LINES = 5
_UNSEEN = frozenset({"script", "style", "svg", "noscript", "template"})
_SHORTEST_DATE, _LONGEST_DATE = 8, 70
_LONGEST = 200  # characters of a byline or of a date


def may_be_byline(element: HtmlElement) -> bool:
    """True where ``element`` begins with a short text that may be a date, or "By" and a name."""
    text = element.text
    if not text or len(text) > _LONGEST_DATE or element.tag in _UNSEEN:
        return False
    if may_be_date(text):
        return True
    return text[:1] in _BY_BEGINS and _BY.match(text) is not None


def may_be_date(text: str) -> bool:
    """True for a short line with a number in it."""
    return _SHORTEST_DATE <= len(text) <= _LONGEST_DATE and any(map(str.isdigit, text))


def is_labelled(text: str | None) -> bool:
    """True where a short ``text`` says of itself that it is the date of something, wherever it stands."""
    if not text or not may_be_date(text.strip()):
        return False
    return _LABELLED.match(text) is not None


def marks_of(element: HtmlElement, text: str) -> str:
    """Names of ``element`` and its box, the label before it and its beginning, as one text."""
    around = element.getparent()
    before = element.getprevious()
    # What stands right before it is its label, be it text or an element of its own.
    said = (around.text if around is not None else "") if before is None else before.tail
    label = (said or "").strip()[-40:] or ("" if before is None else shown_text(before)[-40:])
    outer = "" if around is None or around.tag in FRAME_TAGS else class_and_id(around)
    return f"{element.get('itemprop') or ''} {class_and_id(element)} {outer} {label} {text[:40]}"


def names_in(element: HtmlElement) -> Iterator[str]:
    """Texts in ``element`` that may be names, the likeliest first."""
    if element.get("content"):
        yield element.get("content") or ""
        return
    inside = list(islice(element.iter(), 60))
    named = [one for one in inside if one.get("itemprop") == "name"]
    links = [
        one for one in inside
        if one.tag == "a" and one is not element and (one.get("rel") == "author" or "author" in f"{one.get('href')} {one.get('class')}")
    ]  # fmt: skip
    texts = [shown_text(one) for one in named or links]
    if texts and all(0 < len(text) <= 60 for text in texts):
        yield "; ".join(texts)
    lines = [
        text for one in inside if len(one) == 0 and (text := " ".join((one.text or "").split()))
    ]
    whole = shown_text(element)
    if element.text and next(element.iterchildren("br"), None) is not None:
        yield " ".join(element.text.split())
    # The name, then what they are, where they write.
    if len(lines) > 1 and not any(
        f" {mark} " in f" {whole} " for mark in ("and", "und", "et", "y", "&")
    ):
        yield from lines
    yield whole


def dates_in(element: HtmlElement, text: str) -> Iterator[str]:
    """The date in a short visible ``text``, with its label and the time of day after it taken off."""
    title = element.get("title")
    if title and read_page_date(title, NO_HABITS):
        yield title
    lines = (" ".join((line.tail or "").split()) for line in element.iterchildren("br"))
    inside = (
        " ".join((one.text or "").split()) for one in element.iterdescendants() if len(one) == 0
    )
    for given in (
        " ".join((element.text or "").split()),
        text,
        *islice(lines, _MOST_LINES),
        *islice(inside, _MOST_LINES),
    ):
        yield from date_parts(given)


def date_parts(given: str) -> Iterator[str]:
    """Parts of a short line that may be a date, without what says that it is one."""
    said = _LABEL.sub("", given.strip(), count=1)
    for part in (said, *(part for part in _APART.split(said) if part)):
        bare = _LABEL.sub("", part, count=1).strip(" ,;|·•●()")
        if any(map(str.isdigit, bare)):
            yield bare


def shown_text(element: HtmlElement) -> str:
    """Text that ``element`` shows, up to a little more than a byline's length."""
    parts: list[str] = []
    size = 0
    for node in element.iter():
        if node.tag not in _UNSEEN:
            parts.append(node.text or "")
        if node is not element:
            parts.append(" " + (node.tail or ""))
        size += len(parts[-1]) if parts else 0
        if size > 3 * _LONGEST:
            break
    return " ".join("".join(parts).split())


def says_changed(element: HtmlElement, text: str) -> bool:
    """True where ``text`` of ``element``, or what stands around it, speaks of a change."""
    return _CHANGED.search(marks_of(element, text)) is not None


def without_change_label(text: str) -> str:
    """``text`` without the words that say that something was changed."""
    return _CHANGED_LABEL.sub("", text, count=1)


def begins_byline(text: str | None) -> bool:
    """True for a line that begins with “By”, in some languages."""
    return _BY.match(text or "") is not None
