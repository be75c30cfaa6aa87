"""Labels of encodings, and bytes in them → text, as the Encoding Standard says; for feeds and pages.

Which encoding a label means is webencodings' table of the standard's labels. The decoders are
Python's, mended where the standard's tables have other characters. Which evidence is believed
(byte order marks, declarations, statistics) is the callers' matter.

Source: https://encoding.spec.whatwg.org/
"""

from __future__ import annotations

import codecs
import re
from functools import cache

import webencodings

REPLACEMENT = "replacement"  # encodings that are not read by intent: their text is one U+FFFD
UTF_8 = "utf-8"
_UTF = frozenset({UTF_8, "utf-16le", "utf-16be"})
# More than one byte a character, with Python's codec for it. The standard reads gbk as gb18030.
_CODECS = {
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}
# Names that Python gives to encodings of the standard and that are no labels of it.
_PYTHON_NAMES = {
    "big5hkscs": "big5",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "cp950": "big5",
    "cp874": "windows-874",
    "mac-roman": "macintosh",
    "mac-cyrillic": "x-mac-cyrillic",
}
# Character sets that the standard leaves out. Not among them: UTF-7 and codecs that are no character
# sets, such as "hex" and "unicode_escape", which strangers' labels must not reach.
_OTHER_SETS = re.compile(r"cp\d{3,4}|iso8859-\d{1,2}|koi8-t|mac-\w+|kz1048|ptcp154|hp-roman8")

# Single bytes that the standard reads as another character than Python's codec.
_SINGLE_BYTES = {"koi8-u": {0xAE: "ў", 0xBE: "Ў"}, "windows-1255": {0xCA: "\u05ba"}}
_JIS_X_0208 = dict(zip("〜‖−¢£¬", "～∥－￠￡￢", strict=True))
# The same for two bytes: what Python's codec gives for them, and for no others.
_CHARACTERS = {
    "gb18030": {
        **{chr(0xE78D + place): char for place, char in enumerate("︐︒︑︓︔︕︖︗︘︙")},
        **dict(
            zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", map(chr, range(0x9FB4, 0x9FBC)), strict=True)
        ),
        "\ue5e5": "\u3000",
        "\ue7c7": "ḿ",
    },
    "big5hkscs": dict(zip("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡", strict=True)),
    "euc_jp": _JIS_X_0208,
    "iso2022_jp_ext": _JIS_X_0208,
    "cp932": dict.fromkeys("\uf8f0\uf8f1\uf8f2\uf8f3", "\ufffd"),
}  # fmt: skip
# Bytes that begin a character, with what follows: one wrong place, unless that is ASCII.
_LEADS = {
    "gb18030": re.compile(rb"[\x81-\xfe](?:[\x80-\xff]|[0-9]\Z|[0-9][\x81-\xfe](?:[0-9]|\Z))"),
    "big5hkscs": re.compile(rb"[\x81-\xfe][\x80-\xff]"),
    "cp949": re.compile(rb"[\x81-\xfe][\x80-\xff]"),
    "cp932": re.compile(rb"[\x81-\x9f\xe0-\xfc][\x80-\xff]"),
    "euc_jp": re.compile(rb"\x8f[\xa1-\xfe][\x80-\xff]|[\x8e\x8f\xa1-\xfe][\x80-\xff]"),
}
_SHIFT = re.compile(rb"[\x0e\x1b]|~\{")
_MAX_MENDED = 50_000  # each costs a call; beyond, what Python's codec says stands


def encoding_named(label: str) -> str:
    """The encoding that ``label`` means, by its name in the standard in lower case; ``""`` if none.

    Python's names of character sets (``latin-1``, ``cp437``) are understood where the standard has
    no such label.
    """
    try:
        found = webencodings.lookup(label)
        name = label.lower() if found else codecs.lookup(label).name
    except (LookupError, ValueError):
        return ""
    if found is None:
        known = _PYTHON_NAMES.get(name, name.replace("_", "-"))
        found = webencodings.lookup(known)
    if found is not None:
        return str(found.name)
    return name if _OTHER_SETS.fullmatch(name) else ""


def is_unicode(encoding: str) -> bool:
    """True for UTF-8 and UTF-16, whose bytes show by themselves what they are."""
    return encoding in _UTF


def label_alone_tells(body: bytes, encoding: str) -> bool:
    """True for bytes that are ASCII as well and mean something else, if they are in ``encoding``.

    ISO-2022-JP, and those that the standard replaces (ISO-2022-KR, HZ), switch between character
    sets; in UTF-16 one of the first two bytes of markup is NUL.
    """
    if encoding in {"utf-16le", "utf-16be"}:
        return 0 in body[:2]
    shifted = encoding in {"iso-2022-jp", REPLACEMENT} and body.isascii()
    return shifted and _SHIFT.search(body) is not None


def decode(body: bytes, encoding: str) -> str:
    """``body`` in an ``encoding`` of :func:`encoding_named`; a U+FFFD for each wrong place.

    Linear; never raises but LookupError for an ``encoding`` that is none.
    """
    if encoding == REPLACEMENT:
        return "\ufffd" if body else ""
    if encoding in _UTF:
        return body.decode(encoding, "replace")
    codec = _CODECS.get(encoding)
    if codec is None:
        return codecs.charmap_decode(body, "replace", _table(encoding))[0]
    text = _two_bytes(body, codec)
    for pythons, standards in _CHARACTERS.get(codec, {}).items():
        text = text.replace(pythons, standards)  # much cheaper than translate or a pattern
    return text


@cache
def _table(encoding: str) -> str:
    """The 256 characters of an encoding of one byte each.

    Where Python's codec has none, the standard has the control character of the same number.
    """
    known = webencodings.lookup(encoding)
    reads = known.codec_info.decode if known else codecs.getdecoder(encoding)
    chars = [reads(bytes([byte]), "replace")[0] for byte in range(256)]
    for byte in range(0x80, 0xA0):
        if chars[byte] == "\ufffd":
            chars[byte] = chr(byte)
    for byte, char in _SINGLE_BYTES.get(encoding, {}).items():
        chars[byte] = char
    return "".join(chars)


def _two_bytes(body: bytes, codec: str) -> str:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        replaced = body.decode(codec, "replace")
    if replaced.count("\ufffd") > _MAX_MENDED:
        return replaced
    try:
        return body.decode(codec, "encoding-standard")
    except UnicodeDecodeError:
        return replaced


def _mended(error: UnicodeError) -> tuple[str, int]:
    """What the standard has where Python's codec has nothing, and where to go on.

    Raises ``error`` when it has been asked for too many places of one text.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    calls = vars(error)["calls"] = vars(error).get("calls", 0) + 1  # one error for all of a text
    if calls > _MAX_MENDED:
        raise error
    body, start, codec = error.object, error.start, error.encoding
    if codec == "gb18030" and body[start] == 0x80:
        return "€", start + 1
    if codec in {"euc_jp", "iso2022_jp_ext"}:
        high = 0x80 if codec == "iso2022_jp_ext" else 0
        char = _jis_x_0208(*(byte | high for byte in body[start : start + 2]))
        if char:
            return char, start + 2
    if codec not in _LEADS:
        return "\ufffd", error.end
    wrong = _LEADS[codec].match(body, start)
    return "\ufffd", wrong.end() if wrong else start + 1


def _jis_x_0208(first: int, second: int = 0) -> str:
    """The character at two bytes of EUC-JP, by its place in Shift_JIS; ``""`` if none.

    The standard has one table for both; Python's codec of Shift_JIS is all of it, while those of
    the others lack NEC's row 13 (``①``, ``№``) and IBM's characters.
    """
    if not (0xA1 <= first <= 0xFE and 0xA1 <= second <= 0xFE):
        return ""
    row, place = divmod((first - 0xA1) * 94 + second - 0xA1, 188)
    lead = row + (0x81 if row < 0x1F else 0xC1)
    trail = place + (0x40 if place < 0x3F else 0x41)
    try:
        return bytes((lead, trail)).decode("cp932")
    except UnicodeDecodeError:
        return ""


codecs.register_error("encoding-standard", _mended)
