"""When a connection may leave the framework: when nothing is left in its parser."""

from __future__ import annotations

import pytest

from aggregator.web.hot.handing_over import Fed

ONE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "answered", "expected"),
    [
        ([ONE], 1, True),
        ([ONE[:5], ONE[5:]], 1, True),
        ([ONE, ONE[:-4], b"\r\n\r\n"], 2, True),
        ([ONE + ONE], 1, False),
        ([ONE], 0, False),
        ([ONE + b"G"], 1, False),
        ([ONE[:-2]], 1, False),
        ([b"POST" + ONE[3:]], 1, False),
        ([ONE[:-2] + b"Content-Length: 3\r\n\r\n"], 1, False),
        ([ONE[:-2] + b"content-length : 3\r\n\r\n"], 1, False),
        ([ONE[:-2] + b"TRANSFER-ENCODING:chunked\r\n\r\n"], 1, False),
        ([ONE[:-2] + b"Upgrade: h2c\r\n\r\n"], 1, False),
        ([ONE.replace(b"\r\nHost", b"\nHost")], 1, False),
        ([ONE.replace(b"\r\nHost", b"\rHost")], 1, False),
        ([b"\r\n\r\n" + ONE], 1, False),
        ([b""], 0, False),
        ([ONE[:-2] + b"A: " + b"b" * 20_000 + b"\r\n\r\n"], 1, False),
    ],
)
def test_whole_requests_that_were_answered(
    pieces: list[bytes], answered: int, *, expected: bool
) -> None:
    fed = Fed()
    for piece in pieces:
        fed.add(piece)
    fed.answered = answered
    assert fed.is_used_up() is expected
