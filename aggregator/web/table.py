"""The table of connections, and what those in it tell it."""

from __future__ import annotations

from typing import Protocol

from aggregator.web.patience import Limits, Phase, Sending


class Entry(Protocol):
    """An open connection, at ``phase`` since ``since`` (the loop's time, seconds)."""

    client: str
    since: float

    @property
    def phase(self) -> Phase:
        """Its state."""
        ...

    @property
    def sending(self) -> Sending | None:
        """The progress of what the client has yet to take; None: it has taken all."""
        ...

    def look(self, now: float) -> None:
        """Note how much the client has yet to take."""
        ...

    def drop(self) -> None:
        """Close at once, whatever is unsent."""
        ...


class Table(Protocol):
    """The connections that are open, as one of them sees it."""

    @property
    def limits(self) -> Limits:
        """Limits on clients."""
        ...

    def opened(self, connection: Entry) -> None:
        """A connection has been made."""
        ...

    def moved(self, connection: Entry, before: Phase) -> None:
        """Its phase is another than ``before``."""
        ...

    def closed(self, connection: Entry) -> None:
        """It is gone, with its descriptor."""
        ...
