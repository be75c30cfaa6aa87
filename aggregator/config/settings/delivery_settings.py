"""Settings of the roads out of outputs: webhooks, notifications, mail, and alarms for the operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from aggregator.config.access import one_or_several
from aggregator.config.mail_addresses import AN_ADDRESS, MailAddress, split_address
from aggregator.config.notify_templates import TemplateText
from aggregator.config.output_terms import QuotaText
from aggregator.config.section import Duration, PositiveDuration, Section, Word, misplaced
from aggregator.config.settings.setting_types import Size, TimeZone
from aggregator.config.values import AN_HTTP_URL, feed_address
from aggregator.config.webhook_keys import webhook_key
from aggregator.model import EventKind
from aggregator.schedule.quiet_hours import parse_quiet_hours

_NAME = "^[a-z0-9][a-z0-9_-]{0,63}$"
_SEVERAL = BeforeValidator(one_or_several)
_MISSING = (
    "left out, since the package `apprise` is not installed: "
    "`pip install 'aggregator[notify]'` brings it"
)
_LONGEST_TIMEOUT = timedelta(seconds=60)
OutputNames = Annotated[tuple[str, ...], _SEVERAL]


class WebhookSettings(Section):
    """An address that is told of an output's stories, after Standard Webhooks."""

    name: str = Field(pattern=_NAME, description="Name by which `status` and `deliver` show it.")
    url: SecretStr = Field(description="Address that is told, http(s); shown nowhere.")
    output: OutputNames = Field(
        min_length=1, description="Outputs whose stories are told, one or several."
    )
    secret: Annotated[tuple[SecretStr, ...], _SEVERAL] = Field(
        min_length=1,
        max_length=5,
        description="Secret that messages are signed with, `whsec_…`; while it is changed several, each of which signs.",
    )
    events: tuple[Word[EventKind], ...] = Field(
        (EventKind.ENTER, EventKind.UPDATE),
        min_length=1,
        description="Events that are told: `enter`, `update`, `withdraw`.",
    )
    batch: int = Field(
        1, ge=1, le=100, description="Events in one message: 1, or up to so many as a list."
    )
    timeout: PositiveDuration = Field(
        timedelta(seconds=20), description="Time in which a message must be answered, at most 60 s."
    )
    max_age: Duration = Field(
        timedelta(), description="Age of stories that are not told any more when they come; 0: any."
    )
    begin: Literal["now", "start"] = Field(
        "now",
        description="Place where a new webhook begins: with what happens from `now` on, or with all that stands, from the `start`.",
    )

    @field_validator("url")
    @classmethod
    def _http(cls, value: SecretStr) -> SecretStr:
        url = feed_address(value.get_secret_value())
        if "#" in url:
            raise ValueError(AN_HTTP_URL)
        return SecretStr(url)

    @field_validator("secret")
    @classmethod
    def _strong(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for index, secret in enumerate(value):
            try:
                webhook_key(secret.get_secret_value())
            except ValueError as error:
                raise misplaced(str(error), index) from None
        return value

    @field_validator("events")
    @classmethod
    def _of_items(cls, value: tuple[EventKind, ...]) -> tuple[EventKind, ...]:
        for index, one in enumerate(value):
            if one in {EventKind.ALARM, EventKind.OVER}:
                raise misplaced("`enter`, `update` or `withdraw`", index)
        return value

    @field_validator("timeout")
    @classmethod
    def _soon(cls, value: timedelta) -> timedelta:
        if value > _LONGEST_TIMEOUT:
            raise ValueError("a duration of at most 60 s")
        return value


class NotificationSettings(Section):
    """A service that tells people of an output's stories, by way of Apprise."""

    name: str = Field(pattern=_NAME, description="Name by which `status` and `deliver` show it.")
    url: Annotated[tuple[SecretStr, ...], _SEVERAL] = Field(
        min_length=1,
        max_length=20,
        description="Address of the service as Apprise writes it (`ntfy://…`, `tgram://…`), one or several; shown nowhere.",
    )
    output: OutputNames = Field((), description="Outputs whose stories are told, one or several.")
    title: TemplateText = Field(
        "{title}",
        description="Title of a notification, with fields in braces ([list](delivery.md#templates)).",
    )
    body: TemplateText = Field(
        "{summary}\n{source}\n{url}", description="Text of a notification, with fields in braces."
    )
    max: QuotaText = Field(
        "10/1h",
        description="Notifications within a time, such as `10/1h`: what is more comes in one that sums it up; empty: any number.",
    )
    max_age: Duration = Field(
        timedelta(days=2),
        description="Age of stories that are not told any more when they come, for a feed that is new brings its past along; 0: any.",
    )
    quiet: str = Field(
        "",
        description="Quiet hours such as `22:00-07:00`: what came meanwhile comes in one notification afterwards; empty: none.",
    )
    timezone: TimeZone | None = Field(
        None, description="Time zone of `quiet`; default: the top-level `timezone`."
    )
    alarms: bool = Field(False, description="Tell the operator's alarms here, too.")
    alarms_in_quiet: bool = Field(True, description="Tell alarms in quiet hours, too.")

    @field_validator("quiet")
    @classmethod
    def _hours(cls, value: str) -> str:
        parse_quiet_hours(value)
        return value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.output and not self.alarms:
            raise misplaced("an output, or `alarms = true` beside it", "output")
        if find_spec("apprise") is None:
            raise misplaced(_MISSING, "url")
        return self


class MailSettings(Section):
    """Addresses that get each edition of outputs with a `digest` as mail."""

    name: str = Field(pattern=_NAME, description="Name by which `status` and `deliver` show it.")
    to: Annotated[tuple[MailAddress, ...], _SEVERAL] = Field(
        min_length=1,
        max_length=50,
        description="Addresses, one or several, which all see each other.",
    )
    output: OutputNames = Field(
        (), description="Outputs whose editions are sent, one or several, each with a `digest`."
    )
    unsubscribe: str = Field(
        "",
        description="Address for `List-Unsubscribe`, `mailto:…` or `https://…`; empty: no such header.",
    )
    alarms: bool = Field(False, description="Send the operator's alarms, too.")

    @field_validator("unsubscribe")
    @classmethod
    def _leads_somewhere(cls, value: str) -> str:
        if not value:
            return value
        known = value.startswith(("mailto:", "https://")) and len(value) <= 500
        if not known or not value.isascii() or not value.isprintable() or set(value) & set("<> ,"):
            raise ValueError("an address that starts with mailto: or https://")
        return value

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.output and not self.alarms:
            raise misplaced("an output, or `alarms = true` beside it", "output")
        return self


class SmtpSettings(Section):
    """The mail server that mail is given to."""

    host: str = Field("", description="Name of the mail server; empty: no mail is sent.")
    port: int = Field(
        0,
        ge=0,
        le=65535,
        description='Its port; 0: 587, with `security = "tls"` 465, with `none` 25.',
    )
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="Encryption: after `STARTTLS`, from the beginning (`tls`), or `none`, for a server on this machine.",
    )
    user: SecretStr = Field(SecretStr(""), description="User name; empty: none is told.")
    password: SecretStr = Field(SecretStr(""), description="Password.")
    sender: str = Field("", description="Address in `From:`, such as `News <news@example.com>`.")
    timeout: PositiveDuration = Field(
        timedelta(seconds=60), description="Time in which the server must have taken a message."
    )

    @field_validator("sender")
    @classmethod
    def _one(cls, value: str) -> str:
        if value:
            split_address(value)
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not self.sender:
            raise misplaced(f"{AN_ADDRESS}, beside `host`", "sender")
        if self.security == "none" and self.password.get_secret_value():
            raise misplaced("empty, for it would be sent unencrypted", "password")
        return self


class AlarmSettings(Section):
    """Bounds beyond which the operator is told, where a notification or mail has `alarms = true`."""

    feeds: bool = Field(True, description="Tell that a feed broke, as the health feed does.")
    backlog: Duration = Field(
        timedelta(hours=1), description="Time that an entry may wait to be published; 0: any."
    )
    disk_free: Size = Field(
        1 << 30,
        description="Free space in the folders of the database and of the files; 0: any.",
    )
    deliveries: bool = Field(
        True,
        description="Tell that messages were given up, or that nothing is sent somewhere any more.",
    )


Road = WebhookSettings | NotificationSettings | MailSettings


def check_roads(
    kind: str, roads: Sequence[Road], outputs: Mapping[str, bool], *, mail_server: bool
) -> None:
    """Refuse roads of the section ``kind`` with a name twice or an output that there is not.

    ``outputs``: has each a digest? Raises the fault with its place.
    """
    seen: set[str] = set()
    for index, road in enumerate(roads):
        if road.name in seen:
            raise misplaced("a name of its own; another one has it, too", kind, index, "name")
        seen.add(road.name)
        if isinstance(road, MailSettings) and not mail_server:
            raise misplaced("beside a mail server, `host` in `[smtp]`", kind, index, "to")
        for place, name in enumerate(road.output):
            known = ", ".join(f"`{one}`" for one in outputs)
            if name not in outputs:
                raise misplaced(f"the name of an output: {known}", kind, index, "output", place)
            if isinstance(road, MailSettings) and not outputs[name]:
                raise misplaced(
                    "an output with a `digest`, for mail has editions", kind, index, "output", place
                )
