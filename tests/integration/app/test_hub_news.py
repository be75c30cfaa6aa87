"""What our hub tells: items beyond a place in a log, of a digest its editions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from aggregator.app.hub_news import OutputNews
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.errors import AggregatorError
from aggregator.model import Cursor, DueEdition, Edition, HubDocument, HubTopic, NewsStory
from aggregator.publish.edition_text import story_pieces
from aggregator.select.guards import guards_of
from tests.support.storage import HOUR, NOW, Stored, new

UID = "urn:uuid:5d2f6f0e-1a7c-4f3b-9c64-6b0d0a3f8e21"
A = "https://a.example/feed"
CONFIG = Config(
    Settings.model_validate(
        {
            "base_url": "https://me.example.org",
            "feeds": [{"url": A}],
            "outputs": [
                {"name": "all"},
                {"name": "daily", "digest": "0 7 * * *"},
                {"name": "mine", "token": "a-token-of-many-signs-1234"},
            ],
        }
    )
)


def topic(name: str) -> HubTopic:
    return HubTopic(f"https://me.example.org/feeds/{name}.json", name, "json")


def told(document: HubDocument | None) -> list[str]:
    assert document is not None
    assert document.count == len(json.loads(document.body)["items"])
    return [item["title"] for item in json.loads(document.body)["items"]]


@pytest.fixture
async def news(stored: Stored) -> OutputNews:
    await stored.subscribe(A)
    selections = choices.selections(CONFIG).values()
    await stored.store.sync_logs([one.basis for one in selections if one.basis is not None])
    await stored.poll(A, *(new(f"{number}", at=NOW - number * HOUR) for number in (3, 2, 1)))
    await stored.settle(outputs=selections)
    await stored.store.catch_up(selections)
    return OutputNews(lambda: CONFIG, stored.store)


async def test_news_begins_where_the_subscriber_is(stored: Stored, news: OutputNews) -> None:
    head = await news.head("all")
    assert head is not None
    nothing = await news.news(topic("all"), head, 10)
    assert (nothing and nothing.count, nothing and nothing.upto) == (0, head)
    assert told(await news.news(topic("all"), None, 2)) == ["Title 1", "Title 2"]
    assert len(told(await news.news(topic("all"), Cursor(head.epoch + 5, 99), 10))) == 3
    await stored.poll(A, new("later"))
    selections = choices.selections(CONFIG).values()
    await stored.settle(outputs=selections)
    document = await news.news(topic("all"), head, 10)
    assert told(document) == ["Title later"]
    assert document is not None
    assert document.upto == await news.head("all")
    assert document.link == (
        '<https://me.example.org/hub>; rel="hub", <https://me.example.org/feeds/all.json>; rel="self"'
    )
    assert json.loads(document.body)["hubs"][0]["url"] == "https://me.example.org/hub"


async def test_editions_are_news_of_a_digest(stored: Stored, news: OutputNews) -> None:
    selection = choices.selections(CONFIG)["daily"]
    before = await news.head("daily")
    assert before is not None
    assert await stored.store.begin_editions(selection, ["daily"])
    found = await stored.store.edition_news(selection, ["daily"])
    assert found is not None
    told_in_it = await stored.store.load_items(choices.selections(CONFIG)["all"])
    news_of = (NewsStory(item, "key", (), (item.id,), ()) for item in told_in_it)
    found = replace(found, stories=tuple(news_of))
    stories = story_pieces(UID, [("News", item) for item in told_in_it])
    edition = Edition(UID, "2026-11-02", "Monday", stories, NOW, NOW)
    due = DueEdition(NOW, "2026-11-02")
    assert await stored.store.store_edition(["daily"], found, due, edition, guards_of(selection))
    document = await news.news(topic("daily"), before, 10)
    assert told(document) == ["Monday"]
    assert document is not None
    again = await news.news(topic("daily"), document.upto, 10)
    assert again is not None
    assert again.count == 0


async def test_private_outputs_have_none(news: OutputNews) -> None:
    with pytest.raises(AggregatorError):
        await news.head("mine")
    with pytest.raises(AggregatorError):
        await news.news(topic("mine"), None, 10)
