"""Entries whose links name a part of a page: each keeps its own words."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from aggregator.model import Item
from tests.support.polling import Site, ok, open_house

WORDS = {
    1: "My aunt sailed on that boat for thirty years, and she never once saw a life belt that fitted her.",
    2: "The belts were made for the navy, which had ordered them in one size and then refused to take them.",
    3: "Has anybody kept the timetable of the last season? I would pay a lot for a copy of it.",
}
STORY = [
    "When the ferry stopped in the fog, nobody on board thought of the time; later they argued about little else.",
    "The harbour office keeps no list of that kind, as far as its clerk could find out within a whole week.",
    "What is known stands in two letters, which the museum bought at an auction without reading them first.",
]


def feed(site: Site, link: str, title: str, words: dict[int, str]) -> web.Response:
    items = "".join(
        f"<item><title>{title.format(n)}</title><guid isPermaLink='false'>g{n}</guid><link>{site.url(link.format(n))}</link><description>{text}</description></item>"
        for n, text in words.items()
    )
    document = f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>"
    return ok(document.encode())


def page(box: str, story: bool = True) -> web.Response:
    boxes = "".join(box.format(n, text=text) for n, text in WORDS.items())
    body = "".join(f"<p>{line}</p>" for line in STORY) if story else ""
    html = f"<html><head><title>The ferry in the fog</title></head><body><article><h1>The ferry in the fog</h1>{body}</article>{boxes}</body></html>"
    return web.Response(body=html.encode(), content_type="text/html")


COMMENT = "<div class='comment' id='comment-{0}'><cite>Ann {0}</cite><p>{text}</p></div>"
POST = "<div class='topic-body' id='post_{0}'><h3>user{0}</h3><div class='post'>{text}</div></div>"


async def shown(site: Site, tmp_path: Path, document: web.Response) -> list[Item]:
    site.answers["/feed"] = document
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="auto") as house:
        await house.poll()
        return await house.stored.items()


def own_words(items: list[Item]) -> list[list[int]]:
    return sorted([n for n, text in WORDS.items() if text in item.content_html] for item in items)


@pytest.mark.parametrize(
    ("link", "title", "box", "story"),
    [
        ("/story#comment-{0}", "By: Ann", COMMENT, True),
        ("/story", "Comment on The ferry in the fog", COMMENT, True),
        ("/thread/{0}", "The ferry in the fog", POST, False),
        ("/thread", "Re: The ferry in the fog", POST, False),
        ("/thread?view={0}", "The ferry in the fog", "<p>{text}</p>", True),
    ],
)  # fmt: skip
async def test_each_comment_and_post_keeps_its_own_words(
    site: Site, tmp_path: Path, link: str, title: str, box: str, *, story: bool
) -> None:
    answer = page(box, story)
    site.answers |= dict.fromkeys(("/story", "/thread", "/thread/1", "/thread/2", "/thread/3"), answer)  # fmt: skip
    items = await shown(site, tmp_path, feed(site, link, title, WORDS))
    assert len(items) == 3
    if box != "<p>{text}</p>":  # nothing on the page tells the posts from the text
        assert own_words(items) == [[1], [2], [3]]
        assert not any(line in item.content_html for item in items for line in STORY)


async def test_a_release_without_words_is_its_section_of_the_page(
    site: Site, tmp_path: Path
) -> None:
    site.answers["/changes"] = page("<h2 id='v1.{0}'>Version 1.{0}</h2><p>{text}</p>")
    items = await shown(
        site, tmp_path, feed(site, "/changes#v1.{0}", "Version 1.{0}", dict.fromkeys(WORDS, ""))
    )
    assert own_words(items) == [[1], [2], [3]]


async def test_an_ordinary_page_behind_a_mark_is_the_article(site: Site, tmp_path: Path) -> None:
    site.answers["/story"] = page(COMMENT)
    document = feed(site, "/story#seen-in-feed", "The ferry in the fog", {1: STORY[0]})
    (item,) = await shown(site, tmp_path, document)
    assert all(line in item.content_html for line in STORY)
