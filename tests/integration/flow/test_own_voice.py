"""Linkblogs: the blogger's words are the entry, whatever stands on the page that it links to."""

from __future__ import annotations

import pytest
from aiohttp import web

from aggregator.model import Item
from tests.support.polling import Site, ok, open_house
from tests.support.storage import DAY

STORY = [
    "The regulators opened the sluices of the upper valley on Monday while the river was still very low.",
    "Engineers had warned for years that the gates were rusting, and that nobody kept the key to their motors.",
    "By the evening the meadows stood under water, and the village school sent all of its children home early.",
]
COMMENT = (
    "This is exactly what I said in March, and nobody listened. The pumps were never the problem."
)
OTHER = "Finally somebody dares to touch them. My grandfather used to fish there before the war."
TEASER = "Regulators opened the sluices of the upper valley on Monday while the river was very low."


def quoting(comment: str) -> str:
    return f"&lt;blockquote&gt;{STORY[0]}&lt;/blockquote&gt;&lt;p&gt;{comment}&lt;/p&gt;"


def rss(site: Site, host: int, text: str, guid: str, link: str | None = None) -> web.Response:
    link = link or site.url("/story", host=9)
    return ok(
        f"<rss version='2.0'><channel><title>Feed {host}</title><link>{site.url('/', host=host)}</link><item><title>Sluices of {host}</title>"
        f"<guid isPermaLink='false'>{guid}</guid><link>{link}</link><description>{text}</description></item></channel></rss>".encode()
    )


def story(_: Site) -> web.Response:
    body = "".join(f"<p>{line}</p>" for line in STORY)
    html = f"<html><head><title>Regulators open the sluices</title></head><body><article><h1>Regulators open the sluices</h1>{body}</article></body></html>"
    return web.Response(body=html.encode(), content_type="text/html")


async def shown(site: Site, database: str, *feeds: web.Response, mode: str = "auto") -> list[Item]:
    site.answers["/story"] = story(site)
    urls = []
    for n, feed in enumerate(feeds, 1):
        site.answers[f"/feed{n}"] = feed
        urls.append(site.url(f"/feed{n}", host=n))
    async with open_house(database, *urls, mode=mode) as house:
        await house.poll()
        return await house.stored.items()


@pytest.mark.parametrize("text", [quoting(COMMENT), COMMENT])
async def test_the_bloggers_words_are_the_entry(site: Site, database_url: str, text: str) -> None:
    (item,) = await shown(site, database_url, rss(site, 1, text, "a"))
    assert COMMENT in item.content_html
    assert STORY[1] not in item.content_html
    assert item.url == site.url("/story", host=9)


@pytest.mark.parametrize("mode", ["auto", "never"])
async def test_two_linkblogs_on_one_article_are_two_entries(
    site: Site, database_url: str, mode: str
) -> None:
    feeds = (rss(site, 1, quoting(COMMENT), "a"), rss(site, 2, quoting(OTHER), "b"))
    items = await shown(site, database_url, *feeds, mode=mode)
    assert sorted(COMMENT in item.content_html for item in items) == [False, True]


async def test_a_linkblog_and_the_paper_itself_are_two(site: Site, database_url: str) -> None:
    paper = rss(site, 9, TEASER, "p")
    site.answers["/feed9"] = paper
    site.answers |= {"/feed1": rss(site, 1, quoting(COMMENT), "a"), "/story": story(site)}
    urls = [site.url("/feed1", host=1), site.url("/feed9", host=9)]
    async with open_house(database_url, *urls, mode="auto") as house:
        await house.poll()
        items = {item.title: item.content_html for item in await house.stored.items()}
    assert COMMENT in items["Sluices of 1"]
    assert all(line in items["Sluices of 9"] for line in STORY)


async def test_a_teaser_of_an_article_elsewhere_is_no_voice(site: Site, database_url: str) -> None:
    feeds = (rss(site, 1, TEASER, "a"), rss(site, 2, TEASER, "b"))
    (item,) = await shown(site, database_url, *feeds)
    assert all(line in item.content_html for line in STORY)


async def test_comments_and_points_beside_a_link_are_no_voice(
    site: Site, database_url: str
) -> None:
    here = site.url("/item?id=1", host=1)
    text = f"&lt;p&gt;Article URL: &lt;a href='{site.url('/story', host=9)}'&gt;x&lt;/a&gt;&lt;/p&gt;&lt;p&gt;&lt;a href='{here}'&gt;Comments&lt;/a&gt; Points: 5&lt;/p&gt;"
    (item,) = await shown(site, database_url, rss(site, 1, text, here))
    assert all(line in item.content_html for line in STORY)


BARE = "&lt;p&gt;Points: 5 | 3 comments&lt;/p&gt;"


@pytest.mark.parametrize("mode", ["auto", "never"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
async def test_a_word_or_two_are_no_less(
    site: Site, database_url: str, mode: str, order: tuple[int, ...]
) -> None:
    """The paper, two linkblogs and a bare link: the bare one is the paper's story, whoever comes first."""
    site.answers["/story"] = story(site)
    said = {9: TEASER, 1: "So true!", 2: f"{TEASER} Hear, hear.", 3: BARE}
    for host, text in said.items():
        site.answers[f"/feed{host}"] = rss(site, host, text, f"{host}")
    urls = [site.url(f"/feed{host}", host=host) for host in said]
    async with open_house(database_url, mode=mode) as house:
        for number in range(len(order)):
            await house.subscribe(*(urls[at] for at in order[: number + 1]))
            await house.poll(DAY)
        before = await house.stored.items()
        await house.poll(DAY)
        assert await house.stored.items() == before
    shown = {item.source.title: item.content_html for item in before}
    assert "So true!" in shown["Feed 1"]
    assert "Hear, hear." in shown["Feed 2"]
    told = [name for name, html in shown.items() if STORY[1] in html or TEASER in html]
    assert sorted(told) == ["Feed 2", "Feed 9"] if mode == "never" else ["Feed 9"]


async def test_a_page_describes_itself_and_that_is_no_voice(site: Site, database_url: str) -> None:
    described = "How nobody kept a key, and what became of the meadows."
    text = (story(site).body or b"").decode()
    head = f"<head><meta property='og:description' content='{described}'>"
    site.answers["/story"] = web.Response(
        body=text.replace("<head>", head).encode(), content_type="text/html"
    )
    site.answers["/feed1"] = rss(site, 1, described, "a")
    async with open_house(database_url, site.url("/feed1", host=1), mode="auto") as house:
        await house.poll()
        (item,) = await house.stored.items()
    assert all(line in item.content_html for line in STORY)


async def test_what_a_feed_repeats_is_no_voice(site: Site, database_url: str) -> None:
    items = "".join(
        f"<item><title>Story {n}</title><guid isPermaLink='false'>{n}</guid><link>{site.url(f'/story?n={n}', host=9)}</link>"
        f"<description>{'Mind the gap! ' if n == 3 else ''}Saved {n} days ago by a friend of the river.</description></item>"
        for n in range(5)
    )
    site.answers["/story"] = story(site)
    site.answers["/feed1"] = ok(
        f"<rss version='2.0'><channel><title>Saved</title><link>{site.url('/', host=1)}</link>{items}</channel></rss>".encode()
    )
    async with open_house(database_url, site.url("/feed1", host=1), mode="auto") as house:
        await house.poll()
        own = {item.title: STORY[1] not in item.content_html for item in await house.stored.items()}
    assert own["Story 3"]
    assert not own["Story 1"]
