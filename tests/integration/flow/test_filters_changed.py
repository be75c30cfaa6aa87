"""Filters and rules that change: what was let in by others is taken back, and comes back with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from aggregator.app.wiring import subscribe
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings
from aggregator.config.sieves import ruled
from aggregator.model import Explained, LineKind, LineReason
from aggregator.store.db.tables import EntryState, entries, feeds, output_items, stories
from aggregator.store.reports.store import SqlReports
from tests.support.polling import House, Site, ok, open_house, open_site
from tests.support.storage import DAY

NO_ADS = '!title.contains("ad")'
ENTER, WITHDRAW = LineKind.ENTER, LineKind.WITHDRAW


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as opened:
        yield opened


def feed_of(**titles: str) -> Any:
    """A feed of entries, guid → title, each with its title for a text."""
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{guid}</guid>"
        f"<description>{title}</description></item>"
        for guid, title in titles.items()
    )
    return ok(f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode())


async def reload(house: House, *rules: dict[str, Any], **feed: Any) -> None:
    """Reload the configuration with these rules, and the feeds with these settings; work until all is done."""
    settings = type(house.config.settings).model_validate(
        {**house.config.settings.model_dump(exclude={"feeds"}), "rules": rules}
    )
    given = tuple(FeedSettings.model_validate({"url": f.url, **feed}) for f in house.config.feeds)
    places = tuple(f"a.toml:{number}" for number in range(1, 1 + len(rules)))
    house.config = Config(settings, None, given, rule_places=places)
    await house.engine.reconfigure(house.config)
    await subscribe(house.config, house.stored.store, house.clock.now())
    house.clock.advance(DAY / 24)
    await house.poll_due()


async def shown(house: House) -> dict[str, str]:
    """What the output shows: title → id and dates."""
    (selection,) = choices.selections(house.config).values()
    items = await house.stored.store.load_items(selection)
    return {one.title: f"{one.id} {one.published} {one.updated}" for one in items}


def lines(house: House) -> list[tuple[LineKind, LineReason]]:
    rows = sorted(house.stored.rows(output_items), key=lambda row: row.seq)
    return [(LineKind(row.kind), LineReason(row.reason)) for row in rows]


async def explained(house: House, guid: str) -> Explained:
    report = SqlReports(house.stored.database)
    (found,) = await report.explain(
        guid, choices.selections(house.config), partial(ruled, house.config)
    )
    return found


async def test_a_new_filter_withdraws_and_its_end_brings_all_back_as_it_was(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = feed_of(a="an ad", b="news", c="more news")
    async with open_house(database_url, site.url("/feed")) as house:
        await reload(house)
        before, begun = await shown(house), len(lines(house))
        assert set(before) == {"an ad", "news", "more news"}
        await reload(house, filter=NO_ADS)
        assert set(await shown(house)) == {"news", "more news"}
        assert lines(house)[begun:] == [(WITHDRAW, LineReason.UNFIT)]
        found = await explained(house, "a")
        assert found.is_dropped
        assert found.ruled == "dropped by the `filter` of its feed"
        assert found.state_reason == "it was dropped, and its story is told without it"
        (verdict,) = found.outputs
        assert [one.reason for one in verdict.withdrawn] == [LineReason.UNFIT]
        assert (await house.status()).dropped == 1
        await house.poll(DAY)  # what it says of it now is asked for neither way
        await reload(house)
        assert await shown(house) == before
        assert lines(house)[begun + 1 :] == [(ENTER, LineReason.CONFIGURED)]
        (verdict,) = (await explained(house, "a")).outputs
        assert (verdict.shown, verdict.withdrawn) == (True, ())
        assert house.stored.count(stories) == 3


async def test_a_rule_that_reads_texts_withdraws_and_others_name_anew(
    site: Site, database_url: str
) -> None:
    site.answers["/feed"] = feed_of(a="Kubernetes horoscope", b="Kubernetes", c="news")
    name = {"when": 'text.contains("Kubernetes")', "tags": ("k8s",), "rank": -1}
    async with open_house(database_url, site.url("/feed")) as house:
        await reload(house)
        before = await shown(house)
        await reload(house, name, {"when": 'text.contains("horoscope")', "drop": True})
        assert set(await shown(house)) == {"Kubernetes", "news"}
        assert (await explained(house, "a")).ruled == "dropped by rule 2 (a.toml:2)"
        found = await explained(house, "b")
        assert found.ruled == "named k8s and ranked -1 by rule 1 (a.toml:1)"
        labels = {row.identity: row.labels for row in house.stored.rows(entries)}
        assert labels == {"a": None, "b": {"tags": ["k8s"], "rank": -1}, "c": None}
        await reload(house, name)
        assert await shown(house) == before
        await reload(house)
        assert {row.labels for row in house.stored.rows(entries)} == {None}
        assert await shown(house) == before


async def test_another_copy_takes_over_what_a_filter_withdraws(
    site: Site, database_url: str
) -> None:
    text = "The harbour opened its new gates this morning, and the town came to see it. " * 9
    for name in ("one", "two"):
        body = feed_of(**{name: text}).body.replace(b"<title>F<", f"<title>{name}<".encode())
        site.answers[f"/{name}"] = ok(body)
    async with open_house(database_url, site.url("/one"), site.url("/two")) as house:
        await reload(house)
        before, begun = await shown(house), len(lines(house))
        await reload(house, {"when": 'feed == "one"', "drop": True})
        after = await shown(house)
        assert len(before) == len(after) == house.stored.count(stories) == 1
        assert [one.split()[0] for one in before.values()] == [
            one.split()[0] for one in after.values()
        ]
        assert {kind for kind, _ in lines(house)[begun:]} <= {LineKind.UPDATE}
        assert (await explained(house, "one")).is_dropped


async def test_what_changes_while_it_is_dropped_is_settled_as_it_comes_back(
    site: Site, database_url: str
) -> None:
    rule = {"when": 'text.contains("horoscope")', "drop": True}
    site.answers["/feed"] = feed_of(a="horoscope", b="news")
    async with open_house(database_url, site.url("/feed")) as house:
        await reload(house)
        await reload(house, rule)
        site.answers["/feed"] = feed_of(a="another horoscope", b="news")
        await house.poll(DAY)  # the rule is asked about its new text
        assert set(await shown(house)) == {"news"}
        row = house.stored.row(entries, entries.c.identity == "a")
        assert (row.state, row.filtered is None) == (EntryState.SETTLED, False)
        await reload(house)
        assert set(await shown(house)) == {"news", "another horoscope"}
        await reload(house, filter=NO_ADS.replace("ad", "horoscope"))
        site.answers["/feed"] = feed_of(a="a horoscope more", b="news")
        await house.poll(DAY)
        assert set(await shown(house)) == {"news"}
        await reload(house)
        row = house.stored.row(entries, entries.c.identity == "a")
        assert (row.text_length, row.state) == (len("a horoscope more"), EntryState.SETTLED)
        await reload(house, rule)
        site.answers["/feed"] = feed_of(a="no more", b="news")
        await house.poll(DAY)
        assert set(await shown(house)) == {"news", "no more"}


async def test_a_pass_goes_on_where_it_was_stopped_and_looks_again_at_what_came_late(
    site: Site, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.flow.rejudging._SLICE", 3)
    site.answers["/feed"] = feed_of(**{f"n{number}": f"an ad {number}" for number in range(8)})
    async with open_house(database_url, site.url("/feed")) as house:
        await reload(house)
        former = house.engine.pipeline
        fresh = {"url": site.url("/feed"), "filter": NO_ADS}
        settings = house.config.settings
        config = Config(settings, None, (FeedSettings.model_validate(fresh),))
        await house.engine.reconfigure(config)
        assert await house.engine.pipeline.judge_again()
        assert (await house.status()).dropped == 3
        await house.engine.reconfigure(config)  # as after a kill
        while await house.engine.pipeline.judge_again():
            pass
        assert (await house.status()).dropped == 8
        judged_by = house.feed().judged_by
        # A poll that began under the former configuration ends after the pass.
        site.answers["/feed"] = feed_of(late="an ad that is late")
        fresh_pipeline, house.engine.pipeline = house.engine.pipeline, former
        former.rejudging._work = []
        await house.poll(DAY)
        house.engine.pipeline = fresh_pipeline
        assert (await house.status()).dropped == 8
        while await house.engine.pipeline.judge_again():
            pass
        assert (await house.status()).dropped == 9
        assert house.stored.row(feeds).judged_by == judged_by != ""
