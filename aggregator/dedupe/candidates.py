"""Entries as they are stored, as candidates for a story: which text, ids and addresses count. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from aggregator.dedupe.furniture import Furniture, Sample, remark_of
from aggregator.dedupe.guests import SPEAKING
from aggregator.dedupe.remarks import Sentence, Told
from aggregator.dedupe.voice import is_own_voice, leads_away
from aggregator.model import StoryCandidate
from aggregator.sanitize import to_text
from aggregator.text.truncation import is_truncated
from aggregator.text.words import words
from aggregator.tidy.own_words import own_words, with_marks, without_quotes
from aggregator.urls import part_of, without_part


class EntrySource(NamedTuple):
    """The columns of an entry, its feed and its page that tell which story it is of."""

    id: int
    feed_id: int
    guid: str | None
    url: str | None
    title: str
    first_seen_at: datetime
    sort_at: datetime
    public_id: str
    summary_html: str
    content_html: str
    article_id: int | None
    article_text: str | None
    final_url: str | None
    canonical_url: str | None
    site_url: str | None
    feed_url: str
    feed_title: str | None = None
    article_title: str | None = None
    site_name: str | None = None
    description: str | None = None  # that the page gives of itself
    voice: bool | None = None  # its own voice, as it was settled; None: not yet
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    # Of its feed, with itself; None: it is not asked what the entry says beside others.
    latest: tuple[Sample, ...] | None = None

    @property
    def html(self) -> str:
        """The fullest text that the feed gives."""
        return self.content_html or self.summary_html


def candidate_of(
    row: EntrySource, ambiguous_urls: Collection[str] = (), furniture: Furniture | None = None
) -> StoryCandidate:
    """The candidate that ``row`` is; ``ambiguous_urls`` are the final and canonical addresses that too many pages share to mean one page.

    A settled entry keeps the voice that was found when it was settled: by that it is shown.
    """
    html = row.html
    abroad = [one for one in claimed_addresses(row.url, row.guid) if leads_away(one, row.feed_url)]
    speaks = may_remark(row)
    said = _said(row, furniture or Furniture()) if speaks else ()
    own_voice = _has_own_voice(row, said) if row.voice is None else row.voice
    from_page = bool(row.article_text) and not own_voice
    own = to_text(without_quotes(html) if own_voice else with_marks(html))
    guest = bool(abroad) and not from_page
    if guest and not speaks:
        guest = len(words(own_words(html))) >= SPEAKING
    elif guest:
        guest = bool(said)
    return StoryCandidate(
        entry_id=row.id,
        feed_id=row.feed_id,
        guid=None if own_voice and row.guid in abroad else row.guid,
        urls=_own_addresses(row) if own_voice else _addresses(row, ambiguous_urls),
        title=row.title,
        text=row.article_text or "" if from_page else own,
        first_seen=row.first_seen_at,
        sort_at=row.sort_at,
        public_id=row.public_id,
        page=_page(row) if from_page else "",
        said=own if from_page else "",
        own_voice=own_voice,
        guest=guest,
        abroad=bool(abroad),
        cut=not from_page and is_truncated(own),
        remark=said if own_voice or guest else (),
        described=(row.description or "") if from_page else "",
    )


def claimed_addresses(url: str | None, guid: str | None) -> tuple[str, ...]:
    """An entry's link, and its guid where that is an address."""
    address = guid if (guid or "").startswith(("http://", "https://")) else None
    return tuple(dict.fromkeys(one for one in (url, address) if one))


def may_remark(row: EntrySource) -> bool:
    """True for an entry that leads to another site than those of its feed."""
    leading = (row.final_url or row.url, *claimed_addresses(row.url, row.guid))
    return any(leads_away(one, row.site_url, row.feed_url) for one in dict.fromkeys(leading))


def _said(row: EntrySource, furniture: Furniture) -> tuple[Sentence, ...]:
    if row.latest is None:
        return ()
    one = Sample(row.id, row.title, row.url, row.authors, row.categories, row.html)
    said = remark_of(one, row.feed_title, row.article_title, row.site_name)
    return furniture.without(said, one, (row.feed_id, row.feed_title), row.latest)


def _has_own_voice(row: EntrySource, said: tuple[Sentence, ...]) -> bool:
    away = bool(said) and leads_away(row.final_url or row.url, row.site_url, row.feed_url)
    return away and is_own_voice(said, row.html, _told(row))


def _told(row: EntrySource) -> Told | None:
    """What the entry's page says, None where it was not read."""
    if not row.article_text:
        return None
    named = (row.article_title, row.description)
    return Told(words(row.article_text), [words(one) for one in named if one])


def _own_addresses(row: EntrySource) -> tuple[str, ...]:
    """Without that of another's page, at which several may find something to say."""
    if row.url is None or leads_away(row.url, row.site_url, row.feed_url):
        return ()
    return (row.url,)


def _addresses(row: EntrySource, ambiguous_urls: Collection[str]) -> tuple[str, ...]:
    found = [url for url in (row.final_url, row.canonical_url) if url not in ambiguous_urls]
    if row.url and part_of(row.url):  # the page is not the part that the entry is
        found = []
    return tuple(dict.fromkeys(url for url in (row.url, *found) if url))


def _page(row: EntrySource) -> str:
    return without_part(row.final_url) if row.final_url else f"article:{row.article_id}"
