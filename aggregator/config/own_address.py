"""Our own address, as far as the configuration knows it. Pure.

What is made once for all readers (feeds, files, ids, callbacks) has the address that is configured, or
that follows from host and port; never one that a request named.
"""

from __future__ import annotations

from ipaddress import ip_address

from aggregator.config.settings import Settings
from aggregator.urls import host_of

# What ids of outputs without `base_url` are made of, for ever.
FIRST_BASE = "http://127.0.0.1:8080"
_DEFAULT_PORT = 8080
_PRIVATE_NAMES = (
    ".corp", ".example", ".home", ".home.arpa", ".internal", ".intranet", ".invalid", ".lan",
    ".local", ".localdomain", ".localhost", ".private", ".test",
)  # fmt: skip
HUB = "hub"  # path of the hub that is built in


def own_base(settings: Settings, port: int | None = None) -> str:
    """The address of the server, without a slash at its end: `base_url`, else of host and port.

    ``port`` is the one that it listens on, where that is known.
    """
    if settings.base_url:
        return settings.base_url
    host = settings.server.host.strip("[]")
    if not host or _is_every(host):
        host = "127.0.0.1"
    return f"http://{_bracketed(host)}:{port or settings.server.port or _DEFAULT_PORT}"


def listening_on(settings: Settings, port: int) -> str:
    """Host and ``port`` of the server, as they are given to it: no address that can be opened."""
    return f"{_bracketed(settings.server.host.strip('[]'))}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def id_base(settings: Settings) -> str:
    """The address that ids of outputs are made of: no change of host or port changes them."""
    return settings.base_url or FIRST_BASE


def is_known(settings: Settings) -> bool:
    """True where :func:`own_base` leads here from wherever the server can be reached."""
    if settings.base_url:
        return True
    server = settings.server
    if not server.enabled:
        return not settings.publish.directory  # files are read at an address that we do not know
    return bool(server.host) and not _is_every(server.host) and server.port != 0


def has_pages(settings: Settings) -> bool:
    """True where people can be told an address of pages, and find them there."""
    return settings.server.enabled and is_known(settings)


def is_public(settings: Settings) -> bool:
    """True where `base_url` can be reached from the internet.

    Not an address of this machine, not a private one, not a name that only a local network knows.
    """
    if not settings.base_url:
        return False
    host = host_of(settings.base_url)
    try:
        return ip_address(host).is_global
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and not name.endswith(_PRIVATE_NAMES)


def hub_address(settings: Settings) -> str | None:
    """The address of the hub that is built in; None: it is off."""
    enabled = settings.hub.enabled
    if enabled == "auto":
        enabled = "true" if is_public(settings) else "false"
    return f"{own_base(settings)}/{HUB}" if enabled == "true" and settings.server.enabled else None


def hubs(settings: Settings) -> tuple[str, ...]:
    """The addresses of all hubs that outputs without a token name, our own first."""
    own = hub_address(settings)
    return ((own,) if own is not None else ()) + external_hubs(settings)


def external_hubs(settings: Settings) -> tuple[str, ...]:
    """Other hubs to be told; none while nobody knows the address of what they would be told of."""
    return tuple(dict.fromkeys(settings.hub.external)) if settings.base_url else ()


def _is_every(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False
