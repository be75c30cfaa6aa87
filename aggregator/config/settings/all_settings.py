"""All sections together, and what holds between them."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from aggregator.config.rule_settings import RuleSettings
from aggregator.config.section import Section, misplaced
from aggregator.config.settings.delivery_settings import (
    AlarmSettings,
    MailSettings,
    NotificationSettings,
    SmtpSettings,
    WebhookSettings,
    check_roads,
)
from aggregator.config.settings.feed_settings import FeedSettings, OpmlSettings
from aggregator.config.settings.fetch_settings import (
    FetchSettings,
    ScheduleSettings,
    WebSubSettings,
)
from aggregator.config.settings.hub_settings import HubSettings
from aggregator.config.settings.output_settings import (
    HealthFeedSettings,
    OutputSettings,
    PublishSettings,
    SearchSettings,
)
from aggregator.config.settings.reading_settings import (
    DedupeSettings,
    ExtractSettings,
    ParseSettings,
    RetentionSettings,
    UrlSettings,
)
from aggregator.config.settings.service_settings import (
    DatabaseSettings,
    LogSettings,
    ServerSettings,
    TraceSettings,
    WorkerSettings,
)
from aggregator.config.settings.setting_types import TimeZone
from aggregator.config.values import AN_HTTP_URL, feed_address


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
    engine: Literal["in_process", "pgqueuer"] = Field(
        "in_process",
        description="What distributes the work: `in_process` works in the daemon; `pgqueuer` is a job queue in "
        "the same PostgreSQL, from which `aggregator worker` on any number of machines works, too "
        "(needs the extra `workers`).",
    )
    database: DatabaseSettings = DatabaseSettings()
    server: ServerSettings = ServerSettings()
    worker: WorkerSettings = WorkerSettings()
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    websub: WebSubSettings = WebSubSettings()
    parse: ParseSettings = ParseSettings()
    extract: ExtractSettings = ExtractSettings()
    urls: UrlSettings = UrlSettings()
    dedupe: DedupeSettings = DedupeSettings()
    retention: RetentionSettings = RetentionSettings()
    publish: PublishSettings = PublishSettings()
    hub: HubSettings = HubSettings()
    search: SearchSettings = SearchSettings()
    health_feed: HealthFeedSettings = HealthFeedSettings()
    traces: TraceSettings = TraceSettings()
    log: LogSettings = LogSettings()
    opml: tuple[OpmlSettings, ...] = Field((), description="Reading lists, by their addresses.")
    feeds: tuple[FeedSettings, ...] = Field((), description="The subscriptions.")
    rules: tuple[RuleSettings, ...] = Field(
        (), description="Rules over the entries of all feeds, asked in their order."
    )
    outputs: tuple[OutputSettings, ...] = Field(
        (OutputSettings(name="all"),), description="The merged feeds."
    )
    webhooks: tuple[WebhookSettings, ...] = Field(
        (), description="Addresses that are told of outputs' stories."
    )
    notifications: tuple[NotificationSettings, ...] = Field(
        (), description="Services that tell people of outputs' stories."
    )
    mails: tuple[MailSettings, ...] = Field((), description="Editions sent as mail.")
    smtp: SmtpSettings = SmtpSettings()
    alarms: AlarmSettings = AlarmSettings()

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
    def _distributed(self) -> Self:
        if self.engine == "pgqueuer":
            if not self.database.url.startswith("postgresql"):
                raise misplaced(
                    "`in_process`, or `database.url` a PostgreSQL: the queue is kept in it",
                    "engine",
                )
            if find_spec("pgqueuer") is None:
                raise misplaced(
                    "`in_process`, or the package pgqueuer: pip install 'aggregator[workers]'",
                    "engine",
                )
        return self

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

    @model_validator(mode="after")
    def _roads(self) -> Self:
        outputs = {one.name: bool(one.digest) for one in self.outputs}
        for kind in ("webhooks", "notifications", "mails"):
            check_roads(kind, getattr(self, kind), outputs, mail_server=bool(self.smtp.host))
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
