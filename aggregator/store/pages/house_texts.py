"""Pages whose texts turn out to be the article of none of their addresses."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, func, select, update

from aggregator.extract.judging.house import REASON, is_same_page, not_their_article, stands_on
from aggregator.model import Article, ArticleTask
from aggregator.store.db.chunks import chunks
from aggregator.store.db.row_locks import lock_at_once
from aggregator.store.db.tables import ArticleState, articles
from aggregator.store.pages import site_pages
from aggregator.store.pages.claims import hints_of


def nobodys(
    connection: Connection, extracted: Sequence[tuple[ArticleTask, Article, bytes]]
) -> set[int]:
    """The articles, of those just ``extracted`` (with digests of their pages) and of stored ones, whose texts are not theirs."""
    read = [one for one in extracted if one[1].text]
    pages = site_pages.pages_of(connection, sorted({task.host for task, *_ in read}))
    texts = {task.article_id: (article.html, article.text) for task, article, _ in read}
    for task, _, blocks in read:
        pages[task.host][task.article_id] = blocks
    refused: set[int] = set()
    for task, article, blocks in read:
        near = site_pages.with_text(article.text, pages[task.host]) - {task.article_id}
        stored = _texts(connection, near - texts.keys()) if near else {}
        alike = {i for i in near if _is_same(article, blocks, texts.get(i) or stored.get(i))}
        refused |= _judged(connection, article.text, alike | {task.article_id})
    return refused


def shared_with(connection: Connection, task: ArticleTask, blocks: bytes) -> set[int]:
    """The stored articles whose texts stand on the page of ``task``, too, which has no article, and are not theirs."""
    pages = site_pages.pages_of(connection, [task.host])[task.host]
    texts = _texts(connection, pages.keys() - {task.article_id})
    refused: set[int] = set()
    for i, (html, text) in texts.items():
        if html and text and stands_on(text, blocks):
            refused |= _judged(connection, text, {i, task.article_id})
    return refused - {task.article_id}


def _is_same(article: Article, blocks: bytes, other: tuple[str, str] | None) -> bool:
    if other is None:  # that page was read, and has no article
        return True
    return bool(other[1]) and is_same_page((article.html, article.text), blocks, other)


def _judged(connection: Connection, text: str, alike: set[int]) -> set[int]:
    if len(alike) < 2:
        return set()
    return not_their_article(text, hints_of(connection, sorted(alike)))


def take_back(connection: Connection, article_ids: Sequence[int]) -> int:
    """Take these articles' texts back: feeds' own stand in for them.

    Returns how many of them had not been given up before.
    """
    lock_at_once(connection, articles, article_ids)
    given_up = 0
    for chunk in chunks(sorted(article_ids)):
        had = and_(articles.c.id.in_(chunk), articles.c.state != ArticleState.FAILED)
        number = select(func.count()).select_from(articles).where(had)
        given_up += connection.execute(number).scalar_one()
        connection.execute(_NONE.where(articles.c.id.in_(chunk)))
    return given_up


def _texts(connection: Connection, article_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    return {
        row.id: (row.html, row.text)
        for chunk in chunks(sorted(article_ids))
        for row in connection.execute(
            select(articles.c.id, articles.c.html, articles.c.text).where(
                articles.c.id.in_(chunk), articles.c.text.is_not(None)
            )
        )
    }


_NONE = update(articles).values(
    state=ArticleState.FAILED,
    lease_until=None,
    error=REASON,
    html=None,
    text=None,
    source=None,
    confidence=None,
    reason=None,
    final_url=None,
    canonical_url=None,
    image=None,
)
