"""Documents that say they are UTF-8, and are but for a few bytes."""

from __future__ import annotations

import pytest

from aggregator.parse.encoding import decode

HEAD = b'<?xml version="1.0" encoding="utf-8"?><rss><title>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"It\xe2\x80s late", "It\ufffds late"),
        (b"price 5\xe2\x82 each", "price 5\ufffd each"),
        (b"smile \xed\xa0\xbd\xed\xb8\x80 now", "smile 😀 now"),
        (b"caf\xe9 d\xe9j\xe0", "café déjà"),
        (b"gut f\xc3\xbcr \x93alle\x94", "gut für “alle”"),
        ("Привет мир".encode("cp1251"), "Привет мир"),
        ("こんにちは".encode("shift_jis"), "こんにちは"),
    ],
)
def test_bad_bytes_are_mended_one_by_one(body: bytes, text: str) -> None:
    assert decode(HEAD + body).text == HEAD.decode() + text
