"""Texts in elements that are seldom used, players beside texts, titles about markup."""

from __future__ import annotations

import pytest

from aggregator.model import Entry
from aggregator.parse.feed import parse_feed

NAMESPACES = (
    'xmlns:yandex="http://news.yandex.ru" xmlns:turbo="http://turbo.yandex.ru" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
)
WHOLE = "The lock keeper hung new gates. " * 9


def read(item: str) -> Entry:
    body = (
        f'<rss version="2.0" {NAMESPACES}><channel><title>Boats</title>'
        f"<item><title>Oars</title>{item}</item></channel></rss>"
    )
    return parse_feed(body.encode(), url="https://boats.example/feed").entries[0]


@pytest.mark.parametrize(
    "element",
    [
        f"<yandex:full-text>{WHOLE}</yandex:full-text>",
        f'<yandex:full-text type="text/plain">{WHOLE}</yandex:full-text>',
        f"<y:full-text xmlns:y='http://news.yandex.ru/'>{WHOLE}</y:full-text>",
        f"<turbo:content><![CDATA[<p>{WHOLE}</p>]]></turbo:content>",
        f"<fulltext>&lt;p&gt;{WHOLE}&lt;/p&gt;</fulltext>",
        f"<x:content xmlns:x='https://x.example/'><p>{WHOLE}</p></x:content>",
    ],
)
def test_whole_texts_are_read_whatever_their_element_is_called(element: str) -> None:
    entry = read(f"<description>Short.</description>{element}")
    assert WHOLE.strip() in entry.content_html
    assert entry.summary_html == "Short."


def test_a_shorter_one_replaces_nothing() -> None:
    entry = read(f"<description>{WHOLE}</description><yandex:full-text>Short.</yandex:full-text>")
    assert (entry.content_html, entry.html) == ("", WHOLE.strip())


# ── players ──────────────────────────────────────────────────────────────────────────────────

FLASH = '<media:content url="https://www.youtube.com/v/AbCdEfGhIjK?version=3" type="application/x-shockwave-flash"/>'


@pytest.mark.parametrize(
    ("element", "address"),
    [
        ("<yt:videoId>AbCdEfGhIjK</yt:videoId>", "www.youtube.com/embed/AbCdEfGhIjK"),
        (FLASH, "www.youtube.com/embed/AbCdEfGhIjK"),
        (
            '<media:player url="http://vimeo.com/moogaloop.swf?clip_id=77"/>',
            "player.vimeo.com/video/77",
        ),
        ('<media:player url="http://player.vimeo.com/video/77"/>', "player.vimeo.com/video/77"),
    ],
)
def test_videos_can_be_played_in_the_reader(element: str, address: str) -> None:
    entry = read(
        f"<media:group>{element}<media:description>One.\n\n0:00 Start</media:description></media:group>"
    )
    assert f'<iframe src="https://{address}"' in entry.html
    assert entry.html.endswith("One.<br>\n<br>\n0:00 Start")
    assert entry.enclosures == ()
    framed = '<iframe src="https://www.youtube.com/embed/AbCdEfGhIjK"></iframe>'
    assert (
        read(f"{element}<description><![CDATA[{framed}]]></description>").html.count("<iframe") == 1
    )


@pytest.mark.parametrize(
    "element",
    [
        "<yt:videoId>&quot;&gt;&lt;script&gt;</yt:videoId>",
        "<yt:videoId>../../redirect?q=x</yt:videoId>",
        '<media:player url="https://player.example/1"/>',
        '<media:player url="javascript:alert(1)"/>',
    ],
)
def test_no_other_player(element: str) -> None:
    assert read(f"{element}<description>One.</description>").html == "One."


# ── titles ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("&lt;![CDATA[Wrapped twice]]&gt;", "Wrapped twice"),
        ("&lt;![CDATA[Wrapped &lt;b&gt;twice&lt;/b&gt;]]&gt;", "Wrapped twice"),
        ("&lt;![CDATA[Cut off", "Cut off"),
        ("When a[b[0]]&gt;c", "When a[b[0]]>c"),
        ("Line one&lt;br/&gt;line two", "Line one line two"),
        ("Line one &lt;BR&gt;line two&lt;br /&gt;", "Line one line two"),
        ("Use &lt;br&gt; or &lt;p&gt;?", "Use <br> or <p>?"),
        ("What “&lt;br/&gt;” does", "What “<br/>” does"),
        ("How should &lt;selectedoption&gt; work?", "How should <selectedoption> work?"),
    ],
)
def test_titles_that_hold_markup_as_text(written: str, shown: str) -> None:
    body = f"<rss><channel><item><title>{written}</title></item></channel></rss>"
    assert parse_feed(body.encode(), url="https://boats.example/").entries[0].title == shown
