"""A feed that lists entries under another's address and id: nobody's words stand under another's name."""

from __future__ import annotations

import pytest
from aiohttp import web
from sqlalchemy import update

from aggregator.model import Item
from aggregator.store.db.tables import stories
from tests.support.polling import House, Site, ok, open_house
from tests.support.storage import DAY

OWN = (
    "The weir above the mill was rebuilt this summer, and the fish pass that the anglers of the village had asked for was "
    "opened on Sunday in front of the old school, with a band and far too many speeches."
)
FOREIGN = " ".join(
    f"Nobody should believe chapter {n} of that report; buy my gardening book, with recipes for jam and many photographs."
    for n in ("one", "two", "three", "four")
)


def feed(site: Site, host: int, text: str, link: str = "", title: str = "The weir") -> web.Response:
    link = link or site.url("/story", host=1)
    return ok(
        f"<rss version='2.0'><channel><title>Feed {host}</title><link>{site.url('/', host=host)}</link><item><title>{title}</title>"
        f"<guid isPermaLink='false'>{site.url('/story', host=1)}</guid><link>{link}</link>"
        f"<description>{text}</description></item></channel></rss>".encode()
    )


async def shown(house: House) -> dict[str, Item]:
    return {item.source.title: item for item in await house.stored.items()}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
@pytest.mark.parametrize("mode", ["auto", "never"])
@pytest.mark.parametrize("own_link", [False, True])
async def test_foreign_words_are_an_entry_of_their_own(
    site: Site, database_url: str, order: tuple[int, int], mode: str, own_link: bool
) -> None:
    house_id = ""
    async with open_house(database_url, site.url("/feed1", host=1), mode=mode) as house:
        site.answers["/feed1"] = feed(site, 1, OWN)
        link = site.url("/mine", host=2) if own_link else ""
        site.answers["/feed2"] = feed(site, 2, FOREIGN, link)
        for n in order:
            await house.subscribe(site.url(f"/feed{n}", host=n), site.url(f"/feed{order[0]}", host=order[0]))  # fmt: skip
            await house.poll(DAY)
            if "Feed 1" in (items := await shown(house)):
                house_id = house_id or items["Feed 1"].id
        items = await shown(house)
        assert {name: OWN in one.content_html for name, one in items.items()} == {"Feed 1": True, "Feed 2": False}  # fmt: skip
        assert FOREIGN in items["Feed 2"].content_html
        # A third that lists the story whole finds it, whoever was first at its address.
        site.answers["/feed3"] = feed(site, 3, OWN)
        await house.subscribe(*(site.url(f"/feed{n}", host=n) for n in (1, 2, 3)))
        await house.poll(DAY)
        assert (await shown(house))["Feed 1"].id == house_id
        assert len(await house.stored.items()) == 2


async def test_the_house_represents_though_a_guest_adds_to_its_words(
    site: Site, database_url: str
) -> None:
    site.answers |= {"/feed1": feed(site, 1, OWN), "/feed2": feed(site, 2, f"{OWN} {FOREIGN}")}
    urls = [site.url(f"/feed{n}", host=n) for n in (2, 1)]
    async with open_house(database_url, *urls, mode="never") as house:
        await house.poll()
        (item,) = await house.stored.items()
    assert (item.source.title, FOREIGN in item.content_html) == ("Feed 1", False)


async def test_a_guest_that_has_the_whole_of_a_teaser_represents(
    site: Site, database_url: str
) -> None:
    site.answers |= {"/feed1": feed(site, 1, OWN[:120] + " […]"), "/feed2": feed(site, 2, OWN)}
    urls = [site.url(f"/feed{n}", host=n) for n in (1, 2)]
    async with open_house(database_url, *urls, mode="never") as house:
        await house.poll()
        (item,) = await house.stored.items()
    assert OWN in item.content_html


async def test_a_story_of_before_is_shown_as_it_was_until_a_member_changes(
    site: Site, database_url: str
) -> None:
    """As the release before chose: the longest text, whoever's."""
    site.answers |= {"/feed1": feed(site, 1, OWN), "/feed2": feed(site, 2, f"{OWN} {FOREIGN}")}
    urls = [site.url(f"/feed{n}", host=n) for n in (1, 2)]
    async with open_house(database_url, *urls, mode="never") as house:
        await house.poll()
        with house.stored.database.engine.begin() as connection:
            connection.execute(update(stories).values(guests=None, representative_id=2))
        (before,) = await house.stored.items()
        await house.poll(DAY)
        (after,) = await house.stored.items()
        assert before == after
        assert before.source.title == "Feed 2"
        site.answers["/feed2"] = feed(site, 2, f"{OWN} {FOREIGN} And more.")
        await house.poll(DAY)
        (mended,) = await house.stored.items()
        assert (mended.id, mended.source.title) == (before.id, "Feed 1")
