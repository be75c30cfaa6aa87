"""Metrics and traces of one process, as its configuration asks for them; both are extras."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Final

import structlog

from aggregator import __version__
from aggregator.config.config import Config
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import AggregatorError
from aggregator.model import Backlog
from aggregator.ports import NO_METRICS, NO_TRACES, Clock, Engine, Metrics, Reports, Tracer
from aggregator.web.metrics_page import Scrape

log = structlog.get_logger("aggregator")

MEASURE_EVERY_S: Final = 15.0
"""Seconds between two looks at what waits."""

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Receivers of what happens, and the place where metrics can be read; None: nowhere."""

    metrics: Metrics = NO_METRICS
    tracer: Tracer = NO_TRACES
    scrape: Scrape | None = None


@contextmanager
def telemetry(config: Config, environment: Mapping[str, str] = os.environ) -> Iterator[Telemetry]:
    """The telemetry that ``config`` and OpenTelemetry's variables ask for."""
    told = _metrics(config)
    endpoint = config.settings.traces.endpoint
    if not endpoint and not any(environment.get(name) for name in _ENDPOINTS):
        yield told
    elif find_spec("opentelemetry.sdk") is None:
        # A variable may be meant for other programs of the machine.
        log.warning("no traces", reason="pip install 'aggregator[traces]'")
        yield told
    else:
        # An extra, and half a second.
        from aggregator.observe.otel import OtelTracer  # noqa: PLC0415

        errors = RepeatedErrors("traces not sent")
        share = config.settings.traces.percent / 100
        tracer = OtelTracer(__version__, endpoint, share, errors.failed, errors.worked)
        try:
            yield replace(told, tracer=tracer)
        finally:
            tracer.close()


def _metrics(config: Config) -> Telemetry:
    server = config.settings.server
    if server.metrics == "off":
        return Telemetry()
    from aggregator.observe.prometheus import CONTENT_TYPE, PrometheusMetrics  # noqa: PLC0415

    found = PrometheusMetrics(__version__)
    networks = None if server.metrics == "all" else server.metrics_networks
    return Telemetry(found, scrape=Scrape(found.text, CONTENT_TYPE, networks))


class BacklogWatch:
    """Tells metrics what waits."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics = metrics
        self._clock = clock
        self._failing = RepeatedErrors("backlog not measured")

    async def look(self, reports: Reports, engine: Engine, stretch: float) -> None:
        """Count what waits now."""
        try:
            found = await reports.backlog(self._clock.now())
        except AggregatorError as error:
            self._failing.failed(error)
            return
        self._failing.worked()
        self.note(engine, stretch, found)

    def note(self, engine: Engine, stretch: float, waiting: Backlog | None = None) -> None:
        """Tell what this process knows by itself, and what is ``waiting``, if somebody counted it."""
        known = replace(waiting or Backlog(), network_down=engine.network_down, stretch=stretch)
        self._metrics.measured(known)
