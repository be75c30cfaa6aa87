"""The kinds of value that an operator writes: text to value, and back for messages and files.

Every function is pure and raises ``ValueError`` whose text is what was expected, so that a fault
reads "expected …".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from aggregator.publish.formats import FORMATS
from aggregator.text.durations import exact
from aggregator.urls.limits import LONGEST_CONFIGURED
from aggregator.urls.networks import DEFAULT_PORTS

_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(k|m|g)?i?b?", re.IGNORECASE)
_BYTES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_A_DURATION = 'a duration such as "30s", "15m", "2h", "7d" or a number of seconds'
_A_SIZE = 'a size such as "20MB", "512k" or a number of bytes'
_A_NETWORK = 'a network such as "192.168.0.0/16", "fd00::/8" or "10.0.0.7"'
_A_NETWORK_AT_PORT = 'a network and a port such as "10.0.0.0/8:8080" or "[fd00::/8]:8080"'
_AT_PORT = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<v4>[\d./]+)):(?P<port>\d{1,9})", re.ASCII)
_A_DATABASE = (
    "an address such as sqlite:///data/aggregator.db or "
    "postgresql+psycopg://USER:PASSWORD@HOST/NAME"
)
_A_TIME_ZONE = "the IANA name of a time zone such as `Europe/Berlin` or `UTC`"
_AN_ENCODED_DATABASE = f"{_A_DATABASE}, with `@`, `:`, `/`, `?` and `#` of the password percent-encoded: %40 %3A %2F %3F %23"
# Most addresses: nothing in them is to be normalised, and a start reads a hundred thousand.
_NORMAL_ADDRESS = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(?::(?:[1-9]\d{3}|[1-5]\d{4}|6[0-4]\d{3}))?"
    r"/[\w/.~-]*(?:\?[\w/.~&=+%-]+)?",
    re.ASCII,
)
AN_HTTP_URL = "an address that starts with http:// or https://"
_LONGEST = timedelta(days=36_500)  # a hundred years: adding it to any real time stays a time
# SQLAlchemy's reading of an address: what follows the host's ":" is a port.
_DATABASE_PORT = re.compile(
    r"[\w+]+://(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?]+\]|[^/:?]+)?(?::(?P<port>[^/?]*))?"
)
_POSTGRESQL = re.compile(r"(?:postgres|postgresql|postgresql\+psycopg)://(?=[^\s])")


def parse_duration(value: Any) -> timedelta:
    """``"90s"``, ``"1h 30m"``, ``"2d"`` or a number of seconds as a timedelta, 0 to 100 years.

    Raises ``ValueError`` for anything else.
    """
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    elif isinstance(value, str) and value.strip() == "0":  # of whatever unit
        seconds = 0
    elif isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        parts = _DURATION_PART.findall(value)
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in parts)
    else:
        raise ValueError(_A_DURATION)
    if not math.isfinite(seconds) or not 0 <= seconds <= _LONGEST.total_seconds():
        raise ValueError(f"{_A_DURATION}, from 0 to 100 years")
    return timedelta(seconds=seconds)


def parse_format(value: Any) -> str:
    """The name of an output format, as it is. Raises ``ValueError`` for anything else."""
    if isinstance(value, str) and value in FORMATS:
        return value
    raise ValueError(in_words(FORMATS))


def in_words(choices: Iterable[str]) -> str:
    """``"atom" or "rss"``: the values that a setting may have."""
    return " or ".join(f'"{choice}"' for choice in choices)


def format_duration(value: timedelta) -> str:
    """``value`` as :func:`parse_duration` reads it: ``"1h 30m"``, ``"7d"``, ``"250ms"``, ``"0s"``."""
    return exact(value)


def parse_size(value: Any) -> int:
    """``"20MB"``, ``"512k"`` or a number of bytes as bytes (1 MB = 2**20).

    Raises ``ValueError`` for anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        size = float(match[1]) * _BYTES[(match[2] or "").lower()]
        if size <= 1 << 60:
            return int(size)
    raise ValueError(_A_SIZE)


def format_size(value: int) -> str:
    """``value`` bytes as :func:`parse_size` reads it: ``"20MB"``, ``"1GB"``, ``"1500"``."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if value and value % factor == 0:
            return f"{value // factor}{unit}"
    return str(value)


@dataclass(frozen=True, slots=True)
class NetworkAtPort:
    """The addresses of a network at one port."""

    network: IPv4Network | IPv6Network
    port: int

    def __str__(self) -> str:
        shown = f"[{self.network}]" if self.network.version == 6 else str(self.network)
        return f"{shown}:{self.port}"


def parse_network(value: Any) -> IPv4Network | IPv6Network | NetworkAtPort:
    """A CIDR or a single address as a network, with a port where one is given.

    ``"10.0.0.0/8:8080"``, ``"[fd00::/8]:8080"``; ``ValueError`` for anything else.
    """
    if isinstance(value, IPv4Network | IPv6Network | NetworkAtPort):
        return value
    if not isinstance(value, str):
        raise ValueError(_A_NETWORK)  # noqa: TRY004 - pydantic turns only ValueError into a fault
    if match := _AT_PORT.fullmatch(value.strip()):
        try:
            network = ip_network(match["v6"] or match["v4"])
        except ValueError:
            raise ValueError(_A_NETWORK_AT_PORT) from None
        port = int(match["port"])
        if not 0 < port < 1 << 16 or (network.version == 6) != bool(match["v6"]):
            raise ValueError(_A_NETWORK_AT_PORT)
        return NetworkAtPort(network, port)
    try:
        return ip_network(value.strip())
    except ValueError as error:
        detail = " without bits set after the prefix" if "host bits" in str(error) else ""
        raise ValueError(_A_NETWORK + detail) from None


def parse_database_url(value: str) -> str:
    """A database URL that SQLAlchemy opens with the drivers this program brings.

    ``postgres://`` and ``postgresql://`` become ``postgresql+psycopg://``. The message of the
    ``ValueError`` never holds the value, which may hold a password.
    """
    url = value.strip()
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return url
    if match := _POSTGRESQL.match(url):
        if (
            url.count("@") > 1
        ):  # else the end of a password, which may hold "?", is taken for a host
            raise ValueError(_AN_ENCODED_DATABASE)
        port = _DATABASE_PORT.match(url)
        if port is not None and port["port"] and not port["port"].isdecimal():
            raise ValueError(_AN_ENCODED_DATABASE)
        return "postgresql+psycopg://" + url[match.end() :]
    raise ValueError(_A_DATABASE)


def feed_address(url: str) -> str:
    """The identity of a subscription: ``url`` as configured, normalised only where that is safe.

    Surrounding whitespace, the fragment and a port that is the scheme's own are dropped, scheme
    and host are lower-cased, an empty path becomes ``/`` (RFC 3986 §6.2.2.1 and §6.2.3). Path,
    query and user info stay byte for byte, for servers may tell them apart.

    Raises ``ValueError`` for what is not an http(s) URL.
    """
    text = url.strip()
    if len(text) <= LONGEST_CONFIGURED and _NORMAL_ADDRESS.fullmatch(text):
        return text
    if len(text) > LONGEST_CONFIGURED:
        raise ValueError(f"{AN_HTTP_URL} and has at most {LONGEST_CONFIGURED} characters")
    if not text.isprintable() or " " in text:
        raise ValueError(f"{AN_HTTP_URL} and holds no spaces or control characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(AN_HTTP_URL) from None
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise ValueError(AN_HTTP_URL)
    user_info, at, _ = parts.netloc.rpartition("@")
    shown_host = f"[{host}]" if ":" in host else host
    shown_port = "" if port in {None, DEFAULT_PORTS[parts.scheme]} else f":{port}"
    netloc = f"{user_info}{at}{shown_host}{shown_port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def parse_category(value: str) -> str:
    """``value`` as a path of folder names: each trimmed, empty ones dropped, joined with ``/``."""
    return "/".join(part for part in (" ".join(p.split()) for p in value.split("/")) if part)


def parse_time_zone(name: str) -> str:
    """``name``, when it is that of a time zone (IANA); otherwise raises ``ValueError``."""
    try:
        ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        near = get_close_matches(name, sorted(available_timezones()), n=1)
        guess = f"; did you mean `{near[0]}`?" if near else ""
        raise ValueError(f"{_A_TIME_ZONE}{guess}") from None
    return name
