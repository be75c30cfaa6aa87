"""Dates of a page's article: published, and changed since.

What the page states first is believed. Where that lacks a zone or a time of day, another statement of the
same moment gives it. A page that only says when it was changed was there at that time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.extract.page.json_ld import MergedArticle, Node, stated
from aggregator.extract.page.shown_facts import ShownFacts
from aggregator.extract.page.slashed_dates import read_page_date
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
    "dc.date.modified", "revised", "lastmod", "modified_time",
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
_ONE_DAY = timedelta(hours=26)  # for two statements of one moment, in whatever zone
_DATE_IN_PATH = re.compile(
    r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/-]|$)"
)


def dates_of(
    shown: ShownFacts,
    metas: Mapping[str, Sequence[str]],
    linked: MergedArticle,
    nodes: Sequence[Node],
    url: str,
    language: str = "",
) -> tuple[datetime | None, datetime | None]:
    """Dates of publication and of the last change since; None: not said.

    ``language`` is the page's, by which 6/9/2021 is read where it names a country or is not English.
    """
    habits = DateHabits(day_first=_day_first(language))
    page = next((node for node in nodes if "datePublished" in node), {})
    said = [
        *stated(linked.get("datePublished")), *(said for name in _DATE_NAMES for said in metas.get(name, ())), *stated(page.get("datePublished")),
        *stated(linked.get("dateCreated")), *stated(page.get("uploadDate")),
        *(said for name, given in metas.items() if _DATE_NAME.search(name) for said in given),
    ]  # fmt: skip
    found = _read(said, habits)
    if not found:
        found = shown.published(habits)
    elif not found[0].has_zone:
        found += shown.times()  # of which another of this moment may have a zone
    in_path = _DATE_IN_PATH.search(urlsplit(url).path)
    if in_path and not found:
        found = _read(["-".join(in_path.groups())], NO_HABITS)
    later = [
        *stated(linked.get("dateModified")), *(said for name in _CHANGE_NAMES for said in metas.get(name, ())), *stated(page.get("dateModified")),
    ]  # fmt: skip
    first = _exact(found)
    last = _exact(_read(later, habits) or shown.changed(habits))
    if first is None:  # it was there at that time
        return last, None
    return first, last if last and last > first else None


def _read(texts: Iterable[str], habits: DateHabits) -> list[Stated]:
    return [stated for text in texts if (stated := read_page_date(text, habits)) is not None]


def _day_first(language: str) -> bool | None:
    """Whether who writes in ``language`` puts the day first, None where nobody knows."""
    spoken, _, country = language.lower().replace("_", "-").partition("-")
    if spoken == "en":
        return None if country not in _ENGLISH else country != "us"
    return True if spoken in _DAY_FIRST else None


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
