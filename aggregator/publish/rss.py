"""RSS 2.0, as the RSS Advisory Board's specification and best practices profile have it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from types import MappingProxyType

from aggregator.model import Item, OutputFeed, OutputFormat, Relation
from aggregator.publish import formatting, paging_links, particulars
from aggregator.publish.fragments import Fragments, written
from aggregator.publish.hub_links import add_hubs
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import (
    AGGREGATOR,
    ATOM,
    CONTENT,
    DC,
    EXTENSIONS,
    MEDIA,
    Element,
    child,
    inner,
    root,
    serialise,
    with_items,
)
from aggregator.sanitize.policy import ID_PREFIX

_BEGIN, _END = b"<channel>\n", b"  </channel>\n</rss>\n"  # between them the items stand
# Quotes and signs of markup are escaped in sanitized values; before the publisher's own name stands our prefix.
_INNER = re.compile(rf'(<a [^<>]*?href=")#{ID_PREFIX}(?:[0-9a-f]{{8}}-)?([^"<>]*)"')


def render_rss(output: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """``output`` as an RSS 2.0 document; equal outputs give equal bytes."""
    rss = _root(paging_links.namespaces(output))
    rss.set("version", "2.0")
    channel = child(rss, "channel")
    title = formatting.title(output)
    child(channel, "title", title)
    child(channel, "link", formatting.home_link(output))
    child(channel, "description", formatting.text(output.description) or title)
    language = formatting.common_language(output.items)
    if language:
        child(channel, "language", language)
    child(channel, "lastBuildDate", _rfc822(output.updated))
    child(channel, "generator", formatting.GENERATOR)
    child(
        channel,
        f"{{{ATOM}}}link",
        rel="self",
        type=FORMAT.media_type,
        href=formatting.self_link(output, FORMAT.name),
    )
    add_hubs(channel, output)
    paging_links.add_paging(channel, output, FORMAT)
    items = [written(FORMAT.name, item, _fragment, fragments) for item in output.items]
    return with_items(serialise(rss, formatting.stylesheet(output)), items, _END)


def _root(more: Mapping[str | None, str] = MappingProxyType({})) -> Element:
    known: dict[str | None, str] = {"atom": ATOM, "content": CONTENT, "dc": DC}
    return root("rss", known | EXTENSIONS | dict(more))


def _fragment(item: Item) -> bytes:
    rss = _root()
    _item(child(rss, "channel"), item)
    return inner(rss, _BEGIN, _END)


def _item(channel: Element, item: Item) -> None:
    element = child(channel, "item")
    if formatting.text(item.title):
        child(element, "title", formatting.text(item.title))
    url = formatting.link(item.url)
    if url:
        child(element, "link", url)
    child(element, "guid", item.id, isPermaLink="false")
    if item.published is not None:
        child(element, "pubDate", _rfc822(item.published))
    if item.published is None or item.updated > item.published:
        child(element, f"{{{ATOM}}}updated", formatting.rfc3339(item.updated))
    _people(element, item)
    schemes = {formatting.text(one.name): one.scheme for one in item.details.topics}
    for category in formatting.texts(item.categories):
        child(
            element, "category", category, domain=formatting.text(schemes.get(category, "")) or None
        )
    _texts(element, item)
    _media(element, item)
    for name, href in formatting.related(item):
        child(element, f"{{{ATOM}}}link", rel="related", title=name or None, href=href)
    particulars.add_links(element, item)
    _discussion(element, item)
    _source(element, item)
    particulars.add_extensions(element, item)
    if formatting.text(item.details.rights):
        child(element, f"{{{DC}}}rights", item.details.rights)
    language = formatting.language(item.language)
    if language:
        child(element, f"{{{DC}}}language", language)
    origin = formatting.text_origin(item)
    if origin is not None:
        child(element, f"{{{AGGREGATOR}}}text", **origin)


def _people(element: Element, item: Item) -> None:
    """``author`` is a mail address and there is one; otherwise ``dc:creator``, which is a name."""
    names = formatting.credited(item)
    only = particulars.person_of(item, names[0])
    if len(names) == 1 and only.email:
        same = only.name == only.email
        child(
            element,
            "author",
            only.email if same else f"{only.email} ({formatting.text(only.name)})",
        )
    else:
        for name in names:
            child(element, f"{{{DC}}}creator", name)
    for one in item.details.contributors:
        child(element, f"{{{DC}}}contributor", formatting.text(one.name))


def _discussion(element: Element, item: Item) -> None:
    """``comments`` is a page, and there is one."""
    for one, url in particulars.links(item, Relation.REPLIES):
        if one.media_type in ("", "text/html", "application/xhtml+xml"):
            child(element, "comments", url)
            return


def _source(element: Element, item: Item) -> None:
    """The feed that the item was copied from: where a planet copied it, that of the blog."""
    origin = item.details.origin
    url = (formatting.link(origin.feed_url) or formatting.link(origin.site_url)) if origin else None
    if origin and url:
        child(
            element,
            "source",
            formatting.text(origin.title) or formatting.source_name(item),
            url=url,
        )
    else:
        child(
            element,
            "source",
            formatting.source_name(item),
            url=uri(item.source.feed_url),
        )


def _texts(element: Element, item: Item) -> None:
    """``description`` is HTML, so the plain summary is escaped once more; it stands first.

    An item must have a title or a description, and a description where it has ``content:encoded``.
    """
    content = formatting.text(item.content_html)
    if formatting.text(item.summary) or content or not formatting.text(item.title):
        child(element, "description", escape(item.summary, quote=False))
    if content:
        child(element, f"{{{CONTENT}}}encoded", _with_absolute_links(content, item))


def _with_absolute_links(html: str, item: Item) -> str:
    """Sanitized ``html`` whose links within it lead to the same place of the item's page.

    RSS has no base that relative links could be resolved against; readers take any.
    """
    page = formatting.link(item.url)
    if page is None or 'href="#' not in html:
        return html
    here = escape(page.partition("#")[0])
    return _INNER.sub(lambda found: f'{found[1]}{here}#{found[2]}"', html)


def _media(element: Element, item: Item) -> None:
    """The first enclosure as ``enclosure`` (readers understand one), the others as Media RSS.

    All three attributes of ``enclosure`` are required: an unknown length is 0, as the profile
    says.
    """
    for position, (enclosure, url) in enumerate(formatting.attachments(item)):
        kind = formatting.media_type(enclosure.media_type)
        length = formatting.size(enclosure)
        if position == 0:
            child(
                element,
                "enclosure",
                url=url,
                length=str(length or 0),
                type=kind or formatting.UNKNOWN_TYPE,
            )
        else:
            file_size = None if length is None else str(length)
            child(element, f"{{{MEDIA}}}content", url=url, fileSize=file_size, type=kind)
    image = formatting.link(item.image)
    if image:
        child(element, f"{{{MEDIA}}}thumbnail", url=image)


def _rfc822(moment: datetime) -> str:
    """``Mon, 23 Nov 2026 18:00:00 GMT`` (RFC 822 with a four-digit year)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


FORMAT = OutputFormat(
    "rss", "RSS", "application/rss+xml", render_rss, b"</item>\n", "utf-8", in_fragments=True
)
