"""Filters of feeds and rules: what they drop, that its page is not fetched, and that it comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings
from aggregator.config.sieves import ruled
from aggregator.model import Rejudged, RejudgedCounts
from aggregator.store.db.tables import EntryState, articles, entries, stories
from aggregator.store.reports.store import SqlReports
from tests.support.polling import House, Site, ok, open_house, open_site
from tests.support.storage import DAY

NO_ADS = '!title.contains("ad")'


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened


def linked(site: Site, **titles: str) -> bytes:
    """A feed of entries, guid → title, each with a page at ``/GUID``."""
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{guid}</guid>"
        f"<link>{site.url('/' + guid)}</link><description>{title}</description></item>"
        for guid, title in titles.items()
    )
    return f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode()


@asynccontextmanager
async def house_of(
    database_url: str, site: Site, feed: dict[str, Any] | None = None, **more: Any
) -> AsyncIterator[House]:
    options = {"mode": "always", **more}
    async with open_house(database_url, site.url("/feed"), feed=feed, **options) as house:
        yield house


async def reconfigured(
    house: House,
    rules: tuple[dict[str, Any], ...] = (),
    outputs: tuple[dict[str, Any], ...] = ({"name": "all"},),
    feeds: Sequence[tuple[str, int]] = (),
    **feed: Any,
) -> None:
    """The feed with other settings, as a reload sets them."""
    url = house.config.feeds[0].url
    settings = type(house.config.settings).model_validate(
        {
            **house.config.settings.model_dump(exclude={"feeds"}),
            "rules": rules,
            "outputs": outputs,
        }
    )
    given = [{"url": one, "rank": rank} for one, rank in feeds] or [{"url": url, **feed}]
    places = tuple(f"a.toml:{7 * number}" for number in range(1, 1 + len(rules)))
    made = tuple(FeedSettings.model_validate(one) for one in given)
    house.config = Config(settings, None, made, rule_places=places)
    await house.engine.reconfigure(house.config)


async def explained(house: House, guid: str) -> tuple[str, str]:
    (found,) = await SqlReports(house.stored.database).explain(
        guid, {}, lambda one: ruled(house.config, one)
    )
    return found.state_reason, found.ruled


async def test_what_a_filter_drops_has_no_page_no_story_and_is_not_asked_again(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad", b="news"))
    async with house_of(database_url, site, {"filter": NO_ADS}) as house:
        await house.poll()
        assert await house.titles() == {"news"}
        assert "/b" in site.paths
        await house.poll(DAY)
        site.answers["/feed"] = ok(linked(site, c="more", a="an ad", b="news"))
        await house.poll(DAY)
        assert await house.titles() == {"news", "more"}
        assert "/a" not in site.paths
        row = house.stored.row(entries, entries.c.identity == "a")
        assert (row.state, row.story_id, row.article_id) == (EntryState.SETTLED, None, None)
        status = await house.status()
        assert (status.entries, status.dropped, status.unsettled) == (3, 1, 0)
        assert await explained(house, "a") == (
            "it was dropped, and joins no story",
            "dropped by the `filter` of its feed",
        )


async def test_it_comes_back_with_another_filter_and_with_none(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad", b="news", c="an ad of news"))
    async with house_of(database_url, site, {"filter": NO_ADS}) as house:
        await house.poll()
        await reconfigured(house, filter='!title.contains("ad") || title.contains("news")')
        await house.poll_due()  # the feed itself is not due
        assert await house.titles() == {"news", "an ad of news"}
        assert (site.paths.count("/feed"), "/c" in site.paths, "/a" in site.paths) == (
            1,
            True,
            False,
        )
        await reconfigured(house)
        assert (await explained(house, "a"))[1].startswith(
            "dropped by a filter that is configured no"
        )
        await house.poll_due()
        assert await house.titles() == {"news", "an ad of news", "an ad"}
        assert "/a" in site.paths
        assert {row.filtered for row in house.stored.rows(entries)} == {None}


async def test_it_comes_back_when_its_feed_says_something_else_of_it(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad", b="news"))
    async with house_of(database_url, site, {"filter": NO_ADS}) as house:
        await house.poll()
        site.answers["/feed"] = ok(linked(site, a="no more", b="news with an ad"))
        await house.poll(DAY)  # what was shown is not taken back for its new words
        assert await house.titles() == {"no more", "news with an ad"}
        assert "/a" in site.paths


async def test_rules_drop_and_say_which_pages_are_fetched(site: Site, database_url: str) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad", b="a podcast", c="news"))
    rules = (
        {"when": 'title.contains("podcast")', "extract": "never"},
        {"when": 'title.contains("ad")', "drop": True},
    )
    async with house_of(database_url, site) as house:
        await reconfigured(house, rules)
        await house.poll()
        assert await house.titles() == {"a podcast", "news"}
        assert ("/a" in site.paths, "/b" in site.paths, "/c" in site.paths) == (False, False, True)
        assert (await explained(house, "a"))[1] == "dropped by rule 2 (a.toml:14)"
        assert (await explained(house, "b"))[1] == (
            "its page is fetched as rule 1 (a.toml:7) says: never"
        )
        assert (await explained(house, "c"))[1] == ""


def page(text: str) -> Any:
    return ok(
        f"<html><body><article><h1>A</h1><p>{text}</p></article></body></html>".encode(),
        Content_Type="text/html",
    )


async def test_rules_that_read_the_text_drop_and_name_what_has_its_page(
    site: Site, database_url: str
) -> None:
    prose = "The harbour opened its new gates this morning, and the town came to see it. " * 9
    other = (
        "Several servers were moved to another rack, where nobody had expected any of them. " * 9
    )
    site.answers["/a"], site.answers["/b"] = page(prose + "Horoscope."), page(other + "Kubernetes!")
    site.answers["/feed"] = ok(linked(site, a="one", b="two"))
    rules: tuple[dict[str, Any], ...] = (
        {"when": 'text.contains("Kubernetes")', "tags": ("k8s",), "category": "Tech"},
        {"when": '"k8s" in tags && words > 20', "tags": ("long",)},
        {"when": 'text.contains("Horoscope")', "drop": True},
    )
    async with house_of(database_url, site) as house:
        await reconfigured(house, rules)
        await house.poll()
        await house.poll_due()
        assert await house.titles() == {"two"}
        row = house.stored.row(entries, entries.c.identity == "a")
        assert (row.state, row.story_id, row.labels) == (EntryState.SETTLED, None, None)
        assert (await explained(house, "a"))[1] == "dropped by rule 3 (a.toml:21)"
        assert house.stored.row(entries, entries.c.identity == "b").labels == {
            "categories": ["Tech"],
            "tags": ["k8s", "long"],
        }
        assert (await explained(house, "b"))[1] == (
            "named Tech, k8s, long by rule 1 (a.toml:7), rule 2 (a.toml:14)"
        )
        await reconfigured(house, rules[:2])
        await house.poll_due()
        assert await house.titles() == {"one", "two"}
        assert site.paths.count("/a") == 1  # its text is there


async def test_the_filter_of_an_output_sees_what_rules_gave(site: Site, database_url: str) -> None:
    site.answers["/feed"] = ok(linked(site, a="Kubernetes", b="other", c="Kubernetes, too"))
    rules = (
        {"when": 'title.contains("Kubernetes")', "tags": ("k8s",)},
        {"when": 'title.contains("too")', "category": "Tech"},
    )
    outputs = (
        {"name": "k8s", "filter": '"k8s" in tags'},
        {"name": "tech", "filter": '"Tech" in categories'},
    )
    async with house_of(database_url, site, mode="never") as house:
        await reconfigured(house, rules, outputs)
        await house.poll()
        shown = {
            name: {item.title for item in await house.stored.store.load_items(one)}
            for name, one in choices.selections(house.config).items()
        }
        assert shown == {"k8s": {"Kubernetes", "Kubernetes, too"}, "tech": {"Kubernetes, too"}}


async def test_a_rule_prefers_one_of_equal_copies(site: Site, database_url: str) -> None:
    text = "The harbour opened its new gates this morning, and the town came to see it. " * 9
    for name in ("first", "second"):
        site.answers[f"/{name}"] = ok(
            f"<rss version='2.0'><channel><title>{name}</title><item><title>Gates</title>"
            f"<guid isPermaLink='false'>{name}</guid><description>{text}</description></item>"
            "</channel></rss>".encode()
        )
    urls = [site.url(f"/{name}") for name in ("first", "second")]
    async with open_house(database_url, *urls) as house:
        rule = {"when": 'feed == "second"', "rank": -1}
        for ranks, rules, shown in (
            ((0, 0), (), "first"),
            ((0, 0), (rule,), "second"),
            ((-1, 0), (rule,), "first"),
            ((-1, 0), (rule, rule), "second"),
        ):
            await reconfigured(house, rules, feeds=tuple(zip(urls, ranks, strict=True)))
            await house.poll(DAY)
            await house.poll(DAY)
            selections = choices.selections(house.config).values()
            (item,) = [i for one in selections for i in await house.stored.store.load_items(one)]
            assert item.source.title == shown, (ranks, rules)


async def test_what_stands_in_its_story_is_not_dropped_for_a_later_text(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="one"))
    rules = ({"when": 'words > 100 && title == "one"', "drop": True},)
    async with house_of(database_url, site, mode="never") as house:
        await reconfigured(house, rules)
        await house.poll()
        assert await house.titles() == {"one"}
        long = linked(site, a="one").replace(b"<description>one", b"<description>" + b"w " * 200)
        site.answers["/feed"] = ok(long)
        await house.poll(DAY)
        assert await house.titles() == {"one"}
        assert (await house.status()).dropped == 0


async def test_what_cannot_be_evaluated_is_let_in(site: Site, database_url: str) -> None:
    site.answers["/feed"] = ok(linked(site, a="one"))
    async with house_of(database_url, site, {"filter": 'categories[0] == "x"'}) as house:
        await house.poll()
        assert await house.titles() == {"one"}


async def test_dropped_entries_are_judged_anew_in_slices_wherever_it_was_stopped(
    site: Site, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.flow.rejudging._SLICE", 3)
    titles = {f"n{number}": f"an ad {number}" for number in range(8)}
    site.answers["/feed"] = ok(linked(site, **titles))
    async with house_of(database_url, site, {"filter": NO_ADS}, mode="never") as house:
        await house.poll()
        await reconfigured(house)
        assert await house.engine.pipeline.judge_again()
        dropped = [row.id for row in house.stored.rows(entries, entries.c.filtered.is_not(None))]
        assert len(dropped) == 5
        await reconfigured(house)  # as after a start: nothing is remembered of the pass before
        await house.poll_due()
        assert await house.titles() == set(titles.values())
        assert house.stored.count(stories) == 8
        assert not await house.engine.pipeline.judge_again()


async def test_a_judgement_on_what_was_judged_meanwhile_is_not_written(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad"))
    async with house_of(database_url, site, {"filter": NO_ADS}) as house:
        await house.poll()
        row = house.stored.row(entries)
        another = [Rejudged(row.id, "another", None)]
        assert await house.stored.store.rejudge(another) == RejudgedCounts()
        assert house.stored.row(entries) == row
        own = [Rejudged(row.id, row.filtered, None)]
        assert await house.stored.store.rejudge(own) == RejudgedCounts(let_in=1)
        assert house.stored.row(entries).state == EntryState.READY
        assert house.stored.count(articles) == 0


async def test_retention_forgets_what_was_dropped_as_all_else(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad", b="news"))
    async with house_of(database_url, site, {"filter": NO_ADS}) as house:
        await house.poll()
        site.answers["/feed"] = ok(linked(site, b="news"))
        await house.poll(DAY)
        house.clock.advance(100 * DAY)
        assert await house.engine.forget() == 1
        site.answers["/feed"] = ok(linked(site, a="an ad", b="news"))
        await reconfigured(house)
        await house.poll(DAY)
        assert await house.titles() == {"news"}


async def test_a_feed_that_is_configured_no_more_keeps_what_was_dropped_of_it(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = ok(linked(site, a="an ad", b="news"))
    async with house_of(database_url, site, {"filter": NO_ADS}) as house:
        await house.poll()
        await house.subscribe()
        house.engine.pipeline = replace(
            house.engine.pipeline, config=Config(house.config.settings, None, ())
        )
        await house.poll_due()
        assert (await house.status()).dropped == 1
