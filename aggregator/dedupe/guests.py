"""Guests: entries listed under another site's address, and who tells a story at home there.

A feed may give its entries any address and any id, also those of another's entry: planets list whole posts so,
linkblogs what they speak of. What is told at home stays what it is, whatever guests say under its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from urllib.parse import urlsplit

from aggregator.dedupe.remarks import Told, left_over
from aggregator.dedupe.sketch import Sketch
from aggregator.text.words import is_unspaced, words
from aggregator.urls import same_site

SPEAKING = 25  # words from which on a guest at a site that it claims says something of its own
_SHARED = 0.2  # of the shorter text's shingles: more is evidence that both tell the same …
_OF_IT = 0.4  # … and so is more of its telling words, as in a summary
_EQUAL = 0.9  # of the runs of three words of both: one text, give or take a byline
_MUCH_LESS = 0.8  # of the words: who has so few does not represent
_CARRIED = 0.7  # of a teaser's runs, in the text that it was cut from
_MOST_HOSTS = 8  # that a guest is compared with
_TELLING = 4  # letters of a word; elsewhere than in ASCII two

_Feed = tuple[str, str | None]  # where it is fetched, and the site that it calls its own


class Home(IntEnum):
    """Degree to which a feed is at home at an address."""

    ELSEWHERE = 0
    CLAIMED = 1  # it says that its site is there, as anybody can
    PROVEN = 2  # it is fetched there


@dataclass(frozen=True, slots=True)
class Teller:
    """A member of a story, with the addresses that it claims and those of its feed."""

    entry_id: int
    addresses: tuple[str, ...]  # its link, and its guid if that is one
    feed_url: str
    site_url: str | None
    says: bool  # it has a text, or files


def at_home(address: str, feed_url: str, site_url: str | None) -> Home:
    """Degree to which the feed fetched at ``feed_url``, which calls ``site_url`` its own, is at home at ``address``."""
    if same_site(address, feed_url):
        return Home.PROVEN
    return Home.CLAIMED if site_url and same_site(address, site_url) else Home.ELSEWHERE


def is_own_place(address: str, feed_url: str, site_url: str | None) -> bool | None:
    """On a host that people share: True where the feed's own path leads to ``address``; None for a feed without one.

    A path that the site's address has is the feed's own when the feed is fetched from a path with the same names.
    """
    site, fetched = _place(site_url or ""), _place(feed_url)
    if not site[1] or site[0] != fetched[0] or not set(site[1]) <= set(fetched[1]):
        return None
    host, path = _place(address)
    return None if host != site[0] else path[: len(site[1])] == site[1]


def _place(url: str) -> tuple[str, tuple[str, ...]]:
    """The host, and the names in the path."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").removeprefix("www."), tuple(
            filter(None, parts.path.split("/"))
        )
    except ValueError:
        return "", ()


def hosts_of(tellers: Sequence[Teller]) -> dict[int, tuple[int, ...]]:
    """Guest → members that say something and are more at home than it at an address that it gives.

    An address at which nobody of the story is at home makes no guest. A feed may list thousands of
    entries under one address: feeds are compared, not entries, and of many hosts the first are told.
    """
    saying: dict[_Feed, list[int]] = {}
    for at, one in enumerate(tellers):
        told = saying.setdefault(_feed(one), [])
        if one.says and len(told) < _MOST_HOSTS:
            told.append(at)
    if len(saying) < 2:
        return {}
    levels: dict[str, dict[_Feed, Home]] = {
        address: {feed: at_home(address, *feed) for feed in saying}
        for address in {address for one in tellers for address in one.addresses}
    }
    places = {
        address: {feed: is_own_place(address, *feed) for feed in saying} for address in levels
    }
    found: dict[int, tuple[int, ...]] = {}
    for guest in tellers:
        own = _feed(guest)
        at_homes = [
            feed
            for feed in saying
            if any(
                levels[one][feed] > levels[one][own]
                or (places[one][feed] is True and places[one][own] is False)
                for one in guest.addresses
            )
        ]
        hosts = sorted(at for feed in at_homes for at in saying[feed])[:_MOST_HOSTS]
        if hosts:
            found[guest.entry_id] = tuple(tellers[at].entry_id for at in hosts)
    return found


def _feed(teller: Teller) -> _Feed:
    return teller.feed_url, teller.site_url


def may_speak_for(guest: str, host: str, *, teaser: bool) -> bool:
    """True when the text ``guest`` is that of its ``host``, or has all of the ``teaser`` that its host gives."""
    ours, theirs = words(guest), words(host)
    if ours == theirs:
        return True
    mine, its = _runs(ours), _runs(theirs)
    if not its:
        return False
    shared = len(mine & its)
    return shared >= _EQUAL * len(mine | its) or (teaser and shared >= _CARRIED * len(its))


def say_different(one: Sketch, other: Sketch, *, one_address: bool) -> bool:
    """True when one id or address is no proof that both tell the same, since one says something of its own.

    Asked of guests, and, without ``one_address`` (only their ids are equal), of all.
    """
    if one.page and one.page == other.page:
        return False
    if one.guest and other.guest and one.remark and other.remark:
        return not (tells_all_of(one, other) or tells_all_of(other, one))
    pairs = ((one, other), (other, one))
    if any(guest.guest and guest.remark for guest, _ in pairs):
        return any(guest.guest and _remarks(guest, host) for guest, host in pairs)
    speaking = [sketch.size >= SPEAKING for sketch in (one, other)]
    if one_address:
        asked = any(s and sketch.guest for s, sketch in zip(speaking, (one, other), strict=True))
    else:
        asked = all(speaking)
    return asked and _have_nothing_in_common(one, other)


def tells_all_of(guest: Sketch, other: Sketch) -> bool:
    """True for a guest who says all that the ``other`` does of a page, and represents it when it says more."""
    if not guest.guest or (other.guest and _left_over(other, guest)):
        return False
    if is_bare(other):
        return other.abroad
    return other.guest and (other.size < _MUCH_LESS * guest.size or not _left_over(guest, other))


def adds_a_remark(one: Sketch, other: Sketch) -> bool:
    """True for two feeds' texts of which one has sentences of its own about the page that the other tells."""
    if one.feed_id == other.feed_id:
        return False
    return any(_left_over(a, b) for a, b in ((one, other), (other, one)) if a.remark)


def _left_over(guest: Sketch, other: Sketch) -> bool:
    """True where a guest says something that the ``other`` does not tell."""
    named = (words(other.title), other.said, other.described)
    told = Told(other.words, [one for one in named if one], other.cut)
    return bool(left_over(guest.remark, told, cut=guest.cut))


def is_bare(sketch: Sketch) -> bool:
    """True for a title alone."""
    return sketch.title_words.issuperset(sketch.words)


def _remarks(guest: Sketch, host: Sketch) -> bool:
    if not is_bare(host):
        return _left_over(guest, host)
    if host.abroad:
        return False  # a bare link: what is said of its page is all that there is to show
    # A title at home: the guest may have the text.
    return guest.size < SPEAKING or _have_nothing_in_common(guest, host)


def _have_nothing_in_common(one: Sketch, other: Sketch) -> bool:
    short, long = sorted((one, other), key=lambda sketch: sketch.size)
    if short.distinct and len(short.distinct & long.distinct) >= _SHARED * len(short.distinct):
        return False
    telling = _telling(short)
    return len(telling & _telling(long)) < _OF_IT * len(telling)


def _telling(sketch: Sketch) -> set[str]:
    """The words of a text and its title that tell something; pairs of characters in scripts without spaces."""
    said = [*words(sketch.title), *sketch.words]
    found = {f"{a}{b}" for a, b in pairwise(said) if is_unspaced(a) and is_unspaced(b)}
    return found | {w for w in said if len(w) >= (_TELLING if w.isascii() else 2)}


def _runs(said: Sequence[str]) -> set[tuple[str, ...]]:
    return set(zip(said, said[1:], said[2:], strict=False))
