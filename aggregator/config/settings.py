"""What the operator may ask for: every setting, its type, its default and its meaning.

The ``description`` of each field is the reference text: ``docs/configuration.md`` must name each of
them, and a test fails when one is missing there.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(k|m|g)?i?b?", re.IGNORECASE)
_BYTES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def parse_duration(value: Any) -> timedelta:
    """``"90s"``, ``"1h 30m"``, ``"2d"`` or a number of seconds as a timedelta.

    Raises ``ValueError`` for anything else.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        parts = _DURATION_PART.findall(value)
        return timedelta(seconds=sum(float(n) * _SECONDS[unit] for n, unit in parts))
    raise ValueError('a duration such as "30s", "15m", "2h", "7d" or a number of seconds')


def parse_size(value: Any) -> int:
    """``"20MB"``, ``"512k"`` or a number of bytes as bytes (1 MB = 2**20).

    Raises ``ValueError`` for anything else.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and (match := _SIZE.fullmatch(value.strip())):
        return int(float(match[1]) * _BYTES[(match[2] or "").lower()])
    raise ValueError('a size such as "20MB", "512k" or a number of bytes')


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
ExtractMode = Literal["auto", "always", "never"]
OutputFormat = Literal["atom", "rss", "json"]
Network = IPv4Network | IPv6Network


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(Section):
    """Where things are stored."""

    url: str = Field(
        "sqlite:///data/aggregator.db",
        description="SQLAlchemy URL: `sqlite:///PATH` (relative to the folder the command is "
        "started in) or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.",
    )


class ServerSettings(Section):
    """The web server that subscribers read from."""

    enabled: bool = Field(True, description="Serve over HTTP; false writes files only.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")


class FetchSettings(Section):
    """How feeds and pages are asked for."""

    allow_networks: tuple[Network, ...] = Field(
        (), description="CIDRs that may be fetched although they are not public."
    )
    timeout: Duration = Field(
        timedelta(seconds=30), description="Deadline for one whole exchange, redirects included."
    )
    max_feed_size: Size = Field(
        20 << 20, description="Largest feed document, received and decoded."
    )
    max_page_size: Size = Field(10 << 20, description="Largest article page, received and decoded.")
    max_redirects: int = Field(5, ge=0, le=20, description="Redirects followed in one exchange.")
    concurrency: int = Field(
        64, ge=1, le=10_000, description="Exchanges under way at once, over all hosts."
    )
    host_gap: Duration = Field(
        timedelta(seconds=1),
        description="Pause between two requests to one host (which never get two at once).",
    )
    user_agent: str = Field("", description="User-Agent; empty: `aggregator/VERSION (+base_url)`.")


class ScheduleSettings(Section):
    """When feeds are polled, where neither the feed's own `every`/`cron` nor its publisher says."""

    min_interval: Duration = Field(
        timedelta(hours=1), description="Shortest interval the adaptive schedule picks."
    )
    max_interval: Duration = Field(
        timedelta(hours=24), description="Longest interval the adaptive schedule picks."
    )
    tick: Duration = Field(
        timedelta(seconds=1), description="How often the daemon looks for due work."
    )
    lease: Duration = Field(
        timedelta(minutes=5), description="How long claimed work may take before others redo it."
    )


class ExtractSettings(Section):
    """Full text."""

    mode: ExtractMode = Field(
        "auto",
        description="`auto` fetches an entry's page unless the feed gave the whole text; `always`; "
        "`never`.",
    )
    timeout: Duration = Field(
        timedelta(seconds=20), description="Time one page may take in a worker before it is killed."
    )
    memory: Size = Field(1 << 30, description="Memory (address space) one worker may use.")
    workers: int = Field(0, ge=0, le=256, description="Worker processes; 0: one per core.")
    attempts: int = Field(4, ge=1, le=20, description="Tries to get a page before it is given up.")
    max_wait: Duration = Field(
        timedelta(minutes=10),
        description="An entry waits this long for its page, then it is published with the feed's "
        "text (and upgraded later).",
    )


class DedupeSettings(Section):
    """Every story once."""

    enabled: bool = Field(True, description="Show each story once across feeds.")
    window: Duration = Field(
        timedelta(days=30), description="How long a story can gain further copies."
    )


class RetentionSettings(Section):
    """What is forgotten; never what an output still shows or its feed still lists."""

    max_age: Duration = Field(
        timedelta(days=90), description="Entries first seen longer ago may go; 0 keeps for ever."
    )
    max_entries: int = Field(1000, ge=0, description="Entries kept per feed; 0 keeps all.")


class PublishSettings(Section):
    """Files of the merged feeds."""

    directory: str = Field(
        "data/public",
        description="Folder for the output files (relative to the folder the command is started "
        "in); empty writes none.",
    )
    min_interval: Duration = Field(
        timedelta(seconds=2), description="Pause between two renderings of the outputs."
    )


class LogSettings(Section):
    """What the daemon says."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severity shown."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto", description="`text`, `json`, or text on a terminal and JSON elsewhere."
    )


class FeedSettings(Section):
    """One subscription."""

    url: str = Field(description="The feed's address, http(s).")
    title: str = Field("", description="Name to show; empty: the feed's own.")
    category: str = Field("", description="Category; OPML folders become categories.")
    tags: tuple[str, ...] = Field((), description="Free labels that outputs can select by.")
    every: Duration | None = Field(None, description="Poll at this fixed interval.")
    cron: str | None = Field(
        None, description="Poll at these times (UTC), five cron fields: `0 7 * * *`."
    )
    extract: ExtractMode | None = Field(None, description="`extract.mode` for this feed.")

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        if not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address that starts with http:// or https://")
        return value

    @field_validator("every")
    @classmethod
    def _at_least_a_second(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and value < timedelta(seconds=1):
            raise ValueError("at least one second")
        return value

    @model_validator(mode="after")
    def _one_schedule(self) -> FeedSettings:
        if self.every is not None and self.cron is not None:
            raise ValueError("either `every` or `cron`, not both")
        return self


class OutputSettings(Section):
    """One merged feed."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="Part of its address: lower-case letters, digits, `-`, `_`.",
    )
    title: str = Field("", description="Title; empty: the top-level `title`.")
    description: str = Field("", description="One sentence about it.")
    limit: int = Field(100, ge=1, le=10_000, description="Stories shown, newest first.")
    formats: tuple[OutputFormat, ...] = Field(
        ("atom", "rss", "json"), min_length=1, description="Formats to write."
    )
    categories: tuple[str, ...] = Field(
        (), description="Only feeds of these categories; empty: all."
    )
    tags: tuple[str, ...] = Field((), description="Only feeds with one of these tags; empty: all.")


class Settings(Section):
    """The whole configuration: the file's top level."""

    title: str = Field("My feeds", description="Title of the whole.")
    base_url: str = Field(
        "http://127.0.0.1:8080", description="Address under which subscribers reach the server."
    )
    feeds_files: tuple[str, ...] = Field(
        (), description="OPML files (relative to the config file); folders become categories."
    )
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    extract: ExtractSettings = ExtractSettings()
    dedupe: DedupeSettings = DedupeSettings()
    retention: RetentionSettings = RetentionSettings()
    publish: PublishSettings = PublishSettings()
    log: LogSettings = LogSettings()
    feeds: tuple[FeedSettings, ...] = Field((), description="The subscriptions.")
    outputs: tuple[OutputSettings, ...] = Field(
        (OutputSettings(name="all"),), description="The merged feeds."
    )

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not re.match(r"https?://[^/\s]+", value):
            raise ValueError("an address that starts with http:// or https://")
        return value.rstrip("/")
