"""Requests for what is new: which tags name a place in the log, and who asks."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Cursor
from aggregator.web.deltas import base_of, wants_delta

HEX = "0123456789abcdef" * 2
NOW = Cursor(7, 100)


@pytest.mark.parametrize(
    ("header", "seq"),
    [
        (f'"{HEX}-7-90"', 90),
        (f'W/"{HEX}-7-90-gzip"', 90),
        (f'"{HEX}-7-90", "{HEX}-7-95-gzip" , "{HEX}-7-2"', 95),
        (f'"{HEX}-7-100"', 100),
        (f'"{HEX}-7-0"', 0),
        (f'"{HEX}-7-101"', None),  # nobody was told of it yet
        (f'"{HEX}-6-90"', None),
        (f'"{HEX}"', None),
        (f'"{HEX}-7"', None),
        (f'"{HEX}-7--1"', None),
        (f'"{HEX}-7-{"9" * 30}"', None),
        (f"{HEX}-7-90", None),
        ("*", None),
        ("", None),
    ],
)
def test_the_latest_place_that_a_tag_names(header: str, seq: int | None) -> None:
    found = base_of(header, NOW)
    assert (found[1] if found else None) == (Cursor(7, seq) if seq is not None else None)


@given(st.text(alphabet=st.sampled_from('0af-7"W/, gzip*'), max_size=200))
def test_whatever_is_sent_names_a_place_of_this_log_or_none(header: str) -> None:
    found = base_of(header, NOW)
    assert found is None or (found[1].epoch, found[1] <= NOW) == (7, True)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [("feed", True), ("FEED", True), ("vcdiff, feed;q=0.5", True), ("gzip,feed", True), ("feed;q=0", False),
     ("feed;q=0.000", False), ("vcdiff", False), ("feeds", False), ("", False), (";,=", False)],
)  # fmt: skip
def test_who_asks_for_a_delta(header: str, wanted: bool) -> None:
    assert wants_delta(make_mocked_request("GET", "/", {"A-IM": header})) is wanted
    assert not wants_delta(make_mocked_request("GET", "/"))
