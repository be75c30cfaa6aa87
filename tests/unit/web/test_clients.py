"""Who asks."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.web.clients import asking, client_of

PROXIES = [ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("10.1.0.0/16")]


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_address_as_one_client(address: str, client: str) -> None:
    assert client_of(address) == client


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),  # a stranger's word counts for nothing
        ("127.0.0.1", "", None),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("::1", "198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::/64"),
        ("127.0.0.1", "198.51.100.1, unknown", None),
        ("127.0.0.1", "127.0.0.1", None),
        ("127.0.0.1", "198.51.100.1:50123", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:443, 10.1.2.3:80", "2001:db8::/64"),
        ("127.0.0.1", "[2001:db8::1]", "2001:db8::/64"),
    ],
)
def test_who_asks_through_a_proxy(peer: str, forwarded: str, client: str | None) -> None:
    assert asking(peer, forwarded, PROXIES) == client


@given(st.text(), st.text())
def test_any_text_is_some_client_or_none(peer: str, forwarded: str) -> None:
    assert asking(peer, forwarded, PROXIES) is not None
    asking("127.0.0.1", forwarded, PROXIES)
