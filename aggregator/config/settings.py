"""Settings of the operator: each with its type, its default and its meaning.

The ``description`` of each field is the reference text: ``docs/configuration.md`` must name each of
them, and a test fails when one is missing there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SecretStr,
    field_validator,
    model_validator,
)

from aggregator.config.access import checked_token, one_or_several
from aggregator.config.feed_id import REFERENCE, Referred, feed_key
from aggregator.config.feed_options import FeedOptions
from aggregator.config.output_terms import QuotaText, StoryExpression, WordRules
from aggregator.config.rule_settings import LONGEST_CATEGORY, Category, FeedExpression, RuleSettings
from aggregator.config.section import Duration, PositiveDuration, Section, Word, misplaced
from aggregator.config.values import (
    AN_HTTP_URL,
    NetworkAtPort,
    feed_address,
    parse_database_url,
    parse_duration,
    parse_format,
    parse_network,
    parse_size,
    parse_time_zone,
)
from aggregator.model import (
    CooldownScope,
    DedupeMode,
    ExtractMode,
    OutputOrder,
    PictureChoice,
    SourcePlace,
    TextAmount,
)
from aggregator.privacy.tokens import has_token
from aggregator.publish import feed_addresses, presentation
from aggregator.publish.formats import FORMATS
from aggregator.schedule.cron import parse_cron, parse_daily
from aggregator.urls.networks import Allowed

__all__ = [
    "LONGEST_CATEGORY",
    "DatabaseSettings",
    "DedupeSettings",
    "Duration",
    "ExtractMode",
    "ExtractSettings",
    "FeedOptions",
    "FeedSettings",
    "FetchSettings",
    "LogSettings",
    "Network",
    "OpmlSettings",
    "OutputFormat",
    "OutputScope",
    "OutputSettings",
    "ParseSettings",
    "PublishSettings",
    "RetentionSettings",
    "RuleSettings",
    "ScheduleSettings",
    "SearchSettings",
    "Section",
    "ServerSettings",
    "Settings",
    "Size",
    "UrlSettings",
    "WebSubSettings",
    "parse_duration",
    "parse_size",
]

Size = Annotated[int, BeforeValidator(parse_size)]
OutputFormat = Annotated[str, BeforeValidator(parse_format)]
Network = Annotated[IPv4Network | IPv6Network | NetworkAtPort, BeforeValidator(parse_network)]
WholeNetwork = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network)]


class OutputScope(StrEnum):
    """Span in which an output shows a story once."""

    ALL = "all"
    CATEGORY = "category"  # in each of its feeds' categories


TrackingParameter = Annotated[str, Field(pattern=r"^!?[^\s!@&=#]{1,100}(@[a-z0-9.-]+)?$")]


def _as_word(value: object) -> object:
    """``true`` and ``false`` as TOML writes them, beside words."""
    return str(value).lower() if isinstance(value, bool) else value


class DatabaseSettings(Section):
    """The database, SQLite or PostgreSQL."""

    url: str = Field(
        "sqlite:///data/aggregator.db",
        description="SQLAlchemy URL: `sqlite:///PATH` (relative to the folder the command is "
        "started in) or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`, "
        "with libpq's parameters behind `?`. A server that does not answer within 5 s is down, unless "
        "`connect_timeout` there says otherwise.",
    )

    @field_validator("url")
    @classmethod
    def _known_driver(cls, value: str) -> str:
        return parse_database_url(value)


class ServerSettings(Section):
    """The web server that subscribers read from."""

    enabled: bool = Field(True, description="Serve over HTTP; `false`: write files only.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    index: bool = Field(False, description="Let search engines index the pages.")
    max_connections: int = Field(
        512,
        ge=8,
        le=100_000,
        description="Connections of readers at once, if the limit on open files allows: polling and "
        "publishing have theirs first. Beyond it the oldest that waits is closed.",
    )
    head_timeout: PositiveDuration = Field(
        timedelta(seconds=10), description="Time in which a client must have sent its request."
    )
    idle_timeout: PositiveDuration = Field(
        timedelta(minutes=2),
        description="Time that a client may keep a connection without a request; longer than that "
        "of a reverse proxy in front.",
    )
    send_timeout: PositiveDuration = Field(
        timedelta(seconds=30),
        description="Time in which a client must take 1 KB for each second of it, or what is left.",
    )
    trusted_proxies: tuple[WholeNetwork, ...] = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="Networks of reverse proxies: whom they name last in `X-Forwarded-For` counts as "
        "the client; they themselves are never refused for asking too often.",
    )


class FetchSettings(Section):
    """Requests for feeds and pages."""

    allow_networks: tuple[Network, ...] = Field(
        (),
        description="Private networks that may be fetched from; with a port, only at that port: "
        "`10.0.0.5:8080`, `10.0.0.0/8:8080`, `[fd00::/8]:8080`. Pictures at their addresses stay in texts.",
    )
    timeout: PositiveDuration = Field(
        timedelta(seconds=30), description="Time limit for one request, redirects included."
    )
    max_feed_size: Size = Field(
        20 << 20, description="Largest feed document, before and after decompression."
    )
    max_page_size: Size = Field(
        10 << 20, description="Largest article page, before and after decompression."
    )
    max_redirects: int = Field(5, ge=0, le=20, description="Redirects followed for one request.")
    concurrency: int = Field(
        64, ge=1, le=10_000, description="Requests in progress at once, over all hosts."
    )
    host_gap: Duration = Field(
        timedelta(seconds=1),
        description="Pause between two requests to one host; a host never gets two at once.",
    )
    cooling_scope: Word[CooldownScope] = Field(
        CooldownScope.HOST,
        description="Scope of the cooldown after a 429: the `host` that sent it, or its whole "
        "registrable `domain`; a private host is always alone.",
    )
    robots: bool = Field(
        True,
        description="Obey robots.txt for article pages; it is not asked for feeds.",
    )
    user_agent: str = Field(
        "",
        description="User-Agent; empty: `aggregator/VERSION (+base_url)`, without `base_url` the former alone.",
    )

    @field_validator("user_agent")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not (value.isascii() and value.isprintable()) and value:
            raise ValueError("one line of ASCII text, as it is sent in a header")
        return value

    def allowed(self) -> tuple[Allowed, ...]:
        """The rules that ``allow_networks`` states."""
        return tuple(
            Allowed(one.network, one.port) if isinstance(one, NetworkAtPort) else Allowed(one)
            for one in self.allow_networks
        )


class ScheduleSettings(Section):
    """Poll times of feeds without `every` or `cron`."""

    min_interval: Duration = Field(
        timedelta(hours=1), description="Shortest interval between two polls of a feed."
    )
    max_interval: Duration = Field(
        timedelta(hours=24), description="Longest interval between two polls of a feed."
    )
    tick: PositiveDuration = Field(
        timedelta(seconds=1), description="Interval at which the daemon looks for due work."
    )
    lease: PositiveDuration = Field(
        timedelta(seconds=30),
        description="Time after which the work of a process that died is done again; a living "
        "process renews its leases.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_interval > self.max_interval:
            raise misplaced("no more than `schedule.max_interval`", "min_interval")
        return self


class WebSubSettings(Section):
    """WebSub: hubs deliver new entries, so that feeds need not be polled."""

    enabled: Annotated[Literal["auto", "true", "false"], BeforeValidator(_as_word)] = Field(
        "auto",
        description="Subscribe at the hubs that feeds name: `true`, `false`, or `auto` (if `base_url` "
        "is a public address).",
    )
    lease: PositiveDuration = Field(
        timedelta(days=10),
        description="Duration of a subscription at a hub, which is then renewed.",
    )
    safety_interval: PositiveDuration = Field(
        timedelta(hours=24),
        description="Poll interval of a feed with an active subscription at a hub.",
    )


class ParseSettings(Section):
    """Limits on reading one feed document."""

    max_entries: int = Field(
        1000,
        ge=1,
        le=10_000,
        description="Newest entries read from one document; older ones are ignored. Several thousand "
        "may need a higher `timeout`. At most 40,000 elements and 100,000 attributes of a document are read.",
    )
    timeout: PositiveDuration = Field(
        timedelta(seconds=2),
        description="CPU time for reading one document (and ten times as much by the clock); 1000 long "
        "entries, 6 MB, take about 1 s. Of a document that exceeds it, or `memory`, only the newest tenth of "
        "`max_entries` is read.",
    )
    memory: Size = Field(
        512 << 20,
        description="Memory (address space) for reading one document, on top of what a worker process "
        "needs itself.",
    )


class ExtractSettings(Section):
    """Full text from article pages."""

    mode: Word[ExtractMode] = Field(
        ExtractMode.AUTO,
        description="Fetch the pages of entries: `auto` (unless the feed gives the whole text), `always` "
        "or `never`.",
    )
    timeout: PositiveDuration = Field(
        timedelta(seconds=20),
        description="Time for extracting one page; then the worker is killed.",
    )
    memory: Size = Field(
        1 << 30,
        description="Memory (address space) for extracting one page, on top of what a worker process "
        "needs itself.",
    )
    workers: int = Field(
        0, ge=0, le=256, description="Worker processes for feeds and pages; 0: one per core."
    )
    attempts: int = Field(4, ge=1, le=20, description="Attempts at a page before it is given up.")
    model: bool = Field(
        True,
        description="Find the article in a page with a model; `false`: with trafilatura alone.",
    )
    rules: str = Field(
        "",
        description="Folder with site rules: files such as `example.com.txt` in the site-config format "
        "of Full-Text RSS (relative to the folder the command is started in); empty: none.",
    )
    max_pages: int = Field(
        10, ge=1, le=50, description="Most pages of one article that are fetched and joined."
    )
    max_wait: Duration = Field(
        timedelta(minutes=10),
        description="Time that an entry waits for its page; then it is published with the feed's text "
        "and updated when the page comes.",
    )


class UrlSettings(Section):
    """Comparison of addresses."""

    tracking_parameters: tuple[TrackingParameter, ...] = Field(
        (),
        description="Tracking parameters to ignore besides the known ones: `name`, or `name@site.example` "
        "for one site; `!name` keeps a parameter that would be ignored.",
    )


class DedupeSettings(Section):
    """Deduplication: each story once."""

    enabled: bool = Field(True, description="Show each story once across feeds.")
    window: Duration = Field(
        timedelta(days=30),
        description="Time in which a later copy joins a story.",
    )


class RetentionSettings(Section):
    """Removal of old entries, except those that an output shows or their feed still lists."""

    max_age: Duration = Field(
        timedelta(days=90),
        description="Age, since first seen, at which entries are removed; 0 keeps all.",
    )
    max_entries: int = Field(1000, ge=0, description="Entries kept per feed; 0 keeps all.")


class PublishSettings(Section):
    """Files of the merged feeds."""

    directory: str = Field(
        "data/public",
        description="Folder for the output files (relative to the folder the command is started "
        "in); empty: no files.",
    )
    min_interval: Duration = Field(
        timedelta(seconds=2), description="Shortest time between two renderings of the outputs."
    )


class SearchSettings(Section):
    """Search over the stories of outputs."""

    enabled: bool = Field(
        True,
        description="Keep an index of words, and answer `/search` and `/feeds/NAME.FORMAT?q=`. Switched on "
        "again, it indexes what is stored by and by.",
    )


class HealthFeedSettings(Section):
    """A feed about the feeds: which broke, moved or came back, and a daily summary."""

    enabled: bool = Field(
        True,
        description="Note what happens to feeds, and answer `/status.atom`, `/status.rss` and `/status.json`, which tell "
        "of the feeds that `/` tells of.",
    )
    failures: int = Field(
        3,
        ge=2,
        description="Failed polls in a row after which a feed is told as broken; one that is gone (410) is at once.",
    )
    summary: str = Field(
        "0 7 * * *",
        description="When the daily summary of what happened is written, five cron fields in `timezone`; there is "
        'none of a day without news. `""`: never.',
    )
    max_age: Duration = Field(
        timedelta(days=90), description="Age at which events are removed; 0 keeps all."
    )

    @field_validator("summary")
    @classmethod
    def _cron(cls, value: str) -> str:
        return parse_cron(value) if value else value


class LogSettings(Section):
    """The daemon's log."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level that is logged."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto", description="`text`, `json`, or `auto`: text on a terminal, JSON elsewhere."
    )


TimeZone = Annotated[str, AfterValidator(parse_time_zone)]
FeedId = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$")]


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
    filter: FeedExpression = Field(
        "",
        description="Expression that is true of the entries to keep, asked before any page is fetched "
        "([filters](filters.md)); empty: all.",
    )
    private: Annotated[Literal["auto", "true", "false"], BeforeValidator(_as_word)] = Field(
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


class OutputSettings(Section):
    """One merged feed."""

    name: str = Field(
        pattern=f"^{feed_addresses.NAME}$",
        description="Name in its address: lower-case letters, digits, `-`, `_`.",
    )
    aliases: tuple[Annotated[str, Field(pattern=f"^{feed_addresses.NAME}$")], ...] = Field(
        (), description="Names that it had before: their addresses redirect to its own (301)."
    )
    title: str = Field(
        "",
        description="Title; empty: the top-level `title` for `all` and where there is one output, else the "
        "name in words (`tech-news`: “Tech news”).",
    )
    description: str = Field("", description="One sentence about the output.")
    limit: int = Field(100, ge=1, le=10_000, description="Stories shown, the first by `order`.")
    formats: tuple[OutputFormat, ...] = Field(
        tuple(FORMATS), min_length=1, description="Formats to write."
    )
    categories: tuple[Category, ...] = Field(
        (), description="Only feeds with one of these categories; empty: all."
    )
    tags: tuple[str, ...] = Field((), description="Only feeds with one of these tags; empty: all.")
    filter: StoryExpression = Field(
        "",
        description="Expression that is true of the stories to show, over all their fields; empty: all.",
    )
    keep: WordRules = Field(
        (),
        description="Only stories with one of these words in title or text, whatever their case; "
        "`/…/` is a regular expression (RE2); empty: all.",
    )
    drop: WordRules = Field((), description="No stories with one of these, written like `keep`.")
    min_sources: int = Field(
        1,
        ge=1,
        le=1000,
        description="Only stories that so many feeds tell; from 2 on they are sorted by when that was so.",
    )
    max_per_feed: QuotaText = Field(
        "",
        description="Stories of one feed that enter within a time, such as `5/1d`: what is more is left "
        "out, and does not come later; empty: any number.",
    )
    order: Word[OutputOrder] = Field(
        OutputOrder.PUBLISHED,
        description="Newest first by when stories were `published` or `discovered`, or those first that "
        "most `sources` tell now.",
    )
    max_age: Duration = Field(
        timedelta(), description="Age above which stories leave the window, in whole hours; 0: any."
    )
    digest: str = Field(
        "",
        description="When an edition is made, five cron fields in `timezone` with one time a day, such as `0 7 * * mon-fri`: "
        "the output shows editions only, each with the stories since the last by category, the latest `limit` of them; "
        "empty: it shows stories.",
    )
    dedupe: Word[DedupeMode] = Field(
        DedupeMode.NEAR,
        description="Copies shown as one: near copies (`near`), only those with the same address, id or "
        "text (`exact`), or none (`off`).",
    )
    window: Duration = Field(
        timedelta(),
        description="Longest time between two copies shown as one; at most `dedupe.window`, which 0 stands "
        "for.",
    )
    scope: Word[OutputScope] = Field(
        OutputScope.ALL,
        description="Show a story once in `all`, or once in each `category` of its feeds.",
    )
    source: Word[SourcePlace] = Field(
        SourcePlace.AUTHOR,
        description="Where readers see which site a story is from: behind its first `author`, behind its `title`, "
        "in a last `line` of its text, or `none`.",
    )
    title_format: str = Field(
        presentation.TITLE,
        description="Titles of stories, made of `{title}` and `{source}`, such as `[{source}] {title}`.",
    )
    text: Word[TextAmount] = Field(
        TextAmount.FULL,
        description="Text of stories: in `full`, a `summary` of at most 300 characters, or the `title` alone.",
    )
    images: Word[PictureChoice] = Field(
        PictureChoice.KEEP,
        description="Pictures of stories, those among their files too: `keep` them, put a `link` in the place of "
        "each, or `none`.",
    )
    archive: Duration = Field(
        timedelta(days=365),
        description="Time for which everything that the output showed can be had from archive pages (RFC 5005); 0: "
        "there are none.",
    )
    archive_size: Size = Field(
        1 << 30,
        description="Disk space of the archive pages; beyond it the oldest go before their time.",
    )
    also_at: str = Field(
        "",
        description="First words of a line that names a story's other sources, such as `Also at`; empty: "
        "no such line.",
    )
    token: Annotated[tuple[SecretStr, ...], BeforeValidator(one_or_several)] = Field(
        (),
        description="Secret in the address, `/feeds/TOKEN/NAME.FORMAT`, which makes the output private; one or "
        "several, each of at least 128 bits (`openssl rand -hex 32`).",
    )
    files: str = Field(
        "",
        description="Folder for the files of an output with a `token`, readable by their owner only "
        "(relative to the folder the command is started in); empty: no files.",
    )

    @field_validator("title_format")
    @classmethod
    def _with_title(cls, value: str) -> str:
        left = value.replace(presentation.TITLE, "", 1).replace(presentation.SOURCE, "")
        if presentation.TITLE not in value or set(left) & set("{}"):
            raise ValueError("text with `{title}` in it once, and `{source}` if you like")
        return value

    @field_validator("token")
    @classmethod
    def _strong(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for index, token in enumerate(value):
            try:
                checked_token(token)
            except ValueError as error:
                raise misplaced(str(error), index) from None
        return value

    @field_validator("digest")
    @classmethod
    def _daily(cls, value: str) -> str:
        return parse_daily(value) if value else value

    @property
    def kept_archive(self) -> timedelta:
        """Time for which archive pages are kept: none of editions, which are no lines of the log."""
        return timedelta() if self.digest else self.archive

    @model_validator(mode="after")
    def _editions_only(self) -> Self:
        if not self.digest:
            return self
        if self.archive not in {timedelta(), type(self).model_fields["archive"].default}:
            raise misplaced(
                "0, or no such line, beside a `digest`: editions have no archive pages", "archive"
            )
        if self.max_age:
            raise misplaced(
                "0, or no such line, beside a `digest`: an edition has the stories since the last",
                "max_age",
            )
        if self.scope is not OutputScope.ALL:
            raise misplaced(
                "`all` beside a `digest`: an edition has each story once, by category", "scope"
            )
        return self

    @model_validator(mode="after")
    def _private_files(self) -> Self:
        if self.files and not self.token:
            raise misplaced(
                "a `token` beside it; other outputs have their files in `publish.directory`",
                "files",
            )
        return self


class Settings(Section):
    """The whole configuration: the file's top level."""

    title: str = Field("My feeds", description="Title of the page, and of the output `all`.")
    base_url: str = Field(
        "",
        description="Address at which subscribers reach the server, with a path if it stands below one; "
        "empty: of `server.host` and `server.port`, and on pages the one that was asked for.",
    )
    timezone: TimeZone = Field(
        "UTC",
        description="Time zone of the feeds' `cron` and of editions, an IANA name such as `Europe/Berlin`.",
    )
    feeds_files: tuple[str, ...] = Field(
        (), description="OPML files (relative to the config file); folders become categories."
    )
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    websub: WebSubSettings = WebSubSettings()
    parse: ParseSettings = ParseSettings()
    extract: ExtractSettings = ExtractSettings()
    urls: UrlSettings = UrlSettings()
    dedupe: DedupeSettings = DedupeSettings()
    retention: RetentionSettings = RetentionSettings()
    publish: PublishSettings = PublishSettings()
    search: SearchSettings = SearchSettings()
    health_feed: HealthFeedSettings = HealthFeedSettings()
    log: LogSettings = LogSettings()
    opml: tuple[OpmlSettings, ...] = Field((), description="Reading lists, by their addresses.")
    feeds: tuple[FeedSettings, ...] = Field((), description="The subscriptions.")
    rules: tuple[RuleSettings, ...] = Field(
        (), description="Rules over the entries of all feeds, asked in their order."
    )
    outputs: tuple[OutputSettings, ...] = Field(
        (OutputSettings(name="all"),), description="The merged feeds."
    )

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value:
            return value
        url = feed_address(value)
        if "?" in url or "#" in value or "@" in url:
            raise ValueError(f"{AN_HTTP_URL}, without user, query and fragment")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _windows(self) -> Self:
        for index, output in enumerate(self.outputs):
            if output.window > self.dedupe.window:
                raise misplaced("no more than `dedupe.window`", "outputs", index, "window")
        return self

    @model_validator(mode="after")
    def _private_folders(self) -> Self:
        public = os.path.realpath(self.publish.directory) if self.publish.directory else None
        for index, output in enumerate(self.outputs):
            inside = public and output.files and _is_within(os.path.realpath(output.files), public)
            if inside:
                raise misplaced(
                    "a folder outside of `publish.directory`, which others may read",
                    "outputs", index, "files",
                )  # fmt: skip
        return self

    @field_validator("opml")
    @classmethod
    def _lists_once(cls, value: tuple[OpmlSettings, ...]) -> tuple[OpmlSettings, ...]:
        seen: dict[str, int] = {}
        for index, one in enumerate(value):
            if (first := seen.setdefault(one.url, index)) != index:
                raise misplaced(
                    f"a list of its own; reading list {first + 1} is the same one", index, "url"
                )
        return value

    @field_validator("outputs")
    @classmethod
    def _unique_names(cls, value: tuple[OutputSettings, ...]) -> tuple[OutputSettings, ...]:
        seen: dict[str, int] = {}
        for index, output in enumerate(value):
            if seen.setdefault(output.name, index) != index:
                first = seen[output.name] + 1
                raise misplaced(
                    f"a name of its own; output {first} has the same one", index, "name"
                )
        for index, output in enumerate(value):
            for place, alias in enumerate(output.aliases):
                if alias in seen:
                    raise misplaced(
                        f"a name that no output has; output {seen[alias] + 1} has this one",
                        index, "aliases", place,
                    )  # fmt: skip
                seen[alias] = index
        return value


def _is_within(path: str, folder: str) -> bool:
    return os.path.commonpath((path, folder)) == folder
