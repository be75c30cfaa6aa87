"""Settings of the service: database, server, log."""

from __future__ import annotations

from datetime import timedelta
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator

from aggregator.config.section import PositiveDuration, Section
from aggregator.config.settings.setting_types import WholeNetwork
from aggregator.config.values import AN_HTTP_URL, feed_address, parse_database_url


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

    metrics: Literal["off", "local", "all"] = Field(
        "off",
        description="Give out metrics for Prometheus at `/metrics`: to nobody, to `metrics_networks`, or to all who "
        "ask (needs the extra `metrics`). They name outputs' addresses and feeds nowhere, and count private ones, too.",
    )
    metrics_networks: tuple[WholeNetwork, ...] = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="Networks that may read `/metrics` where it is `local`; not through a proxy that says so.",
    )

    @field_validator("metrics")
    @classmethod
    def _can_count(cls, value: str) -> str:
        if value != "off" and find_spec("prometheus_client") is None:
            raise ValueError(
                "`off`, or the package prometheus-client: pip install 'aggregator[metrics]'"
            )
        return value


class WorkerSettings(Section):
    """Address of `aggregator worker` for whoever watches it: `/health`, `/ready` and `/metrics`."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port to listen on; 0: none. Several workers on one machine need one each, say by "
        "`AGGREGATOR_WORKER__PORT`. Whether there is `/metrics`, and for whom, `server.metrics` says.",
    )


class TraceSettings(Section):
    """Traces of polls, renderings and requests, for OpenTelemetry."""

    endpoint: str = Field(
        "",
        description="Address of an OTLP/HTTP collector such as `http://127.0.0.1:4318` (needs the extra `traces`); "
        "empty: as `OTEL_EXPORTER_OTLP_ENDPOINT` says, and no traces where it is not set.",
    )
    percent: int = Field(100, ge=0, le=100, description="Percentage of the traces that is sent.")

    @field_validator("endpoint")
    @classmethod
    def _collector(cls, value: str) -> str:
        if not value:
            return value
        url = feed_address(value)
        if "?" in url or "#" in value or "@" in url:
            raise ValueError(
                f"{AN_HTTP_URL}, without user, query and fragment; headers are said in "
                "OTEL_EXPORTER_OTLP_HEADERS"
            )
        if find_spec("opentelemetry.sdk") is None:
            raise ValueError("empty, or the extra: pip install 'aggregator[traces]'")
        return url.rstrip("/")


class LogSettings(Section):
    """The daemon's log."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest level that is logged."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto", description="`text`, `json`, or `auto`: text on a terminal, JSON elsewhere."
    )
