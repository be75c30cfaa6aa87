"""Rules of feed validators that do not follow from a schema: what W3C's calls errors in RSS 2.0, Atom and JSON Feed.

RSS 2.0 and the RSS Advisory Board's profile, RFC 4287, JSON Feed 1.1, RFC 4685, GeoRSS Simple, Media RSS, Apple's and
the Podcast Index's podcast elements, as far as outputs use them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

_PCT, _UNRESERVED, _SUB = "%[0-9A-Fa-f]{2}", r"A-Za-z0-9._~\-", r"!$&'()*+,;="
_PCHAR = rf"(?:[{_UNRESERVED}{_SUB}:@]|{_PCT})"
# RFC 3986 appendix A, with a scheme.
URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?://(?:(?:[{_UNRESERVED}{_SUB}:]|{_PCT})*@)?(?:\[[0-9A-Fa-f:.]+\]|(?:[{_UNRESERVED}{_SUB}]|{_PCT})*)(?::\d*)?(?=[/?#]|\Z))?"
    rf"(?:{_PCHAR}|/)*(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
)
LANGUAGE = re.compile(
    r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?(?:-(?:[a-z]{5,8}|\d[a-z\d]{3}))*"
)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_RFC_822 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?:0[1-9]|[12]\d|3[01]) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?:19|20)\d\d \d\d:\d\d:\d\d GMT"
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_NUMBER = re.compile(r"\d+")
_POSITIVE = re.compile(r"0*[1-9]\d*")
_DURATION = re.compile(r"(?:\d+:)?(?:\d{1,2}:)?\d+")
_REGISTERED = {
    "alternate",
    "current",
    "enclosure",
    "hub",
    "next",
    "prev-archive",
    "related",
    "replies",
    "self",
    "via",
}
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")

_NAMESPACES = {
    "http://www.w3.org/2005/Atom": "atom", "http://purl.org/rss/1.0/modules/content/": "content", "http://purl.org/dc/elements/1.1/": "dc",
    "http://search.yahoo.com/mrss/": "media", "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes", "https://podcastindex.org/namespace/1.0": "podcast",
    "http://podlove.org/simple-chapters": "psc", "http://purl.org/syndication/thread/1.0": "thr", "http://www.georss.org/georss": "georss",
    "http://purl.org/syndication/history/1.0": "fh", "http://purl.org/atompub/tombstones/1.0": "at",
}  # fmt: skip
# Elements that may stand several times beside each other; all others once.
_SEVERAL = {"item", "category", "dc:creator", "dc:contributor", "atom:link", "media:content", "podcast:transcript", "thr:in-reply-to",
            "author", "contributor", "link", "entry", "psc:chapter", "georss:point", "georss:line", "georss:polygon", "georss:box", "at:deleted-entry"}  # fmt: skip
_IN_ITEM = {
    "title",
    "link",
    "description",
    "author",
    "category",
    "comments",
    "enclosure",
    "guid",
    "pubDate",
    "source",
}
_IN_CHANNEL = {"title", "link", "description", "language", "lastBuildDate", "generator", "item"}


def faults(document: bytes) -> list[str]:
    """What is wrong with a feed, each as ``kind: where``; empty for a valid one."""
    if document.lstrip()[:1] == b"{":
        return list(_json(json.loads(document)))
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error}"]
    found = [f"character: {bad!r}" for bad in _UNWANTED.findall(document.decode())]
    return [*found, *(_rss(root) if root.tag == "rss" else _atom(root))]


def _name(element: etree._Element) -> str:
    """As documents usually write it: Atom's elements bare in Atom, with their prefix elsewhere."""
    namespace, _, name = str(element.tag).rpartition("}")
    known = _NAMESPACES.get(namespace[1:], "?")
    of_atom = str(element.getroottree().getroot().tag).endswith("}feed")
    return name if not namespace or (of_atom and known == "atom") else f"{known}:{name}"


def _text(parent: etree._Element, name: str) -> str | None:
    found = next((one for one in parent if _name(one) == name), None)
    return None if found is None else (found.text or "")


def _once(parent: etree._Element) -> Iterator[str]:
    for name, count in Counter(map(_name, parent)).items():
        if count > 1 and name not in _SEVERAL and not name.startswith("?:"):
            yield f"duplicate element: {_name(parent)}/{name}"


def _rss(root: etree._Element) -> Iterator[str]:
    if root.get("version") != "2.0" or [_name(one) for one in root] != ["channel"]:
        yield "form: rss"
        return
    channel = root[0]
    yield from _once(channel)
    for name in ("title", "link", "description"):
        if not (_text(channel, name) or "").strip():
            yield f"missing: channel/{name}"
    if not _is_uri(_text(channel, "link")):
        yield f"address: channel/link {_text(channel, 'link')}"
    for one in channel:
        if ":" not in _name(one) and _name(one) not in _IN_CHANNEL:
            yield f"undefined element: channel/{_name(one)}"
    yield from _when(channel, "lastBuildDate", _RFC_822)
    yield from _shared(channel)
    guids = [_text(item, "guid") for item in channel.iter("item")]
    yield from (f"duplicate guid: {guid}" for guid, count in Counter(guids).items() if count > 1)
    for item in channel.iter("item"):
        yield from _item(item)


def _item(item: etree._Element) -> Iterator[str]:
    yield from _once(item)
    names = [_name(one) for one in item]
    yield from (
        f"undefined element: item/{name}"
        for name in names
        if ":" not in name and name not in _IN_ITEM
    )
    if not {"title", "description"} & set(names):
        yield "missing: item/title or description"
    if "content:encoded" in names and (
        "description" not in names or names.index("description") > names.index("content:encoded")
    ):
        yield "order: description before content:encoded"
    yield from _when(item, "pubDate", _RFC_822)
    for name in ("link", "comments"):
        if (url := _text(item, name)) is not None and not _is_uri(url):
            yield f"address: item/{name} {url}"
    author = _text(item, "author")
    if author is not None and not _MAIL.fullmatch(author.partition(" (")[0]):
        yield f"contact: {author}"
    for one in item:
        yield from _element_of_item(_name(one), one)
    yield from _shared(item)


def _element_of_item(name: str, one: etree._Element) -> Iterator[str]:
    if name == "guid" and one.get("isPermaLink") != "false" and not _is_uri(one.text):
        yield f"guid: {one.text}"
    if (
        name in {"title", "guid", "link", "category", "dc:creator", "source", "dc:rights"}
        and not (one.text or "").strip()
    ):
        yield f"blank: item/{name}"
    if name == "source" and not _is_uri(one.get("url")):
        yield f"address: source {one.get('url')}"
    if name == "enclosure":
        if not _is_uri(one.get("url")):
            yield f"address: enclosure {one.get('url')}"
        if not _NUMBER.fullmatch(one.get("length") or ""):
            yield f"length: {one.get('length')}"
        if not _MEDIA_TYPE.fullmatch(one.get("type") or ""):
            yield f"media type: {one.get('type')}"


def _atom(root: etree._Element) -> Iterator[str]:
    yield from _source(root, "feed")
    entries = [one for one in root if _name(one) == "entry"]
    pairs = Counter((_text(one, "id"), _text(one, "updated")) for one in entries)
    yield from (f"duplicate entries: {pair[0]}" for pair, count in pairs.items() if count > 1)
    selves = [one for one in root if _name(one) == "link" and one.get("rel") == "self"]
    if len(selves) != 1:
        yield "self link: feed"
    for entry in entries:
        yield from _source(entry, "entry")
        links = [one for one in entry if _name(one) == "link"]
        if _text(entry, "content") is None and not any(
            one.get("rel") == "alternate" for one in links
        ):
            yield "missing: entry/content or alternate"
        if _text(entry, "author") is None and _text(root, "author") is None:
            yield "missing: entry/author"
        source = next((one for one in entry if _name(one) == "source"), None)
        if source is not None:
            yield from _source(source, "source")


def _source(parent: etree._Element, place: str) -> Iterator[str]:
    yield from _once(parent)
    for name in ("id", "title", "updated"):
        if _text(parent, name) is None:
            yield f"missing: {place}/{name}"
    if not _is_uri(_text(parent, "id")):
        yield f"address: {place}/id {_text(parent, 'id')}"
    yield from _when(parent, "updated", _RFC_3339)
    yield from _when(parent, "published", _RFC_3339)
    alternates = Counter(
        (one.get("type"), one.get("hreflang"))
        for one in parent
        if _name(one) == "link" and one.get("rel") == "alternate"
    )
    if any(count > 1 for count in alternates.values()):
        yield f"duplicate alternate: {place}"
    for one in parent:
        name = _name(one)
        if name == "link":
            yield from _link(one)
        elif name in {"author", "contributor"}:
            yield from _person(one, name)
        elif name == "category" and not (one.get("term") or "").strip():
            yield "blank: category term"
        elif (
            name == "category" and one.get("scheme") is not None and not _is_uri(one.get("scheme"))
        ):
            yield f"address: category scheme {one.get('scheme')}"
    yield from _shared(parent)


def _link(link: etree._Element) -> Iterator[str]:
    rel = link.get("rel", "alternate")
    if rel not in _REGISTERED and not _is_uri(rel):
        yield f"relation: {rel}"
    if not _is_uri(link.get("href")):
        yield f"address: link {link.get('href')}"
    if link.get("type") is not None and not _MEDIA_TYPE.fullmatch(link.get("type") or ""):
        yield f"media type: {link.get('type')}"
    if link.get("hreflang") is not None and not LANGUAGE.fullmatch(link.get("hreflang") or ""):
        yield f"language: {link.get('hreflang')}"
    if link.get("length") is not None and not _NUMBER.fullmatch(link.get("length") or ""):
        yield f"length: {link.get('length')}"


def _person(person: etree._Element, name: str) -> Iterator[str]:
    if not (_text(person, "name") or "").strip():
        yield f"blank: {name}/name"
    if (mail := _text(person, "email")) is not None and not _MAIL.fullmatch(mail):
        yield f"contact: {mail}"
    if (url := _text(person, "uri")) is not None and not _is_uri(url):
        yield f"address: {name}/uri {url}"


def _shared(parent: etree._Element) -> Iterator[str]:
    """What stands alike in both."""
    for one in parent:
        language = one.get("{http://www.w3.org/XML/1998/namespace}lang")
        if language is not None and not LANGUAGE.fullmatch(language):
            yield f"language: {language}"
        name, said = _name(one), one.text or ""
        if name == "atom:link":
            yield from _link(one)
        if name in _FORMS and not _FORMS[name](said):
            yield f"form: {name} {said}"
        if name == "at:deleted-entry" and not _RFC_3339.fullmatch(one.get("when") or ""):
            yield f"date: {name} {one.get('when')}"
        if name in _WITH_ADDRESS and not _is_uri(one.get(_WITH_ADDRESS[name])):
            yield f"address: {name} {one.get(_WITH_ADDRESS[name])}"
        if name in _WITH_TYPE and not _MEDIA_TYPE.fullmatch(one.get("type") or "x/y"):
            yield f"media type: {one.get('type')}"
        if name == "itunes:image" and not _PICTURE.search(one.get("href") or ""):
            yield f"address: {name} {one.get('href')}"


def _is_place(said: str, most: int = 9999) -> bool:
    return 2 <= len(said.split()) <= most and len(said.split()) % 2 == 0


_PICTURE = re.compile(r"\.(?:jpe?g|png)(?:\?|$)", re.IGNORECASE)
_FORMS: dict[str, Callable[[str], object]] = {
    "language": LANGUAGE.fullmatch, "dc:language": LANGUAGE.fullmatch, "atom:updated": _RFC_3339.fullmatch, "itunes:duration": _DURATION.fullmatch,
    "itunes:season": _POSITIVE.fullmatch, "itunes:episode": _POSITIVE.fullmatch, "georss:point": lambda said: _is_place(said, 2),
    "georss:line": _is_place, "georss:polygon": _is_place, "georss:box": lambda said: _is_place(said, 4),
}  # fmt: skip
_WITH_ADDRESS = {"media:thumbnail": "url", "media:content": "url", "podcast:chapters": "url", "podcast:transcript": "url", "thr:in-reply-to": "ref", "at:deleted-entry": "ref"}  # fmt: skip
_WITH_TYPE = {"media:content", "podcast:chapters", "podcast:transcript"}


def _when(parent: etree._Element, name: str, form: re.Pattern[str]) -> Iterator[str]:
    said = _text(parent, name)
    if said is not None and not form.fullmatch(said):
        yield f"date: {name} {said}"


def _is_uri(text: str | None) -> bool:
    """An absolute URI that means something: web addresses have a host."""
    if text is None or not URI.fullmatch(text):
        return False
    return not re.match(r"(?:https?|ftp):(?!//[^/?#])", text, re.IGNORECASE)


_STRINGS = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image", "date_published",
            "date_modified", "language"}  # fmt: skip
_ADDRESSES = {
    "url",
    "external_url",
    "image",
    "home_page_url",
    "feed_url",
    "next_url",
    "icon",
    "favicon",
    "avatar",
}


def _json(feed: dict[str, Any]) -> Iterator[str]:
    if feed.get("version") != "https://jsonfeed.org/version/1.1" or not feed.get("title"):
        yield "form: version and title"
    yield from _members(feed)
    ids = Counter(item.get("id") for item in feed.get("items", ()))
    yield from (f"duplicate id: {one}" for one, count in ids.items() if count > 1)
    for item in feed.get("items", ()):
        yield from _members(item)
        yield from _json_item(item)


def _json_item(item: dict[str, Any]) -> Iterator[str]:
    yield from (
        f"type: {name}" for name in _STRINGS & item.keys() if not isinstance(item[name], str)
    )
    if not item.get("id") or not ({"content_html", "content_text"} & item.keys()):
        yield "missing: id or content"
    for name in {"date_published", "date_modified"} & item.keys():
        if not _RFC_3339.fullmatch(item[name]):
            yield f"date: {item[name]}"
    if not all(isinstance(tag, str) and tag.strip() for tag in item.get("tags", ())):
        yield "type: tags"
    for author in item.get("authors", ()):
        yield from _members(author)
        if not {"name", "url", "avatar"} & author.keys():
            yield "missing: author"
    for file in item.get("attachments", ()):
        yield from _members(file)
        if "url" not in file or not _MEDIA_TYPE.fullmatch(file.get("mime_type", "")):
            yield f"media type: {file.get('mime_type')}"
        if not all(
            isinstance(file.get(n, 0), int | float)
            for n in ("size_in_bytes", "duration_in_seconds")
        ):
            yield "type: attachment"


def _members(said: dict[str, Any]) -> Iterator[str]:
    for name, value in said.items():
        if value is None:
            yield f"null: {name}"
        elif name in _ADDRESSES and not _is_uri(value):
            yield f"address: {name} {value}"
        elif name == "language" and not LANGUAGE.fullmatch(value):
            yield f"language: {value}"
