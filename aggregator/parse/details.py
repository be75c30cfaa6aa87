"""Details of an entry, beside its text: people, topics, further links, its origin, places, its episode.

From feedparser's dictionary of the entry, or from a JSON Feed's item. Everything is bounded and
checked; what is not as its specification says is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aggregator.model import (
    Chapter,
    Details,
    Episode,
    FurtherLink,
    Origin,
    Person,
    Relation,
    Topic,
)
from aggregator.parse.caps import MAX_LIST, MAX_TITLE
from aggregator.parse.links import absolute, followed, with_plain_ampersands
from aggregator.parse.texts import name_text, shortened, title_text
from aggregator.sanitize import plain

Node = dict[str, Any]
_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,60}/[\w!#$&^.+-]{1,60}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?", re.ASCII)
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,7})(?:[.,](\d{1,3}))?", re.ASCII)
_COORDINATE = re.compile(r"[-+]?\d{1,3}(?:\.\d{1,12})?", re.ASCII)
_CORNERS = {"point": (2, 2), "box": (4, 4), "line": (4, 400), "polygon": (8, 400)}
_KINDS = frozenset({"full", "trailer", "bonus"})
_LONGEST = 30 * 86400  # seconds that an episode may last
_LINKED = {one.value: one for one in (Relation.RELATED, Relation.VIA, Relation.REPLIES)}
_LINKED["http://podlove.org/simple-chapters"] = Relation.CHAPTERS


def details_of(node: Node, base: str, document_url: str) -> Details:
    """The details of the entry ``node``; relative addresses stand against ``base``."""
    return Details(
        people=tuple(one for one in _people(dicts(node, "authors")) if one.email or one.url),
        contributors=_people(dicts(node, "contributors")),
        topics=_topics(node),
        links=_links(node, base),
        rights=_rights(node),
        origin=_origin(node, document_url),
        places=_places(node),
        episode=_episode(node),
    )


def json_details(item: Node, link: str | None, base: str) -> Details:
    """The details of a JSON Feed's ``item``, which links to the page ``link``."""
    authors = item.get("authors")
    given = authors if isinstance(authors, list) else [item.get("author")]
    people = [_json_person(one) for one in given[:MAX_LIST] if isinstance(one, dict)]
    outside = absolute(item.get("external_url"), base)
    durations = [
        one.get("duration_in_seconds")
        for one in dicts(item, "attachments")
        if isinstance(one.get("duration_in_seconds"), int | float)
    ]
    duration = _lasting(durations[0]) if durations else None
    return Details(
        people=tuple(one for one in people if one.name and (one.email or one.url)),
        links=(FurtherLink(Relation.RELATED, outside),) if outside and outside != link else (),
        episode=Episode(duration) if duration else None,
    )


def seconds(text: str) -> float | None:
    """A time as "1865", "31:05" or "0:31:05.5"; None for anything else."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock is None:
        return None
    hours, minutes, rest, fraction = clock.groups()
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(rest)
    found = whole + (float(f"0.{fraction}") if fraction else 0)
    return found if found <= _LONGEST else None


def _text(node: Node, key: str) -> str:
    value = dict.get(node, key)
    return value.strip() if isinstance(value, str) else ""


def type_of(detail: object) -> str:
    """The media type that feedparser notes beside a text, ``""`` for none."""
    return str(detail.get("type") or "") if isinstance(detail, dict) else ""


def dicts(node: Node, key: str) -> list[Node]:
    """The dictionaries listed under ``key``, as many as are read of any list."""
    value = dict.get(node, key)
    return [v for v in value if isinstance(v, dict)][:MAX_LIST] if isinstance(value, list) else []


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _rights(node: Node) -> str:
    text = _text(node, "rights")
    return title_text(text, type_of(node.get("rights_detail"))) if text else ""


# ── people ───────────────────────────────────────────────────────────────────────────────────


def _people(said: Iterable[Node]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for one in said:
        email = _mail(one.get("email"))
        name = name_text(_string(one.get("name"))) or email
        url = absolute(one.get("href"), None) or ""
        if name:
            found.setdefault(name, Person(name, email, url))
    return tuple(found.values())


def _json_person(given: Node) -> Person:
    url = _string(given.get("url")).strip()
    email = _mail(url[len("mailto:") :]) if url.lower().startswith("mailto:") else ""
    return Person(name_text(_string(given.get("name"))), email, absolute(url, None) or "")


def _mail(value: object) -> str:
    text = _string(value).strip()
    return text if _MAIL.fullmatch(text) else ""


def _topics(node: Node) -> tuple[Topic, ...]:
    found: dict[str, Topic] = {}
    for tag in dicts(node, "tags"):
        term, label = _string(tag.get("term")), _string(tag.get("label"))
        scheme = shortened(plain(_string(tag.get("scheme"))), MAX_TITLE)
        name = name_text(label or term)
        if name and (scheme or (label and term)) and not scheme.endswith("#kind"):
            found.setdefault(name, Topic(name, name_text(term), scheme))
    return tuple(found.values())


# ── links ────────────────────────────────────────────────────────────────────────────────────


def _links(node: Node, base: str) -> tuple[FurtherLink, ...]:
    found: dict[tuple[str, str], FurtherLink] = {}

    def add(relation: Relation, reference: object, said: Node, ref: str = "") -> None:
        url = followed(reference, base)
        if (url or ref) and len(found) < MAX_LIST:
            link = FurtherLink(
                relation,
                with_plain_ampersands(url or ""),
                shortened(plain(_string(said.get("title"))[: 2 * MAX_TITLE]), MAX_TITLE),
                _matching(_MEDIA_TYPE, said.get("type")),
                _matching(_LANGUAGE, said.get("hreflang") or said.get("language")),
                ref,
            )
            found.setdefault((relation, url or ref), link)

    for link in dicts(node, "links"):
        relation = _LINKED.get(_string(link.get("rel")))
        if relation is not None:
            add(relation, link.get("href"), link)
    add(Relation.REPLIES, dict.get(node, "comments"), {"type": "text/html"})
    answered = dict.get(node, "thr_in-reply-to")
    if isinstance(answered, dict):
        ref = plain(_string(answered.get("ref"))[:MAX_TITLE])
        add(Relation.IN_REPLY_TO, answered.get("href"), answered, ref)
    chapters = dict.get(node, "podcast_chapters")
    if isinstance(chapters, dict):
        add(Relation.CHAPTERS, chapters.get("url"), chapters)
    for transcript in dicts(node, "podcast_transcripts"):
        add(Relation.TRANSCRIPT, transcript.get("url"), transcript)
    return tuple(found.values())


def _matching(pattern: re.Pattern[str], value: object) -> str:
    text = _string(value).strip()
    return text if pattern.fullmatch(text) else ""


def _origin(node: Node, document_url: str) -> Origin | None:
    """RSS: the source's name and address; Atom: what stands of the feed that was copied from."""
    source = dict.get(node, "source")
    if not isinstance(source, dict):
        return None
    links = dicts(source, "links")
    page = next((one.get("href") for one in links if one.get("rel") == "alternate"), None)
    itself = next((one.get("href") for one in links if one.get("rel") == "self"), None)
    origin = Origin(
        title=title_text(_text(source, "title"), type_of(source.get("title_detail"))),
        id=plain(_text(source, "id"))[:MAX_TITLE],
        feed_url=absolute(itself or dict.get(source, "href"), None) or "",
        site_url=absolute(page or dict.get(source, "link"), None) or "",
    )
    if document_url in (origin.feed_url, origin.id) or not (origin.title or origin.feed_url):
        return None
    return origin


# ── places ───────────────────────────────────────────────────────────────────────────────────


def _places(node: Node) -> tuple[tuple[str, str], ...]:
    given = dict.get(node, "places")
    said: list[Any] = list(given) if isinstance(given, list) else []
    latitude, longitude = _text(node, "geo_lat"), _text(node, "geo_long")
    if latitude and longitude and not said:
        said.append(("point", f"{latitude} {longitude}"))
    found = (place for kind, text in said[:MAX_LIST] if (place := _place(kind, text)))
    return tuple(dict.fromkeys(found))


def _place(kind: str, text: str) -> tuple[str, str] | None:
    numbers = re.split(r"[\s,]+", text.strip())
    least, most = _CORNERS[kind]
    if kind == "point" and len(numbers) == 3:  # the third is its height
        numbers = numbers[:2]
    if not least <= len(numbers) <= most or len(numbers) % 2:
        return None
    if not all(map(_COORDINATE.fullmatch, numbers)):
        return None
    values = list(map(float, numbers))
    if any(abs(one) > 90 for one in values[::2]) or any(abs(one) > 180 for one in values[1::2]):
        return None
    return kind, " ".join(numbers)


# ── episodes ─────────────────────────────────────────────────────────────────────────────────


def _episode(node: Node) -> Episode | None:
    media = (one.get("duration") for one in dicts(node, "media_content"))
    said = (_text(node, "itunes_duration"), *map(_string, media))
    lasting = (seconds(one) for one in said if one)
    season = _first_number(node, ("itunes_season", "podcast_season"))
    kind = _text(node, "itunes_episodetype").lower()
    episode = Episode(
        duration=_lasting(next((one for one in lasting if one), None)),
        season=int(float(season)) if season else None,
        number=_first_number(node, ("podcast_episode", "itunes_episode")),
        kind=kind if kind in _KINDS else "",
        chapters=tuple(_chapters(node)),
    )
    return episode if episode != Episode() else None


def _lasting(value: float | None) -> int | None:
    return round(value) if value is not None and 0.5 < value <= _LONGEST else None


def _first_number(node: Node, keys: Iterable[str]) -> str:
    return next((text for key in keys if _NUMBER.fullmatch(text := _text(node, key))), "")


def _chapters(node: Node) -> Iterable[Chapter]:
    said = dict.get(node, "psc_chapters")
    for chapter in dicts(said, "chapters") if isinstance(said, dict) else ():
        start = seconds(_string(chapter.get("start")))
        title = shortened(plain(_string(chapter.get("title"))[: 2 * MAX_TITLE]), MAX_TITLE)
        if start is not None and title:
            yield Chapter(start, title, absolute(chapter.get("href"), None) or "")
