"""Roads in both databases: what they tell next, who may deliver, and what stays of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model import (
    Alarm,
    AlarmChanges,
    ClaimedRoad,
    EventKind,
    NewLetter,
    RoadKey,
    RoadKind,
    RoadSource,
    RoadState,
    WantedEvents,
    WantedRoad,
)
from aggregator.store.db.tables import dead_letters, deliveries
from tests.support.outputs import FEEDS, Configured
from tests.support.storage import DAY, HOUR, MINUTE, Stored, changed, new

A, B, *_ = FEEDS
KEY = RoadKey(RoadKind.WEBHOOK, "ops", "near")
LEASE = timedelta(minutes=5)
ALL = WantedEvents(frozenset(EventKind), 100, 100)
NEWS = WantedEvents(frozenset({EventKind.ENTER, EventKind.UPDATE}), 100, 100)


async def begun(
    stored: Stored, config: Configured | None = None, *, from_start: bool = False
) -> Configured:
    """A configuration whose output `near` has a webhook."""
    config = config or Configured(limit=100, outputs=("near",))
    await config.tell(stored)
    await stored.store.catch_up(config.selections().values())
    ends = await stored.store.log_end(config.selection("near"))
    road = WantedRoad(KEY, RoadSource.LOG, (), ends, from_start)
    await stored.store.sync_roads([road], stored.clock.now())
    return config


async def claim(stored: Stored) -> list[ClaimedRoad]:
    return await stored.store.claim_roads(stored.clock.now(), LEASE, 10)


async def news(stored: Stored, config: Configured, *names: str, feed: str = A) -> None:
    await stored.poll(feed, *(new(name) for name in names))
    await stored.settle(outputs=config.selections().values())


async def told(
    stored: Stored, config: Configured, state: RoadState, wanted: WantedEvents = ALL
) -> list[tuple[str, str]]:
    read = await stored.store.log_events(config.selection("near"), state, wanted)
    assert read is not None
    return [(one.kind.value, one.item.title if one.item else "") for one in read.events]


async def test_a_road_begins_at_the_end_and_tells_what_happens_then(stored: Stored) -> None:
    config = Configured(limit=100, outputs=("near",))
    await config.tell(stored)
    await stored.store.catch_up(config.selections().values())
    await news(stored, config, "old")
    await begun(stored, config)
    assert await claim(stored) == []
    await news(stored, config, "x", "y")
    (road,) = await claim(stored)
    assert await told(stored, config, road.state) == [("enter", "Title x"), ("enter", "Title y")]
    assert await claim(stored) == []  # it is leased


async def test_from_the_start_it_tells_all_that_stands(stored: Stored) -> None:
    config = Configured(limit=100, outputs=("near",))
    await config.tell(stored)
    await news(stored, config, "a", "b")
    await stored.store.catch_up(config.selections().values())  # filled, announcing nothing
    await begun(stored, config, from_start=True)
    (road,) = await claim(stored)
    assert sorted(await told(stored, config, road.state)) == [
        ("enter", "Title a"),
        ("enter", "Title b"),
    ]
    quiet = replace(road.state, quiet_upto=0)
    assert await told(stored, config, quiet) == []


async def test_updates_and_withdrawals_are_told_and_what_left_is_not_shown(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x", "y")
    await stored.poll(A, changed=[changed(1, "x", title="Another")])
    await stored.settle(outputs=config.selections().values())
    (road,) = await claim(stored)
    assert await told(stored, config, road.state, NEWS) == [
        ("enter", "Another"), ("enter", "Title y"), ("update", "Another"),
    ]  # fmt: skip
    config.feeds.discard(A)
    await config.tell(stored)
    await stored.store.catch_up(config.selections().values())
    assert {kind for kind, _ in await told(stored, config, road.state)} == {"withdraw"}


async def test_a_feed_that_became_private_is_told_of_no_more(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x")
    await news(stored, config, "z", feed=B)
    (road,) = await claim(stored)
    config.hidden.add(A)
    await config.tell(stored)
    await stored.store.catch_up(config.selections().values())
    assert await told(stored, config, road.state, NEWS) == [("enter", "Title z")]


async def test_a_log_that_began_anew_floods_nobody_and_loses_nothing(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "told")
    (road,) = await claim(stored)
    stored.clock.advance(HOUR)
    state = replace(road.state, seq=1, told_at=stored.clock.now())
    assert await stored.store.save_road(road, state, stored.clock.now())
    stored.clock.advance(HOUR)
    await news(stored, config, "waits")
    selection = config.selection("near")
    assert selection.basis is not None
    other = replace(selection, basis=replace(selection.basis, identity="another"))
    await stored.store.sync_logs([other.basis])  # type: ignore[list-item]
    await stored.store.catch_up([other])
    (again,) = await claim(stored)
    read = await stored.store.log_events(other, again.state, NEWS)
    assert read is not None
    assert read.epoch != state.epoch
    assert [one.item.title for one in read.events if one.item] == ["Title waits"]


async def test_old_stories_are_left_out_where_that_is_wanted(stored: Stored) -> None:
    config = await begun(stored)
    at = stored.clock.now()
    await stored.poll(A, new("young", at=at - HOUR), new("aged", at=at - 9 * DAY))
    await stored.settle(outputs=config.selections().values())
    (road,) = await claim(stored)
    assert len(await told(stored, config, road.state)) == 2
    some = replace(NEWS, max_age=2 * DAY)
    assert await told(stored, config, road.state, some) == [("enter", "Title young")]


async def test_beyond_what_is_read_items_are_counted(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, *"abcdef")
    (road,) = await claim(stored)
    read = await stored.store.log_events(
        config.selection("near"), road.state, replace(NEWS, items=2)
    )
    assert read is not None
    assert (len(read.events), read.beyond, read.upto, read.last, read.more) == (2, 4, 2, 6, True)
    upto = await stored.store.log_events(config.selection("near"), road.state, NEWS, 3)
    assert upto is not None
    assert ([one.seq for one in upto.events], upto.upto) == ([1, 2, 3], 3)


async def test_who_lost_the_lease_writes_nothing(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x")
    (late,) = await claim(stored)
    stored.clock.advance(LEASE + MINUTE)
    (now,) = await claim(stored)
    moment = stored.clock.now()
    assert not await stored.store.save_road(late, replace(late.state, seq=1), moment)
    assert await stored.store.save_road(now, replace(now.state, seq=1, sent=1), moment)
    assert stored.row(deliveries).sent == 1
    assert await claim(stored) == []  # nothing waits


async def test_after_a_kill_the_road_is_free_at_once_where_we_are_alone(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x")
    (road,) = await claim(stored)
    named = replace(road.state, pending_upto=1)
    moment = stored.clock.now()
    await stored.store.save_road(road, named, moment, until=moment + LEASE)
    await stored.store.free_leases()
    (again,) = await claim(stored)
    assert again.state.pending_upto == 1


async def test_what_was_given_up_waits_for_the_operator(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x")
    (road,) = await claim(stored)
    now = stored.clock.now()
    off = replace(road.state, seq=1, disabled="answered 410", failures=3, failing_since=now)
    await stored.store.save_road(road, off, now, NewLetter(road.state.epoch, 1, 1, "answered 500"))
    (status,) = await stored.store.roads()
    assert (status.dead_letters, status.disabled) == (1, "answered 410")
    assert await claim(stored) == []
    assert await stored.store.retry("nobody", now) == (0, 0)
    assert await stored.store.retry("ops", now) == (1, 1)
    (road,) = await claim(stored)
    (letter,) = road.letters
    assert (letter.first, letter.upto, road.state.failures, road.state.disabled) == (1, 1, 0, None)
    await stored.store.end_letter(letter, "answered 503")
    (dead,) = await stored.store.letters("ops")
    assert (dead.error, dead.is_wanted) == ("answered 503", False)
    await stored.store.end_letter(letter)
    assert stored.count(dead_letters) == 0


async def test_roads_follow_the_configuration(stored: Stored) -> None:
    await begun(stored)
    now = stored.clock.now()
    renamed = WantedRoad(replace(KEY, output="new"), RoadSource.LOG, ("near",), (9, 9))
    await stored.store.sync_roads([renamed], now)
    row = stored.row(deliveries)
    assert (row.output, row.epoch) == ("new", 1)
    await stored.store.sync_roads([], now)
    assert await stored.store.roads() == []
    await stored.store.sync_roads([renamed], now + DAY)  # back after a day: it goes on
    assert (stored.row(deliveries).epoch, stored.row(deliveries).gone_at) == (1, None)
    await stored.store.sync_roads(
        [replace(renamed, source=RoadSource.EDITIONS, begins=(5, 6))], now
    )
    assert (stored.row(deliveries).epoch, stored.row(deliveries).seq) == (5, 6)
    await stored.store.sync_roads([], now)
    await stored.store.sync_roads([], now + 31 * DAY)
    assert stored.count(deliveries) == 0


async def test_another_address_is_tried_at_once(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x")
    (road,) = await claim(stored)
    now = stored.clock.now()
    off = replace(road.state, disabled="answered 410", next_at=now + DAY)
    await stored.store.save_road(road, off, now)
    await stored.store.sync_roads([WantedRoad(KEY, RoadSource.LOG, target="other")], now)
    assert len(await claim(stored)) == 1


async def test_a_clock_that_was_set_back_holds_up_nothing(stored: Stored) -> None:
    config = await begun(stored)
    await news(stored, config, "x")
    (road,) = await claim(stored)
    ahead = stored.clock.now() + DAY
    await stored.store.save_road(road, replace(road.state, next_at=ahead), ahead)
    assert await claim(stored) == []
    await stored.store.pull_back(stored.clock.now(), DAY)
    assert len(await claim(stored)) == 1


@pytest.mark.parametrize("over", [False, True])
async def test_alarms_are_written_once(stored: Stored, over: bool) -> None:
    now, one = stored.clock.now(), Alarm("backlog", "Backlog")

    def begin(standing: object) -> AlarmChanges:
        return AlarmChanges((one,) if "backlog" not in standing else ())  # type: ignore[operator]

    assert await stored.store.note_alarms(begin, now) == 1
    assert await stored.store.note_alarms(begin, now) == 0
    assert await stored.store.standing_alarms() == {"backlog": "Backlog"}
    if over:
        await stored.store.note_alarms(lambda _: AlarmChanges((), ("backlog",)), now)
        assert await stored.store.standing_alarms() == {}
    await stored.store.mask_alarms(lambda text: text)
    read = await stored.store.read_alarms(0, 10)
    assert [(e.kind, e.text) for e in read.events] == [
        (EventKind.ALARM, "Backlog"), (EventKind.OVER, "Over: Backlog"),
    ][: 1 + over]  # fmt: skip
    epoch, last = await stored.store.alarms_end()
    assert last == read.events[-1].seq
    assert epoch == read.epoch


async def test_a_secret_that_is_known_later_is_masked_in_what_was_told(stored: Stored) -> None:
    alarms = AlarmChanges((Alarm("feed:a", "Feed broke: s3cret"),))
    await stored.store.note_alarms(lambda _: alarms, stored.clock.now())
    await stored.store.mask_alarms(lambda text: text.replace("s3cret", "***"))
    assert await stored.store.standing_alarms() == {"feed:a": "Feed broke: ***"}
