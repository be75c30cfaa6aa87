"""Article pages to fetch, leased: the newest first, a few of each host."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from aggregator.model import ArticleHints, ArticleTask, Handed, Lease
from aggregator.sanitize import to_text
from aggregator.store.db import leasing
from aggregator.store.db.tables import articles, entries, entry_texts, feeds, page_is_wanted
from aggregator.store.pages import site_pages
from aggregator.urls import part_of

_LOOK_AHEAD = 16  # waiting pages looked at for each that is claimed
_PER_HOST = 4  # pages of one host per claim: enough to keep it busy, few enough to be fair
_PICTURED = re.compile(r"<(?:img|video|audio|iframe)\b", re.IGNORECASE)


def claim_articles(
    connection: Connection,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    busy_hosts: Collection[str],
) -> list[ArticleTask]:
    """Lease up to ``limit`` pages, each with hints of its entry and its host's other pages.

    See :meth:`aggregator.ports.ArticleStore.claim_articles`.
    """
    chosen = (
        _shared_out(now, limit, busy_hosts)
        .with_for_update(key_share=True, skip_locked=True)
        .cte("chosen")
    )
    return _leased(connection, articles.c.id.in_(select(chosen.c.id)), now, lease_for)


def claim_article(
    connection: Connection, article_id: int, now: datetime, lease_for: timedelta
) -> ArticleTask | None:
    """Lease one page, due or not; None while someone else holds it."""
    this_one = and_(articles.c.id == article_id, _is_free(now))
    return next(iter(_leased(connection, this_one, now, lease_for)), None)


def take_over(
    connection: Connection, handed: Sequence[Handed], now: datetime, lease_for: timedelta
) -> list[ArticleTask]:
    """Take over leases on pages; see :meth:`aggregator.ports.JobStore.take_pages`."""
    leases = [(one.id, Lease(one.token, now)) for one in handed]
    mine = leasing.held(connection, articles, leases)
    if not mine:
        return []
    # Ended since: it was read, or given back.
    still = and_(articles.c.lease_until.is_not(None), page_is_wanted)
    return _leased(connection, and_(articles.c.id.in_(sorted(mine)), still), now, lease_for)


def _shared_out(now: datetime, limit: int, busy_hosts: Collection[str]) -> Select[int]:
    """The newest pages that are due, at most four of each host."""
    due = and_(
        page_is_wanted,
        articles.c.next_attempt_at <= now,
        _is_free(now),
        articles.c.host.not_in(sorted(busy_hosts)),
    )
    # Places are shared out among the newest only: a backlog of any length costs no more than this.
    newest = (
        select(articles.c.id, articles.c.host)
        .where(due)
        .order_by(articles.c.id.desc())
        .limit(limit * _LOOK_AHEAD)
        .subquery()
    )
    ranked = select(
        newest.c.id,
        func.row_number()
        .over(partition_by=newest.c.host, order_by=newest.c.id.desc())
        .label("turn"),
    ).subquery()
    turns = (
        select(ranked.c.id)
        .where(ranked.c.turn <= _PER_HOST)
        .order_by(ranked.c.turn, ranked.c.id.desc())
        .limit(limit)
        .cte("turns")
    )
    # Window functions cannot lock rows; the rows they chose are locked, and checked again, here.
    return select(articles.c.id).where(articles.c.id.in_(select(turns.c.id)), due)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(articles.c.lease_until.is_(None), articles.c.lease_until <= now)


def _leased(
    connection: Connection, which: ColumnElement[bool], now: datetime, lease_for: timedelta
) -> list[ArticleTask]:
    """The pages ``which``, leased, the newest first."""
    rows = connection.execute(
        update(articles)
        .where(which)
        .values(lease_until=now + lease_for, lease_token=articles.c.lease_token + 1)
        .returning(
            articles.c.id,
            articles.c.url,
            articles.c.host,
            articles.c.lease_token,
            articles.c.lease_until,
            articles.c.attempts,
            articles.c.final_url,
            articles.c.canonical_url,
            articles.c.inside,
        )
    ).all()
    hints = hints_of(connection, [row.id for row in rows])
    siblings = site_pages.siblings(connection, rows)
    return [
        ArticleTask(
            article_id=row.id,
            url=row.url,
            host=row.host,
            lease=Lease(row.lease_token, row.lease_until),
            attempts=row.attempts,
            hints=replace(
                hints.get(row.id, ArticleHints()),
                siblings=siblings.get(row.id, b""),
                part=part_of(row.url),
            ),
            inside=row.inside,
        )
        for row in sorted(rows, key=lambda row: -int(row.id))
    ]


def hints_of(connection: Connection, article_ids: Sequence[int]) -> dict[int, ArticleHints]:
    """Hints of the first entry that linked to each of these pages."""
    rows = connection.execute(
        select(
            entries.c.article_id,
            feeds.c.key,
            entries.c.title,
            entries.c.language,
            entry_texts.c.summary_html,
            entry_texts.c.content_html,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(entries.c.article_id.in_(article_ids))
        .order_by(entries.c.id.desc())  # the dict keeps the first entry that linked to the page
    )
    return {
        row.article_id: ArticleHints(
            title=row.title,
            summary_text=to_text(row.content_html or row.summary_html),
            language=row.language,
            feed_key=row.key,
            has_media=_PICTURED.search(row.content_html or row.summary_html) is not None,
        )
        for row in rows
    }
