"""The merged feeds in memory, as the web server gives them out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Make ``rendered`` all that there is of ``output``; other outputs stay.

        What an output with tokens writes to files (it has no token) is no address's.
        """
        table = {key: one for key, one in self._table.items() if key[0] != output.name}
        served = (one for one in rendered if bool(one.token) == output.private)
        table.update({(one.name, one.format, one.token): one for one in served})
        self._table = MappingProxyType(table)

    def put_back(self, rendered: Iterable[Rendered]) -> None:
        """Show again what an earlier process has published."""
        table = {**self._table, **{(one.name, one.format, one.token): one for one in rendered}}
        self._table = MappingProxyType(table)

    def prune(self, keys: Collection[Key]) -> None:
        """Drop all other outputs, formats and tokens."""
        self._table = MappingProxyType(
            {key: one for key, one in self._table.items() if key in keys}
        )

    def get(self, name: str, format: str, token: str = "") -> Rendered | None:  # noqa: A002 - the field's word
        """The rendering to serve, or None."""
        return self._table.get((name, format, token))

    @property
    def table(self) -> Mapping[Key, Rendered]:
        """Everything that is published now; the mapping itself never changes."""
        return self._table
