"""Metrics: their names and labels, their numbers, and that no stranger can make them many."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aggregator.model import Backlog, PollResult, SettleStats
from aggregator.observe.prometheus import PrometheusMetrics
from aggregator.observe.series import Counts, Distribution


def read(metrics: PrometheusMetrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (one.name, tuple(sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


@pytest.fixture
def metrics() -> PrometheusMetrics:
    return PrometheusMetrics("1.2.3")


def test_what_happened_is_counted_under_the_names_of_the_field(metrics: PrometheusMetrics) -> None:
    metrics.polled(PollResult.UPDATED, 7.0, [100.0, 90_000.0])
    metrics.polled(PollResult.PUSHED, -1.0, [])
    metrics.extracted("no_article")
    metrics.settled(SettleStats(3, 1, (("new", 1), ("url", 2))))
    metrics.published(0.3, worked=True)
    metrics.published(0.3, worked=False)
    metrics.delivered("hub", "gone")
    metrics.answered("/feeds/{file}", 200, 0.02)
    metrics.lagged(0.5)
    metrics.measured(Backlog({"poll": 4}, {"paused": 1}, 12.5, network_down=True, stretch=2.0))
    found = read(metrics)
    prefix = "aggregator_"
    assert found[f"{prefix}polls_total", (("result", "updated"),)] == 1
    assert found[f"{prefix}polls_total", (("result", "gone"),)] == 0
    assert found[f"{prefix}poll_lateness_seconds_count", ()] == 1
    assert found[f"{prefix}poll_lateness_seconds_bucket", (("le", "5.0"),)] == 0
    assert found[f"{prefix}poll_lateness_seconds_bucket", (("le", "15.0"),)] == 1
    assert found[f"{prefix}publication_delay_seconds_sum", ()] == 90_100
    assert found[f"{prefix}publication_delay_seconds_bucket", (("le", "+Inf"),)] == 2
    assert found[f"{prefix}extractions_total", (("verdict", "no_article"),)] == 1
    assert found[f"{prefix}settled_entries_total", (("rule", "url"),)] == 2
    assert found[f"{prefix}publish_duration_seconds_count", (("result", "failed"),)] == 1
    assert found[f"{prefix}deliveries_total", (("result", "gone"), ("road", "hub"))] == 1
    route = (("route", "/feeds/{file}"), ("status", "200"))
    assert found[f"{prefix}http_request_duration_seconds_count", route] == 1
    assert found[f"{prefix}event_loop_lag_seconds_sum", ()] == 0.5
    assert found[f"{prefix}queue_depth", (("kind", "poll"),)] == 4
    assert found[f"{prefix}oldest_unsettled_seconds", ()] == 12.5
    assert found[f"{prefix}network_down", ()] == 1
    assert found[f"{prefix}poll_stretch_ratio", ()] == 2
    assert found["aggregator_build_info", (("version", "1.2.3"),)] == 1
    assert any(name == "process_cpu_seconds_total" for name, _ in found)


def test_a_value_at_a_buckets_end_is_within_it() -> None:
    times = Distribution("a_seconds", "A.", (1, 2))
    for value in (1.0, 1.5, 2.0, 2.5):
        times.add(value)
    (family,) = times.collect()
    reached = [one.value for one in family.samples if one.name.endswith("_bucket")]
    assert reached == [1, 3, 4]


def test_labels_are_bounded() -> None:
    counts, times = Counts("a", "A.", ["b"]), Distribution("c", "C.", (1,), ["d"])
    for number in range(1000):
        counts.add((f"x{number}",))
        times.add(0.5, (f"x{number}",))
    (found,), (timed,) = counts.collect(), times.collect()
    values = {one.labels["b"]: one.value for one in found.samples}
    assert (len(values), values["other"], sum(values.values())) == (201, 800, 1000)
    assert len({one.labels["d"] for one in timed.samples}) == 201
