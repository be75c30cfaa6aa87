"""Details of an item, beside its text, as elements that Atom and RSS share.

Podcasts: Apple's, the Podcast Index's and Podlove's namespaces; answers: RFC 4685; places: GeoRSS
Simple. In JSON the same stands in ``_aggregator`` where JSON Feed has no place for it.
"""

from __future__ import annotations

from typing import Any

from aggregator.model import Episode, FurtherLink, Item, Person, Relation
from aggregator.publish import formatting
from aggregator.publish.xmltree import ATOM, GEORSS, ITUNES, PODCAST, PSC, THREAD, Element, child

_ATOM_RELATIONS = (Relation.RELATED, Relation.VIA, Relation.REPLIES)
_PICTURES = (".jpg", ".jpeg", ".png")  # that Apple's namespace allows


def person_of(item: Item, name: str) -> Person:
    """The author ``name`` with all that is known of them."""
    known = (one for one in item.details.people if formatting.text(one.name) == name)
    return next(known, Person(name))


def links(item: Item, *relations: Relation) -> list[tuple[FurtherLink, str]]:
    """The item's further links of these ``relations`` that can be followed, each with its URL."""
    found: dict[tuple[str, str], FurtherLink] = {}
    for one in item.details.links:
        url = formatting.link(one.url)
        if one.relation in relations and url is not None and url != formatting.link(item.url):
            found.setdefault((one.relation, url), one)
    return [(one, url) for (_, url), one in found.items()]


def add_links(parent: Element, item: Item) -> None:
    """Atom's links: what the item speaks of, where that was found, where it is discussed."""
    others = {url for _, url in formatting.related(item)}
    found_at: set[str] = set()
    for one, url in links(item, *_ATOM_RELATIONS):
        if one.relation is Relation.RELATED and url in others:
            continue
        if one.relation is Relation.VIA:
            found_at.add(url)
        child(
            parent,
            f"{{{ATOM}}}link",
            rel=one.relation.value,
            type=formatting.media_type(one.media_type),
            title=formatting.text(one.title) or None,
            hreflang=formatting.language(one.language),
            href=url,
        )
    for name, url in _feeds(item):
        if url not in found_at:
            child(parent, f"{{{ATOM}}}link", rel="via", title=name or None, href=url)


def _feeds(item: Item) -> list[tuple[str, str]]:
    """Feeds at which the item was found: those that tell it with its own link, too."""
    feeds = formatting.told_by(item)
    own = formatting.link(item.source.feed_url)
    if item.details.origin is None or own is None:
        return feeds
    # The item is the origin's; this feed is where we found it.
    return [(formatting.source_name(item), own), *(one for one in feeds if one[1] != own)]


def add_extensions(parent: Element, item: Item) -> None:
    """Elements that both formats have from other specifications."""
    for one in item.details.links:
        if one.relation is Relation.IN_REPLY_TO:
            _answer(parent, one)
    for kind, numbers in item.details.places:
        child(parent, f"{{{GEORSS}}}{kind}", numbers)
    for one, url in links(item, Relation.CHAPTERS):
        kind = formatting.media_type(one.media_type) or "application/json+chapters"
        child(parent, f"{{{PODCAST}}}chapters", url=url, type=kind)
        break  # there is one
    for one, url in links(item, Relation.TRANSCRIPT):
        kind = formatting.media_type(one.media_type) or "text/plain"
        said = formatting.language(one.language)
        child(parent, f"{{{PODCAST}}}transcript", url=url, type=kind, language=said)
    if item.details.episode is not None:
        _episode(parent, item, item.details.episode)


def _answer(parent: Element, link: FurtherLink) -> None:
    """``ref`` must be there (RFC 4685 §3): where no id is given, the address is one."""
    url = formatting.link(link.url)
    ref = formatting.name_uri(link.ref) or url
    if ref:
        kind = formatting.media_type(link.media_type) if url else None
        child(parent, f"{{{THREAD}}}in-reply-to", ref=ref, href=url, type=kind)


def _episode(parent: Element, item: Item, episode: Episode) -> None:
    whole = episode.number.isdigit() and int(episode.number) > 0
    said = {
        "duration": str(episode.duration) if episode.duration else None,
        "season": str(episode.season) if episode.season else None,
        "episode": episode.number if whole else None,
        "episodeType": episode.kind or None,
    }
    for name, value in said.items():
        if value is not None:
            child(parent, f"{{{ITUNES}}}{name}", value)
    if episode.number and not whole:
        child(parent, f"{{{PODCAST}}}episode", episode.number)
    image = formatting.link(item.image)
    if image and image.partition("?")[0].lower().endswith(_PICTURES):
        child(parent, f"{{{ITUNES}}}image", href=image)
    if episode.chapters:
        chapters = child(parent, f"{{{PSC}}}chapters", version="1.2")
        for one in episode.chapters:
            child(
                chapters,
                f"{{{PSC}}}chapter",
                start=_clock(one.start),
                title=formatting.text(one.title),
                href=formatting.link(one.url),
            )


def _clock(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────


def json_person(person: Person) -> dict[str, Any]:
    """An author of JSON Feed; an address of theirs may be that of their mail."""
    url = formatting.link(person.url) or (f"mailto:{person.email}" if person.email else None)
    said: dict[str, Any] = present(
        {"name": formatting.text(person.name), "url": formatting.link(url)}
    )
    return said


def json_details(item: Item) -> dict[str, Any]:
    """The item's details as parts of ``_aggregator``."""
    said, origin = item.details, item.details.origin
    parts = {
        "original": origin
        and {
            "title": formatting.text(origin.title),
            "feed_url": formatting.link(origin.feed_url),
            "home_page_url": formatting.link(origin.site_url),
        },
        "links": [_json_link(one) for one in said.links],
        "contributors": [json_person(one) for one in said.contributors],
        "topics": [
            {
                "name": one.name,
                "term": formatting.text(one.term),
                "scheme": formatting.text(one.scheme),
            }
            for one in said.topics
        ],
        "rights": formatting.text(said.rights),
        "places": [{"kind": kind, "coordinates": numbers} for kind, numbers in said.places],
        "episode": said.episode and _json_episode(said.episode),
    }
    shown: dict[str, Any] = present(parts)
    return shown


def _json_episode(episode: Episode) -> dict[str, Any]:
    return {
        "season": episode.season,
        "number": episode.number,
        "kind": episode.kind,
        "chapters": [
            {
                "start": one.start,
                "title": formatting.text(one.title),
                "url": formatting.link(one.url),
            }
            for one in episode.chapters
        ],
    }


def _json_link(link: FurtherLink) -> dict[str, Any]:
    return {
        "relation": link.relation.value,
        "url": formatting.link(link.url),
        "title": formatting.text(link.title),
        "mime_type": formatting.media_type(link.media_type),
        "language": formatting.language(link.language),
        "ref": formatting.text(link.ref),
    }


def present(value: Any) -> Any:
    """``value`` without members that are None or empty, at any depth; numbers stay."""
    if isinstance(value, dict):
        shown = {name: present(one) for name, one in value.items()}
        return {name: one for name, one in shown.items() if one or isinstance(one, float)}
    if isinstance(value, list):
        return [one for one in map(present, value) if one]
    return value
