"""Feeds and reading lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    field_validator,
    model_validator,
)

from aggregator.config.feed_id import REFERENCE, Referred, feed_key
from aggregator.config.feed_options import FeedOptions
from aggregator.config.rule_settings import Category, FeedExpression
from aggregator.config.section import Duration, Section, Word, misplaced
from aggregator.config.settings.setting_types import FeedId, TimeZone, as_word
from aggregator.config.values import AN_HTTP_URL, feed_address
from aggregator.model import ExtractMode, FollowArchives
from aggregator.privacy.tokens import has_token
from aggregator.schedule.cron import parse_cron


class FeedSettings(Section):
    """One subscription."""

    url: str = Field(description="The feed's address, http(s).")
    id: FeedId = Field(
        "",
        description="Identity that stays when the address changes: letters, digits, `-`, `_`, `.`; empty: "
        "the address without secrets.",
    )
    title: str = Field("", description="Title to show; empty: the feed's own.")
    category: Category = Field("", description="Category; OPML folders become categories.")
    categories: tuple[Category, ...] = Field(
        (), description="Categories, if there are several; `category` is the first of them."
    )
    tags: tuple[str, ...] = Field((), description="Labels by which outputs can select.")
    rank: int = Field(
        0,
        ge=-1000,
        le=1000,
        description="Preference among equally complete copies of a story; the lowest rank is shown.",
    )
    paused: bool = Field(
        False, description="Do not poll the feed; its entries stay. See `aggregator feeds pause`."
    )
    every: Duration | None = Field(None, description="Poll at this fixed interval.")
    cron: str | None = Field(
        None, description="Poll at these times: five cron fields, such as `0 7 * * *`."
    )
    timezone: TimeZone | None = Field(
        None, description="Time zone of `cron`; default: the top-level `timezone`."
    )
    extract: Word[ExtractMode] | None = Field(None, description="`extract.mode` for this feed.")
    archives: Word[FollowArchives] | None = Field(
        None, description="`fetch.archives` for this feed."
    )
    filter: FeedExpression = Field(
        "",
        description="Expression that is true of the entries to keep, asked before any page is fetched "
        "([filters](filters.md)); empty: all.",
    )
    private: Annotated[Literal["auto", "true", "false"], BeforeValidator(as_word)] = Field(
        "auto",
        description="Keep the address secret: `true`, `false`, or `auto` (if it holds user info, a known "
        "kind of token or a secret from a file or variable, or `options` hold credentials).",
    )
    public_url: str = Field(
        "",
        description="Address that subscribers see instead, http(s); empty: for a private feed the address "
        "of its site.",
    )
    share: bool = Field(
        False, description="Show the entries of a private feed in outputs without a `token`, too."
    )
    options: FeedOptions | None = Field(
        None, description="Request options: credentials, headers, proxy, TLS; see below."
    )

    # Of which address: without secrets, and the secrets that references in it stand for. One, and
    # None at first, for pydantic makes every private attribute anew for each feed.
    _identity: tuple[str, str, frozenset[str]] | None = PrivateAttr(None)

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        feed = handler(data)
        if not isinstance(data, dict):  # an instance, which knows
            return feed
        if feed.every is not None and feed.cron is not None:
            raise misplaced("either `every` or `cron`, not both", "cron")
        if feed.category or feed.categories:
            named = tuple(dict.fromkeys(n for n in (feed.category, *feed.categories) if n))
            feed.__dict__.update(categories=named, category=named[0] if named else "")
        url = data.get("url")
        if isinstance(url, Referred):
            feed._identity = (feed.url, feed_key(feed.url, url.written), url.values)  # noqa: SLF001 - its own
        else:
            feed._identity = (feed.url, feed_key(feed.url), frozenset())  # noqa: SLF001
        _share_names(feed)
        return feed

    @property
    def key(self) -> str:
        """The identity of the subscription, without any secret: ``id``, else of the address."""
        return self.id or self.address_key

    @property
    def address_key(self) -> str:
        """The address without secrets; the identity of a feed without ``id``."""
        # Past pydantic's look-up, which would take a third of the time of starting with many feeds.
        known = (self.__pydantic_private__ or {}).get("_identity")
        if known is None or known[0] != self.url:  # a copy with another address
            return feed_key(self.url)
        key: str = known[1]
        return key

    @property
    def former_keys(self) -> tuple[str, ...]:
        """Under what else it may be stored: before it had an ``id``, before secrets were left out."""
        if not self.id and not self.has_secret_address:
            return ()
        former = (self.address_key, self.url)
        return tuple(one for one in dict.fromkeys(former) if one != self.key)

    @property
    def has_secret_address(self) -> bool:
        """True where something in its address had to be left out of its key."""
        return self.address_key != self.url or bool(self.referred)

    @property
    def referred(self) -> frozenset[str]:
        """The secrets that references in its address stand for."""
        known = (self.__pydantic_private__ or {}).get("_identity")
        found: frozenset[str] = known[2] if known is not None else frozenset()
        return found

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield from (
            (name, self.address_key if name == "url" else value)
            for name, value in super().__repr_args__()
        )

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if REFERENCE.search(value):
            raise ValueError(
                "an address; references such as ${env:NAME} are for `[[feeds]]` of the config file"
            )
        return feed_address(value)

    @field_validator("public_url")
    @classmethod
    def _tells_nothing(cls, value: str) -> str:
        url = value and feed_address(value)
        if "@" in url.partition("://")[2].partition("/")[0] or has_token(url):
            raise ValueError(f"{AN_HTTP_URL} and holds no user info and no token")
        return url

    @field_validator("cron")
    @classmethod
    def _checked_cron(cls, value: str | None) -> str | None:
        return None if value is None else parse_cron(value)

    @field_validator("every")
    @classmethod
    def _at_least_a_second(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < timedelta(seconds=1):
            raise ValueError("a duration of at least one second")
        return value


_NAMES: dict[frozenset[str], set[str]] = {}


def _share_names(feed: FeedSettings) -> None:
    """Let feeds with the same settings share the set of these names: a fifth of a feed's memory.

    Nobody changes it: settings are frozen, and a copy has a set of its own.
    """
    names = feed.__pydantic_fields_set__
    shared = _NAMES.setdefault(frozenset(names), names)
    object.__setattr__(feed, "__pydantic_fields_set__", shared)


class OpmlSettings(Section):
    """A reading list: OPML at an address, read again and again."""

    url: str = Field(
        description="Address of the OPML document, http(s); `${env:NAME}` and `${file:PATH}` as in a feed's."
    )
    every: Duration = Field(
        timedelta(days=1), description="Time between two readings, at least a minute."
    )

    # The address as it may be shown, and the secrets that references in it stand for.
    _identity: tuple[str, frozenset[str]] = PrivateAttr(("", frozenset()))

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        one = handler(data)
        if isinstance(data, dict):
            url = data.get("url")
            known = (url.written, url.values) if isinstance(url, Referred) else ("", frozenset())
            one._identity = (feed_key(one.url, known[0]), known[1])  # noqa: SLF001 - its own
        return one

    @property
    def name(self) -> str:
        """The address without secrets."""
        return self._identity[0]

    @property
    def referred(self) -> frozenset[str]:
        """The secrets that references in its address stand for."""
        return self._identity[1]

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return feed_address(value)

    @field_validator("every")
    @classmethod
    def _at_least_a_minute(cls, value: timedelta) -> timedelta:
        if value < timedelta(minutes=1):
            raise ValueError("a duration of at least one minute")
        return value
