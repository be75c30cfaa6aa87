"""Facts on an article as its page shows them, who wrote it and when: microdata, ``rel=author``, ``<time>``, class names.

Pages also show the authors and dates of other stories, of comments and of the site. What stands in a box
that is called so is passed over; else what follows the heading is nearer than what stands before it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.authors import bylines, signatures
from aggregator.extract.page.box_kinds import IN_BOX_BESIDE, kind_of_box
from aggregator.extract.page.foreign import FRAME_TAGS, class_and_id
from aggregator.extract.page.shown_lines import (
    begins_byline,
    date_parts,
    dates_in,
    is_labelled,
    may_be_byline,
    may_be_date,
    names_in,
    says_changed,
    shown_text,
    without_change_label,
)
from aggregator.extract.page.slashed_dates import read_page_date
from aggregator.text.dates import NO_HABITS, DateHabits, Stated

_OF_PEOPLE = re.compile(
    r"author(?![-_]*(?:desc|role|job|position))|by-?_?line|writer|auteur|autor(?!\w*ty)|contributor",
    re.IGNORECASE,
)
_NAMED_AUTHOR = re.compile(
    r"(?:author|writer|creator)s?[-_]*(?:name|link)|by-?_?line", re.IGNORECASE
)
_OF_DATES = re.compile(r"date(?!picker)|publish|posted|\btime|datum|fecha", re.IGNORECASE)
# One of them is in each such name; looking for them first is several times as fast.
_STEMS = ("author", "line", "writer", "auteur", "autor", "contributor", "date", "publish", "posted", "time", "datum", "fecha")  # fmt: skip
_MAX_ELEMENTS = 20_000  # that are walked over
_MOST = 40  # elements that are looked at closely
_MOST_BOXES = 40  # around each
_LONGEST = 200  # characters of a byline or of a date
_BOXES_OF_NAMES = 3  # around the first name, in which others are of the same byline
_STAMPS = (
    "data-timestamp",
    "data-datetime",
    "data-date",
    "data-time",
    "data-published",
    "data-pubdate",
)
_NEAR, _BEFORE = 60, 40  # elements after and before the heading
_TIMES = frozenset({"time", "date", "relative-time"})
_LONGEST_TITLE = 500
_AFTER = 200  # elements after the heading in which any short line may be the date
_AFTER_NAME = 3  # and after a name, wherever that is


class ShownFacts:
    """Facts that a page shows of its author and its dates; it is walked over once, when first asked.

    The article's heading is known by its titles, where it has one of them.
    """

    def __init__(self, tree: HtmlElement, titles: Collection[str] = ()) -> None:
        self._tree = tree
        self._titles = titles
        self._walked = False
        self._people: list[tuple[int, HtmlElement]] = []
        self._dates: list[tuple[int, HtmlElement]] = []
        self._heading = -1
        self._tails: list[tuple[int, str]] = []
        self._labelled: list[str] = []
        self._of_others: dict[HtmlElement, int] = {}

    def authors(self) -> list[str]:
        """The names that the page shows as its author's, of the likeliest place that has one."""
        self._walk()
        sure: list[HtmlElement] = []
        likely: list[HtmlElement] = []
        for _, element in self._nearest(self._people):
            said = (
                element.get("itemprop") in {"author", "creator"} or element.get("rel") == "author"
            )
            (sure if said else likely).append(element)
        signed = [element for element in sure if _bylines(element)]
        if signed:  # all that stand in a box with the first
            return list(dict.fromkeys(n for element in _beside(signed) for n in _bylines(element)))
        found = bylines(text for element in likely for text in names_in(element))
        if found:
            return found
        # A box beside the text may name several people; that it links to a single one tells.
        links = [
            one for _, one in self._nearest(self._people, beside=True) if one.get("rel") == "author"
        ]
        named = [tuple(_bylines(one)) for one in links]
        return list(named[0]) if len(set(named)) == 1 else []

    def signed(self) -> list[str]:
        """Signature of a page that nobody signed with a name in full: a team's, or one that somebody goes by."""
        self._walk()
        for _, element in self._nearest(self._people):
            if (
                element.get("itemprop") in {"author", "creator"}
                or element.get("rel") == "author"
                or _NAMED_AUTHOR.search(class_and_id(element))
                or begins_byline(element.text)
            ) and (found := signatures(names_in(element))):
                return found
        return []

    def published(self, habits: DateHabits = NO_HABITS) -> list[Stated]:
        """Dates that the page shows as that of its publication, the likeliest first."""
        self._walk()
        found = self._stated(self._nearest(self._dates), habits)
        if not found:
            tails = (one for one in self._tails if self._is_near(one[0]))
            near = sorted(tails, key=lambda one: abs(one[0] - self._heading))
            found = _read([part for _, text in near[:_MOST] for part in date_parts(text)], habits)
        if found:
            return found
        beside = self._stated(self._nearest(self._dates, beside=True), habits)
        return beside if len({one.moment.date() for one in beside}) == 1 else []

    def _stated(
        self, elements: Iterable[tuple[int, HtmlElement]], habits: DateHabits
    ) -> list[Stated]:
        """Dates of ``elements``: those near the heading first; first what says what it is, then what programs read."""
        said: dict[bool, tuple[list[str], list[str], list[str]]] = {
            near: ([], [], []) for near in (True, False)
        }
        for number, element in elements:
            text = shown_text(element)
            if says_changed(element, text):
                continue
            sure, stamped, written = said[self._is_near(number)]
            stated = element.get("datetime") or element.get("content")
            if (
                element.get("itemprop") in {"datePublished", "dateCreated"}
                or element.get("pubdate") is not None
            ):
                sure += [stated or "", element.get("title") or "", text]
            elif element.tag in _TIMES and stated:
                stamped += [stated, *dates_in(element, text)]
            elif moment := next(filter(None, map(element.get, _STAMPS)), None):
                stamped.append(moment)
            else:
                written += dates_in(element, text)
        return _read([text for kinds in said.values() for kind in kinds for text in kind], habits)

    def times(self) -> list[Stated]:
        """Moments that the page states by ``<time datetime>``, whatever they are of."""
        found = (time.get("datetime") or "" for time in self._tree.iter("time"))
        return _read(list(islice(found, _MOST)), NO_HABITS)

    def changed(self, habits: DateHabits = NO_HABITS) -> list[Stated]:
        """Dates that the page shows as that of its last change."""
        self._walk()
        said: list[str] = []
        for _, element in self._nearest(self._dates):
            text = shown_text(element)
            stated = element.get("datetime") or element.get("content")
            if element.get("itemprop") == "dateModified":
                said.insert(0, stated or text)
            elif says_changed(element, text):
                said += [stated] if stated else [without_change_label(text)]
        said += map(without_change_label, self._labelled[:_MOST])
        said += [part for text in said if len(text) <= _LONGEST for part in date_parts(text)]
        return _read(said, habits)

    def _walk(self) -> None:
        body = self._tree.find("body")
        if self._walked or body is None:
            return
        self._walked = True
        heading = self._heading_of(body)
        kinds: dict[str, tuple[bool, bool]] = {}  # most boxes are called what others are
        near: list[tuple[int, HtmlElement]] = []
        lines: deque[tuple[int, HtmlElement]] = deque(
            maxlen=_BEFORE
        )  # short ones before the heading
        signed = -_AFTER  # the last element that may name who wrote it
        for number, element in enumerate(islice(body.iter(), _MAX_ELEMENTS)):
            if element is heading:
                self._heading = number
                near += [one for one in lines if one[0] >= number - _BEFORE]
            called = class_and_id(element)
            of_people, of_dates = kinds.get(called) or kinds.setdefault(called, _kind(called))
            prop = element.get("itemprop") or ""
            if of_people or prop in {"author", "creator"} or _is_profile(element):
                self._people.append((number, element))
                signed = number
            if of_dates or of_people or element.tag in _TIMES or prop.startswith("date"):
                self._dates.append((number, element))
            elif self._heading < 0 or number < self._heading + _AFTER:
                if may_be_byline(element):
                    (lines if self._heading < 0 else near).append((number, element))
            elif is_labelled(element.text) or (
                number <= signed + _AFTER_NAME and may_be_byline(element)
            ):
                near.append((number, element))
            self._note_tail(number, element.tail)
        self._dates += near
        self._people += [one for one in near if begins_byline(one[1].text)]
        while heading is not None:
            self._of_others[heading] = 0  # what the heading stands in is of the article
            heading = heading.getparent()

    def _note_tail(self, number: int, tail: str | None) -> None:
        """Note a short text right after an element, near the heading or with a label of its own."""
        if not tail or not may_be_date(tail.strip()):
            return
        if self._heading < 0 or number < self._heading + _NEAR:
            self._tails.append((number, tail))
        elif is_labelled(tail):
            self._labelled.append(tail.strip())

    def _heading_of(self, body: HtmlElement) -> HtmlElement | None:
        """The heading that says one of the titles; else the first."""
        said = {_folded(title) for title in self._titles} - {""}
        headings = list(islice(body.iter("h1", "h2", "h3"), _MOST))
        for tag in ("h1", "h2", "h3"):
            for heading in headings if said else ():
                if heading.tag == tag and _folded(shown_text(heading)) in said:
                    return heading
        return next((one for tag in ("h1", "h2") for one in headings if one.tag == tag), None)

    def _is_near(self, number: int) -> bool:
        return self._heading >= 0 and -_BEFORE <= number - self._heading <= _NEAR

    def _nearest(
        self, found: list[tuple[int, HtmlElement]], *, beside: bool = False
    ) -> Iterator[tuple[int, HtmlElement]]:
        """Those of the article: near its heading, after it, then before it; or those in boxes ``beside`` it."""
        ordered = sorted(
            found,
            key=lambda one: (not self._is_near(one[0]), one[0] < self._heading, one[0]),
        )
        own = (one for one in ordered if self._distance(one[1]) == (IN_BOX_BESIDE if beside else 0))
        return islice((one for one in own if len(shown_text(one[1])) <= _LONGEST), _MOST)

    def _distance(self, element: HtmlElement) -> int:
        """0 for what stands in no box of anything else, more for what stands in one beside the text, or of other stories."""
        passed: list[HtmlElement] = []
        found = 0
        for box in (element, *islice(element.iterancestors(), _MOST_BOXES)):
            if box in self._of_others:
                found = self._of_others[box]
                break
            passed.append(box)
        for box in reversed(passed[1:]):
            found = self._of_others[box] = max(found, kind_of_box(box))
        own = kind_of_box(element, is_innermost=True) if passed else 0
        return max(found, own)


def _kind(called: str) -> tuple[bool, bool]:
    """Whether a box of this class and id is one of authors, of dates."""
    folded = called.lower()
    if called.isascii() and not any(stem in folded for stem in _STEMS):
        return False, False
    return _OF_PEOPLE.search(called) is not None, _OF_DATES.search(called) is not None


def _is_profile(element: HtmlElement) -> bool:
    if element.get("rel") == "author":
        return True
    return element.tag == "a" and "/author" in (element.get("href") or "")


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text[:_LONGEST_TITLE].casefold()))


def _bylines(element: HtmlElement) -> list[str]:
    return bylines(names_in(element))


def _beside(named: list[HtmlElement]) -> list[HtmlElement]:
    """The first of the elements and those that stand in a small box with it."""
    around = islice(named[0].iterancestors(), _BOXES_OF_NAMES)
    small = {
        box for box in around if box.tag not in FRAME_TAGS and len(shown_text(box)) <= _LONGEST
    }
    return [named[0], *(one for one in named[1:] if not small.isdisjoint(one.iterancestors()))]


def _read(texts: list[str], habits: DateHabits) -> list[Stated]:
    return [stated for text in texts if (stated := read_page_date(text, habits)) is not None]
