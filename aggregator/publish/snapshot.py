"""The merged feeds in memory, as the web server gives them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from types import MappingProxyType

from aggregator.model import OutputFeed, Rendered

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
            table = {**self._table, **{(one.name, one.format, one.token): one for one in rendered}}
            self._table = MappingProxyType(table)

    def prune(self, keys: Collection[Key]) -> None:
        """Drop all other outputs, formats and tokens."""
        with self._changing:
            table = {key: one for key, one in self._table.items() if key in keys}
            self._table = MappingProxyType(table)

    def get(self, name: str, format: str, token: str = "") -> Rendered | None:  # noqa: A002 - the field's word
        """The rendering to serve, or None."""
        return self._table.get((name, format, token))

    @property
    def table(self) -> Mapping[Key, Rendered]:
        """Everything that is published now; the mapping itself never changes."""
        return self._table
