"""The guard's decisions; that nothing connects past it is tested in tests/integration."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network

import pytest

from aggregator.fetch.guard.sockets import REFUSED, AddressInfo, Guard
from aggregator.urls.networks import Allowed


def info(host: str, port: int = 80) -> AddressInfo:
    if ":" in host:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port)


def guard(*networks: str, port: int | None = None) -> Guard:
    return Guard(Allowed(ip_network(network), port) for network in networks)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "::1", "::ffff:127.0.0.1", "fe80::1%lo", "169.254.169.254"]
)
def test_no_socket_for_an_address_that_is_not_public(host: str) -> None:
    with pytest.raises(OSError, match="is not public") as caught:
        guard().socket(info(host))
    assert caught.value.errno == REFUSED


def test_no_socket_for_what_is_not_an_address() -> None:
    with pytest.raises(OSError, match="is not an address") as caught:
        guard().socket(info("127.1"))
    assert caught.value.errno == REFUSED


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700::1111"])
def test_a_socket_for_a_public_address(host: str) -> None:
    with guard().socket(info(host)) as made:
        assert made.type == socket.SOCK_STREAM


def test_allowed_networks_pass_and_no_others() -> None:
    some = guard("127.0.0.0/8", "fd00:1::/32")
    assert some.refusal(ip_address("127.0.0.1"), 80) is None
    assert some.refusal(ip_address("fd00:1::5"), 80) is None
    assert some.refusal(ip_address("10.0.0.1"), 80) is not None
    assert some.refusal(ip_address("::1"), 80) is not None


def test_an_allowed_network_covers_the_mapped_form_of_its_addresses() -> None:
    assert guard("127.0.0.0/8").refusal(ip_address("::ffff:127.0.0.1"), 80) is None
    assert guard("127.0.0.0/8").refusal(ip_address("64:ff9b::7f00:1"), 80) is not None


def test_an_allowed_port_allows_no_other() -> None:
    only = guard("127.0.0.0/8", port=8080)
    assert only.refusal(ip_address("127.0.0.1"), 8080) is None
    assert only.refusal(ip_address("127.0.0.1"), 22) is not None
