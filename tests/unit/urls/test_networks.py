"""The address classifier against a table of cases of its own."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls.networks import embedded, verdict

REFUSED = {
    "0.0.0.0": "this network",
    "0.255.255.255": "this network",
    "10.255.255.255": "private",
    "100.64.0.0": "CGNAT",
    "100.100.100.200": "cloud metadata",
    "100.127.255.254": "CGNAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "cloud metadata",
    "169.254.0.1": "link-local",
    "169.254.169.254": "cloud metadata",
    "169.254.170.2": "cloud metadata",
    "172.16.0.0": "private",
    "172.31.0.1": "private",
    "192.0.0.8": "IETF protocol",
    "192.0.0.170": "IETF protocol",
    "192.0.0.192": "cloud metadata",
    "192.0.2.255": "documentation",
    "192.31.196.1": "AS112",
    "192.52.193.1": "AMT",
    "192.88.99.2": "6to4 relay",
    "192.168.255.1": "private",
    "192.175.48.6": "AS112",
    "198.19.0.1": "benchmarking",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.251": "multicast",
    "239.1.2.3": "multicast",
    "240.0.0.0": "reserved",
    "255.255.255.254": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::2": "IPv4-compatible",
    "::8.8.8.8": "IPv4-compatible",
    "::ffff:0.0.0.0": "IPv4-mapped",
    "::ffff:169.254.169.254": "IPv4-mapped",
    "::ffff:192.168.1.1": "IPv4-mapped",
    "::ffff:0:8.8.8.8": "IPv4-translated",
    "64:ff9b::a00:1": "NAT64",
    "64:ff9b::a9fe:a9fe": "NAT64",
    "64:ff9b:0:0:1::808:808": "not global unicast",
    "64:ff9b:1::808:808": "local-use NAT64",
    "64:ff9b:1:ffff::1": "local-use NAT64",
    "100::ffff": "discard-only",
    "100:0:0:1::1": "dummy prefix",
    "1::1": "not global unicast",
    "2001::1": "Teredo",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
    "2001:1::1": "IETF protocol",
    "2001:2:0:ffff::1": "benchmarking",
    "2001:3::1": "AMT",
    "2001:4:112::1": "AS112",
    "2001:1f::1": "ORCHID",
    "2001:2f::1": "ORCHIDv2",
    "2001:30::1": "drone",
    "2001:1ff::1": "IETF protocol",
    "2001:db8:ffff::1": "documentation",
    "2002:c0a8:101::1": "6to4",
    "2002:a9fe:a9fe::": "6to4",
    "2002:e000:1::": "6to4",
    "2606:4700::5efe:10.0.0.1": "ISATAP",
    "2606:4700::200:5efe:192.168.0.1": "ISATAP",
    "2620:4f:8000::1": "AS112",
    "3ffe::1": "6bone",
    "3fff:fff::1": "documentation",
    "4000::1": "not global unicast",
    "5f00:ffff::1": "segment routing",
    "fc00:1::1": "unique local",
    "fd00:ec2::254": "cloud metadata",
    "fd00:ec2::23": "cloud metadata",
    "fd20:ce::254": "cloud metadata",
    "fdff::1": "unique local",
    "fe80::1%eth0": "link-local",
    "febf::1": "link-local",
    "fec0:1::1": "site-local",
    "ff05::1:3": "multicast",
    "ff0e::1": "multicast",
}

PUBLIC = (
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "191.255.255.255",
    "192.0.1.1",
    "192.0.3.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2002:101:101::1",
    "2606:4700::5efe:1.1.1.1",
    "2620:fe::fe",
    "2a02:2e0:3fe:1001:302::",
)


@pytest.mark.parametrize(("address", "reason"), REFUSED.items())
def test_special_addresses_are_refused_with_their_reason(address: str, reason: str) -> None:
    assert reason in (verdict(ip_address(address)) or "")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert verdict(ip_address(address)) is None


@pytest.mark.parametrize(
    ("address", "inner", "form"),
    [
        ("::ffff:1.2.3.4", "1.2.3.4", "IPv4-mapped"),
        ("64:ff9b::1.2.3.4", "1.2.3.4", "NAT64"),
        ("2002:102:304::9", "1.2.3.4", "6to4"),
        ("2a00::5efe:1.2.3.4", "1.2.3.4", "ISATAP"),
    ],
)
def test_embedded_addresses_are_found(address: str, inner: str, form: str) -> None:
    assert embedded(IPv6Address(address)) == (IPv4Address(inner), form)


def test_plain_addresses_embed_nothing() -> None:
    assert embedded(IPv6Address("2606:4700::1111")) is None


@given(st.ip_addresses(v=4))
def test_a_v4_address_and_its_translations_share_a_verdict(address: IPv4Address) -> None:
    refused = verdict(address) is not None
    number = int(address)
    forms = (
        int(IPv6Address("::ffff:0:0")) + number,
        int(IPv6Address("64:ff9b::")) + number,
        int(IPv6Address("2002::")) + (number << 80),
    )
    assert [verdict(IPv6Address(form)) is not None for form in forms] == [refused] * 3


@given(st.ip_addresses(v=4))
def test_nothing_is_public_that_the_standard_library_calls_private(address: IPv4Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_loopback:
        assert verdict(address) is not None


@given(st.ip_addresses(v=6))
def test_outside_global_unicast_only_translated_v4_is_public(address: IPv6Address) -> None:
    translated = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
    if address not in ip_network("2000::/3") and not any(address in n for n in translated):
        assert verdict(address) is not None
