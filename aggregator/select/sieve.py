"""Sieves: what a feed's filter and the operator's rules make of its entries. Pure.

An entry is judged when it is first seen, when it was dropped and changes, and when other filters and rules
are configured. One that was let in stays until then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Final

from aggregator.model import Entry, ExtractMode, JudgedEntry, Labels
from aggregator.sanitize import to_text
from aggregator.select.expressions import Context, Expression
from aggregator.select.story_fields import LONGEST_TEXT, Phase, StoryFields
from aggregator.text.words import words
from aggregator.urls import host_of
from aggregator.urls.domain import registrable_domain

_DIGEST: Final = 32  # hexadecimal digits: 128 bits
_UNNAMED: Final = Labels()
FILTER: Final = "filter"  # by which it is said that the feed's own filter dropped something


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over all feeds; ``name`` is what people know it by: its number, and its place."""

    name: str
    when: Expression
    drop: bool = False
    extract: ExtractMode | None = None
    labels: Labels = _UNNAMED

    @property
    def waits_for_text(self) -> bool:
        """True where it has something to say of an entry that has its text."""
        return bool(self.labels) or self.when.phase is Phase.TEXT


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
    labels: Labels = _UNNAMED
    labelled_by: tuple[str, ...] = ()


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
        dropping = [
            (rule.when.digest, rule.drop, rule.labels)
            for rule in self.rules
            if rule.drop or rule.labels  # names decide about rules that follow
        ]
        if not any(rule.drop for rule in self.rules):
            dropping = []
        if self.filter is None and not dropping:
            return ""
        own = self.filter.digest if self.filter is not None else ""
        said = (own, dropping, self.feed.title, self.feed.categories, self.feed.tags)
        return sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:_DIGEST]

    @cached_property
    def terms(self) -> str:
        """Digest of all by which stored entries would be judged otherwise; empty where nothing is said of them."""
        saying = [
            (rule.when.digest, rule.drop, rule.labels)
            for rule in self.rules
            if rule.drop or rule.labels
        ]
        if self.filter is None and not saying:
            return ""
        own = self.filter.digest if self.filter is not None else ""
        read = {"feed": self.feed.title, "categories": self.feed.categories, "tags": self.feed.tags}
        known = [said for name, said in read.items() if name in self.names]
        return sha256(repr((own, saying, known)).encode("utf-8", "replace")).hexdigest()[:_DIGEST]

    @property
    def waits_for_text(self) -> bool:
        """True where a rule has something to say of entries that have their text."""
        return any(rule.waits_for_text for rule in self.rules)

    @cached_property
    def _late(self) -> tuple[Rule, ...]:
        """The rules that are asked once an entry has its text: also those that read what such rules give."""
        late, given = list[Rule](), set[str]()
        for rule in self.rules:
            reads_given = not given.isdisjoint(rule.when.names)
            if rule.waits_for_text or reads_given:
                late.append(rule)
            if rule.when.phase is Phase.TEXT or reads_given:
                given |= {"categories"} if rule.labels.categories else set()
                given |= {"tags"} if rule.labels.tags else set()
        return tuple(late)

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
        asking = _Asking(entry_fields(entry, self.feed, first_seen, self.names, feed_title))
        if (
            self.filter is not None
            and not was_let_in
            and asking.holds(FILTER, self.filter) is False
        ):
            return Judgement(FILTER)
        extract, extract_by = None, ""
        for rule in self.rules:
            if rule.when.phase is not Phase.FEED or (rule.drop and was_let_in):
                continue
            if asking.holds(rule.name, rule.when) is not True:
                continue
            if rule.drop:
                return Judgement(rule.name, unjudged=tuple(asking.unjudged))
            if rule.extract is not None:
                extract, extract_by = rule.extract, rule.name
            asking.label(rule)
        if extract is None and not asking.unjudged:
            return LET_IN
        return Judgement("", extract, extract_by, tuple(asking.unjudged))

    def judge_text(self, one: JudgedEntry, *, was_let_in: bool = False) -> Judgement:
        """The judgement of the rules on an entry that has its text, and was let in as its feed was read."""
        given = entry_fields(one.entry, self.feed, one.first_seen, self.names, one.feed_title)
        asking = _Asking(_with_text(given, one, self.names))
        for rule in self._late:
            if rule.drop and was_let_in:
                continue
            if asking.holds(rule.name, rule.when) is not True:
                continue
            if rule.drop:
                return Judgement(rule.name, unjudged=tuple(asking.unjudged))
            asking.label(rule)
        return Judgement(
            unjudged=tuple(asking.unjudged),
            labels=asking.labels,
            labelled_by=tuple(asking.labelled_by),
        )


class _Asking:
    """Expressions asked about one entry, what rules named it by then, and what could not be evaluated."""

    def __init__(self, fields: StoryFields) -> None:
        self._fields = fields
        self._context = Context(fields)
        self.labels = Labels()
        self.labelled_by: list[str] = []
        self.unjudged: list[tuple[str, str]] = []

    def holds(self, who: str, expression: Expression) -> bool | None:
        outcome = expression.evaluate(self._context)
        if outcome.holds is None:
            self.unjudged.append((who, outcome.fault))
        return outcome.holds

    def label(self, rule: Rule) -> None:
        """Have the rules that follow see the names that ``rule`` gives."""
        if not rule.labels:
            return
        self.labelled_by.append(rule.name)
        self.labels = Labels(
            _joined(self.labels.categories, rule.labels.categories),
            _joined(self.labels.tags, rule.labels.tags),
            self.labels.rank + rule.labels.rank,
        )
        self._fields = replace(
            self._fields,
            categories=_joined(self._fields.categories, rule.labels.categories),
            tags=_joined(self._fields.tags, rule.labels.tags),
        )
        self._context = Context(self._fields)


def _joined(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _with_text(fields: StoryFields, one: JudgedEntry, names: frozenset[str]) -> StoryFields:
    return replace(
        fields,
        text=one.text,
        words=len(words(one.text)) if "words" in names else 0,
        language=(one.language or "").partition("-")[0].lower(),
    )


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
