"""Kinds of answers: a page, a file to link to, or nothing that we can use."""

from __future__ import annotations

import re

from aggregator.errors import NoArticle

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Servers that do not know call anything so; the bytes decide.
_VAGUE_TYPES = frozenset(
    {"", "text/plain", "application/xml", "text/xml", "application/octet-stream"}
)
_LOOKS_LIKE_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|article|main|div|p)\b", re.IGNORECASE
)
_LOOKS_LIKE_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)\b")
_SNIFFED_BYTES = 4096
# What people open on its own (RFC 6838 top-level types, and documents).
_FILE = re.compile(
    r"(?:image|audio|video)/[\w.+-]{1,80}|application/(?:pdf|epub\+zip|zip|gzip|rtf|msword|postscript|"
    r"x-bittorrent|x-mobipocket-ebook|vnd\.[\w.+-]{1,80})"
)
_SIGNATURES = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip


def file_kind(page: bytes, content_type: str) -> str:
    """The media type of the file that ``page`` is, ``""`` when it is HTML.

    Raises :class:`~aggregator.errors.NoArticle` for what is neither: a feed, data, plain text.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    signed = next((kind for mark, kind in _SIGNATURES if page.startswith(mark)), "")
    if signed:
        return media_type if _FILE.fullmatch(media_type) else signed
    if media_type in _HTML_TYPES:
        return ""
    beginning = page[:_SNIFFED_BYTES]
    vague = media_type in _VAGUE_TYPES and not _LOOKS_LIKE_FEED.search(beginning)
    if vague and _LOOKS_LIKE_HTML.search(beginning):
        return ""
    if _FILE.fullmatch(media_type):
        return media_type
    raise NoArticle(f"the page is {media_type or 'of an unknown type'}, not HTML")
