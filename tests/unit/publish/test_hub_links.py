"""Feeds name the hubs that tell of them, and so does the header of what is served."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import pytest

from aggregator.model import OutputFeed
from aggregator.publish.formats import FORMATS
from aggregator.publish.hub_links import link_header
from aggregator.publish.private import pack_for_all
from aggregator.publish.render import render
from aggregator.websub.link_header import links

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HUBS = ("https://me.example/hub", "https://hub.example/?a=1&b=2")
PLAIN = OutputFeed("all", "All", "", "https://me.example", (), NOW, formats=tuple(FORMATS))
TOLD = replace(PLAIN, hubs=HUBS)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_names_the_hubs(kind: str) -> None:
    body = render(TOLD, kind)
    if kind == "json":
        assert json.loads(body)["hubs"] == [{"type": "WebSub", "url": hub} for hub in HUBS]
    else:
        found = feedparser.parse(body).feed.links
        assert [one.href for one in found if one.rel == "hub"] == list(HUBS)
        assert [one.href for one in found if one.rel == "self"] == [
            f"https://me.example/feeds/all.{kind}"
        ]


@pytest.mark.parametrize("kind", FORMATS)
def test_without_a_hub_nothing_is_said_of_one(kind: str) -> None:
    assert b"hub" not in render(PLAIN, kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_header_says_the_same(kind: str) -> None:
    (packed,) = pack_for_all(TOLD, kind, b"body", NOW)
    assert list(links(packed.link, "hub")) == list(HUBS)
    assert list(links(packed.link, "self")) == [f"https://me.example/feeds/all.{kind}"]


def test_private_outputs_have_no_header() -> None:
    private = replace(PLAIN, tokens=("t" * 20,), folder="/somewhere")
    assert {one.link for one in pack_for_all(private, "atom", b"body", NOW)} == {""}


def test_no_address_ends_the_header_early() -> None:
    assert "\n" not in link_header(
        ["https://h.example/\r\nSet-Cookie: a=b>, <x"], "https://me.example/"
    )
