"""Headers that every answer carries, and errors as one line of plain text: no innards, no echo."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Server": "aggregator",  # no versions of what runs below
}
_KEPT = ("Allow", "Retry-After")
_LONGEST = 8190  # characters of a list of entity tags or codings that are looked at


def add_headers(response: web.StreamResponse) -> None:
    """Give ``response`` the headers that every answer carries, unless it has its own."""
    for name, value in HEADERS.items():
        if name == "Server" or name not in response.headers:
            response.headers[name] = value


def plain(error: web.HTTPException) -> web.Response:
    """An error as the answer to it, of which only the status and what it means are told."""
    kept = {name: error.headers[name] for name in _KEPT if name in error.headers}
    return _line(error.status, kept)


def refusal(status: int) -> web.Response:
    """The answer to what is no request that we understand; the connection ends with it."""
    response = _line(status, {"X-Robots-Tag": "noindex"})
    add_headers(response)
    response.force_close()
    return response


def joined_header(request: web.Request, name: str) -> str | None:
    """A header that may be sent in several lines as one list (RFC 9110 §5.3), None for none.

    Of a long one, which nobody sends who means well, as much as one line may hold.
    """
    lines = request.headers.getall(name, [])
    return ", ".join(lines)[:_LONGEST] if lines else None


def _line(status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(
        status=status, text=f"{status} {HTTPStatus(status).phrase}\n", headers=headers
    )
