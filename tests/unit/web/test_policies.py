"""The field `Link` of feeds."""

from __future__ import annotations

from aggregator.web.policies import links

BASE = "https://me.example/reader"


def test_links_lead_to_the_configured_address() -> None:
    assert links(BASE, "all", "atom", "", pages=True) == (
        f'<{BASE}/feeds/all.atom>; rel="self", <{BASE}/read/all>; rel="alternate"; type="text/html"'
    )
    assert links(BASE, "all", "atom", "T", pages=False) == f'<{BASE}/feeds/T/all.atom>; rel="self"'


def test_links_are_relative_where_none_is_configured() -> None:
    assert links("", "all", "json", "", pages=True) == (
        '<../feeds/all.json>; rel="self", <../read/all>; rel="alternate"; type="text/html"'
    )
    assert '<../../read/T/all>; rel="alternate"' in links("", "all", "json", "T", pages=True)
