"""Readers of an output, as far as the configuration tells. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from aggregator.config.settings import OutputSettings, Settings


def only_here(settings: Settings) -> bool:
    """True where nobody beyond this machine is meant to read: the server and its address are local.

    Without the server there are but files, and who reads those is not known: False.
    """
    server = settings.server
    address = urlsplit(settings.base_url).hostname if settings.base_url else "localhost"
    return server.enabled and _is_loopback(server.host) and _is_loopback(address or "")


def may_show_private(settings: Settings, output: OutputSettings) -> bool:
    """True where entries of private feeds enter ``output`` without a word from the operator."""
    return bool(output.token) or only_here(settings)


def _is_loopback(host: str) -> bool:
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
