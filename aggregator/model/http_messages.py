"""Requests to other servers and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """Limits of one task in a worker; ``section`` is that of the settings that set them.

    ``memory`` is in bytes of address space, beyond what the worker holds when the task begins.
    """

    section: str  # its ``timeout`` and ``memory``
    memory: int
    wall: timedelta
    cpu: timedelta | None = None  # None: as ``wall``


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of a response (RFC 9110 §8.8), byte for byte as received.

    They belong to ``url`` and are never sent to another one.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Fetch options of one feed. No secret in it is shown by ``repr``.

    ``headers`` (credentials and cookies among them) are sent to the origin of ``home`` only, and
    ``insecure`` and ``ca_file`` count at its host only; the rest holds for every hop.
    """

    home: str  # the feed's origin as a URL, without user info; empty: the request's own
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user_agent: str = ""
    proxy: str = field(default="", repr=False)  # http(s)://[user:password@]host:port
    insecure: bool = False  # accept any certificate
    ca_file: str = ""  # certificates to trust beside the system's
    timeout: timedelta | None = None


class CooldownScope(StrEnum):
    """Scope of a cooldown that a host asked for."""

    HOST = "host"  # that host
    DOMAIN = "domain"  # its whole registrable domain


class RequestKind(StrEnum):
    """Purpose of a request."""

    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"  # a robots.txt
    HUB = "hub"  # a WebSub hub is asked for something


@dataclass(frozen=True, slots=True)
class Request:
    """One GET to make. ``kind`` decides the Accept header and the size cap."""

    url: str
    kind: RequestKind = RequestKind.FEED
    validators: Validators | None = None
    delta: bool = False  # a 226 with only the changes (RFC 3229) would be understood
    form: Mapping[str, str] | None = None  # POST these fields; only a status comes back
    options: FetchOptions | None = None
    inside: bool = False  # it may lead into the networks that the operator opened


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed: the URL that answered, its status, where it pointed."""

    url: str
    status: int
    location: str
    headers: Mapping[str, str] = field(default_factory=dict)  # of the redirect; lower-case names


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with status 200, 226 or 304 (everything else is raised as a ``FetchError``).

    ``headers`` has lower-case names; a repeated header is joined with ``", "``.
    ``body`` is decoded (no content coding left) and empty for a 304.
    """

    url: str  # the final URL, after redirects
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_bytes: int
    elapsed: timedelta
    hops: tuple[Hop, ...] = ()
    inside: bool = False  # it came from a network that the operator opened, as all before it did

    @property
    def content_type(self) -> str:
        """The Content-Type header as sent, or ``""``."""
        return self.headers.get("content-type", "")

    @property
    def content_language(self) -> str:
        """The Content-Language header as sent, or ``""``."""
        return self.headers.get("content-language", "")

    @property
    def validators(self) -> Validators:
        """The validators to store for the URL that answered."""
        return Validators(self.url, self.headers.get("etag"), self.headers.get("last-modified"))


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """The text of a robots.txt as it was at ``checked``; ``""`` where there is none."""

    text: str
    checked: datetime
