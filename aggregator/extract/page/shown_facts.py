"""Facts on an article as its page shows them, who wrote it and when: microdata, ``rel=author``, ``<time>``, class names.

Pages also show the authors and dates of other stories, of comments and of the site. What stands in a box
that is called so is passed over; else what follows the heading is nearer than what stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.authors import bylines
from aggregator.extract.page.foreign import FOREIGN_TAGS, FRAME_TAGS, class_and_id
from aggregator.text.dates import Stated, read_date

_OTHERS = re.compile(
    r"comment|respond|related|recirc|recommend|(?<!has-)(?<!no-)(?<!with-)(?<!right-)(?<!left-)sidebar|(?<!elementor-)widget|popular|trending|most-?read|latest|teaser|read-?(?:more|next|also)|up-?next|"
    r"newsletter|subscri|footer|promo|carousel|more-(?:from|stories|posts|articles|news)|archive|breadcrumb|similar|suggest|swiper|slider|testimonial",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"script", "style", "svg", "noscript", "template"})
_OF_PEOPLE = re.compile(
    r"author|by-?_?line|writer|auteur|autor(?!\w*ty)|contributor", re.IGNORECASE
)
_OF_DATES = re.compile(r"date(?!picker)|publish|posted|\btime|datum|fecha", re.IGNORECASE)
_MAX_ELEMENTS = 20_000  # that are walked over
_MOST = 40  # elements that are looked at closely
_MOST_BOXES = 40  # around each
_LONGEST = 200  # characters of a byline or of a date
_MOST_LINES = 5
_BOXES_OF_NAMES = 3  # around the first name, in which others are of the same byline
_STAMPS = (
    "data-timestamp",
    "data-datetime",
    "data-date",
    "data-time",
    "data-published",
    "data-pubdate",
)
_AFTER = 200  # elements after the heading in which any short line may be the date
_SHORTEST_DATE, _LONGEST_DATE = 8, 70
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
_APART = re.compile(r"\s*(?:[|·•–—]|\bat\b|\bum\b|\bà\b|\s-\s)\s*", re.IGNORECASE)


class ShownFacts:
    """Facts that a page shows of its author and its dates; it is walked over once, when first asked."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._walked = False
        self._people: list[tuple[int, HtmlElement]] = []
        self._dates: list[tuple[int, HtmlElement]] = []
        self._heading = -1
        self._of_others: dict[HtmlElement, bool] = {}

    def authors(self) -> list[str]:
        """The names that the page shows as its author's, of the likeliest place that has one."""
        self._walk()
        sure: list[HtmlElement] = []
        likely: list[HtmlElement] = []
        for element in self._nearest(self._people):
            said = (
                element.get("itemprop") in {"author", "creator"} or element.get("rel") == "author"
            )
            (sure if said else likely).append(element)
        named = [element for element in sure if _bylines(element)]
        if named:  # all that stand in a box with the first
            return [name for element in _beside(named) for name in _bylines(element)]
        return bylines(text for element in likely for text in _names_in(element))

    def published(self) -> list[Stated]:
        """Dates that the page shows as that of its publication, the likeliest first."""
        self._walk()
        sure: list[str] = []
        stamped: list[str] = []
        written: list[str] = []
        for element in self._nearest(self._dates):
            text = _text(element)
            if _CHANGED.search(_marks(element, text)):
                continue
            if (
                element.get("itemprop") in {"datePublished", "dateCreated"}
                or element.get("pubdate") is not None
            ):
                sure.append(element.get("datetime") or element.get("content") or text)
            elif element.tag == "time" and element.get("datetime"):
                stamped.append(element.get("datetime") or "")
            elif moment := next(filter(None, map(element.get, _STAMPS)), None):
                stamped.append(moment)
            else:
                written += _dates_in(element, text)
        return _read([*sure, *stamped, *written])

    def times(self) -> list[Stated]:
        """Moments that the page states by ``<time datetime>``, whatever they are of."""
        found = (time.get("datetime") or "" for time in self._tree.iter("time"))
        return _read(list(islice(found, _MOST)))

    def changed(self) -> list[Stated]:
        """Dates that the page shows as that of its last change."""
        self._walk()
        said: list[str] = []
        for element in self._nearest(self._dates):
            text = _text(element)
            stated = element.get("datetime") or element.get("content")
            if element.get("itemprop") == "dateModified":
                said.insert(0, stated or text)
            elif _CHANGED.search(_marks(element, text)):
                said += [stated] if stated else [_CHANGED_LABEL.sub("", text, count=1)]
        return _read(said)

    def _walk(self) -> None:
        body = self._tree.find("body")
        if self._walked or body is None:
            return
        self._walked = True
        heading = next(body.iter("h1"), next(body.iter("h2"), None))
        kinds: dict[str, tuple[bool, bool]] = {}  # most boxes are called what others are
        near: list[tuple[int, HtmlElement]] = []
        for number, element in enumerate(islice(body.iter(), _MAX_ELEMENTS)):
            if element is heading:
                self._heading = number
            called = class_and_id(element)
            of_people, of_dates = kinds.get(called) or kinds.setdefault(called, _kind(called))
            prop = element.get("itemprop") or ""
            if of_people or prop in {"author", "creator"} or _is_profile(element):
                self._people.append((number, element))
            if of_dates or of_people or element.tag == "time" or prop.startswith("date"):
                self._dates.append((number, element))
            elif 0 <= self._heading > number - _AFTER and _may_be_byline(element):
                near.append((number, element))
        self._dates += near
        self._people += [one for one in near if _BY.match(one[1].text or "")]
        while heading is not None:
            self._of_others[heading] = False  # what the heading stands in is of the article
            heading = heading.getparent()

    def _nearest(self, found: list[tuple[int, HtmlElement]]) -> Iterator[HtmlElement]:
        """Those of the article: after its heading, then before it."""
        after = sorted(found, key=lambda one: (one[0] < self._heading, one[0]))
        own = (element for _, element in after if not self._is_of_others(element))
        return islice((one for one in own if len(_text(one)) <= _LONGEST), _MOST)

    def _is_of_others(self, element: HtmlElement) -> bool:
        passed: list[HtmlElement] = []
        found = False
        for box in (element, *islice(element.iterancestors(), _MOST_BOXES)):
            if box in self._of_others:
                found = self._of_others[box]
                break
            passed.append(box)
            if box.tag in FRAME_TAGS:
                continue
            foreign = (
                box is not element
                and box.tag in FOREIGN_TAGS - {"form"}
                and not _is_head_of_article(box)
            )
            if foreign or _OTHERS.search(class_and_id(box)):
                found = True
                break
        self._of_others.update(dict.fromkeys(passed[1:], found))
        return found


def _is_head_of_article(box: HtmlElement) -> bool:
    """Whether ``box`` is a few words beside an article's text, of the article itself."""
    around = box.getparent()
    return (
        box.tag == "aside"
        and around is not None
        and around.tag == "article"
        and len(_text(box)) <= _LONGEST
    )


def _kind(called: str) -> tuple[bool, bool]:
    """Whether a box of this class and id is one of authors, of dates."""
    return _OF_PEOPLE.search(called) is not None, _OF_DATES.search(called) is not None


def _is_profile(element: HtmlElement) -> bool:
    if element.get("rel") == "author":
        return True
    return element.tag == "a" and "/author" in (element.get("href") or "")


def _may_be_byline(element: HtmlElement) -> bool:
    """Whether ``element`` begins with a short text that may be a date, or "By" and a name."""
    text = element.text
    if not text or len(text) > _LONGEST_DATE or element.tag in _UNSEEN:
        return False
    if len(text) >= _SHORTEST_DATE and any(map(str.isdigit, text)):
        return True
    return text[:1] in _BY_BEGINS and _BY.match(text) is not None


def _marks(element: HtmlElement, text: str) -> str:
    around = element.getparent()
    before = element.getprevious()
    # What stands right before it is its label, be it text or an element of its own.
    said = (around.text if around is not None else "") if before is None else before.tail
    label = (said or "").strip()[-40:] or ("" if before is None else _text(before)[-40:])
    outer = "" if around is None or around.tag in FRAME_TAGS else class_and_id(around)
    return f"{element.get('itemprop') or ''} {class_and_id(element)} {outer} {label} {text[:40]}"


def _bylines(element: HtmlElement) -> list[str]:
    return bylines(_names_in(element))


def _beside(named: list[HtmlElement]) -> list[HtmlElement]:
    """The first of the elements and those that stand in a small box with it."""
    around = islice(named[0].iterancestors(), _BOXES_OF_NAMES)
    small = {box for box in around if box.tag not in FRAME_TAGS and len(_text(box)) <= _LONGEST}
    return [named[0], *(one for one in named[1:] if not small.isdisjoint(one.iterancestors()))]


def _read(texts: list[str]) -> list[Stated]:
    return [stated for text in texts if (stated := read_date(text)) is not None]


def _names_in(element: HtmlElement) -> Iterator[str]:
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
    texts = [_text(one) for one in named or links]
    if texts and all(0 < len(text) <= 60 for text in texts):
        yield "; ".join(texts)
    lines = [
        text for one in inside if len(one) == 0 and (text := " ".join((one.text or "").split()))
    ]
    whole = _text(element)
    # The name, then what they are, where they write.
    if len(lines) > 1 and not any(
        f" {mark} " in f" {whole} " for mark in ("and", "und", "et", "y", "&")
    ):
        yield from lines
    yield whole


def _dates_in(element: HtmlElement, text: str) -> Iterator[str]:
    """The date in a short visible ``text``, with its label and the time of day after it taken off."""
    title = element.get("title")
    if title and read_date(title):
        yield title
    lines = (" ".join((line.tail or "").split()) for line in element.iterchildren("br"))
    for given in (" ".join((element.text or "").split()), text, *islice(lines, _MOST_LINES)):
        said = _LABEL.sub("", given, count=1)
        for part in (said, *(part for part in _APART.split(said) if part)):
            bare = _LABEL.sub("", part, count=1).strip(" ,;|·•()")
            if any(map(str.isdigit, bare)):
                yield bare


def _text(element: HtmlElement) -> str:
    """What ``element`` shows, up to a little more than a byline's length."""
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
