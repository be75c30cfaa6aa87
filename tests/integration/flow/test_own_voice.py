"""Linkblogs: the blogger's words are the entry, whatever stands on the page that it links to."""

from __future__ import annotations

import pytest
from aiohttp import web

from aggregator.model import Item
from tests.support.polling import Site, ok, open_house

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
