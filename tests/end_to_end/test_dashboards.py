"""The dashboard and the alert rules ask for metrics and labels that a daemon which has polled gives out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from aggregator.demo.internet import DemoInternet
from tests.support.running import free_port, patient, started

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "deploy/grafana/aggregator.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
OPERATING = ROOT / "docs/operating.md"
_METRIC = re.compile(r"\b((?:aggregator|process|python)_[a-z_]+)\b(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'([a-z_]+)(=~|=|!=|!~)"((?:[^"\\]|\\.)*)"')
_GROUPED = re.compile(r"\b(?:by|on) \(([^)]*)\)")
_SCRAPED = {"job", "instance"}  # labels that Prometheus adds
# Values that a daemon has only after something that this one does not meet.
_RARE = {("status", "5..")}


def dashboard_queries() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def alert_queries() -> dict[str, str]:
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


Series = dict[str, list[dict[str, str]]]


def series_of(text: str) -> Series:
    found: Series = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found.setdefault(one.name, []).append(one.labels)
    return found


def faults(query: str, series: Series) -> list[str]:
    """What ``query`` asks for that is not there."""
    found, known = [], set(_SCRAPED)
    for name, matchers in _METRIC.findall(query):
        if name not in series:
            found.append(f"no metric {name}")
            continue
        labels = [one for one in series[name] if one] or [{}]
        known |= {label for one in labels for label in one}
        for label, sign, value in _MATCHER.findall(matchers):
            if label in _SCRAPED or ((label, value) in _RARE and label in labels[0]):
                continue
            fits = [one for one in labels if label in one and re.fullmatch(value, one[label])]
            if sign in ("=", "=~") and not fits:
                found.append(f"no {name} with {label} {value}")
    grouped = {one.strip() for group in _GROUPED.findall(query) for one in group.split(",")}
    return found + [f"no label {label}" for label in sorted(grouped - known)]


async def test_every_query_finds_its_metrics_in_a_daemon_that_has_polled(tmp_path: Path) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    async with DemoInternet(story_interval=None, backlog=6) as internet:
        text = internet.config_toml(f"sqlite:///{tmp_path / 'a.db'}", port, str(tmp_path / "data"))
        text = text.replace("[server]", '[server]\nmetrics = "local"')
        config.write_text(patient(text), encoding="utf-8")
        async with started(config, port, tmp_path) as daemon:
            await daemon.until(lambda feed: len(feed.entries) > 3)
            assert (await daemon.get("/ready"))[0] == 200
            status, headers, body = await daemon.get("/metrics")
            told = body.decode()
            assert (status, headers["Cache-Control"]) == (200, "no-store")
            assert await daemon.stop() == 0
    series = series_of(told)
    queries = [*dashboard_queries(), *alert_queries().values()]
    assert len(queries) > 20
    assert {query: wrong for query in queries if (wrong := faults(query, series))} == {}
    # Nothing of who is read, where, or under which name.
    hosts = {feed.url.split("/")[2] for feed in internet.feeds}
    assert not [one for one in hosts if one in told or one.split(":")[0] in told]


@pytest.mark.parametrize(
    "query",
    [
        "rate(aggregator_polled_total[5m])",
        'aggregator_polls_total{result="fine"}',
        "sum by (feed) (aggregator_polls_total)",
    ],
)
def test_a_query_for_what_is_not_there_would_be_found(query: str) -> None:
    series = {"aggregator_polls_total": [{"result": "failed"}]}
    assert faults(query, series)
    assert not faults('sum by (job, result) (aggregator_polls_total{result="failed"})', series)


def test_every_alarm_and_metric_is_explained() -> None:
    text = OPERATING.read_text("utf-8")
    assert [name for name in alert_queries() if f"| {name} |" not in text] == []
    queries = [*dashboard_queries(), *alert_queries().values()]
    names = {name for query in queries for name, _ in _METRIC.findall(query)}
    bare = {re.sub(r"_(bucket|count|sum)$", "", name) for name in names if "aggregator" in name}
    assert [name for name in sorted(bare) if name not in text] == []
