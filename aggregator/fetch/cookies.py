"""Cookies of one exchange: kept while its redirects are followed, and forgotten with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from aiohttp import CookieJar
from yarl import URL

from aggregator.urls import same_site

_MOST = 50
_LONGEST = 8_192  # characters of the header field that is sent


@dataclass(slots=True)
class ExchangeCookies:
    """Cookies that servers set in the course of one exchange: each site's own, for that site alone."""

    _jars: list[tuple[URL, CookieJar]] = field(default_factory=list)
    _taken: int = 0

    def take(self, url: URL, cookies: SimpleCookie) -> None:
        """Keep the ``cookies`` that ``url`` set with a redirect. Within a running event loop."""
        if not cookies or self._taken >= _MOST:
            return
        self._taken += len(cookies)
        jar = next((jar for site, jar in self._jars if same_site(str(site), str(url))), None)
        if jar is None:
            jar = CookieJar(unsafe=True)  # also for hosts that are addresses
            self._jars.append((url, jar))
        jar.update_cookies(cookies, url)

    def header(self, url: URL) -> str:
        """The field ``Cookie`` for a request to ``url`` (RFC 6265 §5.4), ``""`` for none."""
        pairs = [
            f"{cookie.key}={cookie.coded_value}"
            for site, jar in self._jars
            if same_site(str(site), str(url))
            for cookie in jar.filter_cookies(url).values()
        ]
        written = "; ".join(pairs)
        return written if len(written) <= _LONGEST else ""
