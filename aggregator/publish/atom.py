"""Atom 1.0 (RFC 4287)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aggregator.model import Item, OutputFeed, OutputFormat, Person
from aggregator.publish import formatting, paging_links, particulars
from aggregator.publish.fragments import Fragments, written
from aggregator.publish.hub_links import add_hubs
from aggregator.publish.uris import uri
from aggregator.publish.xmltree import (
    AGGREGATOR,
    ATOM,
    EXTENSIONS,
    MEDIA,
    XML_LANG,
    Element,
    child,
    inner,
    root,
    serialise,
    with_items,
)

_A = f"{{{ATOM}}}"
_BEGIN, _END = b">\n", b"</feed>\n"  # between them the entries stand


def render_atom(output: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """``output`` as an Atom 1.0 document; equal outputs give equal bytes."""
    feed = _root(paging_links.namespaces(output))
    language = formatting.common_language(output.items)
    if language:
        feed.set(XML_LANG, language)
    child(feed, f"{_A}id", formatting.feed_id(output))
    child(feed, f"{_A}title", formatting.title(output))
    description = formatting.text(output.description)
    if description:
        child(feed, f"{_A}subtitle", description)
    child(feed, f"{_A}updated", formatting.rfc3339(output.updated))
    child(
        feed,
        f"{_A}link",
        rel="self",
        type=FORMAT.media_type,
        href=formatting.self_link(output, FORMAT.name),
    )
    add_hubs(feed, output)
    child(feed, f"{_A}link", rel="alternate", type="text/html", href=formatting.home_link(output))
    child(feed, f"{_A}generator", formatting.GENERATOR)
    paging_links.add_paging(feed, output, FORMAT)
    entries = [written(FORMAT.name, item, _fragment, fragments) for item in output.items]
    return with_items(serialise(feed, formatting.stylesheet(output)), entries, _END)


def _root(more: Mapping[str | None, str] = MappingProxyType({})) -> Element:
    known: dict[str | None, str] = {None: ATOM}
    return root(f"{_A}feed", known | EXTENSIONS | dict(more))


def _fragment(item: Item) -> bytes:
    feed = _root()
    _entry(feed, item)
    return inner(feed, _BEGIN, _END)


def _entry(feed: Element, item: Item) -> None:
    entry = child(feed, f"{_A}entry")
    language = formatting.language(item.language)
    if language:
        entry.set(XML_LANG, language)
    child(entry, f"{_A}id", uri(item.id))
    child(entry, f"{_A}title", formatting.headline(item))
    if item.published is not None:
        child(entry, f"{_A}published", formatting.rfc3339(item.published))
    child(entry, f"{_A}updated", formatting.rfc3339(item.updated))
    for name in formatting.credited(item):
        _person(child(entry, f"{_A}author"), particulars.person_of(item, name))
    for one in item.details.contributors:
        _person(child(entry, f"{_A}contributor"), one)
    _categories(entry, item)
    _links(entry, item)
    _texts(entry, item)
    if formatting.text(item.details.rights):
        child(entry, f"{_A}rights", item.details.rights)
    _source(entry, item)
    particulars.add_extensions(entry, item)
    image = formatting.link(item.image)
    if image:
        child(entry, f"{{{MEDIA}}}thumbnail", url=image)
    origin = formatting.text_origin(item)
    if origin is not None:
        child(entry, f"{{{AGGREGATOR}}}text", **origin)


def _person(element: Element, person: Person) -> None:
    child(element, f"{_A}name", formatting.text(person.name))
    url = formatting.link(person.url)
    if url:
        child(element, f"{_A}uri", url)
    if person.email:
        child(element, f"{_A}email", person.email)


def _categories(entry: Element, item: Item) -> None:
    topics = {formatting.text(one.name): one for one in item.details.topics}
    for name in formatting.texts(item.categories):
        topic = topics.get(name)
        term = formatting.text(topic.term) if topic else ""
        child(
            entry,
            f"{_A}category",
            term=term or name,
            scheme=formatting.name_uri(topic.scheme) if topic else None,
            label=name if term and term != name else None,
        )


def _links(entry: Element, item: Item) -> None:
    # No type on the alternate: §4.1.2 allows one alternate per type, and nobody told us the type.
    url = formatting.link(item.url)
    if url:
        child(entry, f"{_A}link", rel="alternate", href=url)
    for enclosure, href in formatting.attachments(item):
        length = formatting.size(enclosure)
        child(
            entry,
            f"{_A}link",
            rel="enclosure",
            type=formatting.media_type(enclosure.media_type),
            length=None if length is None else str(length),
            href=href,
        )
    for name, url in formatting.related(item):
        child(entry, f"{_A}link", rel="related", title=name or None, href=url)
    particulars.add_links(entry, item)


def _texts(entry: Element, item: Item) -> None:
    """Summary and content. An entry without content must have an alternate link (§4.1.2)."""
    if formatting.text(item.summary):
        child(entry, f"{_A}summary", item.summary)
    if formatting.text(item.content_html):
        child(entry, f"{_A}content", item.content_html, type="html")
    elif formatting.link(item.url) is None:
        child(entry, f"{_A}content", item.summary, type="text")


def _source(entry: Element, item: Item) -> None:
    """The feed that the entry was copied from (§4.2.11): where a planet copied it, that of the blog.

    Its address stands in for its id, which is not known; without a date of its own, the entry's
    is used, so that an entry's bytes do not change because its feed was polled.
    """
    source = child(entry, f"{_A}source")
    origin = item.details.origin
    own_url = uri(item.source.feed_url)
    feed_url = uri(origin.feed_url) if origin else own_url
    site = formatting.link(origin.site_url if origin else item.source.site_url)
    identity = (formatting.name_uri(origin.id) if origin else None) or feed_url or site or own_url
    child(source, f"{_A}id", identity)
    title = formatting.text(origin.title) if origin else ""
    child(source, f"{_A}title", title or formatting.source_name(item))
    child(source, f"{_A}updated", formatting.rfc3339(item.source.updated or item.updated))
    if formatting.link(feed_url):
        child(source, f"{_A}link", rel="self", href=feed_url)
    if site:
        child(source, f"{_A}link", rel="alternate", href=site)


FORMAT = OutputFormat(
    "atom", "Atom", "application/atom+xml", render_atom, b"</entry>\n", "utf-8", in_fragments=True
)
