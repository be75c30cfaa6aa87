"""Bytes of archive pages: valid, ours alone in addresses, whatever strangers wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Item, OutputFeed, PageLines, PageNumber, Source, Withdrawn
from aggregator.privacy.public import PublicUrl
from aggregator.publish.archive_addresses import page_file, split_page
from aggregator.publish.archive_pages import addressed, page_bodies, page_feed, without_items
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render
from tests.support.feed_rules import faults

WHEN = datetime(2026, 11, 30, 12, tzinfo=UTC)
EMPTY = OutputFeed("all", "All", "", "https://me.example", (), WHEN, tuple(FORMATS), id_base="https://id.example", page="https://me.example/read/all")  # fmt: skip
TOKEN = "t" * 43
ODD = st.text(alphabet=st.one_of(st.sampled_from("<&>\"'\x00\x85\ufffe\ud800]]>.invalid/"), st.characters(codec=None)), max_size=30)  # fmt: skip


def item(number: int, title: str = "T", text: str = "") -> Item:
    source = Source("S", PublicUrl("https://s.example/feed"))
    return Item(f"urn:uuid:958acddb-a79a-4f13-a83a-48466205e8{number:02}", title, f"https://s.example/{number}", text, title, WHEN, WHEN, source)  # fmt: skip


def lines(*items: Item, older: int | None = 2, gone: tuple[Withdrawn, ...] = ()) -> PageLines:
    before = PageNumber(7, older) if older is not None else None
    return PageLines(PageNumber(7, 3), 200, 300, items, gone, WHEN, {}, before, frozenset(FORMATS))


@given(ODD, ODD)
def test_every_page_is_valid_before_and_after_items_went(title: str, text: str) -> None:
    gone = (Withdrawn("urn:uuid:958acddb-a79a-4f13-a83a-48466205e999", WHEN),)
    many = [item(n, title, f"<p>{text.replace('<', '').replace('&', '')}</p>") for n in range(3)]
    for page in page_bodies(EMPTY, lines(*many, gone=gone)):
        body = addressed(page, ["all"], EMPTY, TOKEN)
        assert faults(body) == []
        left = without_items(page, {many[1].id, "urn:nobody"}, WHEN)
        assert left.digest != page.digest
        body = addressed(left, ["all"], EMPTY, "")
        assert faults(body) == []
        assert (b"<?xml-stylesheet" in body) is (page.kind != "json")
        # The others are as they were, and only one is gone.
        assert (body.count(many[0].id.encode()), body.count(b"deleted-entry ") in {0, 2}) == (1, True)  # fmt: skip
        same = without_items(page, set(), WHEN)
        assert _canonical(same.body) == _canonical(page.body)


def _canonical(body: bytes) -> bytes:
    """The same bytes for equal documents: an empty element may be written in two ways."""
    return body if body[:1] == b"{" else etree.tostring(etree.fromstring(body), method="c14n")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_served_page_is_as_if_it_were_rendered_there(kind: str) -> None:
    given = lines(item(1), item(2))
    (page,) = [one for one in page_bodies(EMPTY, given) if one.kind == kind]
    assert b"me.example" not in page.body
    for base, token in (("https://me.example", ""), ("https://münchen.example/x'y", TOKEN)):
        for output in (
            replace(EMPTY, base_url=base),
            replace(EMPTY, base_url=base, tokens=(TOKEN,), page=f"{base}/read/placeholder/all"),
        ):
            served = addressed(page, ["all", "former", "all2"], output, token)
            assert served == render(page_feed(output, given, base, token), kind)
            assert b"placeholder" not in served
            assert b".invalid" not in served


@pytest.mark.parametrize("kind", FORMATS)
def test_a_page_goes_by_the_name_that_its_output_has_now(kind: str) -> None:
    given = lines(item(1))
    (page,) = [one for one in page_bodies(EMPTY, given) if one.kind == kind]
    renamed = replace(EMPTY, name="news")
    served = addressed(page, ["news", "all"], renamed, "")
    assert served == render(page_feed(renamed, given, EMPTY.base_url), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_marks_are_of_one_page_alone(kind: str) -> None:
    one, other = (
        next(page for page in page_bodies(EMPTY, lines(item(1))) if page.kind == kind)
        for _ in range(2)
    )
    assert one.mark != other.mark
    sly = page_bodies(EMPTY, lines(item(1, f"https://{one.mark}.invalid/feeds/{one.mark}/")))
    for page in sly:
        body = addressed(page, ["all"], EMPTY, TOKEN)
        assert f"https://{one.mark}.invalid/".encode() in body


@pytest.mark.parametrize("number", [1, 3, 10**17, None])
def test_addresses_are_read_as_they_are_written(number: int | None) -> None:
    page = PageNumber(17, number)
    stem, _, kind = page_file("a-b_c", page, "atom").rpartition(".")
    assert (split_page(stem), kind) == (("a-b_c", page), "atom")


@pytest.mark.parametrize("stem", ["all", "all.1", "all.1-", "all.0-1", "all.1-0", "all.01-1", "all.1-1-1", "ALL.1-1", "..1-1", "all.1-9999999999999999999", "all.1-opens", "all.١-1"])  # fmt: skip
def test_nothing_else_is_a_page(stem: str) -> None:
    assert split_page(stem) is None
