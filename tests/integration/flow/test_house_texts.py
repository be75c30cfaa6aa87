"""One text at all addresses of a site: the feed's own words are shown, whenever that turns out."""

from __future__ import annotations

import pytest
from aiohttp import web

from aggregator.model import Item
from tests.support.polling import Site, ok, open_house
from tests.support.storage import HOUR

HOUSE = [
    "Harbour Media has been the home of independent local journalism since 1987, and a good neighbour to the port.",
    "Our aim is simple: to tell you what happens around you, who decides it, and what it costs in the end.",
    "Advertising pays for a third of what we do; sales and donations pay for all the rest of it, year after year.",
]
NEWS = {
    "Otter seen below the mill": "A walker filmed the animal on Tuesday morning; biologists think that it followed trout upstream.",
    "School kitchen wins prize": "The jury praised the cook, who feeds three hundred children with lentils for very little money.",
    "Bus line stops running after nine": "Evening passengers must change at Castle Square, the operator says, because drivers are missing.",
    "Choir sings above the cars": "Some four hundred people came to hear Brahms above the third deck in spite of the steady drizzle.",
}


def feed(site: Site, *titles: str) -> web.Response:
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid><link>{site.url(f'/n/{list(NEWS).index(title)}')}</link><description>{NEWS[title]}</description></item>"
        for title in titles
    )
    return ok(f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>".encode())


def page(*lines: str, title: str = "Harbour Media") -> web.Response:
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = f"<html><head><title>{title}</title></head><body><main><article><h1>{title}</h1>{body}</article></main><footer>Imprint</footer></body></html>"
    return web.Response(body=html.encode(), content_type="text/html")


def own_words(items: list[Item]) -> list[bool]:
    return [NEWS[item.title] in item.content_html and HOUSE[0] not in item.content_html for item in items]  # fmt: skip


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("polls", [1, 4])
async def test_a_house_text_is_shown_for_none(
    site: Site, database_url: str, polls: int, *, named: bool
) -> None:
    titles = list(NEWS)
    for n, title in enumerate(titles):
        site.answers[f"/n/{n}"] = page(*HOUSE, title=title if named else "Harbour Media")
    async with open_house(database_url, site.url("/feed"), mode="auto") as house:
        for n in range(4 // polls, 5, 4 // polls):
            site.answers["/feed"] = feed(site, *titles[:n])
            await house.poll()
            house.clock.advance(2 * HOUR)
        items = await house.stored.items()
    assert own_words(items) == [True] * 4


async def test_a_real_article_in_place_of_others_stays_that_of_its_own_entry(
    site: Site, database_url: str
) -> None:
    first, *_ = titles = list(NEWS)
    story = page(NEWS[first], *HOUSE, title=first)
    site.answers |= {f"/n/{n}": story for n in range(4)}
    site.answers["/feed"] = feed(site, *titles)
    async with open_house(database_url, site.url("/feed"), mode="auto") as house:
        await house.poll()
        items = await house.stored.items()
    assert {item.title: HOUSE[2] in item.content_html for item in items} == {
        title: title == first for title in titles
    }


async def test_articles_with_one_note_stay(site: Site, database_url: str) -> None:
    titles = list(NEWS)
    for n, title in enumerate(titles):
        told = f"What {title.lower()} means for the town is a question that nobody could answer on the day itself."
        site.answers[f"/n/{n}"] = page(NEWS[title], told, HOUSE[0], title=title)
    site.answers["/feed"] = feed(site, *titles)
    async with open_house(database_url, site.url("/feed"), mode="auto") as house:
        await house.poll()
        items = await house.stored.items()
    assert all("nobody could answer" in item.content_html for item in items)
