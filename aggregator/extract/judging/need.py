"""Need of an entry's page: fetch it, unless the feed already gave the whole text.

Decided by the entry itself and by what the feed's earlier pages proved: those that gave no more than the
feed did are noted as such (:data:`FEED_SOURCE`).
"""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Collection, Iterable, Sequence
from html import unescape
from urllib.parse import urlsplit

from aggregator.model import Entry, ExtractMode
from aggregator.text.truncation import is_truncated
from aggregator.text.words import words
from aggregator.urls import names_item, part_of, without_part

# Words from which on a feed's own content is taken for the whole article. ``content:encoded`` and
# Atom's ``content`` are meant for it; a description of the same length is rather a long teaser.
_WHOLE_CONTENT = 150
_WHOLE_SUMMARY = 300

_EVIDENTLY_WHOLE = 600  # words; a feed that gives as many rarely keeps the rest to itself

FEED_SOURCE = "feed"  # an article's source when its page gave no more than the feed had given
SURE_OF_FEED = 0.5  # … the confidence below which that tells nothing of the feed's habit
FILE_SOURCE = "file:"  # … with the media type behind it, when the link led to a file and no page
_ALIKE = 0.5  # share of the words of two entries that link to one page and are one
_SAMPLES = 3  # pages from which on a feed's habit is known
_ALL_BUT_A_FEW = 0.8
_CHECKED_AGAIN = 16  # one entry in so many is compared with its page, whatever the feed's habit
_CHECKED_FIRST = 6  # … while the habit is unknown

_NOT_A_PAGE = re.compile(
    r"\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|wav|flac|mp4|m4v|mov|avi|mkv|webm|mpe?g|pdf|epub|mobi|docx?|xlsx?|"
    r"pptx?|odt|zip|gz|tgz|bz2|xz|7z|rar|tar|dmg|exe|msi|iso|apk|deb|rpm|jar|whl|jpe?g|png|gif|webp|avif|"
    r"svg|tiff?|bmp|ics|torrent|xml|rss|atom|json|csv)$",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]*>")


def feed_is_whole(sources: Sequence[str]) -> bool | None:
    """True for a feed of whole texts, by the ``sources`` of its latest articles; None: not known."""
    compared = [source for source in sources if source == FEED_SOURCE or source.startswith("page:")]
    if len(compared) < _SAMPLES:
        return None
    share = compared.count(FEED_SOURCE) / len(compared)
    if share >= _ALL_BUT_A_FEW:
        return True
    return False if share <= 1 - _ALL_BUT_A_FEW else None


def wants_page(
    entry: Entry,
    mode: ExtractMode,
    feed_whole: bool | None = None,
    shared_pages: Collection[str] = (),
) -> bool:
    """True when ``entry``'s page is to be fetched.

    Never for an entry without an http(s) URL, nor for a link that is evidently a file of another
    kind. ``auto`` fetches unless the feed's own text is evidently whole: long, without a mark of
    truncation at its end, and ``feed_whole`` (:func:`feed_is_whole`) not False; or ``feed_whole``
    proves it. Some entries are fetched all the same: feeds change their habits. Nor is one that says
    something and whose link names a part of a page: one item of many by its form, or of several
    entries on one of ``shared_pages`` (:func:`pages_of_several`).
    """
    if mode is not ExtractMode.AUTO or not _is_page(entry.url):
        return mode is ExtractMode.ALWAYS and _is_page(entry.url)
    said = _said(entry)
    if said and (is_part(entry.url) or without_part(entry.url or "") in shared_pages):
        return False
    if said == 0 or feed_whole is False:
        return True
    if feed_whole:
        return _is_one_in(_CHECKED_AGAIN, entry)
    least = _WHOLE_CONTENT if entry.content_html else _WHOLE_SUMMARY
    checked = _CHECKED_AGAIN if said >= _EVIDENTLY_WHOLE else _CHECKED_FIRST
    return said < least or _is_one_in(checked, entry)


def is_part(url: str | None) -> bool:
    """True for a link that by its form names one item of many on a page: a comment, a post, a release."""
    return url is not None and names_item(part_of(url))


def pages_of_several(entries: Iterable[Entry]) -> set[str]:
    """The pages to which several of ``entries`` link with words of their own: none is the page's article.

    By links to different parts of it, or by texts that have little in common.
    """
    linking: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.url:
            linking.setdefault(without_part(entry.url), []).append(entry)
    return {page for page, several in linking.items() if len(several) > 1 and _differ(several)}


def _differ(entries: Sequence[Entry]) -> bool:
    if len({part_of(entry.url or "") for entry in entries}) > 1:
        return True
    first, *others = (set(words(_plain(entry.html))) for entry in entries)
    return any(len(first & other) < _ALIKE * min(len(first), len(other)) for other in others)


def file_type(url: str | None) -> str:
    """The media type of the file that ``url`` evidently is, ``""`` when it may be a page."""
    if not url or not url.startswith(("http://", "https://")) or _is_page(url):
        return ""
    try:
        return mimetypes.guess_type(urlsplit(url).path, strict=False)[0] or ""
    except ValueError:
        return ""


def _is_one_in(many: int, entry: Entry) -> bool:
    """True for one entry in ``many``, for the same ones each time."""
    return hashlib.sha256(entry.identity.encode("utf-8", "replace")).digest()[0] % many == 0


def _is_page(url: str | None) -> bool:
    if not url or not url.startswith(("http://", "https://")):
        return False
    try:
        return _NOT_A_PAGE.search(urlsplit(url).path) is None
    except ValueError:
        return False


def _said(entry: Entry) -> int:
    """The words of the feed's own text, 0 when a mark at its end says that more follows."""
    text = _plain(entry.html)
    return 0 if is_truncated(text) else len(words(text))


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())
