"""Bytes of a page to text: which encoding, in the order in which the hints deserve trust."""

from __future__ import annotations

import codecs
import re

from trafilatura.utils import detect_encoding

from aggregator.text import charset

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,500}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_C1 = re.compile("[\x80-\x9f]")
_SNIFFED_BYTES = 4096  # the Encoding Standard looks at 1024; real pages put more before it
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(page: bytes, content_type: str) -> str:
    """``page`` as text; never raises.

    Trusted in this order: a byte order mark, valid UTF-8, the charset of ``content_type``, the
    page's own ``<meta>``, statistics. Bytes that fit none become U+FFFD. A label comes before valid
    UTF-8 where it alone tells (ISO-2022-JP, UTF-16 without a mark).
    """
    for mark, name in _BOMS:
        if page.startswith(mark):
            return page[len(mark) :].decode(name, "replace")
    encodings = _declared(page, content_type)
    if encodings and charset.label_alone_tells(page, encodings[0]):
        return charset.decode(page, encodings[0])
    try:
        # Text in another encoding is practically never valid UTF-8 by chance, while UTF-8 is often
        # labelled as something else.
        return page.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for encoding in encodings:
        text = _fitting(page, encoding)
        if text is not None:
            return text
    return _guess(page, encodings)


def _declared(page: bytes, content_type: str) -> list[str]:
    """The encodings that the server and the page name, by their standard's names."""
    labels = [match[1] for match in [_CHARSET.search(content_type)] if match]
    sniffed = _META.search(page[:_SNIFFED_BYTES])
    labels += [sniffed[1].decode("ascii")] if sniffed else []
    return [encoding for label in labels if (encoding := charset.encoding_named(label))]


def _fitting(page: bytes, encoding: str) -> str | None:
    """``page`` in ``encoding``, None when it does not fit."""
    if charset.is_unicode(encoding):
        return None  # the label is wrong: no mark, or not valid
    text = charset.decode(page, encoding)
    # What the standard replaces has been read when it is U+FFFD.
    return text if "\ufffd" not in text or encoding == charset.REPLACEMENT else None


def _guess(page: bytes, declared: list[str]) -> str:
    replaced = page.decode("utf-8", "replace")
    # A few broken bytes in what is otherwise UTF-8: cut characters, a stray Latin-1 comment.
    wrong = replaced.count("\ufffd")
    if wrong * 50 < sum(1 for byte in page if byte > 0x7F) or wrong < 3:
        return replaced
    for encoding in declared:
        lossy = charset.decode(page, encoding)
        if lossy.count("\ufffd") < wrong / 4:
            return lossy
    for label in detect_encoding(page):
        encoding = charset.encoding_named(label)
        text = _fitting(page, encoding) if encoding else None
        # Windows' encodings have no control characters but for bytes that mean nothing in them.
        if text is not None and not (encoding.startswith("windows-") and _C1.search(text)):
            return text
    return replaced
