"""Feeds behind an item: the one that it is shown from, and the others that told its story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from aggregator.model import Origin, Related, Selection, Source
from aggregator.privacy.public import PublicUrl
from aggregator.urls import canonical, host_of


def source_of(row: Row[Any], selection: Selection) -> Source:
    """The entry's feed, as far as subscribers may know it."""
    told = selection.disclosure(row.feed_key)
    return Source(
        title=_title(row, selection),
        feed_url=told.feed_url(row.feed_url, row.site_url),
        site_url=told.link(row.site_url),
    )


def other_feeds(
    rows: Sequence[Row[Any]], shown: Row[Any], origin: Origin | None, selection: Selection
) -> tuple[Related, ...]:
    """The story's other links, each with its feed; then the feeds that have no link of their own.

    Those link to the page that ``shown`` links to, or that another feed is named with. Neither the
    feed that is shown nor the ``origin`` that it copied the entry from is named beside itself.
    """
    others = [row for row in rows if row.feed_id != shown.feed_id]
    own, own_page = _page(shown), _link(shown, selection)
    linked: dict[str, Row[Any]] = {}
    for row in others:
        link = _link(row, selection)
        if link is not None and _page(row) != own and link != own_page:
            linked.setdefault(link, row)
    named = {row.feed_id for row in linked.values()}
    source = source_of(shown, selection)
    rest = {
        row.feed_id: source_of(row, selection)
        for row in others
        if row.feed_id not in named and not _is_origin(origin, row)
    }
    # Two feeds of one site under one name tell readers nothing.
    told = dict.fromkeys(
        Related(one.title, None, one.feed_url, one.site_url)
        for one in rest.values()
        if (one.title, one.site_url) != (source.title, source.site_url)
    )
    return (*(_with_link(link, source_of(row, selection)) for link, row in linked.items()), *told)


def _with_link(link: str, source: Source) -> Related:
    return Related(source.title, link, source.feed_url, source.site_url)


def _page(row: Row[Any]) -> str | None:
    """Where the entry links to, without trackers."""
    return canonical(row.url) if row.url else None


def _link(row: Row[Any], selection: Selection) -> PublicUrl | None:
    return selection.disclosure(row.feed_key).link(_page(row))


def _is_origin(origin: Origin | None, row: Row[Any]) -> bool:
    """Whether the feed is the one that a planet says it copied the entry from."""
    if origin is None:
        return False
    said = {canonical(url) for url in (origin.feed_url, origin.id, origin.site_url) if url}
    return any(canonical(url) in said for url in (row.feed_url, row.site_url) if url)


def _title(row: Row[Any], selection: Selection) -> str:
    """The operator's name for the feed, else its own, else its address; of a private feed its site's host."""
    told = selection.disclosure(row.feed_key)
    name = selection.titles.get(row.feed_key) or told.text(row.feed_title or "")
    if name:
        return name
    address = told.feed_url(row.feed_url, row.site_url)
    return host_of(address) if told.private else address
