"""An entry's details, language and date as readers of an output may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from aggregator.model import Details, Episode, FurtherLink, Origin, Person, Relation
from aggregator.privacy.public import Disclosure

_OF_EPISODES = frozenset({Relation.CHAPTERS, Relation.TRANSCRIPT})


def shown_details(details: Details, told: Disclosure, *, whole: bool) -> Details:
    """``details`` with no secret of their feed in them; ``whole``: what opens files may stay.

    Of a private feed mail addresses go: they may be those of who reads it.
    """
    if not told.guards:
        return details
    return replace(
        details,
        people=_people(details.people, told),
        contributors=_people(details.contributors, told),
        topics=tuple(
            replace(
                one,
                name=told.text(one.name),
                term=told.text(one.term),
                scheme=told.text(one.scheme),
            )
            for one in details.topics
        ),
        links=tuple(
            link for one in details.links if (link := _link(one, told, whole=whole)) is not None
        ),
        rights=told.text(details.rights),
        origin=_origin(details.origin, told),
        episode=_episode(details.episode, told),
    )


def _people(people: tuple[Person, ...], told: Disclosure) -> tuple[Person, ...]:
    return tuple(
        Person(
            told.text(one.name), "" if told.private else told.text(one.email), _url(one.url, told)
        )
        for one in people
    )


def _link(link: FurtherLink, told: Disclosure, *, whole: bool) -> FurtherLink | None:
    is_file = link.relation in _OF_EPISODES
    shown = told.file(link.url, whole=whole) if is_file else told.link(link.url)
    ref = told.link(link.ref) or "" if "://" in link.ref else told.text(link.ref)
    if not shown and not ref:
        return None
    return replace(link, url=shown or "", title=told.text(link.title), ref=ref)


def _origin(origin: Origin | None, told: Disclosure) -> Origin | None:
    if origin is None:
        return None
    return Origin(
        told.text(origin.title),
        (told.link(origin.id) or "") if "://" in origin.id else told.text(origin.id),
        _url(origin.feed_url, told),
        _url(origin.site_url, told),
    )


def _episode(episode: Episode | None, told: Disclosure) -> Episode | None:
    if episode is None:
        return None
    chapters = tuple(
        replace(one, title=told.text(one.title), url=_url(one.url, told))
        for one in episode.chapters
    )
    return replace(episode, chapters=chapters)


def _url(url: str, told: Disclosure) -> str:
    return told.link(url) or ""


def language_of(shown: Row[Any]) -> str | None:
    """The entry's, else its page's or its feed's; ``en``, which tools say unasked, yields to the page's."""
    if shown.article_html and shown.article_language and (shown.language or "")[:2].lower() == "en":
        of_page: str = shown.article_language
        return shown.language if of_page[:2].lower() == "en" else of_page
    language: str | None = shown.language or shown.article_language or shown.feed_language
    return language


def published_of(shown: Row[Any]) -> datetime | None:
    """The date under which the entry was published, as its feed or else its page says."""
    date: datetime | None = shown.published_at
    return date if shown.published_fixed else date or shown.article_published_at
