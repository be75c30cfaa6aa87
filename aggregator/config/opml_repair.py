"""A subscription list that is no well-formed XML → one that is, with the same outlines.

As feeds are mended, but for what OPML is made of: outlines and their attributes. A walk from tag to
tag that always moves forward. Unescaped ``&`` and ``<`` are taken as text, end tags without a start
are dropped, what is not closed is closed at the end. Each outline keeps its line.
"""

from __future__ import annotations

import codecs
import html
import re
from xml.sax.saxutils import escape, quoteattr

from aggregator.sanitize.markup import attributes
from aggregator.text import charset

_DEEPEST = 100  # folders; libxml2 reads 256
_TAG = re.compile(r"<!--|<!\[CDATA\[|<[!?]|<(/?)\s*+(?:[\w.-]+:)?(\w+)", re.ASCII)
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>", "<!": ">", "<?": ">"}
_NAME = re.compile(r"(?:[A-Za-z_][\w.-]*+:)?([A-Za-z_][\w.-]{0,99}+)", re.ASCII)
_ILLEGAL = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
# With its semicolon: `?a=1&copy=2` is an address.
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HEAD_TITLE = re.compile(r"<title>([^<]{0,200})</title>", re.IGNORECASE)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16le",
    codecs.BOM_UTF16_BE: "utf-16be",
}


def legal(text: str) -> str:
    """``text`` without the characters that XML 1.0 §2.2 forbids."""
    return _ILLEGAL.sub("", text)


def text_of(data: bytes) -> str:
    """``data`` as text: by its mark, as UTF-8, by what it declares, else as windows-1252."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return charset.decode(data[len(mark) :], encoding)
    try:
        return data.decode()
    except UnicodeDecodeError:
        declared = _DECLARED.search(data[:1000])
        named = charset.encoding_named(declared[1].decode()) if declared else ""
        return charset.decode(data, named or "windows-1252")


def mended(data: bytes) -> bytes:
    """A well-formed OPML document with the outlines of ``data``, each on the line where it was."""
    text = text_of(data)
    title = _HEAD_TITLE.search(text[:10_000])
    out = [f"<opml><head><title>{escape(legal(title[1] if title else ''))}</title></head><body>"]
    open_: list[bool] = []  # the outlines that are open: True for folders that were written
    depth = at = 0
    while (tag := _TAG.search(text, at)) is not None:
        end, written = _end(text, tag), ""
        if (tag[2] or "").lower() == "outline":
            if tag[1]:
                depth, written = _closed(open_, depth)
            else:
                found, end, closed = attributes(text, tag.end())
                start = f"<outline{_written(found)}"
                # A feed holds nothing, so it is closed at once, whatever its own end tag does.
                is_folder = "xmlurl" not in found and not closed and depth < _DEEPEST
                written = start + (">" if is_folder else "/>")
                depth += is_folder
                if not closed:
                    open_.append(is_folder)
        out += ["\n" * text.count("\n", at, tag.start()), written]
        out.append("\n" * text.count("\n", tag.start(), end))
        at = max(end, tag.end())
    out += ["</outline>" * depth, "</body></opml>"]
    return "".join(out).encode()


def _closed(open_: list[bool], depth: int) -> tuple[int, str]:
    if not open_ or not open_.pop():
        return depth, ""
    return depth - 1, "</outline>"


def _end(text: str, tag: re.Match[str]) -> int:
    """Index behind a tag that is no outline's."""
    closer = _CLOSERS.get(tag[0])
    if closer is None:
        return tag.end()
    found = text.find(closer, tag.end())
    return found + len(closer) if found >= 0 else len(text)


def _unescaped(text: str) -> str:
    return _REFERENCE.sub(lambda match: html.unescape(match[0]), text)


def _written(found: dict[str, str]) -> str:
    """Attributes without prefixes and without line breaks, which would move what follows."""
    named: dict[str, str] = {}
    for name, value in found.items():
        if match := _NAME.fullmatch(name):
            named.setdefault(match[1], " ".join(legal(_unescaped(value)).split()))
    return "".join(f" {name}={quoteattr(value)}" for name, value in named.items())
