"""Headers that every answer carries, and errors as one line of plain text: no innards, no echo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from aiohttp import web

from aggregator import __version__

_LOG = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

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


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error as one line of plain text: never a traceback, never an echo of the request."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return plain(error)
    except ConnectionError:
        raise  # the client has gone: there is nobody to answer, and nothing to note
    except web.RequestPayloadError:
        return plain(web.HTTPBadRequest())
    except Exception:  # noqa: BLE001 - whatever it is, it belongs in the log and not in the answer
        # The route and not the path, which may hold a token.
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else ""
        _LOG.exception("request failed", method=request.method, route=route)
        return web.Response(status=500, text="500 Internal Server Error\n")


def health_answer(*, ok: bool, detail: Mapping[str, object]) -> web.Response:
    """The answer to whatever restarts us: 200 while all is ``ok``, else 503."""
    body = {"status": "ok" if ok else "failing", "version": __version__, **detail}
    return web.json_response(body, status=200 if ok else 503, headers={"Cache-Control": "no-store"})


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
