"""An address of loopback that counts as one of the public internet."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from aggregator.fetch.guard import sockets
from aggregator.urls.networks import Address, verdict

OUTSIDE, INSIDE = 9, 1
"""Last numbers of 127.0.0.x: out there, and in a network that the operator opened."""


def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 127.0.0.9 for a public address; what a rule allows beside that stays as it is."""

    def judged(address: Address) -> str | None:
        return None if address == ip_address(f"127.0.0.{OUTSIDE}") else verdict(address)

    monkeypatch.setattr(sockets, "verdict", judged)
