"""Settings of asking for feeds and pages: client, cadence, WebSub."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from aggregator.config.section import Duration, PositiveDuration, Section, Word, misplaced
from aggregator.config.settings.setting_types import Network, Size, as_word
from aggregator.config.values import NetworkAtPort
from aggregator.model import CooldownScope, FollowArchives
from aggregator.urls.networks import Allowed


class FetchSettings(Section):
    """Requests for feeds and pages."""

    allow_networks: tuple[Network, ...] = Field(
        (),
        description="Private networks that may be fetched from; with a port, only at that port: "
        "`10.0.0.5:8080`, `10.0.0.0/8:8080`, `[fd00::/8]:8080`. Pictures at their addresses stay in texts. "
        "Feeds of yours that stand there may link to pages there; links and redirects from outside are refused.",
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
    archives: Word[FollowArchives] = Field(
        FollowArchives.GAPS,
        description="When archives that feeds link to are read (RFC 5005: `prev-archive`, `next`; `next_url` of "
        "JSON Feeds): `gaps` (where a poll finds no entry that is known, back to what is), `all` (once, from the "
        "first poll on), `never`.",
    )
    archive_pages: int = Field(
        100, ge=1, le=10_000, description="Pages of archives read for one gap, or for `all`."
    )
    archive_age: Duration = Field(
        timedelta(days=365), description="Age of the oldest entries taken from archives; 0: any."
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
    max_polls_per_hour: int = Field(
        0,
        ge=0,
        description="Most polls in an hour, to be expected in the busiest one of an average day: intervals "
        "are made longer for it, all by the same factor, beyond `max_interval` too. Feeds with `every` or "
        "`cron` keep theirs. 0: no limit.",
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

    enabled: Annotated[Literal["auto", "true", "false"], BeforeValidator(as_word)] = Field(
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
