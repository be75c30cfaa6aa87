"""The User-Agent of feed readers: the program's name, and for how many subscribers it asks. Pure.

Services that fetch a feed once for all their users say how many these are, in words that no standard
gives: ``Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; )``, ``Feedbin feed-id:1373711 - 142
subscribers``, ``Mozilla/5.0 (compatible; theoldreader.com; 3 subscribers; feed-id=4f25)``. Whoever asks may say
anything: names are short, of letters that terminals show, and no address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.privacy.masking import masked

BROWSER = "a browser"
_LONGEST = 40  # characters of a name
_MOST = 999_999_999  # subscribers
# Where a number ends a word: "feed-id:12 subscribers" counts nobody.
_SUBSCRIBERS = re.compile(
    r"(?<![\w.:=-])([0-9]{1,9}) (?:subscribers?|readers?|users?)\b", re.IGNORECASE
)
_FEED = re.compile(r"\bfeed-?id[:= ] ?([0-9A-Za-z_-]{1,40})", re.IGNORECASE)
_BROWSER = re.compile(r"Mozilla/[0-9.]+ \((?!compatible)", re.IGNORECASE)
_COMPATIBLE = re.compile(r"Mozilla/[0-9.]+ \(compatible;? *", re.IGNORECASE)
# Words up to a version, a number, a comment: "NewsBlur Feed Fetcher", "inoreader.com", "Liferea".
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*(?: [A-Za-z][A-Za-z_.+-]*(?![A-Za-z0-9_.+:=-]))*")


@dataclass(frozen=True, slots=True)
class ReaderName:
    """Facts that a User-Agent tells: the program, empty if unknown; its name of the feed; its subscribers."""

    agent: str
    feed: str = ""
    subscribers: int | None = None


def reader_name(user_agent: str) -> ReaderName:
    """The facts that ``user_agent`` tells; of any text whatever something that may be shown and stored."""
    said = _SUBSCRIBERS.search(user_agent)
    feed = _FEED.search(user_agent) if said else None
    # Somebody may have put a secret of ours there: an address with a token, most likely.
    return ReaderName(
        _unless_secret(_agent(user_agent)),
        _unless_secret(feed[1]) if feed else "",
        min(int(said[1]), _MOST) if said else None,
    )


def _agent(user_agent: str) -> str:
    text = user_agent.strip()
    compatible = _COMPATIBLE.match(text)
    if compatible is None and _BROWSER.match(text):
        return BROWSER
    found = _NAME.match(text, compatible.end() if compatible else 0)
    return found[0][:_LONGEST].rstrip(" .-+_") if found else ""


def _unless_secret(text: str) -> str:
    return text if masked(text) == text else ""
