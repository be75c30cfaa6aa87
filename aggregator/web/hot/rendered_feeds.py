"""The feeds that everybody may read, by the paths they are asked for."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import formatdate

from aggregator.model import Rendered
from aggregator.ports import NO_METRICS, Metrics
from aggregator.publish import feed_addresses
from aggregator.publish.snapshot import Key, Snapshot
from aggregator.web.counting import ReaderCounts
from aggregator.web.daemon_view import Site
from aggregator.web.hot.prepared import Answer, Joined, PreparedFeed
from aggregator.web.hot.request_head import PlainRequest
from aggregator.web.policies import Policies
from aggregator.web.prefix import prefix_of

_ROUTE = f"/{feed_addresses.FOLDER}/{{file}}"  # as the framework calls it
_STATUS = slice(9, 12)  # where it stands in an answer
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._-]+)*")


class RenderedFeeds:
    """Answers for the windows of outputs without tokens, as the framework's handlers give them.

    Nothing else: a feed that is not here may be private, renamed, gone or not made yet, and the handlers
    know. A change of what is published or configured is seen with the next request.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        site: Site,
        policies: Policies,
        counts: ReaderCounts,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._counts = counts
        self._metrics = metrics if metrics is not NO_METRICS else None
        self._snapshot = snapshot
        self._site = site
        self._policies = policies
        self._table: Mapping[Key, Rendered] | None = None
        self._revision = -1
        self._minute = -1
        self._second = -1
        self._joined = Joined(b"")
        self._open: dict[bytes, Rendered] = {}
        self._prepared: dict[bytes, PreparedFeed] = {}

    def answer(self, asked: PlainRequest) -> Answer | None:
        """The answer; None where it is the framework's to give."""
        if self._snapshot.table is not self._table or self._site.revision != self._revision:
            self._read()
        second = int(time.time())
        if second != self._second:
            self._tick(second)
        prepared = self._prepared.get(asked.path)
        if prepared is None:
            rendered = self._open.get(asked.path)
            if rendered is None:
                return None
            policy = self._policies.window(rendered.name, rendered.format, rendered=rendered)
            prepared = self._prepared[asked.path] = PreparedFeed(rendered, policy)
        if asked.is_opened:  # browsers are given another media type
            return None
        began = time.perf_counter()
        given = prepared.answer(asked, self._joined)
        if given is not None:
            self._note(prepared.rendered, given, asked, began)
        return given

    def _note(self, rendered: Rendered, given: Answer, asked: PlainRequest, began: float) -> None:
        status = int(given[0][_STATUS])
        if self._metrics is not None:
            self._metrics.answered(_ROUTE, status, time.perf_counter() - began)
        self._counts.count(rendered.name, rendered.format, status, asked.agent.decode("latin-1"))

    def _tick(self, second: int) -> None:
        self._second = second
        self._joined = Joined(formatdate(second, usegmt=True).encode())
        minute = self._policies.minute()
        if minute != self._minute:
            self._minute = minute
            self._prepared = {}

    def _read(self) -> None:
        # In this order: what changes while it is read is read again with the next request.
        self._table, self._revision = self._snapshot.table, self._site.revision
        outputs, prefix = self._site.outputs(), prefix_of(self._site)
        former = {alias for one in outputs for alias in one.aliases}
        found: dict[bytes, Rendered] = {}
        for output in outputs:
            if output.tokens or output.name in former:
                continue
            for kind in output.formats:
                rendered = self._table.get((output.name, kind, ""))
                if rendered is not None:
                    path = f"/{feed_addresses.path(output.name, kind)}"
                    found[path.encode()] = rendered
                    if prefix and _PREFIX.fullmatch(prefix):
                        found.setdefault(f"{prefix}{path}".encode(), rendered)
        self._open, self._prepared = found, {}
        self._joined = Joined(self._joined.date)
