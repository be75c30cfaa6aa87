"""Digests of the latest pages of each host, by which boilerplate is recognised on the next one.

A page has one of a few places of its host, by its id; a later page with that place takes it over. So
no host ever has more rows than places, whoever writes at once, and nothing has to be deleted for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.extract.judging.house import stands_on
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles, site_pages
from aggregator.store.db.upsert import insert_or_update
from aggregator.urls import story_key

PLACES = 10  # pages remembered of a host


def remember(connection: Connection, read: Sequence[tuple[int, str, bytes]]) -> None:
    """Note of these pages (article id, host, digests of its blocks) what they hold."""
    rows = {
        (host, place_of(article_id)): {
            "host": host,
            "place": place_of(article_id),
            "article_id": article_id,
            "digests": digests,
        }
        for article_id, host, digests in read
        if digests
    }
    # In one order for all, or two transactions could lock each other out.
    insert_or_update(connection, site_pages, [rows[key] for key in sorted(rows)], "host", "place")


def place_of(article_id: int) -> int:
    """The place of a page among those of its host: by chance, as ids of one host may come in steps."""
    return int.from_bytes(blake2b(str(article_id).encode(), digest_size=4).digest()) % PLACES


def pages_of(connection: Connection, hosts: Sequence[str]) -> dict[str, dict[int, bytes]]:
    """By host: article id → digests of its page's blocks."""
    found: dict[str, dict[int, bytes]] = {host: {} for host in hosts}
    for chunk in chunks(sorted(found)):
        for row in connection.execute(select(site_pages).where(site_pages.c.host.in_(chunk))):
            found[row.host][row.article_id] = row.digests
    return found


def with_text(text: str, pages: Mapping[int, bytes]) -> set[int]:
    """Those of ``pages`` (id → digests) that have all of ``text``."""
    return {i for i, digests in pages.items() if stands_on(text, digests)}


def siblings(connection: Connection, pages: Sequence[Row[Any]]) -> dict[int, bytes]:
    """For each of ``pages``, rows of ``articles``, the digests of its host's other pages in a row.

    Those that are another copy of the same article, by its addresses, are left out.
    """
    held: defaultdict[str, list[tuple[int, set[str], bytes]]] = defaultdict(list)
    for chunk in chunks(sorted({page.host for page in pages})):
        for row in connection.execute(
            select(
                site_pages.c.host,
                site_pages.c.digests,
                articles.c.id,
                articles.c.url,
                articles.c.final_url,
                articles.c.canonical_url,
            )
            .join(articles, articles.c.id == site_pages.c.article_id)
            .where(site_pages.c.host.in_(chunk))
        ):
            addresses = _addresses(row.url, row.final_url, row.canonical_url)
            held[row.host].append((row.id, addresses, row.digests))
    return {page.id: _others(page, held) for page in pages if page.host in held}


def _others(page: Row[Any], held: Mapping[str, Sequence[tuple[int, set[str], bytes]]]) -> bytes:
    own = _addresses(page.url, page.final_url, page.canonical_url)
    return b"".join(
        digests
        for article_id, addresses, digests in held[page.host]
        if article_id != page.id and own.isdisjoint(addresses)
    )


def _addresses(*urls: str | None) -> set[str]:
    return {story_key(url) for url in set(urls) if url}
