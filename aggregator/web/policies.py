"""Headers that say who may keep a feed for how long, and where it and its page stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aggregator.model import Rendered
from aggregator.publish import feed_addresses
from aggregator.publish.pace import Freshness, freshness
from aggregator.publish.snapshot import Snapshot
from aggregator.publish.uris import uri
from aggregator.web.daemon_view import Site

USUAL = Freshness.of(timedelta(minutes=5))  # of what has no pace of its own
# A public feed may be read by scripts of any page; they need to see the validators, too.
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, X-Cursor",
}
_SECRET = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_MINUTE_S = 60


class Policies:
    """Policies of the outputs that ``snapshot`` shows. ``fixed``: one freshness for all of them.

    They are the same for a whole minute, so that what is made of them can be kept as long.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        site: Site,
        *,
        pages: bool,
        publish_interval: Callable[[], timedelta],
        now: Callable[[], datetime],
        fixed: timedelta | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._site = site
        self._pages = pages
        self._publish_interval = publish_interval
        self._now = now
        self._fixed = None if fixed is None else Freshness.of(fixed)

    def minute(self) -> int:
        """Number of the present minute."""
        return int(self._now().timestamp()) // _MINUTE_S

    def window(
        self, name: str, kind: str, token: str = "", rendered: Rendered | None = None
    ) -> dict[str, str]:
        """Policy of the output ``name`` as ``rendered`` stands now, for everybody or for who knows ``token``."""
        made = self._made(token, self._freshness(name))
        hubs = rendered.link if rendered is not None else ""
        made["Link"] = links(self._site.base_url, name, kind, token, pages=self._pages, hubs=hubs)
        return made

    def usual(self, token: str = "") -> dict[str, str]:
        """Policy of what stands beside an output, of redirects and the word that it is gone."""
        return self._made(token, self._fixed or USUAL)

    def _freshness(self, name: str) -> Freshness:
        if self._fixed is not None:
            return self._fixed
        now = datetime.fromtimestamp(self.minute() * _MINUTE_S, UTC)
        return freshness(self._snapshot.changes(name), now, self._publish_interval())

    @staticmethod
    def _made(token: str, fresh: Freshness) -> dict[str, str]:
        if token:
            return {"Cache-Control": fresh.cache_control("private"), **_SECRET}
        return open_policy(fresh)


def open_policy(fresh: Freshness) -> dict[str, str]:
    """Headers of a feed that everybody may read, and keep so long without asking again."""
    return {"Cache-Control": fresh.cache_control("public"), **CROSS_ORIGIN}


def links(base_url: str, name: str, kind: str, token: str, *, pages: bool, hubs: str = "") -> str:
    """The field `Link` of a feed (RFC 8288): itself, and its page for people.

    Relative to its own address where that of the server is not configured. ``hubs`` is the part of
    a feed that hubs tell of: they, and the feed itself.
    """
    above = "../../" if token else "../"
    base = f"{uri(base_url)}/" if base_url else above
    found = [hubs or f'<{base}{feed_addresses.path(name, kind, token)}>; rel="self"']
    if pages:
        page = f"{base}{feed_addresses.page_path(name, token)}"
        found.append(f'<{page}>; rel="alternate"; type="text/html"')
    return ", ".join(found)
