"""Representatives: the member whose text a story shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from aggregator.dedupe.candidates import candidate_of, claimed_addresses
from aggregator.dedupe.guests import Teller, hosts_of, may_speak_for
from aggregator.dedupe.represent import best
from aggregator.model import StoryMember
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import entries, feeds, stories
from aggregator.store.stories.entry_sources import candidates_by_id, source_of
from aggregator.text.truncation import is_truncated

_MEMBERS = (
    select(
        entries.c.id,
        entries.c.story_id,
        entries.c.text_length,
        entries.c.first_seen_at,
        entries.c.url,
        entries.c.guid,
        entries.c.enclosures,
        feeds.c.url.label("feed_url"),
        feeds.c.site_url,
        stories.c.representative_id,
        stories.c.guests,
    )
    .join(stories, stories.c.id == entries.c.story_id)
    .join(feeds, feeds.c.id == entries.c.feed_id)
    .where(entries.c.story_id.in_(bindparam("wanted", expanding=True)))
    .order_by(entries.c.id)
)


def choose_representatives(connection: Connection, story_ids: Collection[int]) -> None:
    """Let each of these stories be shown by the best of its members."""
    members: dict[int, list[Any]] = {}
    for chunk in chunks(sorted(story_ids)):
        for row in connection.execute(_MEMBERS, {"wanted": chunk}):
            members.setdefault(row.story_id, []).append(row)
    guests = _guests(connection, members.values())
    changed = []
    for story, rows in members.items():
        standing_back = [row.id for row in rows if row.id in guests]
        copies = [
            StoryMember(row.id, row.text_length, row.first_seen_at, stands_back=row.id in guests)
            for row in rows
        ]
        chosen = copies[best(copies)].entry_id
        if (chosen, standing_back) != (rows[0].representative_id, rows[0].guests or []):
            changed.append({"row_id": story, "entry": chosen, "back": standing_back or None})
    if changed:
        connection.execute(
            update(stories)
            .where(stories.c.id == bindparam("row_id"))
            .values(representative_id=bindparam("entry"), guests=bindparam("back")),
            changed,
        )


def _guests(connection: Connection, members: Iterable[Sequence[Row[Any]]]) -> set[int]:
    """Members that stand back for others of their story.

    One does not that says the same, or has whole what its hosts only give a teaser of.
    """
    hosts: dict[int, tuple[int, ...]] = {}
    for rows in members:
        if len(rows) > 1:
            hosts |= hosts_of([_teller(row) for row in rows])
    texts = _texts(connection, {*hosts, *(i for several in hosts.values() for i in several)})
    return {
        guest
        for guest, several in hosts.items()
        if not all(_may_speak_for(texts, guest, host) for host in several)
    }


def _teller(row: Row[Any]) -> Teller:
    says = bool(row.text_length or row.enclosures)
    return Teller(row.id, claimed_addresses(row.url, row.guid), row.feed_url, row.site_url, says)


def _may_speak_for(texts: Mapping[int, tuple[str, bool]], guest: int, host: int) -> bool:
    text, from_page = texts[host]
    return may_speak_for(texts[guest][0], text, teaser=not from_page and is_truncated(text))


def _texts(connection: Connection, ids: Collection[int]) -> dict[int, tuple[str, bool]]:
    """Text of each entry, and was it taken from a page?"""
    found: dict[int, tuple[str, bool]] = {}
    for chunk in chunks(sorted(ids)):
        for row in candidates_by_id(connection, chunk):
            one = candidate_of(source_of(row))
            found[row.id] = one.text, bool(one.page)
    return found
