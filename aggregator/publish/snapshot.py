"""The merged feeds in memory, as the web server gives them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from types import MappingProxyType

from aggregator.model import OutputFeed, Rendered
from aggregator.publish.pace import KNOWN_CHANGES

Key = tuple[str, str, str]  # (name of the output, format, token or "")


class Snapshot:
    """Renderings published now: one :class:`~aggregator.model.Rendered` per output, format and token.

    A change replaces the whole table by a new one in a single assignment, so that readers in any
    thread see one state or the next, never half of one.
    """

    def __init__(self) -> None:
        self._table: Mapping[Key, Rendered] = MappingProxyType({})
        self._withheld: Collection[str] = frozenset()
        self._changing = Lock()
        self._changes: Mapping[str, tuple[datetime, ...]] = {}

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Make ``rendered`` all that there is of ``output``; other outputs stay.

        What an output with tokens writes to files (it has no token) is no address's.
        """
        with self._changing:
            if output.name in self._withheld:
                return
            table = {key: one for key, one in self._table.items() if key[0] != output.name}
            served = (one for one in rendered if bool(one.token) == output.private)
            table.update({(one.name, one.format, one.token): one for one in served})
            self._note_changes(rendered)
            self._table = MappingProxyType(table)

    @contextmanager
    def withholding(self, names: Collection[str]) -> Iterator[None]:
        """Take these outputs out until they are published after the block; what is within it does not count.

        By then whoever renders tells less than was rendered before.
        """
        with self._changing:
            self._withheld = frozenset(names)
            table = {key: one for key, one in self._table.items() if key[0] not in names}
            self._table = MappingProxyType(table)
        try:
            yield
        finally:
            with self._changing:
                self._withheld = frozenset()

    def put_back(self, rendered: Iterable[Rendered]) -> None:
        """Show again what an earlier process has published."""
        with self._changing:
            put = {(one.name, one.format, one.token): one for one in rendered}
            self._note_changes(put.values())
            self._table = MappingProxyType({**self._table, **put})

    def prune(self, keys: Collection[Key]) -> None:
        """Drop all other outputs, formats and tokens."""
        with self._changing:
            table = {key: one for key, one in self._table.items() if key in keys}
            self._table = MappingProxyType(table)
            names = {name for name, _, _ in keys}
            self._changes = {name: when for name, when in self._changes.items() if name in names}

    def get(self, name: str, format: str, token: str = "") -> Rendered | None:  # noqa: A002 - the field's word
        """The rendering to serve, or None."""
        return self._table.get((name, format, token))

    def changes(self, name: str) -> Sequence[datetime]:
        """Times of the latest changes of an output that are known, the oldest first."""
        return self._changes.get(name, ())

    def _note_changes(self, rendered: Iterable[Rendered]) -> None:
        changes = dict(self._changes)
        for one in sorted(rendered, key=lambda made: made.modified):
            known = changes.get(one.name, ())
            if not known or one.modified > known[-1]:
                changes[one.name] = (*known, one.modified)[-KNOWN_CHANGES:]
        self._changes = changes

    @property
    def table(self) -> Mapping[Key, Rendered]:
        """Everything that is published now; the mapping itself never changes."""
        return self._table
