"""Entries by whatever an operator has of them: an address in any form, an id, a guid."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles, entries, entry_shares_id, page_keys, stories
from aggregator.urls import canonical, story_key
from aggregator.urls.lookup_keys import address_key, text_key

_MOST = 50  # entries; more are no answer
_LOOKED_AT = 200  # that share a key: a page that so many link to is no article


def find_entries(connection: Connection, what: str) -> list[int]:
    """Ids of the entries that ``what`` names, ascending, at most 50.

    It may be a row id, a public id (of an entry, or of an item: then all of its entries), a guid,
    or the address of an entry or of its page, compared by their story keys.
    """
    # Bytes of a command line that are no UTF-8 come as surrogates, which no database knows.
    what = what.strip().encode(errors="replace").decode()
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
        found = _ids(connection, entries.c.public_id == what)
        found |= _ids(connection, entries.c.story_id.in_(story))
    shared = and_(entries.c.exact_id == what, entry_shares_id)
    told = and_(
        entries.c.guid_key == text_key(what),
        or_(entries.c.guid == what, entries.c.identity == what),
    )
    return found or _ids(connection, shared) or _ids(connection, told)


def _ids(connection: Connection, condition: ColumnElement[bool]) -> set[int]:
    ids = select(entries.c.id).where(condition).limit(_MOST)
    return set(connection.execute(ids).scalars())


def _by_address(connection: Connection, url: str) -> set[int]:
    """Entries whose address, or whose page's, has the key of ``url``."""
    key = story_key(url)
    found = _of_pages(connection, _pages(connection, url))
    found |= _candidates(connection, entries.c.url_key == text_key(key))
    columns = (entries.c.url, articles.c.url, articles.c.final_url, articles.c.canonical_url)
    addresses = (
        select(entries.c.id, *columns)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
        .where(entries.c.id.in_(sorted(found)))
    )
    rows = connection.execute(addresses)
    return {row[0] for row in rows if any(one and story_key(one) == key for one in row[1:])}


def _pages(connection: Connection, url: str) -> set[int]:
    """Pages that were fetched at ``url`` or led there, whatever form of it they are stored by."""
    keyed = (
        select(page_keys.c.article_id).where(page_keys.c.key == address_key(url)).limit(_LOOKED_AT)
    )
    found = set(connection.execute(keyed).scalars())
    forms = sorted({url, canonical(url)})
    for column in (articles.c.url, articles.c.final_url, articles.c.canonical_url):
        same = select(articles.c.id).where(column.in_(forms))
        found.update(connection.execute(same.limit(_LOOKED_AT)).scalars())
    return found


def _of_pages(connection: Connection, article_ids: Collection[int]) -> set[int]:
    return {
        entry_id
        for chunk in chunks(sorted(article_ids))
        for entry_id in _candidates(connection, entries.c.article_id.in_(chunk))
    }


def _candidates(connection: Connection, condition: ColumnElement[bool]) -> set[int]:
    ids = select(entries.c.id).where(condition).limit(_LOOKED_AT)
    return set(connection.execute(ids).scalars())
