"""Feed documents: RSS 2.0, Atom 1.0 (RFC 4287), RSS 1.0 (RDF) and JSON Feed 1.1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from aggregator.demo.pages import content_html
from aggregator.demo.sites import Site
from aggregator.demo.stories import Posting

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render(site: Site, base_url: str, postings: Sequence[Posting], updated: datetime) -> bytes:
    """The feed of ``site`` that lists ``postings``, newest first; ``updated`` is its last change."""
    if site.feed_format == "json":
        return _json(site, base_url, postings)
    documents = {"rss": _rss, "atom": _atom, "rdf": _rdf}
    root = documents[site.feed_format](site, base_url, postings, updated)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def truncated(document: bytes) -> bytes:
    """An XML feed whose second half was lost on the way, in the middle of an entry's summary."""
    middle = document.find(b"<summary", len(document) // 2)
    return document[: middle + 40 if middle > 0 else len(document) // 2]


def _rss(
    site: Site, base_url: str, postings: Sequence[Posting], updated: datetime
) -> etree._Element:
    root = etree.Element("rss", version="2.0", nsmap={"atom": ATOM, "content": CONTENT, "dc": DC})
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", site.title)
    _add(channel, "link", f"{base_url}/")
    _add(channel, "description", site.tagline)
    _add(channel, "language", site.language)
    _add(channel, "lastBuildDate", _rfc822(updated))
    _add(
        channel,
        f"{{{ATOM}}}link",
        rel="self",
        type=site.feed_media_type,
        href=base_url + site.feed_path,
    )
    for posting in postings:
        prose = posting.story.prose
        item = etree.SubElement(channel, "item")
        _add(item, "title", prose.title)
        _add(item, "link", posting.link)
        _add(item, "guid", posting.guid, isPermaLink="false")
        _add(item, f"{{{DC}}}creator", prose.author)
        for tag in prose.tags:
            _add(item, "category", tag)
        _add(item, "pubDate", _rfc822(posting.story.published))
        _add(item, f"{{{ATOM}}}updated", _rfc3339(posting.story.updated))
        _add(item, "description", f"<p>{_escaped(prose.summary)}</p>")
        if site.full_text:
            _add(item, f"{{{CONTENT}}}encoded", content_html(posting))
        _add(item, "enclosure", url=posting.image_url, type="image/png", length="0")
    return root


def _atom(
    site: Site, base_url: str, postings: Sequence[Posting], updated: datetime
) -> etree._Element:
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_default(ATOM))
    root.set(XML_LANG, site.language)
    feed_url = base_url + site.feed_path
    _add(root, f"{{{ATOM}}}id", f"tag:{site.key}.example,2024:feed")
    _add(root, f"{{{ATOM}}}title", site.title)
    _add(root, f"{{{ATOM}}}subtitle", site.tagline)
    _add(root, f"{{{ATOM}}}updated", _rfc3339(updated))
    _add(root, f"{{{ATOM}}}link", rel="self", type=site.feed_media_type, href=feed_url)
    _add(root, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=f"{base_url}/")
    for posting in postings:
        prose = posting.story.prose
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        _add(entry, f"{{{ATOM}}}id", posting.guid)
        _add(entry, f"{{{ATOM}}}title", prose.title)
        _add(entry, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=posting.link)
        author = etree.SubElement(entry, f"{{{ATOM}}}author")
        _add(author, f"{{{ATOM}}}name", prose.author)
        for tag in prose.tags:
            _add(entry, f"{{{ATOM}}}category", term=tag)
        _add(entry, f"{{{ATOM}}}published", _rfc3339(posting.story.published))
        _add(entry, f"{{{ATOM}}}updated", _rfc3339(posting.story.updated))
        _add(entry, f"{{{ATOM}}}summary", prose.summary)
        if site.full_text:
            _add(entry, f"{{{ATOM}}}content", content_html(posting), type="html")
    return root


def _rdf(
    site: Site, base_url: str, postings: Sequence[Posting], updated: datetime
) -> etree._Element:
    root = etree.Element(
        f"{{{RDF}}}RDF", nsmap=_default(RSS1) | {"rdf": RDF, "dc": DC, "dcterms": DCTERMS}
    )
    about = f"{{{RDF}}}about"
    channel = etree.SubElement(root, f"{{{RSS1}}}channel", {about: base_url + site.feed_path})
    _add(channel, f"{{{RSS1}}}title", site.title)
    _add(channel, f"{{{RSS1}}}link", f"{base_url}/")
    _add(channel, f"{{{RSS1}}}description", site.tagline)
    _add(channel, f"{{{DC}}}language", site.language)
    _add(channel, f"{{{DC}}}date", _rfc3339(updated))
    items = etree.SubElement(channel, f"{{{RSS1}}}items")
    sequence = etree.SubElement(items, f"{{{RDF}}}Seq")
    for posting in postings:
        etree.SubElement(sequence, f"{{{RDF}}}li", {f"{{{RDF}}}resource": posting.guid})
    for posting in postings:
        prose = posting.story.prose
        item = etree.SubElement(root, f"{{{RSS1}}}item", {about: posting.guid})
        _add(item, f"{{{RSS1}}}title", prose.title)
        _add(item, f"{{{RSS1}}}link", posting.link)
        _add(item, f"{{{RSS1}}}description", prose.summary)
        _add(item, f"{{{DC}}}creator", prose.author)
        for tag in prose.tags:
            _add(item, f"{{{DC}}}subject", tag)
        _add(item, f"{{{DCTERMS}}}issued", _rfc3339(posting.story.published))
        _add(item, f"{{{DC}}}date", _rfc3339(posting.story.updated))
    return root


def _json(site: Site, base_url: str, postings: Sequence[Posting]) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "description": site.tagline,
        "home_page_url": f"{base_url}/",
        "feed_url": base_url + site.feed_path,
        "language": site.language,
        "items": [_json_item(site, posting) for posting in postings],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _json_item(site: Site, posting: Posting) -> dict[str, object]:
    prose = posting.story.prose
    item: dict[str, object] = {
        "id": posting.guid,
        "url": posting.link,
        "title": prose.title,
        "summary": prose.summary,
        "image": posting.image_url,
        "date_published": _rfc3339(posting.story.published),
        "date_modified": _rfc3339(posting.story.updated),
        "authors": [{"name": prose.author}],
        "tags": list(prose.tags),
    }
    if site.full_text:
        item["content_html"] = content_html(posting)
    else:
        item["content_text"] = prose.summary
    return item


def _default(namespace: str) -> dict[str, str]:
    """A namespace map whose default is ``namespace``."""
    return {None: namespace}  # type: ignore[dict-item]  # the stubs forget that None is the default


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> None:
    etree.SubElement(parent, tag, attributes).text = text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
