"""Tracking parameters: the shipped list, what is left out of it, and what operators say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aggregator.urls import canonical, story_key, use_tracking_parameters
from aggregator.urls.trackers import careful, load

A = "https://news.example/a"
# Names that stand for a page somewhere; a list that drops one everywhere swallows stories.
IDENTITIES = {"id", "p", "v", "t", "i", "q", "s", "page", "ref", "source", "src", "from", "sid", "cid", "pid",
              "tag", "lang", "mbid", "article", "story", "session_id", "context", "si"}  # fmt: skip


@pytest.fixture
def wishes() -> Iterator[None]:
    yield
    use_tracking_parameters(())


def test_the_shipped_list_drops_no_identity() -> None:
    shipped = load()
    assert shipped.version
    assert {"utm_source", "fbclid", "gclid", "mc_cid"} <= shipped.everywhere
    assert not shipped.everywhere & IDENTITIES
    assert not {name for names in shipped.sites.values() for name in names} & IDENTITIES
    assert all(name == name.lower() for name in shipped.everywhere)


def test_only_what_is_safe_is_taken_into_the_list() -> None:
    rules: list[dict[str, Any]] = [
        {"name": "Global", "rules": ["utm_source", "UTM_Source", "mbid", "si", "$link"]},
        {"name": "shop.example", "rules": ["click_key", "utm_source", "ref", "s", "Variant"]},
        {"name": "shop.example", "rules": ["other_key"]},
        {"name": "no site", "rules": ["click_key"]},
        {"name": "empty.example"},
    ]
    made = careful(rules, "1.0")
    assert made["version"] == "1.0"
    assert made["everywhere"] == ["utm_source"]
    assert made["sites"] == {"shop.example": ["click_key", "other_key"]}
    assert "MIT" in made["licence"]


def test_a_sites_rule_counts_there_and_below_only() -> None:
    assert canonical("https://www.wsj.com/a?mod=world") == "https://www.wsj.com/a"
    assert canonical("https://notwsj.com/a?mod=world") == "https://notwsj.com/a?mod=world"
    assert canonical(A + "?mod=world") == A + "?mod=world"


@pytest.mark.usefixtures("wishes")
def test_the_operator_adds_and_keeps() -> None:
    spelt = A + "?Track=1&cid=2&fbclid=3&x=4"
    assert story_key(spelt) == "news.example/a?Track=1&cid=2&x=4"
    use_tracking_parameters(
        ["track", "cid@news.example", "!fbclid@news.example", "x@other.example"]
    )
    assert canonical(spelt) == A + "?fbclid=3&x=4"
    assert story_key(spelt) == "news.example/a?fbclid=3&x=4"
    assert canonical("https://m.news.example/a?cid=2") == "https://m.news.example/a"
    assert canonical("https://b.example/?cid=2&fbclid=3") == "https://b.example/?cid=2"
    use_tracking_parameters([])
    assert canonical(spelt) == A + "?Track=1&cid=2&x=4"
