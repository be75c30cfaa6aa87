"""Bytes of a page to text: which encoding, in the order in which the hints deserve trust."""

from __future__ import annotations

import codecs
import re

from trafilatura.utils import detect_encoding

_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,500}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_SNIFFED_BYTES = 4096  # the Encoding Standard looks at 1024; real pages put more before it
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Browsers read these labels as the larger set (Encoding Standard, §4.2).
_LARGER = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "big5": "big5hkscs",
}  # fmt: skip


def decode(page: bytes, content_type: str) -> str:
    """``page`` as text; never raises.

    Trusted in this order: a byte order mark, valid UTF-8, the charset of ``content_type``, the
    page's own ``<meta>``, statistics. Bytes that fit none become U+FFFD.
    """
    for mark, name in _BOMS:
        if page.startswith(mark):
            return page[len(mark) :].decode(name, "replace")
    try:
        # Text in another encoding is practically never valid UTF-8 by chance, while UTF-8 is often
        # labelled as something else.
        return page.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = [match[1] for match in [_CHARSET.search(content_type)] if match]
    declared += [
        match[1].decode("ascii") for match in [_META.search(page[:_SNIFFED_BYTES])] if match
    ]
    for label in declared:
        text = _strict(page, label)
        if text is not None:
            return text
    return _guess(page, declared)


def _strict(page: bytes, label: str) -> str | None:
    """``page`` in the encoding called ``label``, None when it does not fit or is unknown."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if name.startswith("utf-16") or name == "utf-8":
        return None  # the label is wrong: no mark, or not valid
    try:
        return page.decode(_LARGER.get(name, name))
    except (UnicodeError, LookupError):  # LookupError: codecs that are not text, such as "hex"
        return None


def _guess(page: bytes, declared: list[str]) -> str:
    replaced = page.decode("utf-8", "replace")
    # A few broken bytes in what is otherwise UTF-8: cut characters, a stray Latin-1 comment.
    wrong = replaced.count("\ufffd")
    if wrong * 50 < sum(1 for byte in page if byte > 0x7F) or wrong < 3:
        return replaced
    for name in declared:
        try:
            lossy = page.decode(_LARGER.get(codecs.lookup(name).name, name), "replace")
        except (LookupError, ValueError):
            continue
        if lossy.count("\ufffd") < wrong / 4:
            return lossy
    for name in detect_encoding(page):
        text = _strict(page, name)
        if text is not None:
            return text
    return replaced
