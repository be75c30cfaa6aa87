"""Hop options: the part of a feed's options that holds for one hop of a request. Pure.

Credentials, cookies and custom headers go to the feed's own origin (scheme, host and port): not
across a redirect to another, so never from https to http. A certificate override counts at the
feed's own host, whatever the port. User agent, proxy and timeout hold for the whole journey.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from yarl import URL

from aggregator.config.feed_options import basic_auth
from aggregator.fetch.guard.targets import Origin, origin, parse_target
from aggregator.model import FetchOptions, Request
from aggregator.urls import host_of

NO_OPTIONS = FetchOptions("")


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificates to trust instead of, or beside, the system's trust store."""

    insecure: bool = False
    ca_file: str = ""


USUAL = Trust()


@dataclass(frozen=True, slots=True)
class HopOptions:
    """The options of one request, and the origin that they belong to."""

    options: FetchOptions
    home: Origin

    def fields(self, target: URL) -> dict[str, str]:
        """The header fields to send to ``target`` because of the options."""
        given = self.options.headers
        fields = dict(given) if given and origin(target) == self.home else {}
        if self.options.user_agent:
            fields["User-Agent"] = self.options.user_agent
        return fields

    def trust(self, target: URL) -> Trust:
        """Trust that holds at ``target``."""
        if host_of(str(target)) != self.home[1]:
            return USUAL
        return Trust(self.options.insecure, self.options.ca_file)


def hop_options_of(request: Request, target: URL) -> tuple[HopOptions, URL]:
    """Hop options of ``request``, and its ``target`` without user info.

    User info is basic authentication for the URL's own origin, where the options say no other.
    """
    options = request.options or NO_OPTIONS
    home = origin(parse_target(options.home) if options.home else target)
    if target.raw_user is None and target.raw_password is None:
        return HopOptions(options, home), target
    plain = target.with_user(None)
    has_one = any(name.lower() == "authorization" for name, _ in options.headers)
    if not has_one and home == origin(target):
        given = ("Authorization", basic_auth(target.user or "", target.password or ""))
        options = replace(options, headers=(*options.headers, given))
    return HopOptions(options, home), plain
