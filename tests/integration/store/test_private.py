"""Private feeds in outputs: held back where everybody reads, and told of without their secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.config.feed_id import feed_key
from aggregator.model import Enclosure, Item, ParsedFeed, Selection
from aggregator.privacy.public import Disclosure
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render
from aggregator.store.reports.explain import explain
from tests.support.storage import DAY, HOUR, NOW, Stored, article, long_text, new, stored_at
from tests.unit.publish.test_render import OUTPUT

TOKEN = "s3cr3t-0123456789abcdef"
OPEN, ADDRESS = "https://open.example/feed", f"https://pod.example/feed?token={TOKEN}"
PRIVATE = feed_key(ADDRESS)  # what it is known by
TOLD = {PRIVATE: Disclosure(private=True, secrets=frozenset({TOKEN}))}
ALL = Selection(100)
HIDING = replace(ALL, hidden=frozenset({PRIVATE}), disclosures=TOLD)
SHOWING = replace(ALL, disclosures=TOLD)
GUID = "tag:open.example,2026:1"


@pytest.fixture
def stored(database_url: str) -> Iterator[Stored]:
    with stored_at(database_url) as one:
        yield one


async def _syndicated(stored: Stored, first: str = PRIVATE) -> None:
    """One story: the private feed has more of it; ``first`` had it first."""
    await stored.subscribe(OPEN, ADDRESS)
    texts = {OPEN: "short", PRIVATE: long_text("private")}
    for key in (first, OPEN if first == PRIVATE else PRIVATE):
        name = "open" if key == OPEN else "private"
        link = f"https://{name}.example/1"
        one = new(name, url=link, guid=GUID, content_html=texts[key], at=NOW - HOUR)
        await stored.poll(key, one, parsed=ParsedFeed(f"Name {name}", f"https://{name}.example/"))
        await stored.settle()
        stored.clock.advance(HOUR)


MODES: list[dict[str, Any]] = [
    {},
    {"dedupe": "exact"},
    {"dedupe": "off"},
    {"window": timedelta(days=7)},
    {"categories": {OPEN: ["News"], PRIVATE: ["News"]}},
]


@pytest.mark.parametrize("mode", MODES, ids=["near", "exact", "off", "window", "category"])
@pytest.mark.parametrize("first", [OPEN, PRIVATE], ids=["open", "private"])
async def test_a_hidden_feed_neither_represents_nor_is_named(
    stored: Stored, mode: dict[str, Any], first: str
) -> None:
    await _syndicated(stored, first)
    (item,) = await stored.store.load_items(replace(HIDING, **mode))
    assert (item.title, item.source.title, item.related) == ("Title open", "Name open", ())
    shown = await stored.store.load_items(replace(SHOWING, **mode))
    assert "Title private" in {one.title for one in shown}


async def test_a_private_feed_with_the_same_link_is_told_of_without_its_secrets(
    stored: Stored,
) -> None:
    await stored.subscribe(OPEN, ADDRESS)
    page, at = "https://open.example/1", NOW - HOUR
    await stored.poll(OPEN, new("open", url=page, content_html=long_text("open"), at=at))
    await stored.settle()
    site = f"https://pod.example/of/{TOKEN}"
    parsed = ParsedFeed(f"Of {TOKEN}", site)
    # What is left of its link is the page's.
    await stored.poll(PRIVATE, new("private", url=f"{page}?key={TOKEN}", at=at), parsed=parsed)
    await stored.poll(PRIVATE, new("again", url=page, at=at), parsed=parsed)
    await stored.settle()
    items = await stored.store.load_items(SHOWING)
    (told,) = next(one.related for one in items if one.title == "Title open")
    assert (told.url, told.feed_url) == (None, "https://pod.example/")
    assert TOKEN not in repr(items)
    hidden = await stored.store.load_items(HIDING)
    assert [one.related for one in hidden] == [()]


async def test_stories_of_hidden_feeds_alone_take_no_place(stored: Stored) -> None:
    await stored.subscribe(OPEN, ADDRESS)
    await stored.poll(PRIVATE, *(new(f"p{i}") for i in range(5)))
    await stored.poll(OPEN, new("o", at=NOW - DAY))
    await stored.settle()
    for mode in MODES:
        items = await stored.store.load_items(replace(HIDING, limit=1, **mode))
        assert [item.title for item in items] == ["Title o"]


@pytest.mark.parametrize("mode", MODES, ids=["near", "exact", "off", "window", "category"])
async def test_the_order_tells_nothing_of_a_hidden_entrys_date(
    stored: Stored, mode: dict[str, Any]
) -> None:
    await stored.subscribe(OPEN, ADDRESS)
    await stored.poll(PRIVATE, new("p", guid=GUID, url="https://p.example/", at=NOW - 3 * DAY))
    await stored.settle()
    shared = new("shared", guid=GUID, url="https://o.example/", at=NOW - DAY)
    await stored.poll(OPEN, shared, new("older", at=NOW - 2 * DAY))
    await stored.settle()
    items = await stored.store.load_items(replace(HIDING, **mode))
    assert [item.title for item in items] == ["Title shared", "Title older"]


async def test_hidden_entries_part_and_join_nothing_in_time(stored: Stored) -> None:
    """A copy between two others would make them one item within the window."""
    other = "https://other.example/feed"
    await stored.subscribe(OPEN, ADDRESS, other)
    for key, name in ((OPEN, "o1"), (PRIVATE, "p"), (other, "o2")):
        await stored.poll(key, new(name, guid=GUID, url=f"https://{name}.example/", at=NOW))
        await stored.settle()
        stored.clock.advance(DAY)
    selection = replace(HIDING, window=DAY + HOUR)
    assert len(await stored.store.load_items(replace(selection, hidden=frozenset()))) == 1
    assert len(await stored.store.load_items(selection)) == 2


async def test_explain_says_that_it_is_held_back(stored: Stored) -> None:
    await _syndicated(stored)
    selections = {"open": HIDING, "mine": replace(SHOWING, private=True)}
    with stored.database.engine.connect() as connection:
        (found,) = explain(connection, "https://private.example/1", selections)
    by_name = {one.output: one for one in found.outputs}
    assert not by_name["open"].shown
    assert by_name["open"].reason.startswith("its feed is private and the output is not")
    assert by_name["open"].item_id is None
    assert by_name["mine"].shown


async def _poisoned(stored: Stored, selection: Selection) -> Item:
    """An entry of the private feed that has its token everywhere."""
    await stored.subscribe(ADDRESS)
    page = f"https://pod.example/1?auth={TOKEN}"
    one = new(
        "one",
        url=page,
        title=f"Title {TOKEN}",
        authors=(f"By {TOKEN}",),
        categories=(f"About {TOKEN}",),
        summary_html=f"<p>{TOKEN} short</p>",
        content_html=f'<p><a href="{ADDRESS}&amp;x=1">feed</a> {TOKEN}</p>',
        enclosures=(
            Enclosure(f"https://cdn.example/1.mp3?token={TOKEN}", "audio/mpeg", 7),
            Enclosure("https://cdn.example/2.mp3?token=of-this-episode-0123456789", "audio/mpeg"),
        ),
        image=f"https://pod.example/{TOKEN}/i.png",
    )
    facts = ParsedFeed("", f"https://pod.example/?token={TOKEN}")
    await stored.poll(PRIVATE, one, parsed=facts)
    await stored.settle()
    (item,) = await stored.store.load_items(selection)
    return item


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("kind", FORMATS)
async def test_no_secret_of_the_configuration_leaves_in_any_output(
    stored: Stored, kind: str, private: bool
) -> None:
    item = await _poisoned(stored, replace(SHOWING, private=private))
    body = render(replace(OUTPUT, items=(item,)), kind)
    assert TOKEN.encode() not in body
    assert item.source.feed_url == "https://pod.example/"
    assert item.source.title == "pod.example"


async def test_an_episode_keeps_what_opens_it_for_those_alone_who_know_a_token(
    stored: Stored,
) -> None:
    item = await _poisoned(stored, SHOWING)
    assert "of-this-episode" not in repr(item.enclosures)
    (item,) = await stored.store.load_items(replace(SHOWING, private=True))
    urls = [one.url for one in item.enclosures]
    assert urls == [
        "https://cdn.example/1.mp3",
        "https://cdn.example/2.mp3?token=of-this-episode-0123456789",
    ]


async def test_user_info_leaves_links_of_every_feed(stored: Stored) -> None:
    await stored.subscribe(OPEN)
    one = new("one", url="https://u:p@open.example/1", image="https://u:p@open.example/i.png")
    await stored.poll(OPEN, one, parsed=ParsedFeed("F", "https://u:p@open.example/"))
    await stored.settle()
    (item,) = await stored.store.load_items(ALL)
    assert item.url == "https://open.example/1"
    assert item.image == "https://open.example/i.png"
    assert item.source.site_url == "https://open.example/"


async def test_the_pages_own_values_are_told_in_the_same_way(stored: Stored) -> None:
    await stored.subscribe(ADDRESS)
    page = "https://pod.example/1"
    await stored.poll(PRIVATE, new("one", page))
    (task,) = await stored.pages()
    said = article(f"It holds {TOKEN}.", authors=(TOKEN,), image=f"https://pod.example/{TOKEN}.png")
    await stored.store.commit_article(task, said, page)
    await stored.settle()
    (item,) = await stored.store.load_items(SHOWING)
    assert TOKEN not in repr(item)
