"""Bytes → text: what a document's characters really are, whatever it says they are.

Order of belief: byte order mark; the shape of UTF-16/32 without one; valid UTF-8 (text in another
encoding is practically never valid UTF-8 by accident); the XML declaration; the HTTP charset;
UTF-8 with single wrong bytes, each read as Windows-1252; the language that the document names.
What labels mean, and how bytes are read that a label speaks for, is
:mod:`aggregator.text.charset`'s matter.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from aggregator.text import charset

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHAPES = (
    (re.compile(rb"<\0\0\0[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[^\0]"), "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?\bencoding\s{0,8}=\s{0,8}["']([\w.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_META = re.compile(
    rb"""<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}["']?([\w.:-]{1,40})""", re.IGNORECASE
)
_LANGUAGE = re.compile(rb"""<(?:dc:)?language>\s{0,20}([A-Za-z]{2})|xml:lang=["']([A-Za-z]{2})""")
_BY_LANGUAGE = {
    b"ru": ("cp1251",),
    b"uk": ("cp1251",),
    b"bg": ("cp1251",),
    b"ja": ("cp932", "euc_jp"),
    b"zh": ("gb18030", "big5hkscs"),
    b"ko": ("cp949",),
    b"el": ("cp1253",),
    b"tr": ("cp1254",),
    b"he": ("cp1255",),
    b"ar": ("cp1256",),
    b"th": ("cp874",),
    b"pl": ("cp1250",),
    b"cs": ("cp1250",),
    b"hu": ("cp1250",),
}
_HIGH = re.compile(rb"[\x80-\xff]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 1 << 16
_MAX_HIGH = 4096
_BEGINNING = 64  # bytes
_EVIDENCE = 6  # wrong places
# A character above U+FFFF as two surrogates of three bytes each (CESU-8, Unicode Technical Report #26).
_SURROGATES = re.compile(rb"\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])")
_MAX_REPAIRS = 10_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the encoding it was read in, and what was wrong (``""``: nothing).

    The encoding has the standard's name where the document or its server said it, else Python's.
    """

    text: str
    encoding: str
    note: str = ""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Read ``body``; never raises, and costs a few linear passes at most."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            if encoding == "utf-8" or 0 in rest[:_BEGINNING] or b"<" not in rest[:_BEGINNING]:
                return _lenient(rest, encoding)
            return decode(
                rest, content_type
            )  # in UTF-16 and UTF-32 every second byte of markup is 0
    for shape, encoding in _SHAPES:
        if shape.match(body):
            return _lenient(body, encoding)
    named = _named(body, content_type)
    if charset.label_alone_tells(body, named):
        return _as_named(body, named)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        joined = _SURROGATES.sub(_joined, body)
        return _not_utf8(body, named, error) if joined == body else decode(joined, content_type)
    wrong = named not in ("", "utf-8") and not text.isascii()
    return Decoded(text, "utf-8", f"declared as {named}, but it is UTF-8" if wrong else "")


def _joined(pair: re.Match[bytes]) -> bytes:
    """The character of a pair of surrogates, in UTF-8."""
    high, low = (
        (one[0] & 0x0F) << 6 | two[0] & 0x3F for one, two in (pair.group(1, 2), pair.group(3, 4))
    )
    return chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)).encode()


def _named(body: bytes, content_type: str) -> str:
    """The encoding that the document or its server names, ``""`` if none."""
    head = body[:1024]
    found = _DECLARED.search(head) or _META.search(head)
    labels = [found[1].decode("ascii", "replace")] if found else []
    if (stated := _CHARSET.search(content_type)) is not None:
        labels.append(stated[1])
    return next(filter(None, map(charset.encoding_named, labels)), "")


def _not_utf8(body: bytes, named: str, error: UnicodeDecodeError) -> Decoded:
    if named and not charset.is_unicode(named):
        return _as_named(body, named)
    sample = body[error.start : error.start + _SAMPLE].decode("utf-8", "replace")
    wrong = sample.count("\ufffd")
    # In UTF-8 with damage most sequences are whole; in another encoding practically none is.
    whole = len(_NOT_ASCII.findall(body[:_SAMPLE].decode("utf-8", "replace"))) - wrong
    if wrong <= max(whole, 1) and (wrong > 1 or whole > 2):
        return _damaged_utf8(body)
    guess = _guess(body)
    # What says that it is UTF-8 needs more than a few bytes to be taken for something else.
    if named and (wrong < _EVIDENCE or guess == "cp1252"):
        return _damaged_utf8(body)
    text = body.decode(guess, "replace")
    return Decoded(text, guess, f"it is not UTF-8; read as {guess}")


def _damaged_utf8(body: bytes) -> Decoded:
    """Wrong bytes read as Windows-1252, as long as there are not very many."""
    replaced = body.decode("utf-8", "replace")
    wrong = replaced.count("\ufffd")
    note = f"{wrong} bytes are not UTF-8"
    if wrong > _MAX_REPAIRS:
        return Decoded(replaced, "utf-8", note)
    return Decoded(body.decode("utf-8", "windows-1252-bytes"), "utf-8", note)


def _guess(body: bytes) -> str:
    """The likeliest legacy encoding: by the language named, else by the shape of its words."""
    found = _LANGUAGE.search(body[:_SAMPLE])
    if found:
        for encoding in _BY_LANGUAGE.get((found[1] or found[2]).lower(), ()):
            if _decodes(body, encoding):
                return encoding
    runs = [run[0] for run in islice(_HIGH.finditer(body), 2000)]
    high = b"".join(runs)[:_MAX_HIGH]
    if sum(len(run) for run in runs if len(run) >= 2) * 2 < len(high):
        return "cp1252"  # single accented letters between ASCII ones
    if all(byte >= 0xC0 or byte in b"\xa8\xb8\xab\xbb\x96\x97" for byte in high):
        return "cp1251"
    return next((e for e, looks in _EAST_ASIAN if looks(high) and _decodes(body, e)), "cp1252")


def _share(high: bytes, first: int, last: int) -> float:
    """The part of lead bytes in a range, every second byte taken as one."""
    leads = high[::2]
    return sum(first <= lead <= last for lead in leads) / max(len(leads), 1)


# Encodings of two high bytes a character, each with what its commonest characters look like.
_EAST_ASIAN: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("cp932", lambda high: (high.count(0x82) + high.count(0x83)) * 5 > len(high)),  # kana
    ("euc_jp", lambda high: _share(high, 0xA4, 0xA5) > 0.2),  # kana
    ("euc_kr", lambda high: _share(high, 0xB0, 0xC8) > 0.9),  # Hangul
    ("gb2312", lambda _: True),
    ("big5", lambda _: True),
    ("gb18030", lambda _: True),
    ("cp932", lambda _: True),
    ("cp949", lambda _: True),
)


def _decodes(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _as_named(body: bytes, named: str) -> Decoded:
    text = charset.decode(body, named)
    if named == charset.REPLACEMENT:
        return Decoded(text, named, "declared in an encoding that is not read, as in browsers")
    return _counted(text, named)


def _lenient(body: bytes, encoding: str) -> Decoded:
    return _counted(body.decode(encoding, "replace"), encoding)


def _counted(text: str, encoding: str) -> Decoded:
    wrong = text.count("\ufffd")
    return Decoded(text, encoding, f"{wrong} places are not {encoding}" if wrong else "")


def _mended_byte(error: UnicodeError) -> tuple[str, int]:
    """The character for bytes that are no UTF-8: one of Windows-1252, or a cut one's place."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    if len(wrong) > 1:  # a character that was cut off
        return "\ufffd", error.end
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("windows-1252-bytes", _mended_byte)
