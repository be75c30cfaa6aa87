"""Dates of a page's article: published, and changed since.

What the page states first is believed. Where that lacks a zone or a time of day, another statement of the
same moment gives it. A page that only says when it was changed was there at that time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from aggregator.extract.page.json_ld import MergedArticle, Node, stated
from aggregator.extract.page.shown_facts import ShownFacts
from aggregator.extract.page.slashed_dates import read_page_date
from aggregator.extract.page.state_dates import date_in_state
from aggregator.extract.page.told_dates import date_told, day_first_on
from aggregator.text.dates import NO_HABITS, DateHabits, Stated

_DATE_NAMES = (
    "article:published_time", "article:published:time", "article:published", "og:article:published_time", "og:published_time", "og:pubdate",
    "datepublished", "date_published", "published_time", "article.published", "published-date", "pubdate", "publish-date", "publish_date",
    "publication_date", "publicationdate", "parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_date", "citation_online_date",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "date", "article:post_date", "displaydate",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "bt:pubdate", "analyticsattributes.articledate", "ptime", "timestamp", "originalpublicationdate",
    "eprints.date", "bepress_citation_date", "datecreated", "created", "published", "publisheddate", "published_date", "published_at", "publication-date", "release_date", "issued",
)  # fmt: skip
_CHANGE_NAMES = (
    "article:modified_time", "article:modified", "og:modified_time", "og:updated_time", "datemodified", "date_modified", "last-modified", "dcterms.modified",
    "dc.date.modified", "revised", "lastmod", "modified_time", "lastreviewed",
)  # fmt: skip
# What systems of one house call it.
_DATE_NAME = re.compile(
    r"(?:^|[._:-]|first|article)publi(?:sh(?:ed)?|cation)(?:[._-]?(?:date|time|on|at)(?:[._-]?time)?)?$"
)
_ENGLISH = frozenset({"us", "gb", "au", "nz", "ie", "in", "za"})
_DAY_FIRST = frozenset(
    {
        "de",
        "fr",
        "es",
        "it",
        "nl",
        "pt",
        "pl",
        "da",
        "no",
        "nb",
        "cs",
        "ru",
        "uk",
        "tr",
        "el",
        "ro",
        "id",
        "vi",
    }
)
# Domains of countries, and of institutions of one, that tell how it writes dates.
_MONTH_FIRST_DOMAINS = frozenset({"gov", "mil", "edu", "us"})
_DAY_FIRST_DOMAINS = _DAY_FIRST - {"da", "el", "uk"} | {
    "uk", "au", "nz", "ie", "in", "za", "at", "ch", "be", "dk", "br", "mx", "ar", "cl", "gr", "eu",
}  # fmt: skip
_SAME_CHANGE = timedelta(days=1)  # between what is called a publication and a change
_ONE_DAY = timedelta(hours=26)  # for two statements of one moment, in whatever zone
_PUBLISHED = ("article:published_time", "article:published:time", "og:article:published_time", "og:published_time")  # fmt: skip
_DATE_IN_PATH = re.compile(
    r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})"
    r"[/-](0?[1-9]|[12]\d|3[01])(?=[/-]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of a page: ``<meta>`` by name, JSON-LD; its address, titles and language."""

    metas: Mapping[str, Sequence[str]]
    linked: MergedArticle
    nodes: Sequence[Node]
    url: str
    titles: Sequence[str] = ()
    language: str = ""


def dates_of(
    tree: HtmlElement, shown: ShownFacts, says: Statements
) -> tuple[datetime | None, datetime | None]:
    """Dates of publication and of the last change since; None: not said.

    6/9/2021 is read where the page's language names a country or is not English; else the site's
    domain tells, else other dates on the page.
    """
    habits = DateHabits(day_first=_day_first(says.language, says.url))
    first, last = _stated_dates(shown, says, habits)
    if first is None and last is None and habits.day_first is None:
        habits = DateHabits(day_first=day_first_on(tree))
        if habits.day_first is not None:
            first, last = _stated_dates(shown, says, habits)
    if first is None:
        first = _not_after(last, date_in_state(tree, says.titles))
    if first is None and last is None:
        first = _exact(date_told(tree, habits))
    if first is None:  # it was there at that time
        return last, None
    return first, last if last and last > first else None


def _not_after(last: datetime | None, found: datetime | None) -> datetime | None:
    return found if found is None or last is None or found <= last else None


def _stated_dates(
    shown: ShownFacts, says: Statements, habits: DateHabits
) -> tuple[datetime | None, datetime | None]:
    """Dates of publication and of the last change as the page states or shows them."""
    metas, linked = says.metas, says.linked
    page = next((node for node in says.nodes if "datePublished" in node), {})
    said = [
        *_published_before(metas, linked), *stated(linked.get("datePublished")),
        *(said for name in _DATE_NAMES for said in metas.get(name, ())), *stated(page.get("datePublished")),
        *stated(linked.get("dateCreated")), *stated(page.get("uploadDate")),
        *(said for name, given in metas.items() if _DATE_NAME.search(name) for said in given),
    ]  # fmt: skip
    found = _read(said, habits)
    if not found:
        found = shown.published(habits) or _in_path(says.url)
    elif not found[0].has_zone:
        found += shown.times()  # of which another of this moment may have a zone
    later = [
        *stated(linked.get("dateModified")), *(said for name in _CHANGE_NAMES for said in metas.get(name, ())),
        *stated(page.get("dateModified")),
    ]  # fmt: skip
    return _exact(found), _exact(_read(later, habits) or shown.changed(habits))


def _read(texts: Iterable[str], habits: DateHabits) -> list[Stated]:
    return [stated for text in texts if (stated := read_page_date(text, habits)) is not None]


def _published_before(metas: Mapping[str, Sequence[str]], linked: MergedArticle) -> list[str]:
    """What ``<meta>`` says of the publication where JSON-LD calls a later change that, as some systems do."""
    published, changed = (
        _read(stated(linked.get(name)), NO_HABITS)[:1] for name in ("datePublished", "dateModified")
    )
    if not published or not changed or abs(changed[0].moment - published[0].moment) > _SAME_CHANGE:
        return []
    said = [text for name in _PUBLISHED for text in metas.get(name, ())]
    first = published[0].moment - _ONE_DAY
    return [one for one in said if any(found.moment < first for found in _read([one], NO_HABITS))]


def _day_first(language: str, url: str) -> bool | None:
    """Whether who writes in ``language`` on the site of ``url`` puts the day first, None where nobody knows."""
    spoken, _, country = language.lower().replace("_", "-").partition("-")
    if spoken == "en" and country in _ENGLISH:
        return country != "us"
    if spoken in _DAY_FIRST:
        return True
    domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    if domain in _MONTH_FIRST_DOMAINS:
        return False
    return True if domain in _DAY_FIRST_DOMAINS else None


def _in_path(url: str) -> list[Stated]:
    """The date in the path of ``url``."""
    found = _DATE_IN_PATH.search(urlsplit(url).path)
    if found is None:
        return []
    year, month, day = found.groups()
    return _read(
        [f"{year}-{month}-{day}" if month.isdigit() else f"{day} {month} {year}"], NO_HABITS
    )


def _exact(stated: Sequence[Stated]) -> datetime | None:
    """The first moment, as exactly as any other statement of the same has it: with a time, with a zone."""
    if not stated:
        return None
    first = stated[0]
    if first.has_zone:
        return first.moment
    for other in stated[1:]:
        same = abs(other.moment - first.moment) <= _ONE_DAY
        if same and other.has_zone and (not first.has_time or _is_same_time(first, other)):
            return other.moment
    timed = (other for other in stated[1:] if other.has_time and not first.has_time)
    return next((o.moment for o in timed if o.moment.date() == first.moment.date()), first.moment)


def _is_same_time(one: Stated, other: Stated) -> bool:
    """Whether both may be one time of day in two zones: those differ by half hours."""
    beyond = (one.moment - other.moment).total_seconds() % 1800
    return min(beyond, 1800 - beyond) < 60
