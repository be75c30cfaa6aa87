"""Gzip in parts: every reader gets the bytes back, and they depend on nothing but the bytes."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.compression import Parts, brotlied, gzipped, zstandarded

END = b"</item>\n"


def feed(chance: random.Random, length: int) -> list[bytes]:
    return [
        bytes(chance.choices(b"abcdef <>/item", k=chance.randrange(900))) for _ in range(length)
    ]


@given(st.binary(max_size=3000), st.sampled_from([b"", b"a", b"\x00", END]))
def test_any_bytes_come_back(body: bytes, end: bytes) -> None:
    packed = gzipped(body, end)
    assert gzip.decompress(packed) == body
    assert zlib.decompressobj(31).decompress(packed) == body
    assert gzipped(body, end, Parts(1 << 20)) == packed


@given(st.integers(0, 10**9), st.sampled_from([0, 5000, 1 << 22]))
def test_what_was_compressed_before_changes_nothing(seed: int, room: int) -> None:
    chance, parts = random.Random(seed), Parts(room)
    items = feed(chance, 150)
    for _ in range(4):
        parts.next_round()
        body = b"<head>" + END.join(items) + b"</foot>"
        packed = gzipped(body, END, parts)
        assert packed == gzipped(body, END)
        assert gzip.decompress(packed) == body
        place = chance.randrange(len(items))
        items[place : place + chance.randrange(3)] = feed(chance, chance.randrange(3))


def test_what_has_not_changed_is_not_compressed_again() -> None:
    made: list[bytes] = []

    class Counted(Parts):
        def get(self, key, make, key_bytes=0):  # type: ignore[no-untyped-def]
            def counted() -> bytes:
                made.append(key)
                fresh: bytes = make()
                return fresh

            found: bytes = super().get(key, counted, key_bytes)
            return found

    chance, parts = random.Random(3), Counted(1 << 24)
    items = feed(chance, 2000)
    gzipped(END.join(items), END, parts)
    parts_of_all = len(made)
    assert parts_of_all > 20
    made.clear()
    gzipped(END.join([*feed(chance, 2), *items[:-2]]), END, parts)
    assert len(made) <= 5


@given(st.binary(max_size=3000))
def test_other_codings_give_the_bytes_back(body: bytes) -> None:
    assert brotli.decompress(brotlied(body)) == body
    assert zstandard.ZstdDecompressor().decompress(zstandarded(body)) == body
