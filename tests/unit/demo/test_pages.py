"""The pages of the small internet: full of what real pages hold, and still extractable."""

from __future__ import annotations

import io
import json
import re
import struct
import time
import zlib
from calendar import timegm
from collections import Counter
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
import trafilatura
from lxml import html

from aggregator.demo import documents, pages
from aggregator.demo.sites import SITES, Site
from aggregator.demo.stories import Newsroom, Posting, post

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BASES = {site.key: f"http://127.0.0.{n}:8000" for n, site in enumerate(SITES, 2)}
WRITING = [site for site in SITES if site.writes]


def postings_of(site: Site, count: int = 60, seed: int = 5) -> list[Posting]:
    newsroom = Newsroom(SITES, seed)
    for minute in range(count):
        newsroom.publish(NOW + timedelta(minutes=minute))
    return [post(story, site, BASES) for story in newsroom.listed(site)]


def words(text: str, language: str) -> Counter[str]:
    """Words, and for a script without spaces its characters in pairs."""
    if language == "ja":
        joined = re.sub(r"\s", "", text)
        return Counter(joined[i : i + 2] for i in range(len(joined) - 1))
    return Counter(re.findall(r"\w+", text.lower()))


def moment(parsed: time.struct_time) -> datetime:
    return datetime.fromtimestamp(timegm(parsed), UTC)


@pytest.mark.parametrize("site", WRITING, ids=lambda site: site.key)
def test_a_page_extracts_to_the_story(site: Site) -> None:
    postings = postings_of(site)
    for posting in postings:
        page = pages.article_page(posting, [p for p in postings if p is not posting])
        text = trafilatura.extract(page, include_comments=False, url=posting.page_url) or ""
        prose = posting.story.prose
        expected = words("\n".join(prose.paragraphs), site.language)
        found = words(text, site.language)
        assert (expected & found).total() >= 0.95 * expected.total()
        own = prose.title + "\n".join(
            "\n".join((block.text, *(cell for row in block.rows for cell in row)))
            for block in prose.blocks
        )
        strange = found - words(own, site.language)
        assert strange.total() <= 0.05 * found.total(), strange


@pytest.mark.parametrize("original", ["harbour", "carnet"])
def test_both_copies_of_a_story_extract_to_the_same_text(original: str) -> None:
    site = next(site for site in SITES if site.key == original)
    copied = [p.story for p in postings_of(site) if p.story.copied_by]
    assert copied
    for story in copied:
        texts = set()
        for carrier in story.sites:
            posting = post(story, carrier, BASES)
            page = pages.article_page(posting, [])
            texts.add(trafilatura.extract(page, include_comments=False))
        assert len(texts) == 1


@pytest.mark.parametrize("template", ["newspaper", "magazine", "weblog"])
def test_a_page_has_what_real_pages_have(template: str) -> None:
    site = next(site for site in SITES if site.template == template)
    postings = postings_of(site)
    tree = html.fromstring(pages.article_page(postings[0], postings[1:]))
    furniture = ["nav", "footer", "script", "style", "form", "time"]
    assert all(tree.find(f".//{tag}") is not None for tag in furniture)
    classes = " ".join(str(element.get("class")) for element in tree.iter())
    assert all(
        name in classes for name in ("cookie-banner", "share", "related", "comments", "newsletter")
    )
    assert tree.xpath("//link[@rel='canonical']/@href") == [postings[0].canonical_url]


def test_a_credited_copy_names_its_original_and_tracks_its_readers() -> None:
    site = next(site for site in SITES if site.key == "dispatch")
    copy = next(p for p in postings_of(site) if p.story.site is not site)
    own = next(p for p in postings_of(site) if p.story.site is site)
    assert copy.canonical_url.startswith(BASES["harbour"])
    assert own.canonical_url == own.page_url
    assert "utm_source=dispatch" in copy.link


@pytest.mark.parametrize("site", WRITING, ids=lambda site: site.key)
def test_a_feed_says_what_the_stories_are(site: Site) -> None:
    postings = postings_of(site)
    document = documents.render(site, BASES[site.key], postings, NOW)
    if site.feed_format == "json":
        items = json.loads(document)["items"]
        stated = [(i["id"], i["title"], i["url"], i["content_html"]) for i in items]
    else:
        parsed = feedparser.parse(io.BytesIO(document))
        assert not parsed.bozo
        assert (
            parsed.version == {"rss": "rss20", "atom": "atom10", "rdf": "rss10"}[site.feed_format]
        )
        stated = [
            (e.id, e.title, e.link, e.content[0].value if "content" in e else "")
            for e in parsed.entries
        ]
        published = [moment(e.published_parsed) for e in parsed.entries]
        updated = [moment(e.updated_parsed) for e in parsed.entries]
        assert published == [p.story.published for p in postings]
        assert updated == [p.story.updated for p in postings]
    assert [row[:3] for row in stated] == [(p.guid, p.story.prose.title, p.link) for p in postings]
    for posting, (*_, content) in zip(postings, stated, strict=True):
        text = str(html.fromstring(content).xpath("string()")) if content else ""
        held = all(paragraph in text for paragraph in posting.story.prose.paragraphs)
        assert held == site.full_text


def test_a_truncated_feed_breaks_off_within_an_entry() -> None:
    site = next(site for site in SITES if site.behaves == "flaky")
    postings = postings_of(site, count=100)
    whole = documents.render(site, BASES[site.key], postings, NOW)
    parsed = feedparser.parse(io.BytesIO(documents.truncated(whole)))
    assert parsed.bozo
    assert 0 < len(parsed.entries) < len(postings)
    assert {entry.id for entry in parsed.entries} <= {p.guid for p in postings}


def test_a_picture_is_a_png() -> None:
    data = pages.picture(7)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (96, 54)
    length = struct.unpack(">I", data[33:37])[0]
    assert len(zlib.decompress(data[41 : 41 + length])) == 54 * (1 + 96 * 3)
    assert pages.picture(8) != data
