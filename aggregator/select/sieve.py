"""Sieves: what a feed's filter and the operator's rules make of its entries. Pure.

An entry is judged when it is first seen, when it was dropped and changes, and when what dropped it is
configured no more. One that was let in stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Final

from aggregator.model import Entry, ExtractMode
from aggregator.sanitize import to_text
from aggregator.select.expressions import Context, Expression
from aggregator.select.story_fields import LONGEST_TEXT, StoryFields
from aggregator.urls import host_of
from aggregator.urls.domain import registrable_domain

_DIGEST: Final = 32  # hexadecimal digits: 128 bits
FILTER: Final = "filter"  # by which it is said that the feed's own filter dropped something


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over all feeds; ``name`` is what people know it by: its number, and its place."""

    name: str
    when: Expression
    drop: bool = False
    extract: ExtractMode | None = None


@dataclass(frozen=True, slots=True)
class FeedWords:
    """The operator's words about a feed, as far as expressions read them."""

    key: str
    title: str = ""  # empty: the feed's own
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judgement on an entry, and what made it. ``dropped_by`` is empty where it is let in.

    ``unjudged`` are expressions that could not be evaluated: who wrote them, and why.
    """

    dropped_by: str = ""
    extract: ExtractMode | None = None
    extract_by: str = ""
    unjudged: tuple[tuple[str, str], ...] = ()


LET_IN: Final = Judgement()


@dataclass(frozen=True)
class Sieve:
    """The filter of one feed, and the rules over all of them, in their order."""

    feed: FeedWords
    filter: Expression | None = None
    rules: tuple[Rule, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Digest of all that may drop an entry; empty where nothing does."""
        dropping = [rule.when.digest for rule in self.rules if rule.drop]
        if self.filter is None and not dropping:
            return ""
        own = self.filter.digest if self.filter is not None else ""
        said = (own, dropping, self.feed.title, self.feed.categories, self.feed.tags)
        return sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:_DIGEST]

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of the fields that its expressions may read."""
        own = self.filter.names if self.filter is not None else frozenset[str]()
        return own.union(*(rule.when.names for rule in self.rules))

    def judge(
        self, entry: Entry, first_seen: datetime, feed_title: str = "", *, was_let_in: bool = False
    ) -> Judgement:
        """The judgement on ``entry`` as its feed states it; ``feed_title`` is the feed's own.

        One that ``was_let_in`` before is dropped no more.
        """
        asking = _Asking(
            Context(entry_fields(entry, self.feed, first_seen, self.names, feed_title))
        )
        if (
            self.filter is not None
            and not was_let_in
            and asking.holds(FILTER, self.filter) is False
        ):
            return Judgement(FILTER)
        extract, extract_by = None, ""
        for rule in self.rules:
            if (rule.drop and was_let_in) or asking.holds(rule.name, rule.when) is not True:
                continue
            if rule.drop:
                return Judgement(rule.name, unjudged=tuple(asking.unjudged))
            extract, extract_by = rule.extract, rule.name
        if extract is None and not asking.unjudged:
            return LET_IN
        return Judgement("", extract, extract_by, tuple(asking.unjudged))


class _Asking:
    """Expressions asked about one entry, and those that could not be evaluated."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.unjudged: list[tuple[str, str]] = []

    def holds(self, who: str, expression: Expression) -> bool | None:
        outcome = expression.evaluate(self._context)
        if outcome.holds is None:
            self.unjudged.append((who, outcome.fault))
        return outcome.holds


def entry_fields(
    entry: Entry, feed: FeedWords, first_seen: datetime, names: frozenset[str], feed_title: str = ""
) -> StoryFields:
    """The fields of ``entry`` that are known when its feed is read; costly ones only if among ``names``."""
    episode = entry.details.episode
    return StoryFields(
        title=entry.title,
        author=", ".join(entry.authors),
        url=entry.url or "",
        domain=_domain(entry.url or "") if "domain" in names else "",
        feed=feed.title or feed_title,
        feed_id=feed.key,
        categories=tuple(dict.fromkeys((*entry.categories, *feed.categories))),
        tags=feed.tags,
        summary=to_text(entry.html)[:LONGEST_TEXT] if "summary" in names else "",
        published=min(entry.published or first_seen, first_seen),
        discovered=first_seen,
        enclosures=tuple(one.media_type for one in entry.enclosures),
        seconds=(episode.duration if episode is not None else None) or 0,
    )


def _domain(url: str) -> str:
    host = host_of(url)
    return registrable_domain(host) or host
