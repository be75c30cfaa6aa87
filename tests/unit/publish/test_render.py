"""The bytes that every subscriber gets: deterministic, with validators that belong to them."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from aggregator.model import Item, OutputFeed
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import digest, pack, render
from tests.support.published import source

NOW = datetime(2026, 11, 23, 18, 0, 5, 123_456, tzinfo=UTC)
ITEM = Item(
    "urn:x",
    "T",
    "https://e.example/",
    "<p>x</p>",
    "x",
    NOW,
    NOW,
    source("S", "https://e.example/f"),
)
OUTPUT = OutputFeed("all", "Mine", "", "https://me.example", (ITEM,), NOW)


@pytest.mark.parametrize("kind", FORMATS)
def test_equal_outputs_give_equal_bytes(kind: str) -> None:
    twin = replace(OUTPUT, items=(replace(ITEM),), links={})
    assert render(OUTPUT, kind) == render(twin, kind)
    assert pack("all", kind, render(OUTPUT, kind), NOW) == pack(
        "all", kind, render(twin, kind), NOW
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_a_change_shows_in_bytes_and_tag(kind: str) -> None:
    other = replace(OUTPUT, items=(replace(ITEM, title="U"),))
    before = pack("all", kind, render(OUTPUT, kind), NOW)
    after = pack("all", kind, render(other, kind), NOW)
    assert before.body != after.body
    assert before.etag != after.etag


@pytest.mark.parametrize("kind", FORMATS)
def test_fractions_of_a_second_and_zones_do_not_change_the_bytes(kind: str) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30))).replace(microsecond=9)
    moved = replace(ITEM, published=elsewhere, updated=elsewhere)
    assert render(replace(OUTPUT, items=(moved,), updated=elsewhere), kind) == render(OUTPUT, kind)


def test_a_packed_rendering_has_its_compressed_form_and_validators() -> None:
    body = b"<feed/>" * 100
    packed = pack("all", "atom", body, NOW)
    assert (packed.name, packed.format, packed.body) == ("all", "atom", body)
    assert packed.media_type == "application/atom+xml; charset=utf-8"
    assert gzip.decompress(packed.gzip) == body
    assert len(packed.gzip) < len(body)
    assert packed.gzip[4:8] == bytes(4)  # no time in the header (RFC 1952 §2.3.1)
    assert re.fullmatch(r'"[0-9a-f]{32}"', packed.etag)
    assert packed.etag == f'"{digest(body)[:32]}"'
    assert packed.modified == NOW.replace(microsecond=0)


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(KeyError):
        render(OUTPUT, "opml")
