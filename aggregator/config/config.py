"""The configuration as the rest of the program sees it: valid, complete, and described in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from aggregator.config.own_address import is_known, own_base
from aggregator.config.schema import nearest
from aggregator.config.settings import FeedSettings, OutputSettings, Settings
from aggregator.config.site_rules import RuleFolder
from aggregator.model import OutputOrder
from aggregator.privacy.masking import masked

T = TypeVar("T")
_FIRST = {
    OutputOrder.PUBLISHED: "newest",
    OutputOrder.DISCOVERED: "last found",
    OutputOrder.SOURCES: "most told",
}


@dataclass(frozen=True, slots=True)
class Config:
    """Configuration as the operator wrote it.

    ``feeds`` are all subscriptions, those of the TOML file first, then those of the OPML files,
    each in its file's order; every ``url`` is a :func:`~aggregator.config.values.feed_address`, and
    no two have one ``key``. ``settings.feeds`` holds the same. ``path`` is None for built-in defaults.
    """

    settings: Settings
    path: Path | None = None
    feeds: tuple[FeedSettings, ...] = ()
    warnings: tuple[str, ...] = ()
    listed_at: Mapping[str, str] = field(default_factory=dict)  # feed key → its reading list
    rule_places: tuple[str, ...] = ()  # FILE:LINE of each of the rules
    _by_key: Mapping[str, FeedSettings] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _kept: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    # Read again with every reload.
    rules: RuleFolder | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        by_key = MappingProxyType({feed.key: feed for feed in self.feeds})
        object.__setattr__(self, "_by_key", by_key)
        if self.settings.extract.rules:
            object.__setattr__(self, "rules", RuleFolder(Path(self.settings.extract.rules)))

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """A value that ``make`` derives from this configuration, once: with many feeds it costs much."""
        if name not in self._kept:
            self._kept[name] = make()
        made: T = self._kept[name]
        return made

    def feed(self, key: str) -> FeedSettings | None:
        """The subscription whose identity is ``key``."""
        return self._by_key.get(key)


def warnings_about(settings: Settings, feeds: tuple[FeedSettings, ...]) -> Iterator[str]:
    """Warnings about what is allowed and yet probably not meant."""
    if not feeds:
        yield "no feeds are configured; add one with `aggregator feeds add URL`"
    if not is_known(settings):
        yield (
            f"`base_url` is not set and cannot be known: feeds and files say {own_base(settings)}; "
            'add the address that readers use: base_url = "http://HOST:PORT"'
        )
    if settings.publish.after and not settings.publish.directory:
        yield "`publish.after` is never run, since no files are written: set `publish.directory`"
    categories = {category for feed in feeds for category in feed.categories}
    tags = {tag for feed in feeds for tag in feed.tags}
    for output in settings.outputs:
        yield from _unmatched(output, "category", output.categories, categories)
        yield from _unmatched(output, "tag", output.tags, tags)


def _unmatched(
    output: OutputSettings, kind: str, wanted: tuple[str, ...], known: set[str]
) -> Iterator[str]:
    for value in wanted:
        if value not in known:
            near = nearest(value, sorted(known))
            guess = f"; did you mean `{near}`?" if near else ""
            yield f"output `{output.name}`: no feed has the {kind} `{value}`{guess}"


def describe(config: Config) -> list[str]:
    """The configuration in a few lines for people: what ``aggregator config check`` prints."""
    settings = config.settings
    categories = Counter(
        name for feed in config.feeds for name in feed.categories or ("no category",)
    )
    spread = ", ".join(f"{name} {count}" for name, count in sorted(categories.items()))
    lines = [
        f"config: {config.path or 'built-in defaults'}",
        f"feeds: {len(config.feeds)}" + (f" ({spread})" if spread else ""),
        *(
            f"output {output.name}: {_shown(output)} as {', '.join(output.formats)}"
            for output in settings.outputs
        ),
        f"database: {masked(settings.database.url, is_url=True)}",
        f"files: {settings.publish.directory or 'none'}",
    ]
    server = settings.server
    address = f"{own_base(settings)}, listening on {server.host} port {server.port}"
    return [*lines, f"server: {address if server.enabled else 'off'}"]


def _shown(output: OutputSettings) -> str:
    if output.digest:
        return f"latest {output.limit} editions, made at `{output.digest}`,"
    return f"{_FIRST[output.order]} {output.limit} stories"
