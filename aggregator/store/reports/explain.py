"""Explanation of an entry: its state, its text, its story, and the outputs that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.model import (
    Explained,
    ExplainedMember,
    JoinReason,
    JoinRule,
    JudgedEntry,
    OutputVerdict,
    Selection,
    ShownText,
    TextOrigin,
    WithdrawnItem,
)
from aggregator.privacy.masking import masked
from aggregator.publish.explain import OutputStatus, standings, verdict
from aggregator.publish.groups import Group, category_id
from aggregator.sanitize import to_text
from aggregator.store.db.tables import (
    ArticleState,
    EntryState,
    articles,
    entries,
    entry_texts,
    feeds,
    stories,
)
from aggregator.store.feeds.filtered import judged_entry
from aggregator.store.outputs.groups import groups_of
from aggregator.store.outputs.items import representative
from aggregator.store.outputs.why_not import unfit_items
from aggregator.store.outputs.windows import latest_line, window_groups, withdrawn_items
from aggregator.store.reports.find_entries import find_entries


@dataclass(frozen=True, slots=True)
class _Output:
    """An output with what it shows at present."""

    name: str
    selection: Selection
    newest: tuple[Group, ...]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(group.id for group in self.newest)


def explain(
    connection: Connection,
    what: str,
    selections: Mapping[str, Selection],
    ruled: Callable[[JudgedEntry], str] | None = None,
) -> list[Explained]:
    """Everything about the entries that ``what`` names (see :func:`find_entries`), by id.

    ``selections`` are the outputs, by name. An id that only one output gives (a story's in one of
    its categories) is found as well, as long as it is shown. Empty where there is no such entry.
    ``ruled`` tells the part of filters and rules in what became of one.
    """
    outputs = [
        _Output(name, one, tuple(window_groups(connection, one)))
        for name, one in selections.items()
    ]
    ids = find_entries(connection, what)
    if not ids:
        items = [group for output in outputs for group in output.newest if group.id == what.strip()]
        ids = sorted({entry_id for group in items for entry_id in group.entry_ids})
    return [_explained(connection, entry_id, outputs, ruled) for entry_id in ids]


def _explained(
    connection: Connection,
    entry_id: int,
    outputs: Sequence[_Output],
    ruled: Callable[[JudgedEntry], str] | None,
) -> Explained:
    # The operator's names and ranks are those of feeds, equal in all outputs.
    any_output = next((output.selection for output in outputs), Selection(0))
    titles = any_output.titles
    row = connection.execute(_rows().where(entries.c.id == entry_id)).one()
    members: list[Row[Any]] = []
    if row.story_id is not None:
        of_story = _rows().where(entries.c.story_id == row.story_id).order_by(entries.c.id)
        members = list(connection.execute(of_story))
    best = representative(members, any_output.ranks).id if members else None
    return Explained(
        entry_id=row.id,
        public_id=row.public_id,
        title=row.title,
        url=row.url,
        guid=row.guid,
        feed=_feed(row, titles),
        feed_url=masked(row.feed_key),
        state=EntryState(row.state).name.lower(),
        state_since=row.state_since,
        state_reason=_state(row),
        first_seen=row.first_seen_at,
        sort_at=row.sort_at,
        listed=row.listed,
        text=_text(row),
        joined=_joined(row) if row.story_id is not None else None,
        story=row.story_public_id,
        members=tuple(_member(one, titles, represents=one.id == best) for one in members),
        outputs=tuple(
            one for output in outputs for one in _verdicts(connection, row, members, output)
        ),
        ruled=ruled(_judged(row)) if ruled is not None else "",
        is_dropped=row.filtered is not None,
    )


def _judged(row: Row[Any]) -> JudgedEntry:
    """The entry as rules saw it when it was settled."""
    text = row.page_text or to_text(row.content_html or row.summary_html)
    language = row.language or row.page_language or ""
    return replace(judged_entry(row), text=text, language=language)


def _rows() -> Any:
    return (
        select(
            entries,
            entry_texts.c.summary_html,
            entry_texts.c.content_html,
            articles.c.url.label("page_url"),
            articles.c.state.label("page_state"),
            articles.c.text.label("page_text"),
            articles.c.language.label("page_language"),
            articles.c.error.label("page_error"),
            articles.c.attempts.label("page_attempts"),
            articles.c.next_attempt_at.label("page_next"),
            articles.c.source.label("page_source"),
            articles.c.confidence.label("page_confidence"),
            articles.c.reason.label("page_reason"),
            feeds.c.key.label("feed_key"),
            feeds.c.title.label("feed_title"),
            feeds.c.active.label("feed_active"),
            stories.c.public_id.label("story_public_id"),
            stories.c.guests,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .outerjoin(stories, stories.c.id == entries.c.story_id)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
    )


def _feed(row: Row[Any], titles: Mapping[str, str]) -> str:
    return titles.get(row.feed_key) or row.feed_title or masked(row.feed_key)


def _joined(row: Row[Any]) -> JoinReason:
    return JoinReason(
        JoinRule(row.join_rule or ""), row.joined_to, row.overlap, row.join_note or "", row.held
    )


def _member(row: Row[Any], titles: Mapping[str, str], *, represents: bool) -> ExplainedMember:
    return ExplainedMember(
        entry_id=row.id,
        feed=_feed(row, titles),
        title=row.title,
        url=row.url,
        joined=_joined(row),
        represents=represents,
    )


def _state(row: Row[Any]) -> str:
    if row.filtered is not None:
        joins = "and joins no story" if row.story_id is None else "and its story is told without it"
        return f"it was dropped, {joins}"
    if row.state == EntryState.SETTLED:
        return "belongs to its story"
    if row.state == EntryState.READY:
        return "its text is there; it looks for its story at the next settling"
    tried = f"; {row.page_attempts} attempts, {row.page_error}" if row.page_error else ""
    return f"waits for its page {masked(row.page_url or '')}{tried}"


def _text(row: Row[Any]) -> TextOrigin:
    if row.page_text:
        note = f"{row.page_source}, confidence {row.page_confidence:.2f}: {row.page_reason}"
        return TextOrigin(ShownText.PAGE, len(row.page_text), note)
    origin, html = ShownText.CONTENT, row.content_html
    if not html:
        html = row.summary_html
        origin = ShownText.SUMMARY if html else ShownText.NONE
    return TextOrigin(origin, len(to_text(html)), _no_page(row))


def _no_page(row: Row[Any]) -> str:
    if row.page_url is None:
        return "no page was asked for"
    if row.page_state == ArticleState.FAILED:
        return f"its page was given up: {row.page_error}"
    if row.page_error:
        return f"its page is tried again at {row.page_next:%Y-%m-%d %H:%M} UTC: {row.page_error}"
    return "its page has not come yet"


def _verdicts(
    connection: Connection, row: Row[Any], members: Sequence[Row[Any]], output: _Output
) -> Iterator[OutputVerdict]:
    """One for each item of the output that has the entry, or one that says why none has."""
    withdrawn = _withdrawn(connection, row, output)
    if row.filtered is not None:
        yield OutputVerdict(output.name, False, None, None, "it was dropped", withdrawn=withdrawn)
        return
    found_in: list[OutputStatus] = []
    if row.story_id is not None:
        found = groups_of(connection, output.selection, [row.story_id]).get(row.story_id, [])
        groups = {group.id: group for group in found}
        by_id = {one.id: one for one in members}
        ranks = output.selection.ranks
        through = {
            group.id: representative([by_id[i] for i in group.entry_ids], ranks).id
            for group in found
        }
        found_in = [
            _with_reason(connection, one, output.selection, row.story_id)
            for one in standings(groups, output.ids, through, row.id)
        ]
    for standing in found_in or [OutputStatus(None)]:
        told = verdict(
            output.name, output.selection, row.id, row.feed_key, standing, active=row.feed_active
        )
        if told.item_id is not None:
            told = replace(told, latest=latest_line(connection, output.selection, told.item_id))
        yield replace(told, withdrawn=withdrawn)


def _withdrawn(connection: Connection, row: Row[Any], output: _Output) -> tuple[WithdrawnItem, ...]:
    """Items that stood for the entry under any id that it had or shares, and were withdrawn."""
    bases = {row.public_id, row.exact_id, row.story_public_id} - {None}
    names = (output.selection.categories or {}).get(row.feed_key, ())
    ids = {category_id(base, name) for base in bases for name in ("", *names)}
    return withdrawn_items(connection, output.selection, ids)


def _with_reason(
    connection: Connection, status: OutputStatus, selection: Selection, story: int
) -> OutputStatus:
    if status.group is None or status.among_newest:
        return status
    return replace(status, unfit=unfit_items(connection, selection, [story]).get(status.group.id))
