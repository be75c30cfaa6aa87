"""Settings of the operator: each with its type, its default and its meaning.

The ``description`` of each field is the reference text: ``docs/configuration.md`` must name each of
them, and a test fails when one is missing there.
"""

from __future__ import annotations

from aggregator.config.feed_options import FeedOptions
from aggregator.config.rule_settings import LONGEST_CATEGORY, RuleSettings
from aggregator.config.section import Duration, Section
from aggregator.config.settings.all_settings import Settings
from aggregator.config.settings.delivery_settings import (
    AlarmSettings,
    MailSettings,
    NotificationSettings,
    SmtpSettings,
    WebhookSettings,
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
from aggregator.config.settings.setting_types import (
    FeedId,
    Network,
    OutputFormat,
    OutputScope,
    Size,
    TimeZone,
    TrackingParameter,
    WholeNetwork,
)
from aggregator.config.values import parse_duration, parse_size
from aggregator.model import ExtractMode

__all__ = [
    "LONGEST_CATEGORY",
    "AlarmSettings",
    "DatabaseSettings",
    "DedupeSettings",
    "Duration",
    "ExtractMode",
    "ExtractSettings",
    "FeedId",
    "FeedOptions",
    "FeedSettings",
    "FetchSettings",
    "HealthFeedSettings",
    "HubSettings",
    "LogSettings",
    "MailSettings",
    "Network",
    "NotificationSettings",
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
    "SmtpSettings",
    "TimeZone",
    "TraceSettings",
    "TrackingParameter",
    "UrlSettings",
    "WebSubSettings",
    "WebhookSettings",
    "WholeNetwork",
    "WorkerSettings",
    "parse_duration",
    "parse_size",
]
