"""Entries with their texts, as rules see them; ready ones are judged before they look for their stories."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from aggregator.dedupe.candidates import candidate_of
from aggregator.model import JudgedEntry, Labels, StoryCandidate, TextJudgement
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import EntryState, articles, entries, feeds
from aggregator.store.feeds.filtered import judged_entry, select_judged
from aggregator.store.stories.entry_sources import candidates_by_id, source_of

Judge = Callable[[JudgedEntry, bool], TextJudgement]
"""Says what rules make of an entry; True: it was let in before, and is dropped no more."""


def judge_texts(
    connection: Connection,
    rows: Mapping[int, Row[Any]],
    candidates: Mapping[int, StoryCandidate],
    judge: Judge,
    now: datetime,
) -> tuple[set[int], dict[int, Labels]]:
    """Settle those of these ready entries that rules drop, without a story; return them, and names of the others."""
    dropped: dict[int, str] = {}
    labels: dict[int, Labels] = {}
    for chunk in chunks(sorted(rows)):
        for row in connection.execute(_JUDGED.where(entries.c.id.in_(chunk))):
            one = _with_text(row, candidates[row.id].text)
            ready = rows[row.id]
            judgement = judge(one, ready.story_id is not None or ready.held)
            if judgement.filtered is not None:
                dropped[row.id] = judgement.filtered
            elif judgement.labels:
                labels[row.id] = judgement.labels
    for entry_id, digest in dropped.items():
        connection.execute(
            update(entries)
            .where(entries.c.id == entry_id)
            .values(filtered=digest, state=EntryState.SETTLED, state_since=now)
        )
    return set(dropped), labels


_JUDGED = (
    select_judged()
    .add_columns(
        entries.c.language,
        articles.c.language.label("article_language"),
        feeds.c.language.label("feed_language"),
    )
    .outerjoin(articles, articles.c.id == entries.c.article_id)
)


def _with_text(row: Row[Any], text: str) -> JudgedEntry:
    language = row.language or row.article_language or row.feed_language or ""
    return replace(judged_entry(row), text=text, language=language)


def judged_entries(
    connection: Connection, ids: Collection[int], *, texts: bool = True
) -> list[JudgedEntry]:
    """These entries, as far as they are stored, by id; without ``texts`` where no rule reads them."""
    found: list[JudgedEntry] = []
    for chunk in chunks(sorted(ids)):
        said: dict[int, str] = {}
        if texts:
            rows = candidates_by_id(connection, chunk)
            said = {row.id: candidate_of(source_of(row)).text for row in rows}
        own = _JUDGED.where(entries.c.id.in_(chunk)).order_by(entries.c.id)
        found += [_with_text(row, said.get(row.id, "")) for row in connection.execute(own)]
    return found
