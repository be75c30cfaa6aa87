"""Addresses that are no evidence: pages that too many different pages lead to."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import articles

# A page may have its AMP form, its mobile form and a second part; more than that lead to a log-in,
# a consent page, a home page, or have a template's rel=canonical.
_FORMS = 4


def shared(connection: Connection, urls: Collection[str]) -> set[str]:
    """Those of ``urls`` that more pages name as their canonical or final address than one can have.

    ``urls`` as pages gave them (``articles.final_url``, ``articles.canonical_url``). What is in the
    result says nothing about whether two entries are one story.
    """
    found: set[str] = set()
    for chunk in chunks(sorted(urls)):
        for column in (articles.c.final_url, articles.c.canonical_url):
            found.update(
                connection.execute(
                    select(column)
                    .where(column.in_(chunk))
                    .group_by(column)
                    .having(func.count() > _FORMS)
                ).scalars()
            )
    return found
