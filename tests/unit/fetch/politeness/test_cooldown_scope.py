"""What rests together: hosts of one registrable domain, and never private ones."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.guard.targets import parse_target
from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.model import CooldownScope
from aggregator.urls import host_of, registrable_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("feeds.example.com", "example.com"),
        ("example.com", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("somebody.github.io", "somebody.github.io"),
        ("www.somebody.github.io", "somebody.github.io"),
        ("www.xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("co.uk", None),
        ("com", None),
        ("192.0.2.7", None),
        ("2001:db8::1", None),
        ("nas", None),
        ("localhost", None),
        ("printer.local", None),
        ("feeds.corp.internal", None),
        ("rss.nas.home.arpa", None),
        ("home.arpa", None),
        ("", None),
        ("..", None),
    ],
)
def test_registrable_domains(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain
    assert CooldownGroups(CooldownScope.DOMAIN).group(host) == (domain or host)
    assert CooldownGroups(CooldownScope.HOST).group(host) == host


def test_a_name_that_was_seen_at_a_private_address_rests_alone() -> None:
    scope = CooldownGroups(CooldownScope.DOMAIN)
    scope.note_private("rss.example.com")
    assert scope.group("rss.example.com") == "rss.example.com"
    assert scope.group("www.example.com") == "example.com"


def test_a_bounded_number_of_private_names_is_remembered() -> None:
    scope = CooldownGroups(CooldownScope.DOMAIN)
    for number in range(10_001):
        scope.note_private(f"h{number}.example.com")
    assert scope.group("h0.example.com") == "example.com"
    assert scope.group("h10000.example.com") == "h10000.example.com"


class Names(AbstractResolver):
    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=one, port=port, family=2, proto=0, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None:
        self.addresses = ()


@pytest.mark.parametrize(
    ("addresses", "group"),
    [
        (("10.0.0.5",), "rss.example.com"),
        (("10.0.0.5", "fd00::5"), "rss.example.com"),
        (("10.0.0.5", "9.9.9.9"), "example.com"),
        (("9.9.9.9",), "example.com"),
        ((), "example.com"),
    ],
)
async def test_what_names_resolve_to_is_watched(addresses: tuple[str, ...], group: str) -> None:
    scope, names = CooldownGroups(CooldownScope.DOMAIN), Names(*addresses)
    watching = scope.watching(names)
    assert await watching.resolve("RSS.example.com.", 80) == await names.resolve(
        "RSS.example.com.", 80
    )
    assert scope.group("rss.example.com") == group
    await watching.close()
    assert names.addresses == ()


def test_nothing_is_watched_where_hosts_rest_alone() -> None:
    names = Names()
    assert CooldownGroups(CooldownScope.HOST).watching(names) is names


@given(st.from_regex(r"[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20}){0,5}\.?", fullmatch=True))
def test_a_group_is_the_host_or_the_end_of_its_name(name: str) -> None:
    try:
        host = host_of(str(parse_target(f"http://{name}/")))
    except Exception:  # noqa: BLE001 - whatever is no target never gets here
        return
    group = CooldownGroups(CooldownScope.DOMAIN).group(host)
    assert host == group or host.endswith(f".{group}")
