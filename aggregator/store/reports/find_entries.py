"""Entries by whatever an operator has of them: an address in any form, an id, a guid."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from aggregator.store.db.tables import articles, entries, stories
from aggregator.urls import canonical, story_key

_MOST = 50  # entries; more are no answer
_TELLING = re.compile(r"[A-Za-z0-9]{3,}")
_PIECE = re.compile(r"[/?&=#]")


def find_entries(connection: Connection, what: str) -> list[int]:
    """Ids of the entries that ``what`` names, ascending, at most 50.

    It may be a row id, a public id (of an entry, or of an item: then all of its entries), a guid,
    or the address of an entry or of its page, compared by their story keys.
    """
    what = what.strip()
    found = _by_ids(connection, what)
    if not found and what.lower().startswith(("http://", "https://")):
        found = _by_address(connection, what)
    return sorted(found)[:_MOST]


def _by_ids(connection: Connection, what: str) -> set[int]:
    found: set[int] = set()
    if what.isascii() and what.isdigit() and len(what) < 19:
        found = _ids(connection, entries.c.id == int(what))
    if not found:
        story = select(stories.c.id).where(stories.c.public_id == what)
        found = _ids(connection, or_(entries.c.public_id == what, entries.c.story_id.in_(story)))
    return (
        found
        or _ids(connection, entries.c.exact_id == what)
        or _ids(connection, or_(entries.c.guid == what, entries.c.identity == what))
    )


def _ids(connection: Connection, condition: ColumnElement[bool]) -> set[int]:
    return set(connection.execute(select(entries.c.id).where(condition).limit(_MOST)).scalars())


def _by_address(connection: Connection, url: str) -> set[int]:
    """Entries whose address, or whose page's, has the key of ``url``."""
    key = story_key(url)
    runs = _telling_runs(key)
    columns = (entries.c.url, articles.c.url, articles.c.final_url, articles.c.canonical_url)
    rows = connection.execute(
        select(entries.c.id, *columns)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
        .where(
            or_(
                *(and_(*(column.like(f"%{run}%") for run in runs)) for column in columns),
                entries.c.url.in_([url, canonical(url)]),
            )
        )
    )
    return {row[0] for row in rows if any(one and story_key(one) == key for one in row[1:])}


def _telling_runs(key: str) -> list[str]:
    """Runs of plain characters that every form of the address has: they narrow the search.

    They are those of the last piece, an article's name or a video's id; what stands before it can
    differ (a short link has none of it).
    """
    pieces = (_TELLING.findall(piece) for piece in reversed(_PIECE.split(key)))
    return next((runs for runs in pieces if runs), [])
