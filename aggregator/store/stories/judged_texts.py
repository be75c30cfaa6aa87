"""Ready entries judged by the rules that read texts, before they look for their stories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from aggregator.model import JudgedEntry, Labels, StoryCandidate, TextJudgement
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import EntryState, articles, entries, feeds
from aggregator.store.feeds.filtered import judged_entry, select_judged

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
            language = row.language or row.article_language or row.feed_language or ""
            one = replace(judged_entry(row), text=candidates[row.id].text, language=language)
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


def dump_labels(labels: Labels | None) -> dict[str, Any] | None:
    """The names for a JSON column; None for none."""
    return asdict(labels) if labels else None
