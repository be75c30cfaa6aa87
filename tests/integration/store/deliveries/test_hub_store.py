"""Our hub in both databases: asked for, confirmed, marked, told, failed, dropped, ended."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from aggregator.model import (
    Cursor,
    HubAddress,
    HubAnswer,
    HubCaps,
    HubMode,
    HubRequest,
    HubSubscription,
    HubTopic,
)
from aggregator.store.db.tables import hub_pings, hub_requests, hub_subscriptions
from aggregator.store.deliveries.hub_store import SqlHub
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored

TOPIC = HubTopic("https://me.example/feeds/all.atom", "all", "atom")
CAPS = HubCaps(100, 100)
UNTIL = NOW + MINUTE
KNOWN = Cursor(1, 5)
NOBODY: Mapping[str, int] = MappingProxyType({})


@pytest.fixture
def hub(stored: Stored) -> SqlHub:
    return SqlHub(stored.database)


def asks(number: int = 0, site: str = "reader.example", **other: Any) -> HubRequest:
    callback = f"https://{site}/{number}"
    one = HubRequest(HubMode.SUBSCRIBE, TOPIC, callback, site, 10 * DAY, "secret")
    return replace(one, **other)


async def subscribed(hub: SqlHub, *requests: HubRequest, cursor: Cursor = KNOWN) -> None:
    for one in requests:
        assert await hub.ask(one, CAPS, NOW) is HubAnswer.ACCEPTED
        (claimed,) = await hub.claim_requests(NOW, UNTIL, 10, [])
        assert await hub.confirm(claimed, NOW, cursor, CAPS) is HubAnswer.ACCEPTED


async def claim(
    hub: SqlHub, now: datetime = NOW, *, slow: bool = False, busy: Mapping[str, int] = NOBODY
) -> list[HubSubscription]:
    return await hub.claim_subscriptions(now, now + MINUTE, 10, busy, slow=slow)


async def test_what_is_asked_for_changes_nothing_before_it_is_confirmed(
    stored: Stored, hub: SqlHub
) -> None:
    await subscribed(hub, asks())
    for other in (asks(secret="theirs"), asks(mode=HubMode.UNSUBSCRIBE)):
        assert await hub.ask(other, CAPS, NOW) is HubAnswer.ACCEPTED
        (claimed,) = await hub.claim_requests(NOW, UNTIL, 10, [])
        await hub.retry_request(claimed, None)
        assert stored.row(hub_subscriptions).secret == "secret"
        assert stored.rows(hub_requests) == []
    assert "secret" not in repr(asks())


async def test_a_renewal_keeps_the_cursor_and_takes_the_new_secret(
    stored: Stored, hub: SqlHub
) -> None:
    await subscribed(hub, asks())
    await subscribed(hub, asks(secret="next", lease=20 * DAY), cursor=Cursor(1, 9))
    row = stored.row(hub_subscriptions)
    assert (row.epoch, row.seq, row.secret, row.lease_until) == (1, 5, "next", NOW + 20 * DAY)


async def test_a_newer_request_takes_the_place_of_one_under_way(
    stored: Stored, hub: SqlHub
) -> None:
    await hub.ask(asks(), CAPS, NOW)
    (former,) = await hub.claim_requests(NOW, UNTIL, 10, [])
    await hub.ask(asks(secret="next"), CAPS, NOW)
    assert await hub.confirm(former, NOW, None, CAPS) is None
    assert stored.rows(hub_subscriptions) == []
    (latter,) = await hub.claim_requests(NOW, UNTIL, 10, [])
    assert latter.secret == "next"


async def test_requests_of_one_site_are_asked_a_few_at_a_time(hub: SqlHub) -> None:
    for number in range(5):
        await hub.ask(asks(number), CAPS, NOW)
    await hub.ask(asks(site="other.example"), CAPS, NOW)
    assert len(await hub.claim_requests(NOW, UNTIL, 10, ["reader.example"])) == 1
    assert len(await hub.claim_requests(NOW, UNTIL, 10, [])) == 2
    assert await hub.claim_requests(NOW, UNTIL, 10, ["reader.example"]) == []


async def test_there_is_an_end_to_subscriptions(hub: SqlHub) -> None:
    caps = HubCaps(total=3, per_site=2)
    assert await hub.ask(asks(0), caps, NOW) is HubAnswer.ACCEPTED
    (claimed,) = await hub.claim_requests(NOW, UNTIL, 10, [])
    await hub.confirm(claimed, NOW, None, caps)
    assert await hub.ask(asks(1), caps, NOW) is HubAnswer.ACCEPTED
    assert await hub.ask(asks(2), caps, NOW) is HubAnswer.SITE_FULL
    assert await hub.ask(asks(0), caps, NOW) is HubAnswer.ACCEPTED  # it is there
    assert await hub.ask(asks(1), caps, NOW) is HubAnswer.ACCEPTED
    assert await hub.ask(asks(site="b.example"), caps, NOW) is HubAnswer.ACCEPTED
    assert await hub.ask(asks(site="c.example"), caps, NOW) is HubAnswer.FULL
    assert (
        await hub.ask(asks(site="c.example", mode=HubMode.UNSUBSCRIBE), caps, NOW)
        is HubAnswer.ACCEPTED
    )


async def test_who_knows_the_latest_line_is_left_alone(hub: SqlHub) -> None:
    await subscribed(hub, asks())
    assert await hub.mark("all", Cursor(1, 5), NOW) == 0
    assert await hub.mark("other", Cursor(1, 9), NOW) == 0
    assert await claim(hub) == []
    assert await hub.mark("all", Cursor(1, 6), NOW) == 1
    (one,) = await claim(hub)
    assert (one.cursor, one.secret) == (Cursor(1, 5), "secret")
    await hub.told(one, Cursor(1, 6), NOW, more=False, slow=False, delivered=True)
    assert await hub.mark("all", Cursor(2, 1), NOW) == 1  # its log began anew


async def test_what_comes_during_a_delivery_is_told_after_it(hub: SqlHub) -> None:
    await subscribed(hub, asks())
    await hub.mark("all", Cursor(1, 6), NOW)
    (one,) = await claim(hub)
    await hub.mark("all", Cursor(1, 7), NOW)
    assert await claim(hub) == []
    await hub.told(one, Cursor(1, 6), NOW, more=False, slow=False, delivered=True)
    (again,) = await claim(hub)
    await hub.told(again, Cursor(1, 7), NOW, more=False, slow=False, delivered=True)
    assert await claim(hub, NOW + DAY) == []


async def test_what_a_killed_process_had_in_hand_is_done_again_and_its_late_result_dropped(
    stored: Stored, hub: SqlHub
) -> None:
    await subscribed(hub, asks())
    await hub.mark("all", Cursor(1, 6), NOW)
    (lost,) = await claim(hub)
    assert await claim(hub) == []
    (again,) = await claim(hub, UNTIL)
    await hub.told(lost, Cursor(1, 6), NOW, more=False, slow=False, delivered=True)
    assert stored.row(hub_subscriptions).seq == 5
    await hub.begin(NOW)
    (third,) = await claim(hub)
    await hub.end(again)
    await hub.end(third)
    assert stored.rows(hub_subscriptions) == []


async def test_who_fails_has_a_lane_of_its_own_until_it_does_not(
    stored: Stored, hub: SqlHub
) -> None:
    await subscribed(hub, asks())
    await hub.mark("all", Cursor(1, 6), NOW)
    (one,) = await claim(hub)
    await hub.failed(one, "answered 500", NOW, NOW + HOUR)
    await hub.mark("all", Cursor(1, 7), NOW)  # no reason to ask sooner
    assert await claim(hub, NOW + HOUR) == []
    assert await claim(hub, NOW, slow=True) == []
    (one,) = await claim(hub, NOW + HOUR, slow=True)
    assert (one.failures, one.failing_since) == (1, NOW)
    (audience,) = (await hub.report(NOW)).audiences
    assert (audience.subscribers, audience.failing, audience.error) == (1, 1, "answered 500")
    await hub.told(one, Cursor(1, 7), NOW, more=True, slow=False, delivered=True)
    (one,) = await claim(hub, NOW)
    assert one.failures == 0


async def test_who_is_dropped_is_told_no_more_and_counted_for_a_week(
    stored: Stored, hub: SqlHub
) -> None:
    await subscribed(hub, asks())
    await hub.mark("all", Cursor(1, 6), NOW)
    (one,) = await claim(hub)
    await hub.failed(one, "no connection", NOW, None)
    assert await hub.mark("all", Cursor(1, 7), NOW) == 0
    (audience,) = (await hub.report(NOW)).audiences
    assert (audience.subscribers, audience.dropped, audience.error) == (0, 1, "no connection")
    assert await hub.expire(NOW + 6 * DAY) == 0
    assert len(stored.rows(hub_subscriptions)) == 1
    await subscribed(hub, asks(), cursor=Cursor(1, 7))  # it is back
    row = stored.row(hub_subscriptions)
    assert (row.dropped_at, row.seq, row.error) == (None, 7, None)


async def test_leases_end(stored: Stored, hub: SqlHub) -> None:
    await subscribed(hub, asks())
    await hub.mark("all", Cursor(1, 6), NOW)
    assert await claim(hub, NOW + 10 * DAY) == []
    assert await hub.expire(NOW + 10 * DAY) == 1
    assert stored.rows(hub_subscriptions) == []


async def test_one_site_does_not_hold_all_places(hub: SqlHub) -> None:
    await subscribed(hub, *(asks(number) for number in range(8)), asks(site="b.example"))
    await hub.mark("all", Cursor(1, 6), NOW)
    first = await claim(hub)
    assert [one.site for one in first].count("reader.example") == 4
    assert len(first) == 5
    assert await claim(hub, busy={"reader.example": 4}) == []
    assert len(await claim(hub)) == 4


async def test_processes_that_claim_at_once_share_what_is_due(hub: SqlHub) -> None:
    await subscribed(hub, *(asks(site=f"{number}.example") for number in range(12)))
    await hub.mark("all", Cursor(1, 6), NOW)
    shares = await asyncio.gather(
        *(hub.claim_subscriptions(NOW, UNTIL, 5, {}, slow=False) for _ in range(6))
    )
    ids = [one.id for share in shares for one in share]
    assert len(ids) == len(set(ids)) <= 12
    left = await hub.claim_subscriptions(NOW, UNTIL, 12, {}, slow=False)
    assert len(ids) + len(left) == 12


async def test_topics_that_are_none_any_more_end_with_a_word(stored: Stored, hub: SqlHub) -> None:
    kept = replace(TOPIC, url="https://me.example/feeds/kept.atom")
    await subscribed(hub, asks(0), asks(1, topic=kept))
    await hub.ask(asks(2), CAPS, NOW)
    renamed = HubTopic(kept.url, "new name", "atom")
    assert await hub.sync_topics({kept.url: renamed}.get, NOW) == 1
    assert stored.row(hub_subscriptions).output == "new name"
    (denial,) = await hub.claim_requests(NOW, UNTIL, 10, [])
    assert (denial.mode, denial.callback) == (HubMode.DENIED, asks(0).callback)
    assert (await hub.report(NOW)).unverified == 0


async def test_other_hubs_are_told_once_of_what_changed(stored: Stored, hub: SqlHub) -> None:
    one, other = (HubAddress(f"https://{n}.example/", TOPIC.url, "1") for n in "ab")
    await hub.announce([one, other], NOW)
    first, second = await hub.claim_pings(NOW, UNTIL, 10)
    await hub.pinged(first, NOW)
    await hub.pinged(second, NOW, "no connection", NOW + HOUR)
    await hub.announce([one, other], NOW)
    assert await hub.claim_pings(NOW, UNTIL, 10) == []
    await hub.announce([replace(one, digest="2"), replace(other, digest="2")], NOW)
    (again,) = await hub.claim_pings(NOW, UNTIL, 10)
    assert again.address == replace(one, digest="2")
    # What changes while it is told is told anew.
    await hub.announce([replace(one, digest="3")], NOW)
    await hub.pinged(again, NOW)
    assert [p.address.digest for p in await hub.claim_pings(NOW, UNTIL, 10)] == ["3"]
    ((name, since, why),) = (await hub.report(NOW)).unreached
    assert (name, since, why) == (other.hub, NOW, "no connection")
    await hub.sync_hubs([one.hub])
    assert [row.hub for row in stored.rows(hub_pings)] == [one.hub]


async def test_no_lease_is_longer_than_it_says(stored: Stored, hub: SqlHub) -> None:
    await subscribed(hub, asks(lease=timedelta(hours=1)))
    assert stored.row(hub_subscriptions).lease_until == NOW + HOUR
