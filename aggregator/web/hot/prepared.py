"""Answers for one rendered feed, with their heads written before anybody asks."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from aggregator.model import Rendered
from aggregator.web.answers import HEADERS
from aggregator.web.conditional import Choice, choose
from aggregator.web.feed_headers import content_headers, headers_of
from aggregator.web.hot.request_head import PlainRequest

_MOST_ASKED = 64  # sets of conditions that are remembered
_LONGEST = 64 << 10  # bytes of a body that is sent in one piece with its head
_ROOM = 8 << 20  # bytes of answers that are kept for a second

_Asked = tuple[bytes | None, bytes | None, bytes | None]
Answer = tuple[bytes, bytes]
"""What is sent first, and what of the body comes after it."""


class Joined:
    """Answers of the present second in one piece with their heads: so many bytes and no more."""

    __slots__ = ("_answers", "_room", "date")

    def __init__(self, date: bytes, room: int = _ROOM) -> None:
        self.date = date
        self._room = room
        self._answers: dict[_Key, bytes] = {}

    def get(self, key: _Key) -> bytes | None:
        """The answer, where it was given in this second."""
        return self._answers.get(key)

    def keep(self, key: _Key, answer: bytes) -> None:
        """Remember ``answer``, if there is room."""
        if len(answer) <= self._room:
            self._room -= len(answer)
            self._answers[key] = answer


class _Variant:
    """A representation, or the word that the client has it, with its heads without their date."""

    __slots__ = ("body", "choice", "heads", "no_news")

    def __init__(self, choice: Choice, body: bytes) -> None:
        self.choice = choice
        self.no_news = choice.not_modified
        self.body = body
        self.heads: dict[tuple[bool, bool], tuple[bytes, bytes]] = {}


_Key = tuple[_Variant, bool, bool, bool]


class PreparedFeed:
    """The answers for ``rendered`` under a ``policy``; both must be others when either changes."""

    __slots__ = ("_asked", "_policy", "_variants", "rendered")

    def __init__(self, rendered: Rendered, policy: Mapping[str, str]) -> None:
        self.rendered = rendered
        self._policy = policy
        self._asked: dict[_Asked, _Variant] = {}
        self._variants: dict[Choice, _Variant] = {}

    def answer(self, asked: PlainRequest, joined: Joined) -> Answer | None:
        """The answer of this second; None for a reader who might be told only what is new."""
        said = (asked.none_match, asked.modified_since, asked.codings)
        variant = self._asked.get(said) or self._choose(said)
        if asked.wants_delta and not variant.no_news:
            return None
        key = (variant, asked.is_head, asked.is_old, asked.closes)
        known = joined.get(key)
        if known is not None:
            return known, b""
        form = (asked.is_old, asked.closes)
        written = variant.heads.get(form)
        if written is None:
            written = variant.heads[form] = self._write_head(
                variant.choice, is_old=asked.is_old, closes=asked.closes
            )
        head = b"".join((written[0], joined.date, written[1]))
        body = b"" if asked.is_head else variant.body
        if len(body) > _LONGEST:
            return head, body
        whole = head + body
        joined.keep(key, whole)
        return whole, b""

    def _choose(self, said: _Asked) -> _Variant:
        none_match, since, codings = (
            None if one is None else one.decode("ascii").strip(" \t") for one in said
        )
        choice = choose(
            self.rendered,
            if_none_match=none_match,
            if_modified_since=since,
            accept_encoding=codings,
        )
        variant = self._variants.get(choice)
        if variant is None:
            body = b"" if choice.not_modified else self.rendered.in_coding(choice.coding)
            variant = self._variants[choice] = _Variant(choice, body)
        if len(self._asked) >= _MOST_ASKED:
            self._asked.clear()
        self._asked[said] = variant
        return variant

    def _write_head(self, choice: Choice, *, is_old: bool, closes: bool) -> tuple[bytes, bytes]:
        """The head before and after the date."""
        rendered = self.rendered
        status = HTTPStatus.NOT_MODIFIED if choice.not_modified else HTTPStatus.OK
        headers = headers_of(rendered.etag, rendered.modified, choice, self._policy)
        if not choice.not_modified:
            headers |= content_headers(rendered.media_type, choice.coding)
            headers["Content-Length"] = str(len(rendered.in_coding(choice.coding)))
        late = {"Server": HEADERS["Server"]}
        if closes and not is_old:
            late["Connection"] = "close"
        late |= {name: value for name, value in HEADERS.items() if name not in headers}
        line = f"HTTP/1.{0 if is_old else 1} {status.value} {status.phrase}\r\n"
        return (
            f"{line}{_lines(headers)}Date: ".encode(),
            f"\r\n{_lines(late)}\r\n".encode(),
        )


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
