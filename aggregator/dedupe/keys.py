"""The keys under which a story is found again, safest first.

``guid``: an entry id that is unique in the world by its form. ``url``: the comparison form of the
page's address. ``text``: the whole text, word by word.

Within one feed two entries with different guids are two entries, even when they link to one page
(live pages, changelogs, a podcast's site) or say the same (templates): their publisher lists both.
There, equal address or text only counts together with an equal title, which is how a republished
entry looks. So ``url`` and ``text`` keys come in two strengths: a key of the feed and the title, and
a key that only finds the stories of other feeds (``StoryKey.other_feeds_only``). ``guid`` keys are
of the second kind: an equal guid within one feed is the same entry, which its identity has settled
already, or one id that a publisher gave to several entries. Ids and addresses of localhost and of
example hosts, which sites give that were built on their author's machine, find nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from aggregator.model import JoinRule, StoryCandidate, StoryKey
from aggregator.text.words import count_unspaced, words
from aggregator.urls import is_landing_page, story_key

# Words from which on an equal text means an equal story: fewer with an equal title, since notices,
# episode notes and job ads share whole paragraphs.
_LEAST_WITH_TITLE = 50
_LEAST_ALONE = 100
# One character of a script without spaces carries about half a word.
_UNSPACED_WEIGHT = 0.5

_NUMBER = re.compile(r"\d+")
_MAX_VALUE = 200  # characters; longer values are hashed, so that every database can index them
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TAG = re.compile(r"tag:[^\s,/:]+,\d{4}(?:-\d\d){0,2}:\S+")  # RFC 4151
# Not unique at all: nil, all ones, and the examples of RFC 4287, which people copy with the rest.
_WORN_UUIDS = frozenset(
    {
        "urn:uuid:00000000-0000-0000-0000-000000000000",
        "urn:uuid:ffffffff-ffff-ffff-ffff-ffffffffffff",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "urn:uuid:60a76c80-d399-11d9-b93c-0003939e0af6",
    }
)

# Addresses that a site's generator gives until it is told the site's own: nobody's.
_HOST = re.compile(r"(?:https?://|tag:)(?:[^/?#@,]*@)?([^/?#:,]*)(?::(\d+))?", re.IGNORECASE)
_NOBODYS = re.compile(
    r"(?:[\w-]+\.)*localhost(?:\.localdomain)?|0\.0\.0\.0|(?:[\w-]+\.)*example\.(?:com|org|net|edu)"
    r"|(?:www\.)?(?:yoursite|your-?site|mysite|my-?site|yourdomain|your-?domain|yourblog|your-?blog|mydomain)\.com"
)
_DEVELOPERS_PORTS = frozenset("1111 1313 2368 3000 4000 4321 5000 5173 8000 8080 8888 9000".split())  # noqa: SIM905


def story_keys(candidate: StoryCandidate) -> tuple[StoryKey, ...]:
    """The keys of ``candidate`` in the order in which they are to be tried, none twice.

    An entry joins the story of its first key that is known; all its keys then find that story.
    May be empty: such an entry is a story of its own.
    """
    return tuple(dict.fromkeys([*_guid(candidate), *_url(candidate), *_text(candidate)]))


def no_keys(_candidate: StoryCandidate) -> tuple[StoryKey, ...]:
    """No story is ever found again: every entry is its own."""
    return ()


def _guid(candidate: StoryCandidate) -> Iterator[StoryKey]:
    guid = (candidate.guid or "").strip()
    if _is_nobodys(guid):
        return
    address, hash_sign, fragment = guid.partition("#")
    if guid.lower().startswith(("http://", "https://")):
        # A fragment that no browser would route by still tells entries of one page apart.
        if hash_sign or not is_landing_page(guid):
            guid = f"{story_key(address)}{hash_sign}{fragment}"
            yield StoryKey(JoinRule.GUID, _bounded(guid), other_feeds_only=True)
    elif _UUID.fullmatch(guid.lower()) and guid.lower() not in _WORN_UUIDS:
        yield StoryKey(JoinRule.GUID, guid.lower(), other_feeds_only=True)
    elif _TAG.fullmatch(guid):
        yield StoryKey(JoinRule.GUID, _bounded(guid), other_feeds_only=True)


def _url(candidate: StoryCandidate) -> Iterator[StoryKey]:
    urls = [url for url in candidate.urls if not is_landing_page(url)]
    title = " ".join(words(candidate.title))
    if title:
        yield from (
            StoryKey(JoinRule.URL, _digest(f"{candidate.feed_id}\n{title}\n{story_key(url)}"))
            for url in urls
        )
    yield from (
        StoryKey(JoinRule.URL, _bounded(story_key(url)), other_feeds_only=True)
        for url in urls
        if not _is_nobodys(url)
    )


def _text(candidate: StoryCandidate) -> Iterator[StoryKey]:
    tokens = words(candidate.text)
    text, title = " ".join(tokens), " ".join(words(candidate.title))
    unspaced = count_unspaced(text)
    size = len(tokens) - unspaced + unspaced * _UNSPACED_WEIGHT
    if size >= _LEAST_WITH_TITLE and title:
        yield StoryKey(JoinRule.TEXT, _digest(f"{candidate.feed_id}\n{title}\n{text}"))
        yield StoryKey(JoinRule.TEXT, _digest(f"{title}\n{text}"), other_feeds_only=True)
    if size >= _LEAST_ALONE:
        # Releases, issues and episodes can share every word but the number in their title.
        numbers = " ".join(_NUMBER.findall(candidate.title))
        yield StoryKey(JoinRule.TEXT, _digest(f"{numbers}\n{text}"), other_feeds_only=True)


def keyed_anew(key: str) -> str | None:
    """The stored ``key`` by the rules of now; None when it is the same, or says nothing of an address."""
    rule, _, value = key.partition(":")
    if rule not in {JoinRule.URL, JoinRule.GUID} or value.startswith(("sha256:", "urn:", "tag:")):
        return None
    # A key is a form of its address, without the scheme; a guid has its fragment apart.
    address, hash_sign, fragment = (
        value.partition("#") if rule == JoinRule.GUID else (value, "", "")
    )
    new = story_key(f"https://{address}")
    if new == address or new.startswith("https://"):
        return None
    return f"{rule}:{_bounded(f'{new}{hash_sign}{fragment}')}"


def _is_nobodys(address: str) -> bool:
    """True for an address of the machine on which a site was made, or of an example."""
    found = _HOST.match(address)
    if found is None:
        return False
    host = found[1].lower().rstrip(".")
    return bool(_NOBODYS.fullmatch(host)) or (host == "127.0.0.1" and found[2] in _DEVELOPERS_PORTS)


def _bounded(value: str) -> str:
    """``value`` itself as long as it can be indexed: people read it in explanations."""
    return value if len(value) <= _MAX_VALUE else _digest(value)


def _digest(value: str) -> str:
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
