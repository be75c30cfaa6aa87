"""The ends of roads: how each kind plans its messages and sends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.output_terms import parse_quota
from aggregator.config.own_address import id_base
from aggregator.config.roads import ConfiguredRoad
from aggregator.config.settings import NotificationSettings, WebhookSettings
from aggregator.config.webhook_keys import webhook_key
from aggregator.deliver.mail_message import MailHead, alarm_mail, edition_mail
from aggregator.deliver.message_ids import message_id
from aggregator.deliver.notify_text import Template, alarm_text, one_event, summary_of
from aggregator.deliver.plans import (
    NotifyTerms,
    Outgoing,
    Plan,
    Waiting,
    plan_all,
    plan_batch,
    plan_one,
)
from aggregator.deliver.webhook_message import webhook_body
from aggregator.deliver.webhook_signature import signed_headers
from aggregator.engine.mail_smtp import MailSender
from aggregator.engine.notify_apprise import NotifySender
from aggregator.model import (
    EventKind,
    RoadKey,
    SendOutcome,
    WantedEvents,
)
from aggregator.ports import HookPoster
from aggregator.schedule.quiet_hours import parse_quiet_hours

_HOOK_LINES = 100
_NOTIFY_ITEMS, _NOTIFY_LINES = 25, 20_000  # of more the rest is counted
_MAIL = WantedEvents(frozenset({EventKind.ENTER}), 1, 1)


class RoadEnd(Protocol):
    """The end of a road."""

    @property
    def wanted(self) -> WantedEvents:
        """Events that are told."""
        ...

    def plan(self, waiting: Waiting) -> Plan:
        """The next message of what waits."""
        ...

    async def send(self, message: Outgoing) -> SendOutcome:
        """Send a message."""
        ...


@dataclass(frozen=True, slots=True)
class Senders:
    """Everything by which messages leave this process."""

    hooks: HookPoster
    services: NotifySender
    mail: MailSender


def end_of(config: Config, road: ConfiguredRoad, senders: Senders) -> RoadEnd:
    """The end of a configured road."""
    key, output, settings = road.wanted.key, road.output, road.settings
    title = choices.output_title(config.settings, output) if output is not None else ""
    base = id_base(config.settings)
    if isinstance(settings, WebhookSettings):
        return WebhookEnd(settings, key, base, road.url, senders.hooks)
    if isinstance(settings, NotificationSettings):
        zone = ZoneInfo(settings.timezone or config.settings.timezone)
        quiet = parse_quiet_hours(settings.quiet)
        cap = parse_quota(settings.max)
        terms = NotifyTerms(cap, quiet, zone, settings.alarms_in_quiet)
        template = Template(settings.title, settings.body, title)
        wanted = WantedEvents(
            frozenset({EventKind.ENTER}), _NOTIFY_ITEMS, _NOTIFY_LINES, settings.max_age
        )
        return NotifyEnd(wanted, template, terms, road.url, senders.services)
    smtp = config.settings.smtp
    head = MailHead(settings.name, smtp.sender, settings.to, settings.unsubscribe)
    return MailEnd(head, title, key, base, lambda: senders.mail.to(smtp))


@dataclass(frozen=True, slots=True)
class WebhookEnd:
    """An address that is told, after Standard Webhooks."""

    settings: WebhookSettings
    key: RoadKey
    id_base: str
    url: str
    hooks: HookPoster

    @property
    def wanted(self) -> WantedEvents:
        """See :class:`RoadEnd`."""
        settings = self.settings
        kinds = frozenset(settings.events)
        return WantedEvents(kinds, _HOOK_LINES, _HOOK_LINES, settings.max_age)

    def plan(self, waiting: Waiting) -> Plan:
        """See :class:`RoadEnd`."""
        return plan_batch(waiting, self.settings.batch)

    async def send(self, message: Outgoing) -> SendOutcome:
        """See :class:`RoadEnd`."""
        plan, now = message.plan, message.now
        is_batch = self.settings.batch > 1 or len(plan.events) > 1
        body = webhook_body(self.key.output, plan.events, batch=is_batch)
        keys = [webhook_key(one.get_secret_value()) for one in self.settings.secret]
        uid = message_id(self.id_base, self.key, message.epoch, plan.upto)
        fields = signed_headers(keys, uid, now, body)
        return await self.hooks.post_hook(self.url, fields, body, self.settings.timeout)


@dataclass(frozen=True, slots=True)
class NotifyEnd:
    """A service that tells people."""

    wanted: WantedEvents
    template: Template
    terms: NotifyTerms
    url: str
    services: NotifySender

    def plan(self, waiting: Waiting) -> Plan:
        """See :class:`RoadEnd`."""
        return self.terms.plan(waiting)

    async def send(self, message: Outgoing) -> SendOutcome:
        """See :class:`RoadEnd`."""
        plan = message.plan
        if len(plan.events) == 1 and not plan.beyond:
            said = one_event(plan.events[0], self.template)
        else:
            said = summary_of(plan.events, self.template, plan.beyond)
        return await self.services.notify(self.url, said)


@dataclass(frozen=True, slots=True)
class MailEnd:
    """People who get editions, or alarms, as mail."""

    head: MailHead
    title: str
    key: RoadKey
    id_base: str
    server: Callable[[], MailSender]
    wanted: WantedEvents = _MAIL

    def plan(self, waiting: Waiting) -> Plan:
        """See :class:`RoadEnd`: an edition a message, and alarms together."""
        return plan_all(waiting) if waiting.left[0].edition is None else plan_one(waiting)

    async def send(self, message: Outgoing) -> SendOutcome:
        """See :class:`RoadEnd`."""
        plan, first = message.plan, message.plan.events[0]
        if first.edition is not None and first.item is not None:
            mail = edition_mail(self.head, first.edition, first.item, self.title)
        else:
            uid = message_id(self.id_base, self.key, message.epoch, plan.upto)
            mail = alarm_mail(self.head, alarm_text(plan.events), uid, plan.at or message.now)
        return await self.server().send(mail)
