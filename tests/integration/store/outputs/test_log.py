"""Logs of outputs: whatever happens, each tells what stands, and its window is what entries make of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from sqlalchemy import event

from aggregator.dedupe.keys import story_keys
from aggregator.errors import StoreError
from aggregator.model import LineKind, LineReason
from aggregator.store.db.tables import (
    entries,
    output_arrivals,
    output_items,
    output_logs,
    output_now,
    stories,
)
from aggregator.store.outputs import log_upkeep
from aggregator.store.outputs.log import note_stories
from aggregator.store.stories.settle import settle as settle_rows
from tests.support.outputs import (
    FEEDS,
    MODES,
    PLAIN,
    Configured,
    check_logs,
    check_remembered,
    check_windows,
    due,
    log_of,
)
from tests.support.storage import DAY, HOUR, NOW, WINDOW, Stored, changed, long_text, new

A, B, C, D = FEEDS
NEVER = timedelta(0)


async def settle(stored: Stored, config: Configured) -> None:
    """Settle as the flow does: the logs are written in the same transaction."""
    await stored.settle(outputs=config.selections().values())


async def catch_up(stored: Stored, config: Configured) -> None:
    await stored.store.catch_up(config.selections().values())


async def started(stored: Stored, **fields: object) -> Configured:
    config = Configured(**fields)  # type: ignore[arg-type]
    await config.tell(stored)
    await catch_up(stored, config)
    return config


def lines(stored: Stored, name: str = "near") -> list[tuple[LineKind, str, LineReason]]:
    """The lines of an output: kind, name of the entry shown, reason."""
    titles = {row.id: row.identity for row in stored.rows(entries)}
    return [
        (LineKind(line.kind), titles.get(line.entry_id, "?"), LineReason(line.reason))
        for line in stored.rows(output_items, output_items.c.log_id == log_of(stored, name))
    ]


async def test_an_entry_enters_in_the_transaction_that_settles_it(stored: Stored) -> None:
    config = await started(stored)
    await stored.poll(A, new("one"), new("two", at=NOW - HOUR))
    await settle(stored, config)
    assert due(stored) == 0
    entered = [(LineKind.ENTER, name, LineReason.SETTLED) for name in ("two", "one")]
    assert lines(stored) == entered
    assert lines(stored, "tech") == entered
    await settle(stored, config)
    await catch_up(stored, config)
    assert lines(stored) == entered
    check_logs(stored)
    check_windows(stored, config)


async def test_a_change_is_one_line_and_another_source_is_none(stored: Stored) -> None:
    config = await started(stored)
    page = "https://pages.example/1"  # nobody is at home there
    (first,) = await stored.poll(A, new("one", url=page, content_html=f"<p>{long_text('w')}</p>"))
    await settle(stored, config)
    await stored.poll(B, new("copy", url=page))
    await settle(stored, config)
    assert [line[0] for line in lines(stored)] == [LineKind.ENTER]
    stored.clock.advance(HOUR)
    text = f"<p>{long_text('w')} and more</p>"
    await stored.poll(A, changed=[changed(first, "one", url=page, content_html=text)])
    await settle(stored, config)
    assert lines(stored)[1:] == [(LineKind.UPDATE, "one", LineReason.CHANGED)]
    longer = f"<p>{long_text('w', 300)}</p>"
    await stored.poll(C, new("longer", url="https://c.example/1", content_html=longer))
    await settle(stored, config)
    assert lines(stored)[2:] == [(LineKind.UPDATE, "longer", LineReason.ANOTHER_COPY)]
    check_logs(stored)
    check_windows(stored, config)


async def test_what_leaves_is_withdrawn_with_the_reason(stored: Stored) -> None:
    config = await started(stored, limit=10)
    for feed in (A, B, C):
        await stored.poll(feed, new(feed[8]))
    await settle(stored, config)
    config.feeds.discard(A)
    config.hidden.add(B)
    await config.tell(stored)
    check_logs(stored)
    await catch_up(stored, config)
    # The near output goes by entries from now on: its items have other places, and it begins anew.
    assert lines(stored) == [(LineKind.ENTER, "c", LineReason.FILLED)]
    assert sorted(lines(stored, "off")[-2:]) == [
        (LineKind.WITHDRAW, "a", LineReason.STOPPED),
        (LineKind.WITHDRAW, "b", LineReason.HIDDEN),
    ]
    config.feeds.add(A)
    config.categories[C] = "Tech"
    await config.tell(stored)
    await catch_up(stored, config)
    assert lines(stored, "off")[-1] == (LineKind.ENTER, "a", LineReason.CONFIGURED)
    assert lines(stored, "tech")[-1][2].quiet
    check_logs(stored)
    check_windows(stored, config)


async def test_a_merge_withdraws_the_item_that_ends(stored: Stored) -> None:
    config = await started(stored)
    one, two = await stored.poll(A, new("one", at=NOW - HOUR), new("two"))
    await settle(stored, config)
    await stored.store.merge(one, two)
    assert due(stored) == 2
    await catch_up(stored, config)
    assert due(stored) == 0
    assert [line[::2] for line in lines(stored)[2:]] == [(LineKind.WITHDRAW, LineReason.MERGED)]
    await stored.store.split(two)
    await catch_up(stored, config)
    assert lines(stored)[-1][0] == LineKind.ENTER
    check_logs(stored)
    check_windows(stored, config)


async def test_an_upgrade_fills_each_log_with_its_window_and_announces_nothing(
    stored: Stored,
) -> None:
    config = Configured(outputs=PLAIN)
    await stored.subscribe(*FEEDS)
    await stored.poll(A, *(new(f"{i}", at=NOW - i * HOUR) for i in range(9)))
    await stored.settle()  # by a release that knew no logs
    before = [item.id for item in await stored.items(3)]
    await config.tell(stored)
    await catch_up(stored, config)
    assert [line[:2] for line in lines(stored)] == [(LineKind.ENTER, n) for n in "210"]
    assert all(line[2].quiet for line in lines(stored))
    shown = await stored.store.load_items(config.selection("near"))
    assert [item.id for item in shown] == before
    config.limit = 7  # it is filled further down, with what is missing alone
    await catch_up(stored, config)
    assert [line[1] for line in lines(stored)][3:] == list("6543")
    await stored.poll(A, unlisted=[row.id for row in stored.rows(entries)])
    assert await stored.store.drop_old(NOW + 2 * DAY, DAY, 0, config.selections().values()) == 2
    check_logs(stored)
    check_windows(stored, config)


async def test_another_choice_goes_on_and_another_identity_begins_anew(stored: Stored) -> None:
    config = await started(stored)
    await stored.poll(A, new("a"))
    await stored.poll(C, new("c"))
    await settle(stored, config)
    before = log_of(stored, "tech")
    config.chosen, config.categories[C] = "World", "World"
    await config.tell(stored)
    await catch_up(stored, config)
    assert log_of(stored, "tech") == before
    assert sorted(line[:2] for line in lines(stored, "tech")[1:]) == [
        (LineKind.ENTER, "c"),
        (LineKind.WITHDRAW, "a"),
    ]
    bases = [
        replace(one.basis, identity="other") for one in config.selections().values() if one.basis
    ]
    await stored.store.sync_logs(bases)
    assert log_of(stored, "tech") > before
    assert stored.count(output_now) > 0
    for _ in range(2):
        await stored.store.drop_old(NOW, NEVER, 0, [])
    assert stored.count(output_now) == 0  # of ended logs nothing is left but that there were some
    assert stored.count(output_items) == 0
    assert stored.count(output_logs) == 2 * len(MODES)


async def test_a_log_is_behind_until_it_follows_the_configuration(stored: Stored) -> None:
    """Scripts are told to wait then, not that the log ended."""
    config = await started(stored)
    before = config.selections()["tech"]
    assert not await stored.store.is_behind(before)
    config.hidden.add(B)
    fresh = config.selections()["tech"]
    assert await stored.store.items_since(fresh, NOW, 9) is None
    assert await stored.store.is_behind(fresh)
    await config.tell(stored)
    await catch_up(stored, config)
    assert not await stored.store.is_behind(fresh)
    assert await stored.store.items_since(fresh, NOW, 9) is not None


async def test_who_works_by_another_configuration_leaves_the_decision(stored: Stored) -> None:
    config = await started(stored)
    former = replace(config, categories=dict(config.categories))
    config.categories[D] = "Tech"
    await config.tell(stored)
    await stored.poll(D, new("d"))
    await settle(stored, former)
    assert due(stored) == len(MODES)
    assert await stored.store.load_items(former.selection("tech")) == []
    await catch_up(stored, former)  # it still is not its to decide
    assert lines(stored, "tech") == []
    await catch_up(stored, config)
    assert lines(stored, "tech") == [(LineKind.ENTER, "d", LineReason.SETTLED)]
    check_logs(stored)
    check_windows(stored, config)


async def test_what_fails_at_any_statement_leaves_no_trace(stored: Stored) -> None:
    outputs_tried = ("near", "filtered", "several", "quota")
    config, page = await started(stored, outputs=outputs_tried), "https://a.example/1"
    text = f"<p>{long_text('w')}</p>"
    await stored.poll(A, new("one", url=page, content_html=text), new("two"))
    await settle(stored, config)
    longer = f"<p>{long_text('w', 300)}</p>"
    await stored.poll(B, new("copy", url="https://b.example/1", content_html=longer))
    await stored.poll(B, new("three"))
    outputs = config.selections().values()
    before = whole(stored)
    for place in range(1, 200):
        with (
            failing_at(stored, place) as failed,
            suppress(RuntimeError),
            stored.database.engine.begin() as connection,
        ):
            note = partial(note_stories, selections=outputs, now=NOW)
            settle_rows(connection, 500, NOW, WINDOW, story_keys, note=note)
        if not failed:
            break
        assert whole(stored) == before
    assert 15 < place < 100
    assert lines(stored)[2:] == [
        (LineKind.UPDATE, "copy", LineReason.ANOTHER_COPY),
        (LineKind.ENTER, "three", LineReason.SETTLED),
    ]
    check_logs(stored)
    check_windows(stored, config)


def whole(stored: Stored) -> list[object]:
    """All that logs and stories hold."""
    tables = (output_logs, output_items, output_now, output_arrivals, stories, entries)
    return [stored.rows(one) for one in tables]


@contextmanager
def failing_at(stored: Stored, place: int) -> Iterator[list[str]]:
    """Have the statement fail that comes in this place; it is in the list then."""
    seen, failed = count(1), list[str]()

    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if next(seen) == place:
            failed.append(statement)
            raise RuntimeError("pulled the plug")

    event.listen(stored.database.engine, "before_cursor_execute", fail)
    try:
        yield failed
    finally:
        event.remove(stored.database.engine, "before_cursor_execute", fail)


async def test_a_line_is_kept_for_thirty_days_and_while_its_item_stands(stored: Stored) -> None:
    config = await started(stored)
    ids = await stored.poll(A, new("one"), new("two"))
    await settle(stored, config)
    await stored.store.merge(*ids)
    await catch_up(stored, config)
    await stored.store.drop_old(NOW + 29 * DAY, NEVER, 0, [])
    assert len(lines(stored)) == 3
    await stored.store.drop_old(NOW + 31 * DAY, NEVER, 0, [])
    assert lines(stored) == [(LineKind.ENTER, "one", LineReason.SETTLED)]


async def test_old_lines_are_gone_through_in_turn_however_many_stand(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_upkeep, "_LOOKED_AT", 3)
    config = await started(stored)
    ids = await stored.poll(A, *(new(f"entry {number}") for number in range(10)))
    await settle(stored, config)
    await stored.store.merge(*ids[:2])
    await catch_up(stored, config)
    left = []
    for _ in range(40):
        await stored.store.drop_old(NOW + 31 * DAY, NEVER, 0, [])
        left.append(len(stored.rows(output_items)))
    # Of each log's twelve lines the update and what was withdrawn go, a few at a time.
    standing = len(stored.rows(output_now))
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1] == standing
    await stored.store.merge(*ids[2:4])
    await catch_up(stored, config)
    for _ in range(40):  # the next turn finds these
        await stored.store.drop_old(NOW + 62 * DAY, NEVER, 0, [])
    assert len(stored.rows(output_items)) == len(stored.rows(output_now)) < standing


# In 210 an entry leaves its exact copies: no two items may have its id.
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 210, 4])
async def test_whatever_happens_logs_and_windows_agree(stored: Stored, seed: int) -> None:
    chance, config = random.Random(seed), Configured()
    await config.tell(stored)
    known: dict[str, tuple[int, str]] = {}  # entry → its id and feed
    for step in range(40):
        stored.clock.advance(chance.choice([HOUR, 15 * HOUR]))
        await one_step(stored, config, chance, known, step)
        if chance.random() < 0.7:
            await settle(stored, config)
        if chance.random() < 0.3:
            await catch_up(stored, config)
        check_logs(stored)
    await settle(stored, config)
    await catch_up(stored, config)
    assert due(stored) == 0
    check_logs(stored)
    check_windows(stored, config)
    check_remembered(stored, config)
    assert sum(line.kind == LineKind.WITHDRAW for line in stored.rows(output_items)) > 0


async def one_step(
    stored: Stored,
    config: Configured,
    chance: random.Random,
    known: dict[str, tuple[int, str]],
    step: int,
) -> None:
    """Something that happens to a small installation."""
    feed = chance.choice(sorted(config.feeds))
    text = f"<p>{long_text('same' if chance.random() < 0.3 else f'w{step}x', chance.choice([40, 150]))}</p>"
    page = f"https://a.example/{chance.randrange(8)}" if chance.random() < 0.5 else None
    match chance.randrange(9):
        case 0 | 1 | 2 | 3:
            name = f"n{step}"
            at = stored.clock.now() - chance.randrange(90) * HOUR
            (entry_id,) = await stored.poll(feed, new(name, url=page, at=at, content_html=text))
            known[name] = (entry_id, feed)
        case 4:
            own = [name for name, (_, of) in known.items() if of == feed]
            if own:
                name = chance.choice(own)
                change = changed(known[name][0], name, url=page, content_html=text)
                await stored.poll(feed, changed=[change])
        case 5:
            config.feeds.symmetric_difference_update({chance.choice(FEEDS[1:])})
            await config.tell(stored)
        case 6:
            config.categories[feed] = chance.choice(["Tech", "World", "Tech+World"])
            config.hidden.symmetric_difference_update({feed} if chance.random() < 0.4 else ())
            config.chosen = chance.choice(["Tech", "Tech", "World"])
            await config.tell(stored)
        case 7 if len(known) > 1:
            one, other = chance.sample(sorted(known), 2)
            try:
                await stored.store.merge(known[one][0], known[other][0])
            except StoreError:
                with_other = chance.random() < 0.5
                await split(stored, known[one][0], known[other][0] if with_other else None)
        case _:
            config.limit = chance.choice([2, 3, 6])
            await forget(stored, config, known)


async def split(stored: Stored, one: int, other: int | None) -> None:
    try:
        await stored.store.split(one, other)
    except StoreError:
        return  # it is alone, or has no story


async def forget(stored: Stored, config: Configured, known: dict[str, tuple[int, str]]) -> None:
    """Have retention drop what is listed no more and no output shows."""
    ids = [entry_id for name, (entry_id, _) in known.items() if int(name[1:]) % 2]
    ids = [i for i in ids if i < max(ids)]  # SQLite gives the last one's id to the next entry
    feed = min(config.feeds)
    await stored.poll(feed, unlisted=ids)
    shown = config.selections().values()
    await stored.store.drop_old(stored.clock.now(), 2 * DAY, 0, shown)
    left = {row.id for row in stored.rows(entries)}
    for name in [name for name, (entry_id, _) in known.items() if entry_id not in left]:
        del known[name]


async def test_a_summary_tells_what_is_shown_and_how_the_log_stands(stored: Stored) -> None:
    config = Configured()
    stranger = config.selections()
    (none, *_) = await stored.store.outputs(stranger)
    assert (none.epoch, none.lines, none.up_to_date) == (None, 0, False)
    await started(stored)
    await stored.poll(A, *(new(f"{i}", at=NOW - i * HOUR) for i in range(5)))
    await settle(stored, config)
    (near, *others) = await stored.store.outputs(stranger)
    assert [one.name for one in (near, *others)] == list(stranger)
    assert (near.shown, near.standing, near.lines, near.changed) == (3, 5, 5, NOW)
    assert (near.epoch, near.began, near.up_to_date) == (log_of(stored, "near"), NOW, True)
    first, second, *_ = [row.id for row in stored.rows(entries)]
    await stored.store.merge(first, second)
    assert not (await stored.store.outputs(stranger))[0].up_to_date


async def test_news_is_what_happened_and_not_what_a_larger_window_shows(stored: Stored) -> None:
    config = Configured(outputs=PLAIN)
    await stored.subscribe(*FEEDS)
    await stored.poll(A, *(new(f"{i}", at=NOW - (i + 1) * HOUR) for i in range(9)))
    await stored.settle()
    await config.tell(stored)
    await catch_up(stored, config)
    near = config.selection("near")
    known = await stored.store.cursor(near)
    assert known is not None

    async def told(*, announced: bool) -> list[str]:
        found = await stored.store.items_since(near, known, 10, announced=announced)
        assert found is not None
        return [item.title for item in found.items]

    config.limit = 7
    near = config.selection("near")
    await catch_up(stored, config)
    assert len(await told(announced=False)) == 4
    assert await told(announced=True) == []
    one, two = await stored.poll(A, new("later"), new("copy", at=NOW - HOUR / 2))
    await settle(stored, config)
    assert await told(announced=True) == ["Title later", "Title copy"]
    await stored.store.merge(one, two)
    await catch_up(stored, config)
    assert len(await told(announced=True)) == 1  # what joined another story is no news
