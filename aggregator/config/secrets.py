"""The secrets that a configuration holds, to be shown nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from pydantic import BaseModel, SecretStr

from aggregator.config.settings import FeedSettings, OpmlSettings, Settings
from aggregator.privacy.forms import basic
from aggregator.privacy.masking import register_secrets
from aggregator.privacy.services import looks_random
from aggregator.privacy.tokens import secret_credentials, secrets_in, userinfo_span

# What a request says of itself and not of who sends it.
_OPEN_HEADERS = frozenset(
    {"accept", "accept-language", "cache-control", "dnt", "origin", "referer"}
)


def secrets_of(settings: Settings) -> frozenset[str]:
    """Every secret in ``settings``: of feeds, of the database's address, of every hidden text."""
    return frozenset(_found(settings)) - {""}


def secrets_of_feed(feed: FeedSettings) -> frozenset[str]:
    """The secrets of one feed: in its address, from elsewhere, in its options."""
    return frozenset(_found(feed)) - {""}


def has_credentials(feed: FeedSettings) -> bool:
    """True where its options say who asks: basic or bearer, a cookie, a header that may do so."""
    options = feed.options
    if options is None:
        return False
    told = any(name.lower() not in _OPEN_HEADERS for name in options.headers)
    return bool(options.username or options.bearer or options.cookies or told)


def _found(value: object, name: str = "") -> Iterator[str]:
    match value:
        case FeedSettings() | OpmlSettings():
            yield from _of_feed(value)
        case SecretStr():
            text = value.get_secret_value().strip()
            if name not in _OPEN_HEADERS:
                yield text
            yield from _in_address(text)
            yield from _parts(text, every=False)
        case str():
            yield from _in_address(value)
        case BaseModel():
            yield from _of_both(value)
            yield from _found([getattr(value, field) for field in type(value).model_fields])
        case dict():
            for key, member in value.items():
                yield from _found(member, str(key).lower())
        case tuple() | list():
            for member in value:
                yield from _found(member)


def _in_address(text: str) -> Iterator[str]:
    if "://" not in text:
        return
    yield from secrets_in(text)
    if not text.startswith("http"):  # a database's: its password may hold anything, unescaped
        user, _, password = text.partition("://")[2].rpartition("@")[0].partition(":")
        yield from secret_credentials(user, password)
        yield unquote(password)
    if (span := userinfo_span(text)) is not None:
        user, _, password = text[slice(*span)].partition(":")
        yield basic(unquote(user), unquote(password))


def _of_both(options: BaseModel) -> Iterator[str]:
    """The one text that a user name and a password are sent as."""
    user, password = (getattr(options, name, None) for name in ("username", "password"))
    if isinstance(user, SecretStr):
        told = password.get_secret_value() if isinstance(password, SecretStr) else ""
        yield basic(user.get_secret_value(), told)


def _of_feed(feed: FeedSettings | OpmlSettings) -> Iterator[str]:
    if isinstance(feed, OpmlSettings):
        yield from _of_address(feed)
        return
    if feed.has_secret_address:
        yield from _of_address(feed)
    if feed.options is not None:
        yield from _found(feed.options)


def _of_address(one: FeedSettings | OpmlSettings) -> Iterator[str]:
    """The secrets of an address of which something had to be left out of its key."""
    yield from _in_address(one.url)
    yield from one.referred
    if any(
        "://" in value for value in one.referred
    ):  # the whole address is the secret: its parts may tell it, too
        yield from _parts(one.url)


def _parts(url: str, *, every: bool = True) -> Iterator[str]:
    """The parts of an address that is a secret as a whole, each of which may tell it.

    Of its parameters only those that look drawn at random, unless ``every`` one.
    """
    _, _, rest = url.partition("://")
    yield rest
    path, _, query = rest.partition("?")
    for segment in path.split("/"):
        if looks_random(segment):
            yield from {segment, unquote(segment)}
    for pair in query.split("&"):
        value = pair.partition("=")[2]
        if every or looks_random(value):
            yield from {value, unquote(value)}


def keep_secret(*settings: Settings) -> None:
    """From now on no log line, error or list of this process holds a secret of ``settings``."""
    register_secrets(secret for one in settings for secret in secrets_of(one))
