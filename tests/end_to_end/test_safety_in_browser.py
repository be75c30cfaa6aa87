"""Nothing that a feed says runs in a real browser: not in a reader of ours, not on our page.

The documents are shown without a content security policy: what is proven is the HTML itself.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from aggregator.errors import AggregatorError
from aggregator.model import FeedStatus, ParsedFeed, StandingItems, Status
from aggregator.parse.feed import parse_feed
from aggregator.publish.render import render
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.page import render_page
from aggregator.web.reading_html import Frame, render_stories, render_story
from tests.support.attacks import ADDRESSES, MARKUP, poisoned
from tests.support.browser import NAMES, Browser, Shown, find_chromium, open_browser
from tests.support.patience import TEST_LIMIT_S
from tests.support.published import all_told
from tests.support.showing import in_reader, output_of, through_outputs
from tests.support.thorough import EVERY

_CHROMIUM = find_chromium()
_NOW = datetime(2026, 11, 2, tzinfo=UTC)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # one browser serves all
    pytest.mark.skipif(
        _CHROMIUM is None,
        reason=f"no Chromium on PATH ({', '.join(NAMES)}); on Debian: apt install chromium",
    ),
    pytest.mark.timeout(2 * TEST_LIMIT_S),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    assert _CHROMIUM is not None
    async with open_browser(_CHROMIUM) as browser:
        yield browser


def understood() -> Iterator[ParsedFeed]:
    """Every attack in every field of every format, as far as it still is a feed."""
    for number, markup in enumerate(MARKUP):
        for feed in poisoned(markup, ADDRESSES[number % len(ADDRESSES)]):
            try:
                yield parse_feed(
                    feed.body, url="https://feeds.example/all.xml", content_type=feed.content_type
                )
            except AggregatorError:
                continue


async def test_nothing_runs_of_what_a_reader_shows(browser: Browser) -> None:
    feeds = list(itertools.islice(understood(), 0, None, EVERY))
    pages = list(dict.fromkeys(itertools.chain.from_iterable(map(in_reader, feeds))))
    outputs = (through_outputs(output_of(feed)) for feed in feeds[::8])
    pages = list(dict.fromkeys([*pages, *itertools.chain.from_iterable(outputs)]))
    assert len(pages) > 10 * len(MARKUP) // EVERY
    found = await browser.ran(pages)
    assert [(page, what) for page, what in zip(pages, found, strict=True) if what] == []


async def test_nothing_runs_of_an_output_that_is_opened_in_the_browser(browser: Browser) -> None:
    outputs = [output_of(feed) for feed in itertools.islice(understood(), 0, None, 10 * EVERY)]
    shown = [
        Shown(render(output, kind).decode(), media_type)
        for output in outputs
        for kind, media_type in (("atom", "text/xml"), ("rss", "application/xml"), ("json", "application/json"))
    ]  # fmt: skip
    found = await browser.ran(list(dict.fromkeys(shown)))
    assert [what for what in found if what] == []


async def test_nothing_runs_on_our_page(browser: Browser) -> None:
    pages = []
    for attack in (*MARKUP, *ADDRESSES):
        feed = FeedStatus(
            key=attack, url=f"https://e.org/{attack}", title=attack, category=attack,
            result="failed", error=attack, failures=2, last_poll=_NOW,
        )  # fmt: skip
        pages.append(
            render_page(
                title=attack, base_url=f"https://me.example/{attack}", version="1", now=_NOW,
                outputs=[OutputInfo(attack, attack, attack)], status=Status((feed,), total=1),
                told=all_told([feed]),
            )
        )  # fmt: skip
    found = await browser.ran(pages)
    # The page has a style sheet and an icon of its own.
    strange = [[one for one in what if "/style.css" not in one] for what in found]
    assert [what for what in strange if what] == []


async def test_nothing_runs_on_the_pages_that_people_read(browser: Browser) -> None:
    feeds = itertools.islice(understood(), 0, None, 6 * EVERY)
    outputs = [output_of(feed) for feed in feeds]
    frame = Frame("Mine", "all", "All", "", "../", False, (), "", "")
    pages = [
        page
        for output in outputs
        for page in (
            render_stories(frame, StandingItems(output.items), is_first=True),
            *(render_story(frame, one) for one in output.items[:1]),
        )
    ]
    found = await browser.ran(list(dict.fromkeys(pages)))
    ours = ("/style.css", "/read.css", "/read.js")
    strange = [[one for one in what if not one.endswith(ours)] for what in found]
    assert [what for what in strange if what] == []


async def test_the_browser_would_tell(browser: Browser) -> None:
    attacks = (
        "<script>alert(1)</script>",
        "<script>new Image()</script>",
        "<img src=x onerror=alert(1)>",
        "<p onpointerrawupdate=alert(1)>x</p>",
        "<a href='jav&#x09;ascript:alert(1)'>x</a>",
        "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
        "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<iframe src=https://evil.example/></iframe>",
        "<form action=javascript:alert(1)><input></form>",
        "<form><button formaction=javascript:alert(1)>x</button></form>",
        "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
        "<link rel=stylesheet href=https://evil.example/x.css>",
        "<style>@import 'https://evil.example/x.css'</style>",
        "<details open ontoggle=alert(1)>x</details>",
        "<object data='data:text/html,<script>alert(1)</script>'></object>",
    )
    found = await browser.ran(attacks, at_once=1, settle=100)
    assert [attack for attack, what in zip(attacks, found, strict=True) if not what] == []
    raw = Shown("<x xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></x>", "text/xml")
    harmless = "<p>x <img src=https://e.org/x.png><a href=https://e.org/>y</a></p>"
    assert [bool(what) for what in await browser.ran([raw, harmless], at_once=1)] == [True, False]
