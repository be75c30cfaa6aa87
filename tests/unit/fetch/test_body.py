"""Content codings: right, bounded, and broken in every way."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.body import Body, BodyFault

CAP = 1 << 20
TEXT = b"<rss>" + bytes(range(256)) * 400 + b"</rss>"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def zstd_unsized(data: bytes) -> bytes:
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(data) + packer.flush()


def in_two(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: pack(data[: len(data) // 2]) + pack(data[len(data) // 2 :])


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": in_two(gzip.compress),
    "gzip, identity": lambda data: gzip.compress(data, mtime=0) + b"\0" * 9,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstandard.compress,
    "ZSTD": zstd_unsized,
    "Zstd": in_two(zstandard.compress),
}
CODINGS = ("gzip", "deflate", "Deflate", "br", "zstd", "ZSTD")


def decode(coding: str, data: bytes, *, piece: int = 1 << 16, cap: int = CAP) -> bytes:
    body = Body(coding, cap)
    for start in range(0, len(data), piece):
        body.feed(data[start : start + piece])
    return body.finish()


@pytest.mark.parametrize("coding", PACK)
@pytest.mark.parametrize("piece", [1, 7, 127, 128, 129, 1 << 16])
def test_codings_are_undone_whatever_the_pieces(coding: str, piece: int) -> None:
    text = TEXT if piece > 1 else TEXT[:3000]
    assert decode(coding, PACK[coding](text), piece=piece) == text


@pytest.mark.parametrize("coding", ["", "identity", "none", "UTF-8", "identity, "])
def test_no_coding_keeps_the_bytes(coding: str) -> None:
    assert decode(coding, TEXT, piece=100) == TEXT


@pytest.mark.parametrize("coding", PACK)
def test_an_empty_body_needs_no_coding(coding: str) -> None:
    assert decode(coding, b"") == b""


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("part", [0.01, 0.5, 0.99])
def test_a_truncated_body_is_noticed(coding: str, part: float) -> None:
    packed = PACK[coding](TEXT)
    with pytest.raises(BodyFault) as caught:
        decode(coding, packed[: max(1, int(len(packed) * part))])
    assert not caught.value.too_large


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("piece", [50, 1 << 20])
def test_garbage_after_the_end_is_noticed(coding: str, piece: int) -> None:
    with pytest.raises(BodyFault):
        decode(coding, PACK[coding](TEXT) + b"garbage", piece=piece)


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_not_compressed_at_all_is_noticed(coding: str) -> None:
    with pytest.raises(BodyFault):
        decode(coding, b"<rss>not compressed</rss>")


def test_garbage_after_padding_is_noticed() -> None:
    with pytest.raises(BodyFault, match="garbage"):
        decode("gzip", gzip.compress(TEXT, mtime=0) + b"\0\0\0x", piece=1)


@pytest.mark.parametrize("coding", ["gzip, gzip", "br,gzip", "gzip, identity, zstd"])
def test_stacked_codings_are_refused(coding: str) -> None:
    with pytest.raises(BodyFault, match="stacked"):
        Body(coding, CAP)


def test_an_unknown_coding_is_refused() -> None:
    with pytest.raises(BodyFault, match="compress"):
        Body("compress", CAP)


def test_the_cap_itself_is_allowed_and_one_byte_more_is_not() -> None:
    assert decode("", b"x" * CAP) == b"x" * CAP
    assert decode("gzip", gzip.compress(b"x" * CAP, mtime=0)) == b"x" * CAP
    for coding, data in (("", b"x" * (CAP + 1)), ("gzip", gzip.compress(b"x" * (CAP + 1)))):
        with pytest.raises(BodyFault) as caught:
            decode(coding, data)
        assert caught.value.too_large


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_stops_at_the_cap_in_bounded_memory(coding: str) -> None:
    bomb = PACK[coding](bytes(64 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(BodyFault) as caught:
            decode(coding, bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.too_large
    assert peak < 8 << 20  # the cap, a step (4 MiB for zstd), a window


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_endless_empty_members_are_refused(coding: str) -> None:
    with pytest.raises(BodyFault, match="members"):
        decode(coding, PACK[coding](b"") * 5000)


def test_received_bytes_are_counted() -> None:
    body = Body("gzip", CAP)
    body.feed(packed := gzip.compress(TEXT, mtime=0))
    assert body.received == len(packed)


@given(st.sampled_from(CODINGS), st.binary(max_size=300), st.integers(1, 50), st.binary(max_size=9))
def test_any_bytes_give_a_body_or_a_fault(
    coding: str, text: bytes, piece: int, noise: bytes
) -> None:
    packed = bytearray(PACK[coding](text))
    middle = len(packed) // 2
    packed[middle : middle + len(noise)] = noise
    for data in (bytes(packed), noise):
        try:
            decode(coding, data, piece=piece, cap=1000)
        except BodyFault:
            continue
