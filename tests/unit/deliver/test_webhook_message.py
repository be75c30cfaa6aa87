import json

from aggregator.deliver.message_ids import message_id
from aggregator.deliver.webhook_message import LARGEST, in_one_message, webhook_body
from aggregator.model import EventKind, RoadKey, RoadKind
from tests.support.roads import event

KEY = RoadKey(RoadKind.WEBHOOK, "ops", "all")


def test_one_event_is_told_with_the_item_of_a_json_feed() -> None:
    said = json.loads(webhook_body("all", [event(3)], batch=False))
    assert said["type"] == "item.enter"
    assert said["timestamp"] == "2026-11-02T12:00:03Z"
    assert said["data"]["output"] == "all"
    assert said["data"]["seq"] == 3
    assert said["data"]["item"]["id"] == "urn:3"
    assert said["data"]["item"]["content_html"] == "<p>Text of 3</p>"


def test_a_withdrawn_item_is_told_by_its_id() -> None:
    said = json.loads(webhook_body("all", [event(3, EventKind.WITHDRAW)], batch=False))
    assert said["type"] == "item.withdraw"
    assert said["data"]["item"] == {"id": "urn:3"}


def test_a_batch_has_its_events_in_their_order() -> None:
    events = [event(3), event(4, EventKind.UPDATE), event(9, EventKind.WITHDRAW)]
    said = json.loads(webhook_body("all", events, batch=True))
    assert said["type"] == "items"
    assert [one["seq"] for one in said["data"]["events"]] == [3, 4, 9]
    assert [one["type"] for one in said["data"]["events"]] == [
        "item.enter", "item.update", "item.withdraw",
    ]  # fmt: skip


def test_strangers_text_stays_text() -> None:
    said = webhook_body("all", [event(1, title='"}, "x": \u2028\x00\ud800')], batch=False)
    assert json.loads(said)["data"]["item"]["title"].startswith('"}, "x":')


def test_a_batch_ends_before_it_is_too_large() -> None:
    long = "x" * (LARGEST // 2 + 1)
    events = [event(n, content_html=long) for n in (1, 2, 3)]
    assert in_one_message(events, 100) == events[:1]
    assert in_one_message([event(n) for n in (1, 2, 3)], 2) == [event(1), event(2)]
    assert in_one_message([event(1, content_html=long * 4)], 100)  # one at least


def test_ids_name_what_is_told() -> None:
    one = message_id("base", KEY, 7, 3)
    assert one == message_id("base", KEY, 7, 3)
    others = {
        message_id("base", KEY, 7, 4),
        message_id("base", KEY, 8, 3),
        message_id("other", KEY, 7, 3),
        message_id("base", RoadKey(RoadKind.WEBHOOK, "two", "all"), 7, 3),
        message_id("base", RoadKey(RoadKind.WEBHOOK, "ops", "two"), 7, 3),
    }
    assert len(others - {one}) == 5
