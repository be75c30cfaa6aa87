"""Article pages wanted by entries, and the texts that came of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from aggregator.errors import LeaseLost
from aggregator.extract.judging.better import why_worse
from aggregator.extract.judging.house import REASON
from aggregator.extract.judging.need import FEED_SOURCE, SURE_OF_FEED
from aggregator.model import Article, ArticleTask
from aggregator.parse.identity import shown_html
from aggregator.store.db import leasing
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.row_locks import lock_rows, lock_where
from aggregator.store.db.tables import ArticleState, EntryState, articles, entries, page_keys
from aggregator.store.db.upsert import count_missing, insert_missing
from aggregator.store.pages import house_texts, site_pages
from aggregator.urls import host_of
from aggregator.urls.limits import LONGEST_INDEXED
from aggregator.urls.lookup_keys import address_key

_SOURCES_LOOKED_AT = 10  # articles that tell a feed's habit


def ensure(
    connection: Connection, urls: Sequence[str], now: datetime, inside: Collection[str] = ()
) -> tuple[dict[str, tuple[int, bool]], int, set[int]]:
    """Note that these pages are wanted: canonical URL → (article id, is it still to be fetched).

    Also returns how many of them were not known, and the ids of those that feeds ``inside`` link to and
    no such feed did before: they are for :func:`refresh`.
    """
    found: dict[str, tuple[int, bool]] = {}
    opened: set[int] = set()
    added = 0
    # Sorted, so that two workers that insert the same pages lock them in the same order.
    while missing := sorted(set(urls) - found.keys()):
        rows = [_new_page(url, now, inside=url in inside) for url in missing]
        added += count_missing(connection, articles, rows)
        for chunk in chunks(missing):
            for row in connection.execute(_BY_URL, {"urls": chunk}):
                opens = row.url in inside and not row.inside
                if opens:
                    opened.add(row.id)
                waits = row.state == ArticleState.WAITING
                found[row.url] = (row.id, waits or (opens and row.state == ArticleState.FAILED))
    return found, added, opened


def _new_page(url: str, now: datetime, *, inside: bool) -> dict[str, Any]:
    return {
        "url": url,
        "host": host_of(url),
        "state": ArticleState.WAITING,
        "next_attempt_at": now,
        "inside": inside,
    }


# Held, so that retention drops none of them: what it dropped a moment before is made anew.
_BY_URL = (
    select(articles.c.id, articles.c.url, articles.c.state, articles.c.inside)
    .where(articles.c.url.in_(bindparam("urls", expanding=True)))
    .order_by(articles.c.id)
    .with_for_update(read=True, key_share=True)
)


def refresh(
    connection: Connection,
    article_ids: Sequence[int],
    now: datetime,
    opened: Collection[int] = (),
) -> int:
    """Fetch these pages again: their entries changed at the source. Texts stay meanwhile.

    Those that are ``opened`` may be asked for inside from now on, and are where they had been given up.
    Returns how many of both had been given up.
    """
    given_up = 0
    lock_rows(connection, articles, sorted({*article_ids, *opened}))
    for chunk in chunks(sorted(opened)):
        shut = and_(articles.c.id.in_(chunk), articles.c.state == ArticleState.FAILED)
        again = update(articles).where(shut)
        again = again.values(state=ArticleState.WAITING, next_attempt_at=now, attempts=0)
        given_up += connection.execute(again).rowcount
        connection.execute(update(articles).where(articles.c.id.in_(chunk)).values(inside=True))
    for chunk in chunks(article_ids):
        failed = and_(articles.c.id.in_(chunk), articles.c.state == ArticleState.FAILED)
        given_up += connection.execute(
            select(func.count()).select_from(articles).where(failed)
        ).scalar_one()
        connection.execute(
            update(articles)
            .where(articles.c.id.in_(chunk))
            .values(state=ArticleState.WAITING, next_attempt_at=now, attempts=0)
        )
    return given_up


def text_sources(connection: Connection, feed_id: int) -> list[str]:
    """Sources of the texts of the feed's latest articles."""
    return list(connection.execute(_TEXT_SOURCES, {"feed": feed_id}).scalars())


_latest = (
    select(entries.c.id, entries.c.article_id)
    .where(entries.c.feed_id == bindparam("feed"), entries.c.article_id.is_not(None))
    .order_by(entries.c.id.desc())
    .limit(_SOURCES_LOOKED_AT)
    .subquery()
)
_TEXT_SOURCES = (
    select(articles.c.source)
    .join(_latest, _latest.c.article_id == articles.c.id)
    .where(articles.c.source.is_not(None))
    # Whose page asks to log in below the feed's text may have more of it than the feed.
    .where((articles.c.source != FEED_SOURCE) | (articles.c.confidence >= SURE_OF_FEED))
)


def commit_article(
    connection: Connection,
    task: ArticleTask,
    article: Article,
    final_url: str,
    now: datetime,
    blocks: bytes = b"",
) -> None:
    """Store one page's text; raises :class:`LeaseLost` when its lease was taken over."""
    (result,) = commit_articles(connection, [(task, article, final_url, now, blocks)])
    if result is not None:
        raise result


def commit_articles(
    connection: Connection, extracted: Sequence[tuple[ArticleTask, Article, str, datetime, bytes]]
) -> list[LeaseLost | None]:
    """Several articles in one transaction: for each nothing, or that its lease is lost."""
    leases = [(task.article_id, task.lease) for task, *_ in extracted]
    held = leasing.held(connection, articles, leases)
    known = select(
        articles.c.id,
        articles.c.html,
        articles.c.state,
        func.length(articles.c.text).label("size"),
        articles.c.confidence,
        articles.c.fetched_at,
    ).where(articles.c.id.in_(sorted(held)))
    before = {row.id: row for row in connection.execute(known)}
    changed, read, redrawn, failed = _store_texts(
        connection, [one for one in extracted if one[0].article_id in held], before
    )
    if held:
        lock_where(connection, entries, entries.c.article_id.in_(sorted({*held, *changed})))
        now = max(one[3] for one in extracted)
        seen = {one: before[one].fetched_at for one in changed if one in before}
        _say_updated(connection, seen, now)
        _make_ready(connection, sorted(held), now)
        _announce(connection, changed, now)
        site_pages.remember(connection, read)
        given_up = sum(row.state == ArticleState.FAILED for row in before.values())
        count(connection, {Counter.PAGES_FAILED: failed - given_up}, bump=redrawn)
    return [
        None if task.article_id in held else leasing.lost(f"the page {task.url}")
        for task, *_ in extracted
    ]


def _say_updated(
    connection: Connection, read_before: Mapping[int, datetime | None], now: datetime
) -> None:
    """Entries whose feed says when they were updated, and whose page alone shows something else.

    Where the feed showed something else itself since its page was ``read_before``, its date stands.
    """
    for article_id, before in read_before.items():
        if before is not None:
            connection.execute(
                update(entries)
                .where(
                    entries.c.article_id == article_id,
                    entries.c.story_id.is_not(None),
                    entries.c.updated_at < now,
                    or_(entries.c.changed_at.is_(None), entries.c.changed_at < before),
                )
                .values(updated_at=now)
            )


def _store_texts(
    connection: Connection,
    extracted: Sequence[tuple[ArticleTask, Article, str, datetime, bytes]],
    before: Mapping[int, Any],
) -> tuple[list[int], list[tuple[int, str, bytes]], bool, int]:
    """Store each text that is no worse than the stored one.

    Returns the ids of pages that show another, of each that was read its id, host and blocks, whether
    what stands behind an unchanged text is another, and how many pages have none that is theirs.
    """
    rows, changed, refused, read, taken = [], [], [], [], []
    redrawn = False
    nobodys = house_texts.nobodys(connection, [(one[0], one[1], one[4]) for one in extracted])
    taken_back = nobodys - {one[0].article_id for one in extracted}
    for task, article, final_url, now, blocks in extracted:
        stored = before[task.article_id]
        size = len(task.hints.summary_text if article.source == FEED_SOURCE else article.text)
        worse = why_worse(stored.size or 0, stored.confidence, size, article.confidence)
        if not worse:
            read.append((task.article_id, task.host, blocks))
        if task.article_id in nobodys and not stored.html:
            taken_back.add(task.article_id)
            continue
        if worse or task.article_id in nobodys:
            why = worse or REASON
            refused.append({"row_id": task.article_id, "why": why, "now": now})
            continue
        rows.append({"row_id": task.article_id, **_article_values(article, final_url, now)})
        taken.append((task, article, final_url))
        if stored.html is None or shown_html(stored.html) != shown_html(article.html):
            changed.append(task.article_id)
        elif stored.html != article.html:
            redrawn = True
    if refused:
        connection.execute(_KEEP_STORED, refused)
    if rows:
        connection.execute(_STORE_ARTICLE, rows)
        _store_keys(connection, taken)
    failed = house_texts.take_back(connection, sorted(taken_back))
    failed += sum(
        before[i].state == ArticleState.FAILED for i in taken_back if i in before
    )  # counted as given up before
    return sorted({*changed, *taken_back}), read, redrawn, failed


def _store_keys(connection: Connection, read: Sequence[tuple[ArticleTask, Article, str]]) -> None:
    """Let the pages be found by the addresses that they gave themselves, too."""
    rows = []
    for task, article, final_url in read:
        given = {url for url in (final_url, article.canonical_url) if url} - {task.url}
        keys = {address_key(url) for url in given} - {address_key(task.url)} if given else ()
        rows += [{"key": key, "article_id": task.article_id} for key in sorted(keys)]
    ids = [task.article_id for task, *_ in read]
    connection.execute(delete(page_keys).where(page_keys.c.article_id.in_(ids)))
    insert_missing(connection, page_keys, rows)


def _article_values(article: Article, final_url: str, now: datetime) -> dict[str, Any]:
    return {
        "state": ArticleState.DONE,
        "lease_until": None,
        "error": None,
        "fetched_at": now,
        "final_url": _indexable(final_url),
        "canonical_url": _indexable(article.canonical_url),
        "html": article.html,
        "text": article.text,
        "title": article.title,
        "authors": list(article.authors),
        "published_at": article.published,
        "language": article.language,
        "image": article.image,
        "site_name": article.site_name,
        "description": article.description,
        "tags": list(article.tags),
        "source": article.source,
        "confidence": article.confidence,
        "reason": article.reason,
    }


def _indexable(url: str | None) -> str | None:
    return url if url is not None and len(url) <= LONGEST_INDEXED else None


_STORE_ARTICLE = (
    update(articles)
    .where(articles.c.id == bindparam("row_id"))
    .values(
        {
            name: bindparam(name)
            for name in _article_values(Article("", ""), "", datetime.min.replace(tzinfo=UTC))
        }
    )
)


_KEEP_STORED = (
    update(articles)
    .where(articles.c.id == bindparam("row_id"))
    .values(
        state=ArticleState.DONE,
        lease_until=None,
        error=bindparam("why"),
        fetched_at=bindparam("now"),
    )
)


def postpone_article(connection: Connection, task: ArticleTask, until: datetime) -> None:
    """Give a claimed page back, not to be claimed before ``until``."""
    connection.execute(
        update(articles)
        .where(articles.c.id == task.article_id, articles.c.lease_token == task.lease.token)
        .values(lease_until=None, next_attempt_at=until)
    )


def fail_article(
    connection: Connection,
    task: ArticleTask,
    error: str,
    retry_at: datetime | None,
    now: datetime,
    blocks: bytes = b"",
) -> None:
    """Note a page's failure; ``retry_at`` None gives up. ``blocks`` are digests of what it has."""
    stored = connection.execute(
        select(articles.c.html, articles.c.state)
        .where(articles.c.id == task.article_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    # A page that was read before keeps its text: a failed refresh is no reason to lose it.
    over = ArticleState.DONE if stored is not None and stored.html else ArticleState.FAILED
    state = over if retry_at is None else ArticleState.WAITING
    _finish(
        connection,
        task,
        {
            "state": state,
            "next_attempt_at": retry_at or now,
            "attempts": task.attempts + 1,
            "error": error,
        },
    )
    shared = sorted(house_texts.shared_with(connection, task, blocks)) if blocks else []
    failed = house_texts.take_back(connection, shared)
    lock_where(connection, entries, entries.c.article_id.in_([task.article_id, *shared]))
    _make_ready(connection, [task.article_id], now)
    _announce(connection, shared, now)
    if blocks:
        site_pages.remember(connection, [(task.article_id, task.host, blocks)])
    was_given_up = stored is not None and stored.state == ArticleState.FAILED
    failed += (state is ArticleState.FAILED) - was_given_up
    count(connection, {Counter.PAGES_FAILED: failed})


def _announce(connection: Connection, changed: Sequence[int], now: datetime) -> None:
    """Subscribers who saw another text of a settled entry must learn that it changed."""
    connection.execute(
        update(entries)
        .where(entries.c.article_id.in_(changed), entries.c.story_id.is_not(None))
        .values(changed_at=now)
    )
    _make_ready(connection, changed, now, state=EntryState.SETTLED)


def _finish(connection: Connection, task: ArticleTask, values: Mapping[str, Any]) -> None:
    written = connection.execute(
        update(articles)
        .where(articles.c.id == task.article_id, articles.c.lease_token == task.lease.token)
        .values(**values, lease_until=None)
    )
    if written.rowcount != 1:
        raise leasing.lost(f"the page {task.url}")


def _make_ready(
    connection: Connection,
    article_ids: Sequence[int],
    now: datetime,
    *,
    state: EntryState = EntryState.WAITING,
) -> None:
    connection.execute(
        update(entries)
        .where(entries.c.article_id.in_(article_ids), entries.c.state == state)
        .values(state=EntryState.READY, state_since=now)
    )
