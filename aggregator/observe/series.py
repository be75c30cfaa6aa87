"""Counts and distributions by labels, in plain numbers: cheap to add to, turned into metrics when they are read.

The client library's own take a lock and some checks for each number, several microseconds; here one thread
counts, the event loop's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

_MOST_LABELS = 200  # of one metric: past it all is counted as "other"
Labels = tuple[str | int, ...]


class Counts:
    """A counter by its labels, a bounded number of them."""

    def __init__(self, name: str, said: str, labels: Sequence[str]) -> None:
        self._name, self._said, self._labels = name, said, labels
        self._values: dict[Labels, int] = {}

    def add(self, labels: Labels, by: int = 1) -> None:
        """Count ``by`` more."""
        try:
            self._values[labels] += by
        except KeyError:
            known = _bounded(labels, len(self._values))
            self._values[known] = self._values.get(known, 0) + by

    def collect(self) -> Iterator[Metric]:
        """The metric as it is now."""
        family = CounterMetricFamily(self._name, self._said, labels=self._labels)
        for labels, value in list(self._values.items()):
            family.add_metric([str(one) for one in labels], value)
        yield family


class Distribution:
    """A histogram by its labels, a bounded number of them; ``bounds`` are the buckets' upper ends."""

    def __init__(
        self, name: str, said: str, bounds: Sequence[float], labels: Sequence[str] = ()
    ) -> None:
        self._name, self._said, self._labels = name, said, labels
        self._bounds = tuple(bounds)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}
        if not labels:
            self.begin(())

    def add(self, value: float, labels: Labels = ()) -> None:
        """Count one ``value``."""
        if labels not in self._sums:
            labels = _bounded(labels, len(self._sums))
            if labels not in self._sums:
                self.begin(labels)
        self._counts[labels][bisect_left(self._bounds, value)] += 1
        self._sums[labels] += value

    def begin(self, labels: Labels) -> None:
        """Have a series with ``labels``, from nothing on."""
        self._counts[labels] = [0] * (len(self._bounds) + 1)
        self._sums[labels] = 0.0

    def collect(self) -> Iterator[Metric]:
        """The metric as it is now."""
        family = HistogramMetricFamily(self._name, self._said, labels=self._labels)
        ends = [*(str(float(one)) for one in self._bounds), "+Inf"]
        for labels, total in list(self._sums.items()):
            found, reached = 0, []
            for end, count in zip(ends, self._counts[labels], strict=True):
                found += count
                reached.append((end, found))
            family.add_metric([str(one) for one in labels], buckets=reached, sum_value=total)
        yield family


def _bounded(labels: Labels, known: int) -> Labels:
    return labels if known < _MOST_LABELS else ("other",) * len(labels)
