"""What a page gives when it is read again: a worse text never replaces a better one, a better one does."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from tests.support.polling import House, Site, ok, open_house, said
from tests.support.storage import HOUR
from tests.support.story import SENTENCES, TITLE, article_row, page

MORE = [
    f"Part {part} of the morning after says that {who} of the old town walked over the bridge and back again."
    for part, who in enumerate(("the bakers", "the children", "the choir", "the dogs"), 1)
]  # fmt: skip
LONG = [*SENTENCES, *MORE]
ELSEWHERE = [
    f"Report {n} of the harbour club tells of its dinner, of songs and soup, and of those who paid for it."
    for n in range(12)
]
FRONT = (
    "<html><head><title>The Harbour Post</title></head><body><main>"
    f"{''.join(f'<p>{one}</p>' for one in ELSEWHERE)}</main></body></html>"
)
LOCKED = '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'


def feed(site: Site, text: str, title: str = TITLE) -> web.Response:
    body = (
        f"<rss version='2.0'><channel><title>Feed</title><item><title>{title}</title><guid>1</guid>"
        f"<link>{site.url('/story')}</link><description>{text}</description></item></channel></rss>"
    )
    return ok(body.encode())


async def shown_after(house: House, site: Site, text: str, story: web.Response) -> str:
    """The entry's HTML once its feed says ``text`` and its page is ``story``."""
    site.answers |= {"/feed": feed(site, text), "/story": story}
    await house.poll(HOUR)
    (item,) = await house.stored.items()
    return item.content_html


WORSE = {
    "a teaser": page(SENTENCES[0], SENTENCES[1]),
    "a teaser before a paywall": page(
        SENTENCES[0], "Subscribe to continue reading.", "Already a subscriber? Log in"
    ),
    "cut off, and not free": page(*LONG[:6], head=LOCKED),
    "another page": web.Response(body=FRONT.encode(), content_type="text/html"),
    "a shell": web.Response(body=b"<html><body><div id=app></div></body></html>", content_type="text/html"),
    "an error": said(500),
    "gone": said(410),
    "a file": web.Response(body=b"%PDF-1.7 x", content_type="application/pdf"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORSE)
async def test_a_worse_text_replaces_none(site: Site, tmp_path: Path, name: str) -> None:
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        before = await shown_after(house, site, "Short.", page(*LONG))
        after = await shown_after(house, site, "Short!", WORSE[name])
        row = article_row(house)
        assert LONG[-1] in before
        assert after == before
        assert row.error
        # … and what was kept gives way to what is better.
        again = await shown_after(house, site, "Short?", page(*LONG, ELSEWHERE[0]))
    assert ELSEWHERE[0] in again


async def test_a_text_that_was_corrected_replaces_the_one_before(
    site: Site, tmp_path: Path
) -> None:
    corrected = [sentence.replace("the mayor", "the deputy mayor") for sentence in LONG[:-1]]
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        await shown_after(house, site, "Short.", page(*LONG))
        after = await shown_after(house, site, "Short!", page(*corrected))
        assert article_row(house).error is None
    assert corrected[0] in after
    assert LONG[-1] not in after


async def test_a_feed_that_gives_all_of_the_news_replaces_the_pages_text(
    site: Site, tmp_path: Path
) -> None:
    news = [*LONG, "On Friday it was closed again, since nobody had thought of the ships."]
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        await shown_after(house, site, "Short.", page(*LONG))
        after = await shown_after(house, site, " ".join(news), page(*news))
        assert article_row(house).source == "feed"
    assert news[-1] in after


async def test_an_article_whose_next_page_is_missing_replaces_no_whole_one(
    site: Site, tmp_path: Path
) -> None:
    def part(number: int) -> web.Response:
        following = (
            f"<div class='pagination'><a href='/story?page={number + 1}'>{number + 1}</a></div>"
        )
        return page(*LONG[number * 3 - 3 : number * 3], after=following if number < 3 else "")

    broken = False

    async def story(request: web.Request) -> web.Response:
        number = int(request.query.get("page", "1"))
        return said(500) if broken and number == 3 else part(number)

    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        site.answers |= {"/feed": feed(site, "Short."), "/story": story}
        await house.poll()
        (before,) = await house.stored.items()
        broken = True
        site.answers |= {"/feed": feed(site, "Short!")}
        await house.poll(HOUR)
        (after,) = await house.stored.items()
    assert LONG[-1] in before.content_html
    assert after.content_html == before.content_html
