"""Bodies: content codings undone piece by piece, with caps on what came in and what comes out.

RFC 9110 §8.4 (content codings), RFC 1952 (gzip), RFC 1950/1951 (deflate), RFC 7932 (br),
RFC 8878/9659 (zstd). A few hundred bytes can decode to gigabytes, so no decoder is ever asked for
"everything": at most a step of output is made before the cap is looked at again. Memory is the
cap plus one step (128 KiB; 4 MiB for zstd) plus the piece that was received.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli
import zstandard

_STEP = 128 << 10
_ZSTD_SLICE = 128  # a block of 4 bytes can decode to 128 KiB: this many bytes make 4 MiB at most
_ZSTD_WINDOW = 8 << 20  # RFC 9659: what a decoder must support, and need not exceed
STEP = 5 << 20
"""No single step of decoding, nor piece received, is larger than this."""
_MAX_MEMBERS = 1024  # empty gzip members and zstd frames cost time without reaching any cap
# Seen in the wild as Content-Encoding by servers that mean the charset or nothing at all.
_NO_CODING = frozenset({"", "identity", "none", "binary", "8bit", "utf-8", "utf8"})

Write = Callable[[bytes], None]


class BodyFault(Exception):
    """The body cannot be used; ``too_large``: because of a cap, else because it is broken."""

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        super().__init__(message)
        self.too_large = too_large


class Decoder(Protocol):
    """One content coding being undone."""

    def feed(self, data: bytes, write: Write) -> None:
        """Decode ``data``; give the output to ``write`` in bounded steps."""
        ...

    def complete(self) -> bool:
        """True when nothing is missing at the end of the bytes fed so far."""
        ...


class Body:
    """Collects one body: :meth:`feed` each piece as it is received, then :meth:`finish`.

    Raises :class:`BodyFault` as soon as a cap is passed or the coding is broken.
    """

    __slots__ = ("_cap", "_decoder", "_out", "_size", "received")

    def __init__(self, content_encoding: str, cap: int) -> None:
        self._decoder = _decoder_for(content_encoding)
        self._cap = cap
        self._out = io.BytesIO()
        self._size = 0
        self.received = 0

    def feed(self, data: bytes) -> None:
        """Take one piece as it came from the network."""
        self.received += len(data)
        if self.received > self._cap:
            raise BodyFault(f"more than {self._cap} bytes received", too_large=True)
        if self._decoder is None:
            self._write(data)
            return
        try:
            self._decoder.feed(data, self._write)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise BodyFault(f"the compressed data is broken: {error}") from error

    def finish(self) -> bytes:
        """The whole decoded body; raises :class:`BodyFault` when its end is missing."""
        if self._decoder is not None and self.received and not self._decoder.complete():
            raise BodyFault("the compressed data ends too early")
        return self._out.getvalue()

    def beginning(self) -> bytes:
        """Bytes decoded so far, all but the last step; of use after a cap was passed."""
        return self._out.getvalue()

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._cap:
            raise BodyFault(f"more than {self._cap} bytes when decoded", too_large=True)
        self._out.write(data)


def _decoder_for(content_encoding: str) -> Decoder | None:
    codings = [
        c for c in map(str.strip, content_encoding.lower().split(",")) if c not in _NO_CODING
    ]
    if not codings:
        return None
    if len(codings) > 1:
        raise BodyFault(f"stacked content codings: {', '.join(codings)[:80]}")
    make = _DECODERS.get(codings[0])
    if make is None:
        raise BodyFault(f"a content coding that was not requested: {codings[0][:40]!r}")
    return make()


class _Gzip:
    """gzip, several members one after another included; zero padding at the end is fine."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._members = 1
        self._padding = False

    def feed(self, data: bytes, write: Write) -> None:
        while data:
            if self._member.eof and not self._next_member(data):
                return
            _inflate(self._member, data, write)
            data = self._member.unused_data

    def _next_member(self, data: bytes) -> bool:
        """Start another member with ``data``; False when it is padding."""
        self._padding = self._padding or data[0] == 0
        if self._padding:
            if data.strip(b"\0"):
                raise BodyFault("garbage after the compressed data")
            return False
        if data[0] != 0x1F:
            raise BodyFault("garbage after the compressed data")
        self._members = _one_more(self._members)
        self._member = zlib.decompressobj(wbits=31)
        return True

    def complete(self) -> bool:
        return self._member.eof


class _Deflate:
    """deflate: zlib format as the standard says, or the raw format that some servers send."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes, write: Write) -> None:
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:
                return
            data = self._head
            is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(wbits=15 if is_zlib else -15)
        elif self._stream.eof and data:
            raise BodyFault("garbage after the compressed data")
        _inflate(self._stream, data, write)
        if self._stream.unused_data:
            raise BodyFault("garbage after the compressed data")

    def complete(self) -> bool:
        return self._stream is not None and self._stream.eof


def _inflate(stream: zlib._Decompress, data: bytes, write: Write) -> None:
    while True:
        out = stream.decompress(data, _STEP)
        write(out)
        data = stream.unconsumed_tail
        # A full step may have left output inside the stream, even with no input left.
        if stream.eof or (not data and len(out) < _STEP):
            return


class _Brotli:
    """br."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes, write: Write) -> None:
        while True:
            out = self._stream.process(data, output_buffer_limit=_STEP)
            write(out)
            data = b""
            if self._stream.is_finished() or (not out and self._stream.can_accept_more_data()):
                return

    def complete(self) -> bool:
        return bool(self._stream.is_finished())


class _Zstd:
    """zstd, several frames one after another included."""

    def __init__(self) -> None:
        self._context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame = self._context.decompressobj()
        self._frames = 1

    def feed(self, data: bytes, write: Write) -> None:
        for start in range(0, len(data), _ZSTD_SLICE):
            self._feed_slice(data[start : start + _ZSTD_SLICE], write)

    def _feed_slice(self, data: bytes, write: Write) -> None:
        while data:
            if self._frame.eof:
                self._frames = _one_more(self._frames)
                self._frame = self._context.decompressobj()
            write(self._frame.decompress(data))
            data = self._frame.unused_data if self._frame.eof else b""

    def complete(self) -> bool:
        return self._frame.eof


def _one_more(count: int) -> int:
    if count >= _MAX_MEMBERS:
        raise BodyFault(f"more than {_MAX_MEMBERS} compressed members", too_large=True)
    return count + 1


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstd,
}
