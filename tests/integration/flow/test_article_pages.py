"""Articles read off real answers: several pages, one page with all, files, rules, walls that come later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aggregator.model import Item
from aggregator.store.db.tables import articles
from tests.support.polling import House, Site, ok, open_house, said
from tests.support.storage import HOUR
from tests.support.story import SENTENCES, TITLE, article_row, page


def feed(site: Site, path: str = "/story", text: str = "Short.") -> web.Response:
    body = (
        f"<rss version='2.0'><channel><title>Feed</title><item><title>{TITLE}</title><guid>1</guid>"
        f"<link>{site.url(path)}</link><description>{text}</description></item></channel></rss>"
    )
    return ok(body.encode())


def pager(number: int) -> str:
    return f"<div class='pagination'><a href='/story?page={number}'>{number}</a></div>"


async def read(house: House) -> Item:
    await house.poll()
    (item,) = await house.stored.items()
    return item


async def test_pages_are_joined_and_repeat_nothing(site: Site, tmp_path: Path) -> None:
    async def story(request: web.Request) -> web.Response:
        number = int(request.query.get("page", "1"))
        teaser = SENTENCES[0]
        picture = "<img src='https://pictures.example/i/bridge-600x400.jpg'><p>And on it goes, they said to each other.</p>"
        if number == 1:
            return page(teaser, SENTENCES[1], after=picture + pager(2))
        if number == 2:
            return page(teaser, SENTENCES[2], after=picture + pager(3))
        return page(
            SENTENCES[3], "With that the tale of the bridge and of its builders ended for good."
        )

    site.answers |= {"/feed": feed(site), "/story": story}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
    assert [shown.content_html.count(sentence) for sentence in SENTENCES] == [1, 1, 1, 1]
    assert shown.content_html.count("<img") == 1
    assert "3 pages joined" in article_row(house).reason
    assert "pagination" not in shown.content_html


async def test_pages_end_at_the_limit_and_at_a_failure(site: Site, tmp_path: Path) -> None:
    async def story(request: web.Request) -> web.Response:
        number = int(request.query.get("page", "1"))
        if number == 4:
            return said(500)
        return page(
            f"{SENTENCES[0]} Page {number}.", f"{SENTENCES[1]} {number}.", after=pager(number + 1)
        )

    site.answers |= {"/feed": feed(site), "/story": story}
    for limit, words in ((2, "2 pages joined"), (9, "3 pages joined, the next one is missing")):
        options: dict[str, Any] = {"mode": "always", "extract": {"max_pages": limit}}
        database = f"sqlite:///{tmp_path}/{limit}"
        async with open_house(database, site.url("/feed"), **options) as house:
            await read(house)
            assert article_row(house).reason.endswith(words)


async def test_a_page_with_all_of_it_is_preferred(site: Site, tmp_path: Path) -> None:
    async def story(request: web.Request) -> web.Response:
        if request.query.get("view") == "all":
            return page(*SENTENCES)
        link = "<p><a href='/story?view=all'>View as single page</a></p>"
        return page(SENTENCES[0], SENTENCES[1], after=link + pager(2))

    site.answers |= {"/feed": feed(site), "/story": story}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
    assert [shown.content_html.count(sentence) for sentence in SENTENCES] == [1, 1, 1, 1]
    assert site.paths.count("/story") == 2


async def test_a_file_is_enclosed(site: Site, tmp_path: Path) -> None:
    paper = web.Response(body=b"%PDF-1.7 x", content_type="application/pdf")
    site.answers |= {"/feed": feed(site), "/story": paper}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
        row = article_row(house)
    assert [(e.url, e.media_type) for e in shown.enclosures] == [
        (site.url("/story"), "application/pdf")
    ]
    assert row.source == "file:application/pdf"
    assert "Short." in shown.content_html


async def test_a_feed_that_gave_all_keeps_its_own_text(site: Site, tmp_path: Path) -> None:
    own = " ".join(SENTENCES)
    site.answers |= {"/feed": feed(site, text=own), "/story": page(*SENTENCES)}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
        row = article_row(house)
    assert row.source == "feed"
    assert "no more than the feed" in row.reason
    assert own in shown.content_html


async def test_a_sites_rule_narrows_its_pages(site: Site, tmp_path: Path) -> None:
    box = f"<div class='box'><p>{SENTENCES[2]}</p><p>{SENTENCES[3]}</p></div>"
    site.answers |= {"/feed": feed(site), "/story": page(SENTENCES[0], SENTENCES[1], after=box)}
    (tmp_path / "127.0.0.1.txt").write_text(
        "body: //article\nstrip: //div[@class='box']\nprune: no\n"
    )
    options: dict[str, Any] = {"mode": "always", "extract": {"rules": str(tmp_path)}}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), **options) as house:
        shown = await read(house)
        row = article_row(house)
    assert row.source == "page:rule"
    assert "by the rule 127.0.0.1" in row.reason
    assert [shown.content_html.count(sentence) for sentence in SENTENCES] == [1, 1, 0, 0]
    assert TITLE not in shown.content_html


async def test_a_wall_that_comes_later_does_not_replace_the_text(
    site: Site, tmp_path: Path
) -> None:
    site.answers |= {"/feed": feed(site), "/story": page(*SENTENCES)}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        before = await read(house)
        site.answers |= {
            "/feed": feed(site, text="Another teaser."),
            "/story": page("Subscribe to continue reading. Already a subscriber? Log in"),
        }
        await house.poll(HOUR)
        (after,) = await house.stored.items()
        row = article_row(house)
    assert SENTENCES[3] in before.content_html
    assert after.content_html == before.content_html
    assert "login or paywall" in row.error


AMP = "<link rel='amphtml' href='/amp/bridge'>"
TELLS_MORE = (
    "The new bridge opened on Monday and saves fishermen an hour on the ferry each morning."
)


def shell(head: str = "", body: str = "") -> web.Response:
    html = f"<html><head><title>{TITLE}</title>{head}</head><body><div id='app'></div>{body}</body></html>"
    return web.Response(body=html.encode(), content_type="text/html")


@pytest.mark.parametrize(
    ("story", "source", "path"),
    [
        (shell(AMP), "page:amp", "/amp/bridge"),
        (shell(body="<a href='/story/print'>Print</a>"), "page:print", "/story/print"),
    ],
)
async def test_another_view_is_read_where_the_page_holds_nothing(
    site: Site, tmp_path: Path, story: web.Response, source: str, path: str
) -> None:
    back = f"<link rel='canonical' href='{site.url('/story')}'>{AMP}"
    site.answers |= {"/feed": feed(site), "/story": story, path: page(*SENTENCES, head=back)}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
        row = article_row(house)
    assert [shown.content_html.count(sentence) for sentence in SENTENCES] == [1, 1, 1, 1]
    assert (row.source, row.final_url) == (source, site.url("/story"))
    assert "words were found on the page" in row.reason
    assert [one for one in site.paths if one != "/robots.txt"] == ["/feed", "/story", path]


async def test_a_view_is_read_with_all_its_pages(site: Site, tmp_path: Path) -> None:
    async def amp(request: web.Request) -> web.Response:
        if request.query.get("page") == "2":
            return page(SENTENCES[2], SENTENCES[3])
        return page(SENTENCES[0], SENTENCES[1], head="<link rel='next' href='/amp/bridge?page=2'>")

    site.answers |= {"/feed": feed(site), "/story": shell(AMP), "/amp/bridge": amp}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
        row = article_row(house)
    assert [shown.content_html.count(sentence) for sentence in SENTENCES] == [1, 1, 1, 1]
    assert row.source == "page:amp"
    assert "2 pages joined" in row.reason


@pytest.mark.parametrize(("held", "pages"), [(2, "2 pages joined"), (4, "")])
async def test_a_view_of_the_first_page_is_read_with_the_pages_after_it(
    site: Site, tmp_path: Path, held: int, pages: str
) -> None:
    async def story(request: web.Request) -> web.Response:
        if request.query.get("page") == "2":
            return page(SENTENCES[2], SENTENCES[3])
        dinners = [f"The harbour club met for its {n}th dinner, with soup." for n in range(9)]
        return page(*dinners, head=AMP, after=pager(2))

    amp = page(TELLS_MORE, *SENTENCES[:held])
    site.answers |= {"/feed": feed(site, text=TELLS_MORE), "/story": story, "/amp/bridge": amp}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
        row = article_row(house)
    assert [shown.content_html.count(sentence) for sentence in SENTENCES] == [1, 1, 1, 1]
    assert row.source == "page:amp"
    assert row.reason.endswith(pages)
    assert "missing" not in row.reason
    assert site.paths.count("/story") == 2


async def test_a_view_that_redirects_to_a_list_is_not_taken(site: Site, tmp_path: Path) -> None:
    async def moved(_: web.Request) -> web.Response:
        return said(301, Location="/news")

    lines = [f"{TITLE}, and item {n}: the council talked on taxes until late." for n in range(12)]
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = (
        f"<html><head><title>News of the town</title></head><body><main>{body}</main></body></html>"
    )
    news = web.Response(body=html.encode(), content_type="text/html")
    site.answers |= {"/feed": feed(site), "/story": shell(AMP), "/amp/bridge": moved, "/news": news}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        await read(house)
        row = article_row(house)
    assert "/news" in site.paths
    assert row.source is None
    assert "words were found on the page" in row.error


@pytest.mark.parametrize("status", [503, 500])
async def test_a_view_that_cannot_be_had_for_now_is_asked_for_again(
    site: Site, tmp_path: Path, status: int
) -> None:
    site.answers |= {"/feed": feed(site), "/story": shell(AMP), "/amp/bridge": said(status)}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        await read(house)
        failed = article_row(house)
        site.answers |= {"/amp/bridge": page(*SENTENCES)}
        await house.poll(HOUR)
        row = article_row(house)
    assert str(status) in failed.error
    assert row.source == "page:amp"


async def test_a_page_that_is_read_well_costs_one_request(site: Site, tmp_path: Path) -> None:
    site.answers |= {"/feed": feed(site), "/story": page(*SENTENCES, head=AMP)}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        await read(house)
    assert "/amp/bridge" not in site.paths


async def test_a_page_that_the_summary_contradicts_gives_way_to_a_better_view(
    site: Site, tmp_path: Path
) -> None:
    other = [f"The harbour club met for its {n}th dinner, with songs and soup." for n in range(9)]
    amp = page(TELLS_MORE, *SENTENCES)
    site.answers |= {"/feed": feed(site, text=TELLS_MORE), "/story": page(*other, head=AMP)}
    for name, view, source in (("none", said(404), "page:model"), ("one", amp, "page:amp")):
        site.answers |= {"/amp/bridge": view}
        database = f"sqlite:///{tmp_path}/{name}"
        async with open_house(database, site.url("/feed"), mode="always") as house:
            shown = await read(house)
            assert article_row(house).source == source
    assert SENTENCES[3] in shown.content_html
    assert "dinner" not in shown.content_html


async def test_a_view_that_holds_nothing_either_is_not_asked_for_again(
    site: Site, tmp_path: Path
) -> None:
    async def back(_: web.Request) -> web.Response:
        return said(301, Location="/story")

    for name, view in (("shell", shell(AMP.replace("bridge", "other"))), ("back", back)):
        site.answers |= {"/feed": feed(site), "/story": shell(AMP), "/amp/bridge": view}
        site.asked.clear()
        database = f"sqlite:///{tmp_path}/{name}"
        async with open_house(database, site.url("/feed"), mode="always") as house:
            shown = await read(house)
            assert "words were found on the page" in article_row(house).error
            await house.poll(HOUR)
        assert "Short." in shown.content_html
        assert site.paths.count("/amp/bridge") == 1
        assert "/amp/other" not in site.paths


async def test_a_view_that_robots_may_not_read_is_not_asked_for(site: Site, tmp_path: Path) -> None:
    site.answers |= {
        "/feed": feed(site),
        "/story": shell(AMP),
        "/amp/bridge": page(*SENTENCES),
        "/robots.txt": said(200, b"User-agent: *\nDisallow: /amp/\n"),
    }
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        await read(house)
        assert article_row(house).source is None
    assert "/amp/bridge" not in site.paths


NOTE = (
    "The editors of the Harbour Post follow the code of the press council; whoever finds a mistake may "
    "write to them."
)


async def test_a_note_that_stands_on_a_sites_other_pages_is_left_out(
    site: Site, database_url: str
) -> None:
    def entry(thing: str) -> str:
        link = f"<link>{site.url(f'/{thing}')}</link>"
        return f"<item><title>News of the {thing}</title><guid>{thing}</guid>{link}</item>"

    def story(thing: str) -> web.Response:
        told = " ".join(sentence.replace("bridge", thing) for sentence in SENTENCES)
        lines = [f"{told} So much for the {thing}, part {part}." for part in ("one", "two")]
        return page(*lines, NOTE)

    things: list[str] = []
    async with open_house(database_url, site.url("/feed"), mode="always") as house:
        for thing in ("theatre", "market", "lighthouse"):
            things.append(thing)
            items = "".join(map(entry, things))
            feed = f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"
            site.answers |= {"/feed": ok(feed.encode()), f"/{thing}": story(thing)}
            await house.poll(HOUR)
        texts = [str(row.text) for row in house.stored.rows(articles)]
    assert [text.count("So much for the") for text in texts] == [2, 2, 2]
    assert [NOTE in text for text in texts] == [True, False, False]


def refresh(target: str, text: str = "If you are not taken there, click here.") -> web.Response:
    head = f"<meta http-equiv='refresh' content=\"0; URL='{target}'\">"
    return web.Response(
        text=f"<html><head>{head}</head><body><p>{text}</p></body></html>", content_type="text/html"
    )


async def test_a_page_that_sends_its_readers_on_is_followed(site: Site, tmp_path: Path) -> None:
    site.answers |= {
        "/feed": feed(site),
        "/story": refresh("/there"),
        "/there": refresh("/real"),
        "/real": page(*SENTENCES),
    }
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
    assert SENTENCES[3] in shown.content_html
    assert [asked.path for asked in site.asked] == [
        "/feed",
        "/robots.txt",
        "/story",
        "/there",
        "/real",
    ]


async def test_pages_that_send_their_readers_round_in_circles_give_nothing(
    site: Site, tmp_path: Path
) -> None:
    site.answers |= {"/feed": feed(site), "/story": refresh("/there"), "/there": refresh("/story")}
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed"), mode="always") as house:
        shown = await read(house)
    assert len(site.asked) == 4
    assert "Short." in shown.content_html
