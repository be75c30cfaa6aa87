"""Traces: what reaches a collector, and that nothing secret does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from aggregator.app.telemetry_parts import telemetry
from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.observe.otel import OtelTracer
from aggregator.ports import NO_TRACES


class Collector(HTTPServer):
    """A collector on loopback that keeps what it gets."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, bytes]] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def spans(self) -> dict[str, dict[str, str]]:
        found = {}
        for _, body in self.got:
            request = ExportTraceServiceRequest.FromString(_plain(body))
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        told = {one.key: one.value.string_value for one in span.attributes}
                        found[span.name] = told | {"": span.status.message}
        return found


def _plain(body: bytes) -> bytes:
    import gzip  # noqa: PLC0415

    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def tracer(collector: Collector, failed: list[str]) -> OtelTracer:
    return OtelTracer(
        "1", collector.address, 1.0, lambda error: failed.append(str(error)), lambda: None
    )


async def test_spans_reach_the_collector_masked(collector: Collector) -> None:
    failed: list[str] = []
    traced = tracer(collector, failed)
    with traced.span("poll", feed="https://user:hunter2222@a.example/feed?token=s3cr3ts3cr3t") as s:
        s.tell(result="updated")
        with traced.span("fetch"):
            await asyncio.sleep(0)
    with pytest.raises(ValueError, match="hunter2222"), traced.span("parse"):
        raise ValueError("hunter2222")
    await asyncio.to_thread(traced.close)
    spans = collector.spans()
    assert spans.keys() == {"poll", "fetch", "parse"}
    assert spans["poll"]["result"] == "updated"
    assert "a.example" in spans["poll"]["feed"]
    assert spans["parse"][""] == "ValueError"
    sent = b"".join(_plain(body) for _, body in collector.got)
    assert not [word for word in (b"hunter2222", b"s3cr3ts3cr3t") if word in sent]
    assert {path for path, _ in collector.got} == {"/v1/traces"}
    assert failed == []


async def test_a_collector_that_refuses_is_told_of_and_stops_nothing(collector: Collector) -> None:
    collector.status, failed = 400, list[str]()
    traced = tracer(collector, failed)
    with traced.span("poll"):
        pass
    await asyncio.to_thread(traced.close)
    assert failed == ["the collector did not take them"]


async def test_nothing_is_traced_or_counted_unless_it_is_asked_for(collector: Collector) -> None:
    with telemetry(Config(Settings()), {}) as told:
        assert told.tracer is NO_TRACES
        assert told.scrape is None


def test_settings_that_need_an_extra_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator.config.settings import service_settings  # noqa: PLC0415

    monkeypatch.setattr(service_settings, "find_spec", lambda _name: None)
    with pytest.raises(ValueError, match=r"aggregator\[metrics\]"):
        Settings.model_validate({"server": {"metrics": "all"}})
    with pytest.raises(ValueError, match=r"aggregator\[traces\]"):
        Settings.model_validate({"traces": {"endpoint": "http://127.0.0.1:4318"}})
    with pytest.raises(ValueError, match="without user"):
        Settings.model_validate({"traces": {"endpoint": "http://u:p@127.0.0.1:4318"}})
    assert Settings.model_validate({"server": {"metrics": "off"}}).server.metrics == "off"
