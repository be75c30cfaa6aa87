"""Who publishes entries in a window and in archives, as RFC 5005 knows both: pages that stay, and paged feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from aiohttp import web

from tests.support.polling import Site, said

WINDOW = "/feed"
_HEAD = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:fh='http://purl.org/syndication/history/1.0'"
    " xmlns:at='http://purl.org/atompub/tombstones/1.0'><title>Past</title><id>urn:past</id>"
)


@dataclass(frozen=True)
class Line:
    """What was said of an entry: its text, or, without one, that it is no more."""

    name: str
    at: datetime
    text: str | None


@dataclass
class Publisher:
    """Publishes lines, the latest ``window`` of them at ``/feed``.

    ``archived``: closed pages of ``page`` lines with `prev-archive`, else pages that shift, with `next`.
    """

    site: Site
    window: int = 4
    page: int = 3
    archived: bool = True
    lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.answers[WINDOW] = self._window
        self.site.answers["/older"] = self._older

    def say(self, at: datetime, *names: str, text: str = "It is so.") -> None:
        """Publish or change entries."""
        self.lines += [Line(name, at, text) for name in names]

    def withdraw(self, at: datetime, *names: str) -> None:
        """Take entries back."""
        self.lines += [Line(name, at, None) for name in names]

    @property
    def live(self) -> dict[str, str]:
        """Entries that stand → their texts."""
        latest = {one.name: one.text for one in self.lines}
        return {name: text for name, text in latest.items() if text is not None}

    @property
    def ever(self) -> set[str]:
        """All entries that there ever were."""
        return {one.name for one in self.lines}

    def _closed(self) -> int:
        return len(self.lines) // self.page

    async def _window(self, _request: web.Request) -> web.Response:
        if not self.archived:
            return self._shifting(1)
        closed = self._closed()
        shown = self.lines[min(closed * self.page, max(len(self.lines) - self.window, 0)) :]
        return _document(
            shown, f"<link rel='prev-archive' href='/older?page={closed}'/>" * bool(closed)
        )

    async def _older(self, request: web.Request) -> web.Response:
        number = int(request.query["page"])
        if not self.archived:
            return self._shifting(number)
        shown = self.lines[(number - 1) * self.page : number * self.page]
        link = f"<link rel='prev-archive' href='/older?page={number - 1}'/>" * (number > 1)
        return _document(shown, f"<fh:archive/>{link}", gone=True)

    def _shifting(self, number: int) -> web.Response:
        live = self.live
        latest = {one.name: one for one in self.lines if one.name in live}
        order = sorted(latest.values(), key=self.lines.index)
        end = len(order) - (number - 1) * self.window
        shown = order[max(end - self.window, 0) : max(end, 0)]
        return _document(
            shown, f"<link rel='next' href='/older?page={number + 1}'/>" * (end > self.window)
        )


def _document(lines: Sequence[Line], links: str, *, gone: bool = False) -> web.Response:
    latest = {one.name: one for one in lines}
    told = [
        _entry(one) if one.text is not None else _tombstone(one) * gone for one in latest.values()
    ]
    body = f"{_HEAD}{links}{''.join(reversed(told))}</feed>"
    return said(200, body.encode(), Content_Type="application/atom+xml")


def _entry(one: Line) -> str:
    return (
        f"<entry><id>urn:past:{one.name}</id><title>{one.name}</title><updated>{one.at.isoformat()}</updated>"
        f"<content>{escape(one.text or '')} {one.name}</content></entry>"
    )


def _tombstone(one: Line) -> str:
    return f"<at:deleted-entry ref='urn:past:{one.name}' when='{one.at.isoformat()}'/>"
