"""The sources of an output as OPML, as far as its readers may know them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.opml_export import export_opml
from aggregator.config.settings import FeedSettings, OutputSettings
from aggregator.model import FeedStatus


def sources_opml(config: Config, output: OutputSettings, feeds: Iterable[FeedStatus]) -> bytes:
    """An OPML document of those of ``feeds`` that ``output`` shows.

    A private feed is in it only with its `public_url`: without that, nobody could read it by what may
    be told. Tags, schedules and options are the operator's own matter.
    """
    told = list(_told(config, output, feeds))
    return export_opml(choices.output_title(config.settings, output), told, {}).encode()


def _told(
    config: Config, output: OutputSettings, feeds: Iterable[FeedStatus]
) -> Iterator[FeedSettings]:
    selection = choices.selection(config, output)
    for feed in feeds:
        belongs = selection.has(feed.key)
        if not belongs or feed.key in selection.hidden:
            continue
        known = selection.disclosure(feed.key)
        if known.private and not known.public_url:
            continue
        title = "" if feed.title in {feed.key, feed.url} else known.text(feed.title)
        if url := known.feed_url(feed.url, None):
            yield FeedSettings(url=url, title=title, categories=feed.categories)
