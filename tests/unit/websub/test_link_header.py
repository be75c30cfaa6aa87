"""Link header fields as RFC 8288 has them, and as strangers send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.websub.link_header import links


@pytest.mark.parametrize(
    ("field", "relation", "expected"),
    [
        ('<https://hub.example/>; rel="hub"', "hub", ["https://hub.example/"]),
        # RFC 8288 §3.5
        (
            '<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"',
            "previous",
            ["http://example.com/TheBook/chapter2"],
        ),
        ('</>; rel="http://example.net/foo"', "http://example.net/foo", ["/"]),
        ('</terms>; rel="copyright"; anchor="#foo"', "copyright", []),
        (
            "</2>; rel=\"previous\"; title*=UTF-8'de'letztes%20K, </4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4",
            "next",
            ["/4"],
        ),
        (
            '<http://example.org/>; rel="start http://example.net/relation/other"',
            "start",
            ["http://example.org/"],
        ),
        ('<https://example.org/>; rel="start", <https://example.org/i>; rel="index"', "index",
         ["https://example.org/i"]),
        # two hubs, in one field or in two
        ("<http://a/>; rel=hub, <http://b/>; rel=hub", "hub", ["http://a/", "http://b/"]),
        # commas, semicolons and angle brackets where they mean nothing
        ('<http://a/?x=1,2;3>; title="a, <b>; rel=hub"; rel=self', "self", ["http://a/?x=1,2;3"]),
        ('<http://a/?x=1,2;3>; title="a, <b>; rel=hub"; rel=self', "hub", []),
        ('<http://a/>; title="say \\"rel=hub\\""; rel="hub"', "hub", ["http://a/"]),
        # what is loose about it
        ("<http://a/>;rel=HUB", "hub", ["http://a/"]),
        ('< http://a/ > ; REL = "hub self" ;', "self", ["http://a/"]),
        (", ,<http://a/>; rel=hub,", "hub", ["http://a/"]),
        # only the first rel counts
        ("<http://a/>; rel=self; rel=hub", "hub", []),
        # neither link nor relation
        ("", "hub", []),
        ("http://a/; rel=hub", "hub", []),
        ("<http://a/", "hub", []),
        ("<http://a/>", "hub", []),
        ('<http://a/>; rel="hubs"', "hub", []),
        ('<http://a/>; rev="hub"', "hub", []),
        ('<http://a/>; rel="hub', "hub", []),
    ],
)  # fmt: skip
def test_what_a_field_relates_to(field: str, relation: str, expected: list[str]) -> None:
    assert list(links(field, relation)) == expected


def test_what_is_malformed_costs_only_itself() -> None:
    field = '<http://a/>; rel="x" nonsense; rel=hub, <http://b/>; rel=hub'
    assert list(links(field, "hub")) == ["http://b/"]


TOKENS = st.sampled_from(["<", ">", ";", ",", '"', "\\", "=", " ", "rel", "hub", "http://a/", "é"])


@given(st.lists(TOKENS, max_size=60).map("".join) | st.text(max_size=200))
def test_anything_is_read_without_an_error(field: str) -> None:
    for target in links(field, "hub"):
        assert f"{target}" in field
        assert ">" not in target


_URL = st.from_regex(r"https?://[a-z]{1,8}\.example/[a-z,;=?]{0,8}", fullmatch=True)
_QUOTED = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=12)


@given(st.lists(st.tuples(_URL, st.sampled_from(["hub", "self"]), _QUOTED), max_size=5))
def test_what_is_written_is_read_back(written: list[tuple[str, str, str]]) -> None:
    def quote(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"')

    field = ", ".join(
        f'<{url}>; title="{quote(title)}"; rel="{relation}"' for url, relation, title in written
    )
    for relation in ("hub", "self"):
        expected = [url for url, of, _ in written if of == relation]
        assert list(links(field, relation)) == expected


@pytest.mark.parametrize("piece", ["<", "<>", '<>;"', "<a>; x", "<a>;;", ",", '<a>; rel="\\', "; "])
def test_long_fields_end(piece: str) -> None:
    """Were the time quadratic, the time limit of all tests would end this one."""
    assert list(links(piece * (1 << 20), "hub")) == []
