"""Options of one feed and its pages, where they differ from all others: ``[feeds.options]``.

Whatever may be a secret (names, passwords, tokens, the values of headers and cookies, the proxy's
address) is a ``SecretStr``: no repr, message or dump shows it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from aggregator.config.section import Duration, Section, misplaced
from aggregator.config.site_rules import as_xpath
from aggregator.model import FetchOptions

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # RFC 9110 §5.6.2
_COOKIE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")  # RFC 6265 §4.1.1
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1
# What the fetcher itself says about the message, the connection and what it knows already.
_OURS = frozenset(
    {"a-im", "accept-encoding", "connection", "content-length", "expect", "host", "if-match",
     "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive",
     "proxy-authorization", "range", "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip
_PROXIES = frozenset({"http", "https", "socks5", "socks5h"})
_MAX_SOCKS_FIELD = 255  # bytes of a name or password (RFC 1929)
_ELSEWHERE = {"cookie": "`cookies`", "user-agent": "`user_agent`"}


class FeedOptions(Section):
    """Options of one feed; credentials, headers and cookies go to its own origin only."""

    headers: dict[str, SecretStr] = Field(
        default_factory=dict,
        description='Header fields to send: `headers = { X-Api-Key = { env = "KEY" } }`.',
    )
    cookies: dict[str, SecretStr] = Field(
        default_factory=dict, description="Cookies to send; those that servers set are not kept."
    )
    username: SecretStr | None = Field(None, description="User name for basic authentication.")
    password: SecretStr | None = Field(None, description="Password for basic authentication.")
    bearer: SecretStr | None = Field(None, description="Bearer token (RFC 6750).")
    user_agent: str = Field("", description="User-Agent; empty: `fetch.user_agent`.")
    proxy: SecretStr | None = Field(
        None,
        description="Proxy: `http://`, `https://`, `socks5://` or `socks5h://[USER:PASSWORD@]HOST:PORT`.",
    )
    tls: Literal["verify", "insecure"] = Field(
        "verify", description="`insecure`: accept any certificate of the feed's own host."
    )
    ca_file: str = Field(
        "",
        description="PEM file with further certificates to trust for the feed's own host "
        "(relative to the folder the command is started in).",
    )
    timeout: Duration | None = Field(None, description="`fetch.timeout` for this feed.")
    content: str = Field(
        "",
        description="Selector of the article on its pages: CSS (tags, classes, ids, attributes) or "
        "XPath; takes precedence over a site rule.",
    )
    strip: tuple[str, ...] = Field(
        (), description="Selectors of what to leave out of its pages: CSS or XPath."
    )

    @field_validator("headers")
    @classmethod
    def _sendable_headers(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        seen: set[str] = set()
        for name, text in value.items():
            lower = name.lower()
            if _TOKEN.fullmatch(name) is None:
                raise misplaced("names of header fields as keys", name)
            if lower in _OURS:
                raise misplaced("another field: this one is set by the program itself", name)
            if lower in _ELSEWHERE:
                raise misplaced(f"{_ELSEWHERE[lower]} for this", name)
            if lower in seen:
                raise misplaced("each field once", name)
            if not _one_line(text.get_secret_value()):
                raise misplaced("one line of text", name)
            seen.add(lower)
        return value

    @field_validator("cookies")
    @classmethod
    def _sendable_cookies(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, text in value.items():
            if _TOKEN.fullmatch(name) is None or not _COOKIE.fullmatch(text.get_secret_value()):
                expected = "a cookie's name and value: ASCII without spaces, commas and semicolons"
                raise misplaced(expected, name)
        return value

    @field_validator("username")
    @classmethod
    def _no_colon(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and ":" in value.get_secret_value():
            raise ValueError("a user name without colon (RFC 7617)")
        return value

    @field_validator("bearer")
    @classmethod
    def _a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _BEARER.fullmatch(value.get_secret_value()) is None:
            raise ValueError("a token without spaces (RFC 6750)")
        return value

    @field_validator("proxy")
    @classmethod
    def _a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_proxy(value.get_secret_value()):
            raise ValueError(
                "an address such as http://HOST:PORT, https://USER:PASSWORD@HOST:PORT or socks5h://HOST:PORT"
            )
        if value is not None and not _are_for_socks(value.get_secret_value()):
            raise ValueError(
                "name and password of at most 255 characters of ASCII for a SOCKS proxy"
            )
        return value

    @field_validator("user_agent")
    @classmethod
    def _sendable_name(cls, value: str) -> str:
        if value and not (value.isascii() and value.isprintable()):
            raise ValueError("one line of ASCII text, as it is sent in a header")
        return value

    @field_validator("content")
    @classmethod
    def _a_selector(cls, value: str) -> str:
        if value:
            as_xpath(value)
        return value

    @field_validator("strip")
    @classmethod
    def _selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for selector in value:
            as_xpath(selector)
        return value

    @field_validator("timeout")
    @classmethod
    def _above_zero(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and not value:
            raise ValueError("a duration above zero")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.password is not None and self.username is None:
            raise misplaced("`username` beside it", "password")
        if self.tls == "insecure" and self.ca_file:
            raise misplaced('either `ca_file` or `tls = "insecure"`, not both', "ca_file")
        given = [name for name in ("username", "bearer") if getattr(self, name) is not None]
        given += [name for name in self.headers if name.lower() == "authorization"]
        if len(given) > 1:
            at = ("headers", given[-1]) if given[-1] in self.headers else (given[-1],)
            raise misplaced("only one of `username`, `bearer` and a header of that kind", *at)
        return self


def fetch_options(url: str, given: FeedOptions | None) -> FetchOptions | None:
    """Fetch options of the feed with the key ``url``; None: as for all others.

    User info in ``url`` is basic authentication, unless ``given`` has credentials.
    """
    if given is None and "@" not in url:
        return None  # most feeds, at every poll
    parts = urlsplit(url)
    userinfo, at, place = parts.netloc.rpartition("@")
    if given is None and not at:
        return None
    options = given or FeedOptions()
    headers = dict(_headers(options))
    if at and not any(name.lower() == "authorization" for name in headers):
        user, _, password = userinfo.partition(":")
        headers["Authorization"] = basic_auth(unquote(user), unquote(password))
    return FetchOptions(
        home=urlunsplit((parts.scheme, place, "/", "", "")),
        headers=tuple(headers.items()),
        user_agent=options.user_agent,
        proxy=options.proxy.get_secret_value().strip() if options.proxy else "",
        insecure=options.tls == "insecure",
        ca_file=options.ca_file,
        timeout=options.timeout,
    )


def basic_auth(user: str, password: str) -> str:
    """The Authorization field of RFC 7617, in UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _headers(options: FeedOptions) -> Iterator[tuple[str, str]]:
    for name, value in options.headers.items():
        yield name, value.get_secret_value().strip()
    if options.username is not None:
        password = options.password.get_secret_value() if options.password else ""
        yield "Authorization", basic_auth(options.username.get_secret_value(), password)
    if options.bearer is not None:
        yield "Authorization", f"Bearer {options.bearer.get_secret_value()}"
    if options.cookies:
        pairs = (f"{name}={text.get_secret_value()}" for name, text in options.cookies.items())
        yield "Cookie", "; ".join(pairs)


def _one_line(text: str) -> bool:
    return all(c == "\t" or c.isprintable() for c in text)


def _is_proxy(text: str) -> bool:
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return parts.scheme in _PROXIES and bool(host) and not rest and _one_line(text)


def _are_for_socks(proxy: str) -> bool:
    """True where name and password in ``proxy`` can be told it (RFC 1929), or it is none of SOCKS."""
    parts = urlsplit(proxy.strip())
    given = [unquote(one or "") for one in (parts.username, parts.password)]
    fit = all(one.isascii() and len(one) <= _MAX_SOCKS_FIELD for one in given)
    return fit or not parts.scheme.startswith("socks")
