"""Traces by OpenTelemetry, sent over OTLP/HTTP. This module alone knows the SDK.

Spans are sent from a thread in batches; where the collector does not answer they are lost, which is said once. What an
attribute holds is masked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span as SdkSpan
from opentelemetry.trace import Status, StatusCode

from aggregator.ports import Span
from aggregator.privacy.masking import masked

_PATH = "/v1/traces"
_PATIENCE_S = 5
_LONGEST = 200  # characters of an attribute


class OtelTracer:
    """Implements :class:`aggregator.ports.Tracer`. ``endpoint`` empty: as the variables of OpenTelemetry say.

    ``share`` of the traces is kept. ``failed`` is told of what could not be sent, ``worked`` of what was.
    """

    def __init__(
        self,
        version: str,
        endpoint: str,
        share: float,
        failed: Callable[[Exception], None],
        worked: Callable[[], None],
    ) -> None:
        # It tells of each attempt, with addresses.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)
        address = f"{endpoint.rstrip('/')}{_PATH}" if endpoint else None
        exporter = OTLPSpanExporter(endpoint=address, timeout=_PATIENCE_S)
        told = {"service.name": "aggregator", "service.version": version}
        self._provider = TracerProvider(
            resource=Resource.create(told),
            sampler=ParentBased(TraceIdRatioBased(share)),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(_Told(exporter, failed, worked)))
        self._tracer = self._provider.get_tracer("aggregator", version)

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Span]:
        """See :class:`aggregator.ports.Tracer`."""
        return self._span(name, attributes)

    @contextmanager
    def _span(self, name: str, attributes: dict[str, str]) -> Iterator[Span]:
        # Neither message nor traceback of an error: they may hold anything.
        with self._tracer.start_as_current_span(
            name,
            attributes=_said(attributes),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Span(span)
            except Exception as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def close(self) -> None:
        """Send what is left, for a few seconds, and end."""
        self._provider.shutdown()


class _Span:
    """A span of ours over one of the SDK's."""

    def __init__(self, inner: SdkSpan) -> None:
        self._inner = inner

    def tell(self, **attributes: str) -> None:
        self._inner.set_attributes(_said(attributes))


def _said(attributes: Mapping[str, str]) -> dict[str, str]:
    return {key: masked(value)[:_LONGEST] for key, value in attributes.items()}


class _Told(SpanExporter):
    """An exporter that tells how it went."""

    def __init__(
        self,
        inner: SpanExporter,
        failed: Callable[[Exception], None],
        worked: Callable[[], None],
    ) -> None:
        self._inner, self._failed, self._worked = inner, failed, worked

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._inner.export(spans)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the thread
            self._failed(OSError(type(error).__name__))
            return SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self._worked()
        else:
            self._failed(OSError("the collector did not take them"))
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 5000) -> bool:
        return self._inner.force_flush(timeout_millis)
