"""Publishing to several places: the memory that the web server gives out, and the folder of files."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.errors import PublishError
from aggregator.model import OutputFeed, Rendered
from aggregator.ports import Publisher


class Publishers:
    """Publishes to several places, in order."""

    def __init__(self, *publishers: Publisher) -> None:
        self._publishers = publishers

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Publish everywhere; a place that fails does not keep the others from being tried.

        Raises :class:`~aggregator.errors.PublishError` of the first place that failed.
        """
        first: PublishError | None = None
        for publisher in self._publishers:
            try:
                publisher.publish(output, rendered)
            except PublishError as error:
                first = first or error
        if first is not None:
            raise first
