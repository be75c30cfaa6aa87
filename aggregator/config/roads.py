"""Roads that the configuration asks for: one for each section, output and address of a service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from aggregator.config.config import Config
from aggregator.config.settings import (
    MailSettings,
    NotificationSettings,
    OutputSettings,
    WebhookSettings,
)
from aggregator.model import RoadKey, RoadKind, RoadSource, WantedRoad

RoadSettings = WebhookSettings | NotificationSettings | MailSettings


@dataclass(frozen=True, slots=True)
class ConfiguredRoad:
    """A road as it is configured. ``output`` None: alarms; ``url``: where it leads, a secret."""

    wanted: WantedRoad
    settings: RoadSettings
    output: OutputSettings | None
    url: str


def roads_of(config: Config) -> dict[RoadKey, ConfiguredRoad]:
    """The roads of ``config``, by key."""
    return config.kept("roads", lambda: {one.wanted.key: one for one in _roads(config)})


def has_alarms(config: Config) -> bool:
    """True where somebody is told of alarms."""
    return any(key.output == "" for key in roads_of(config))


def _roads(config: Config) -> Iterator[ConfiguredRoad]:
    settings = config.settings
    for hook in settings.webhooks:
        yield from _of(config, RoadKind.WEBHOOK, hook, hook.name, hook.url.get_secret_value())
    for service in settings.notifications:
        for number, secret in enumerate(service.url, start=1):
            # Each service has a place of its own, so that one that fails holds up no other.
            name = service.name if number == 1 else f"{service.name}.{number}"
            yield from _of(config, RoadKind.NOTIFICATION, service, name, secret.get_secret_value())
    for mail in settings.mails:
        server = f"{settings.smtp.host}:{settings.smtp.port}"
        yield from _of(config, RoadKind.MAIL, mail, mail.name, " ".join((*mail.to, server)))


def _of(
    config: Config, kind: RoadKind, settings: RoadSettings, name: str, url: str
) -> Iterator[ConfiguredRoad]:
    by_name = {one.name: one for one in config.settings.outputs}
    target = sha256(url.encode()).hexdigest()[:32]
    from_start = isinstance(settings, WebhookSettings) and settings.begin == "start"
    for output in (by_name[one] for one in dict.fromkeys(settings.output)):
        source = RoadSource.EDITIONS if output.digest else RoadSource.LOG
        key = RoadKey(kind, name, output.name)
        wanted = WantedRoad(key, source, output.aliases, None, from_start, target)
        yield ConfiguredRoad(wanted, settings, output, url)
    if not isinstance(settings, WebhookSettings) and settings.alarms:
        wanted = WantedRoad(RoadKey(kind, name, ""), RoadSource.ALARMS, target=target)
        yield ConfiguredRoad(wanted, settings, None, url)
