"""Secrets that are found again wherever they leak: unique, in any encoding, also when cut short.

A canary is made of three pieces of eight characters, each begun by the same rare marker and followed
by letters that no other piece has, so that a third of it is told as surely as the whole. No encoding
of URLs, HTML or JSON touches its characters; base64 and hex are undone before the search.
"""

from __future__ import annotations

import base64
import binascii
import html
import itertools
import random
import re
import string
from collections.abc import Collection, Iterator
from urllib.parse import unquote_to_bytes

_MARKER = "zq7"
_PIECE = re.compile(rb"zq7([a-z]{3})", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPED = re.compile(rb"%[0-9a-fA-F]{2}|&#|\\u00")
_JSON_ESCAPE = re.compile(rb"\\u00([0-9a-fA-F]{2})")


class Canaries:
    """Makes canaries and finds them. ``labels`` maps the letters of a piece to where it belongs."""

    def __init__(self) -> None:
        self.labels: dict[bytes, str] = {}
        # Drawn at random, as secrets are, but the same ones in each run.
        self._random = random.Random(13)
        pieces = ["".join(three) for three in itertools.product(string.ascii_lowercase, repeat=3)]
        self._random.shuffle(pieces)
        self._letters = iter(pieces)

    def make(self, label: str, shape: str = "{}") -> str:
        """A secret of ``label``: ``shape`` with a canary in place of every ``{}``."""
        return shape.format(*(self._one(label) for _ in range(shape.count("{}"))))

    def _one(self, label: str) -> str:
        pieces = []
        for letters in itertools.islice(self._letters, 3):
            self.labels[letters.encode()] = label
            rest = "".join(self._random.choices(string.ascii_lowercase, k=2))
            pieces.append(f"{_MARKER}{letters}{rest}")
        return "".join(pieces)

    def found(self, data: bytes, allowed: Collection[str] = ()) -> dict[str, str]:
        """Label → the text around it, for each canary in ``data`` that is not ``allowed``."""
        found: dict[str, str] = {}
        for text in _readings(data):
            for match in _PIECE.finditer(text):
                label = self.labels.get(match[1].lower())
                if label is not None and label not in allowed:
                    around = text[max(0, match.start() - 120) : match.end() + 60]
                    found.setdefault(label, around.decode(errors="replace"))
        return found


def _readings(data: bytes) -> Iterator[bytes]:
    """``data`` as it stands, and as it reads when what is encoded in it is decoded."""
    yield data
    text = data
    while _ESCAPED.search(text):
        text, before = _decoded(text), text
        if text == before:
            break
        yield text
    for match in _BASE64.finditer(data):
        run = match[0].translate(bytes.maketrans(b"-_", b"+/"))
        for shift in range(4):
            part = run[shift : shift + (len(run) - shift) // 4 * 4]
            plain = base64.b64decode(part)
            if _PIECE.search(plain):
                yield data[max(0, match.start() - 60) : match.start()] + b" base64: " + plain
    for match in _HEX.finditer(data):
        plain = binascii.unhexlify(match[0])
        if _PIECE.search(plain):
            yield data[max(0, match.start() - 60) : match.start()] + b" hex: " + plain


def _decoded(text: bytes) -> bytes:
    text = _JSON_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), unquote_to_bytes(text))
    return html.unescape(text.decode("latin-1")).encode("latin-1", "replace")
