"""Which requests are plain: nothing else is answered before the framework."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.web.hot.request_head import plain_request

LINE = b"GET /feeds/all.atom HTTP/1.1\r\n"
HOST = b"Host: feeds.example\r\n"


def head(*fields: bytes, line: bytes = LINE) -> bytes:
    return line + b"".join(one + b"\r\n" for one in fields) + b"\r\n"


def test_what_is_read_of_a_request() -> None:
    data = head(
        b"Host: [::1]:8080", b'if-none-match: W/"a", "b" ', b"ACCEPT-ENCODING:gzip",
        b"If-Modified-Since:\tMon, 23 Nov 2026 18:00:05 GMT", b"A-IM: feed", b"User-Agent: x (y; z)",
    )  # fmt: skip
    found = plain_request(b"before" + data + b"GET /next", at=6)
    assert found is not None
    assert (found.path, found.end) == (b"/feeds/all.atom", 6 + len(data))
    assert found.none_match == b'W/"a", "b" '
    assert found.codings == b"gzip"
    assert found.modified_since == b"Mon, 23 Nov 2026 18:00:05 GMT"
    assert found.wants_delta
    assert found[2:5] == (False, False, False)  # no HEAD, not old, and it stays
    assert not found.is_opened


@pytest.mark.parametrize(
    ("data", "is_old", "closes"),
    [
        (head(b"Host: x"), False, False),
        (head(b"Host: x", b"Connection: Keep-Alive"), False, False),
        (head(b"Host: x", b"Connection: close"), False, True),
        (head(line=b"HEAD /x HTTP/1.0\r\n"), True, True),
        (head(b"Host: x", b"Connection: close", line=b"HEAD /x HTTP/1.0\r\n"), True, True),
    ],
)
def test_the_end_of_the_connection(data: bytes, *, is_old: bool, closes: bool) -> None:
    found = plain_request(data)
    assert found is not None
    assert (found.is_old, found.closes, found.is_head) == (is_old, closes, is_old)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(head(HOST[:-2])[:-1], id="half of it"),
        pytest.param(head(), id="no host"),
        pytest.param(head(b"Host: a", b"Host: b"), id="two hosts"),
        pytest.param(head(b"Host: a/b"), id="no host's name"),
        pytest.param(head(b"Host:"), id="an empty host"),
        pytest.param(head(b"Host: x", b"Content-Length: 0"), id="a length"),
        pytest.param(head(b"Host: x", b"transfer-encoding: chunked"), id="a coding"),
        pytest.param(head(b"Host: x", b"Expect: 100-continue"), id="an expectation"),
        pytest.param(head(b"Host: x", b"Upgrade: websocket"), id="another protocol"),
        pytest.param(head(b"Host: x", b"Connection: upgrade"), id="a hop of its own"),
        pytest.param(head(b"Host: x", b"Connection: close, te"), id="a list"),
        pytest.param(head(b"Connection: keep-alive", line=b"GET / HTTP/1.0\r\n"), id="kept, 1.0"),
        pytest.param(head(b"Host: x", b"If-None-Match: a", b"if-none-match: b"), id="repeated"),
        pytest.param(head(b"Host: x", b"A: b", b" folded"), id="folded"),
        pytest.param(head(b"Host : x"), id="a space before the colon"),
        pytest.param(head(b"Host: x", b"A: \x00"), id="a control character"),
        pytest.param(head(b"Host: x", b"A: \xff"), id="not ASCII"),
        pytest.param(head(b"Host: x", b": y"), id="no name"),
        pytest.param(head(b"Host: x", b"A: b\nC: d"), id="a bare line feed"),
        pytest.param(head(b"Host: x", b"A: b\rC: d"), id="a bare return"),
        pytest.param(b"\r\n" + head(b"Host: x"), id="an empty line before it"),
        pytest.param(head(b"Host: x", line=b"POST / HTTP/1.1\r\n"), id="another method"),
        pytest.param(head(b"Host: x", line=b"OPTIONS * HTTP/1.1\r\n"), id="about the server"),
        pytest.param(head(b"Host: x", line=b"CONNECT a:1 HTTP/1.1\r\n"), id="a tunnel"),
        pytest.param(head(b"Host: x", line=b"GET http://x/ HTTP/1.1\r\n"), id="absolute"),
        pytest.param(head(b"Host: x", line=b"GET /a?q=b HTTP/1.1\r\n"), id="a query"),
        pytest.param(head(b"Host: x", line=b"GET /%2e HTTP/1.1\r\n"), id="an escape"),
        pytest.param(head(b"Host: x", line=b"GET  / HTTP/1.1\r\n"), id="two spaces"),
        pytest.param(head(b"Host: x", line=b"get / HTTP/1.1\r\n"), id="small letters"),
        pytest.param(head(b"Host: x", line=b"GET / HTTP/2.0\r\n"), id="another version"),
        pytest.param(head(b"Host: x", *([b"A: b"] * 60)), id="many fields"),
        pytest.param(head(b"Host: x", b"A: " + b"b" * 4096), id="a long field"),
        pytest.param(b"a: " * 100_000, id="no request at all"),
    ],
)
def test_all_else_is_none_of_its_business(data: bytes) -> None:
    assert plain_request(data) is None


pieces = st.sampled_from(
    [
        b"GET ",
        b"/",
        b" HTTP/1.1",
        b"\r\n",
        b"\n",
        b"\r",
        b"Host: x",
        b"Connection: ",
        b"close",
        b": ",
    ]
) | st.binary(max_size=5)


@given(st.lists(pieces, max_size=20).map(b"".join))
def test_any_bytes_are_a_request_or_none(data: bytes) -> None:
    found = plain_request(data)
    assert found is None or data[: found.end].endswith(b"\r\n\r\n")
    assert plain_request(data[:-1]) is None or found is not None
