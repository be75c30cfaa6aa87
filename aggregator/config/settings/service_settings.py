"""Settings of the service: database, server, log."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator

from aggregator.config.section import PositiveDuration, Section
from aggregator.config.settings.setting_types import WholeNetwork
from aggregator.config.values import parse_database_url


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


class LogSettings(Section):
    """The daemon's log."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level that is logged."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto", description="`text`, `json`, or `auto`: text on a terminal, JSON elsewhere."
    )
