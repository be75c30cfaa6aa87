"""References in feeds as absolute addresses."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.links import _made_absolute, absolute, inner_base

BASE = "https://e.org/a/b"


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("/x", "https://e.org/x"),
        ("x", "https://e.org/a/x"),
        ("//o.example/x", "https://o.example/x"),
        ("HTTPS://o.example/x", "https://o.example/x"),
        ("?q=1", "https://e.org/a/b?q=1"),
        ("/a b", "https://e.org/a%20b"),
        ("/a\n  b", "https://e.org/ab"),
        ("/ünï/日本", "https://e.org/ünï/日本"),
        ("/a\u2003b", "https://e.org/a%E2%80%83b"),
        ("/a\u00a0b", "https://e.org/a%C2%A0b"),
        ("/a\u3000b", "https://e.org/a%E3%80%80b"),
        ("/a\u0085b", "https://e.org/a%C2%85b"),
        ("/a\u009fb", "https://e.org/a%C2%9Fb"),
        ("/a\u2028b", "https://e.org/a%E2%80%A8b"),
        ("/fdp\u202egpj", "https://e.org/fdp%E2%80%AEgpj"),
        ("/a\u200bb", "https://e.org/a%E2%80%8Bb"),
        ("/a\ud800b", "https://e.org/a%3Fb"),
        ("\u00a0/x\u3000", "https://e.org/x"),
        ("\\\\o.example\\x", "https://o.example/x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@e.org", None),
        ("https://", None),
        ("https://[::1", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_what_a_reference_means(reference: object, wanted: str | None) -> None:
    assert absolute(reference, BASE) == wanted


def test_without_a_base_only_absolute_references_mean_something() -> None:
    assert absolute("/x", None) is None
    assert absolute("https://e.org/x", None) == "https://e.org/x"


@given(st.text(max_size=40), st.sampled_from([BASE, None]))
def test_no_address_holds_a_space_a_control_character_or_a_quote(
    text: str, base: str | None
) -> None:
    for reference in (text, "https://o.example/" + text):
        url = absolute(reference, base)
        assert url is None or re.match(r"https?://", url)
        assert url is None or not re.search(r"[\s\x00-\x20\x7f-\x9f\"<>\\]", url)


@pytest.mark.parametrize(
    ("outer", "given_base", "wanted"),
    [
        (BASE, "https://o.example/x/", "https://o.example/x/"),
        (BASE, " c/ ", "https://e.org/a/c/"),
        (BASE, "//o.example/", "https://o.example/"),
        (BASE, "urn:uuid:1", BASE),
        (BASE, "javascript:alert(1)", BASE),
        (BASE, "http://[", BASE),
        ("", "c/", "c/"),
    ],
)
def test_the_base_inside_an_element(outer: str, given_base: str, wanted: str) -> None:
    assert inner_base(outer, given_base) == wanted


@given(st.sampled_from([BASE, "", "https://e.org/"]), st.text(max_size=40))
def test_any_base_is_taken_or_left(outer: str, given_base: str) -> None:
    assert isinstance(inner_base(outer, given_base), str)


_STARTS = ["http://", "https://a.b", "http://a:", "https://h:80/", "https://h:0/", "HTTP://a/"]


@given(st.sampled_from(_STARTS), st.text('ahp:/.%?=&#-01A [\\]<"é\t\n@', max_size=14))
def test_what_is_told_at_once_is_what_would_be_made_of_it(start: str, rest: str) -> None:
    assert absolute(start + rest, BASE) == _made_absolute(start + rest, BASE)
