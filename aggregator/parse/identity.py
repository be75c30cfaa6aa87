"""Identity of an entry from poll to poll: guid, else link, else a hash of its contents.

A guid is kept as written, so that it never depends on the feed's address. Of a link the scheme is
taken as https: a site or feed that moves from http must not make every entry new.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aggregator.model import Entry
from aggregator.parse.incremental import READING
from aggregator.parse.volatile import file_shown, html_shown, link_shown, title_shown
from aggregator.sanitize import plain, to_text
from aggregator.urls import canonical, without_part

_MAX_IDENTITY = 500  # characters; a longer guid is replaced by its hash
_HTTP = re.compile(r"http://", re.IGNORECASE)
_DIGEST = 32  # hexadecimal digits: 128 bits
_NEVER = datetime.min.replace(tzinfo=UTC)


def digest(*parts: str) -> str:
    """SHA-256 over ``parts``, in hex; no two lists of parts have one digest by concatenation."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "replace")
        state.update(b"%d:" % len(data))
        state.update(data)
    return state.hexdigest()


def identity_of(guid: str | None, url: str | None, title: str, content: str) -> str:
    """The identity of an entry with these fields within its feed."""
    if guid:
        return guid if len(guid) <= _MAX_IDENTITY else f"sha256:{digest(guid)}"
    if url:
        link = _HTTP.sub("https://", canonical(url), count=1)
        return link if len(link) <= _MAX_IDENTITY else f"sha256:{digest(link)}"
    return f"sha256:{digest(title, plain(to_text(content)))}"


def former_identities(entry: Entry) -> tuple[str, ...]:
    """Identities that a release which knew no parts of pages gave an entry without a guid."""
    if entry.guid or not entry.url or "#" not in entry.url:
        return ()
    name = identity_of(None, without_part(entry.url), "", "")
    return tuple(_suffix(name, facts) for facts in ((), (entry.url,), (entry.url, entry.title)))


def _suffix(name: str, facts: Sequence[str]) -> str:
    return f"{name}#{digest(*facts)[:16]}" if facts else name


def content_hash(entry: Entry) -> str:
    """Three digests of ``entry``, parted by colons: its reading, what it shows, all that it says.

    The first is :data:`~aggregator.parse.incremental.READING`: what the sanitizer leaves of the
    same bytes differs from one to another, which is no change of the entry. The second is over what
    a subscriber is shown, without what is volatile in it (:mod:`aggregator.parse.volatile`): where
    it differs, the entry has changed. The third is over everything but the identity and this hash.
    """
    return f"{READING}:{_shown(entry)}:{_said(entry)}"


def shown_html(html: str) -> str:
    """The digest of what sanitized HTML shows, without what is volatile in it."""
    return digest(*html_shown(html))[:_DIGEST]


def _shown(entry: Entry) -> str:
    """Neither dates (some are always those of the poll) nor the guid and the language are shown."""
    files = sorted(f"{file_shown(one.url)} {one.media_type}" for one in entry.enclosures)
    lists = (sorted(entry.authors), sorted(entry.categories), files)
    return digest(
        title_shown(entry.title),
        link_shown(entry.url) if entry.url else "",
        *(digest(*items) for items in lists),
        *(digest(*html_shown(html)) for html in (entry.summary_html, entry.content_html)),
        file_shown(entry.image) if entry.image else "",
    )[:_DIGEST]


def _said(entry: Entry) -> str:
    enclosures = (f"{e.url} {e.media_type} {e.length}" for e in entry.enclosures)
    lists = (entry.authors, entry.categories, tuple(enclosures))
    dates = (entry.published, entry.updated)
    return digest(
        entry.title,
        entry.url or "",
        entry.guid or "",
        *(digest(*items) for items in lists),
        entry.summary_html,
        entry.content_html,
        entry.image or "",
        entry.language or "",
        *(when.isoformat() if when else "" for when in dates),
        repr(entry.details),
    )[:_DIGEST]


def reading_of(hashed: str) -> str:
    """The reading by which a content hash was made, ``""`` for one of a release before readings."""
    reading, mark, _ = hashed.partition(":")
    return reading if mark else ""


def shown_of(hashed: str) -> str:
    """The part of a content hash that differs when its entry shows something else."""
    return hashed.partition(":")[2].partition(":")[0] or hashed


def make_distinct(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """``entries`` with no identity twice, none lost that differs from the others.

    Of entries with one identity, link and title the newest is kept. Others get a suffix from their
    link (where the links differ) or from link and title, which depends neither on their order nor
    on how many there are. Entries that depend on each other in this lose their ``source_digest``.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for index, entry in enumerate(entries):
        groups[entry.identity].append(index)
    if len(groups) == len(entries):
        return tuple(entries)
    kept: dict[int, Entry] = {}
    for indices in groups.values():
        members = _without_repeats(entries, indices)
        if len(members) == 1:
            only = entries[members[0]]
            kept[members[0]] = only if len(indices) == 1 else replace(only, source_digest="")
            continue
        by_link = len({entries[i].url for i in members}) == len(members)
        for i in members:
            kept[i] = _suffixed(entries[i], by_link=by_link)
    # A stranger may have given one entry another's suffixed identity as its guid.
    unique: dict[str, Entry] = {}
    for _, entry in sorted(kept.items()):
        first = unique.setdefault(entry.identity, entry)
        if first is not entry:
            unique[entry.identity] = replace(first, source_digest="")
    return tuple(unique.values())


def _without_repeats(entries: Sequence[Entry], indices: list[int]) -> list[int]:
    newest: dict[tuple[str | None, str, str], int] = {}
    for i in indices:
        entry = entries[i]
        # Without link and title only the text can tell two entries apart.
        text = "" if entry.url or entry.title else entry.html
        key = (entry.url, entry.title, text)
        other = newest.get(key)
        if other is None or _when(entry) > _when(entries[other]):
            newest[key] = i
    return sorted(newest.values())


def _when(entry: Entry) -> datetime:
    return entry.updated or entry.published or _NEVER


def _suffixed(entry: Entry, *, by_link: bool) -> Entry:
    facts = (entry.url or "",) if by_link else (entry.url or "", entry.title)
    text = () if entry.url or entry.title else (entry.html,)
    return replace(entry, identity=_suffix(entry.identity, (*facts, *text)), source_digest="")
