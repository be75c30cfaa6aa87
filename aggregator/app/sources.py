"""The sources of an output as OPML, as far as its readers may know them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.opml_export import Outline, outlines_opml
from aggregator.config.settings import OutputSettings
from aggregator.model import FeedStatus


def source_keys(config: Config, output: OutputSettings) -> Sequence[str]:
    """Keys of the feeds that ``output`` may show, in their order."""
    selection = choices.selections(config)[output.name]
    return sorted(
        one.key
        for one in config.feeds
        if selection.has(one.key) and one.key not in selection.hidden
    )


def sources_of(
    config: Config, output: OutputSettings, feeds: Iterable[FeedStatus]
) -> Iterator[Outline]:
    """Outlines of those of ``feeds`` that ``output`` shows, as far as its readers may know them.

    A private feed is among them only with its `public_url`: without that, nobody could read it by what may
    be told. Tags, schedules and options are the operator's own matter.
    """
    selection = choices.selections(config)[output.name]
    categories = choices.categories(config)
    for feed in feeds:
        if not selection.has(feed.key) or feed.key in selection.hidden:
            continue
        known = selection.disclosure(feed.key)
        if known.private and not known.public_url:
            continue
        title = "" if feed.title in {feed.key, feed.url} else known.text(feed.title)
        if url := known.feed_url(feed.url, None):
            yield Outline(url, title, tuple(categories.get(feed.key, ())))


def sources_opml(config: Config, output: OutputSettings, sources: Iterable[Outline]) -> bytes:
    """An OPML document of these sources of ``output``."""
    return outlines_opml(choices.output_title(config.settings, output), sources)
