"""The edges, as small protocols: what the flow needs from outside, and who runs it.

Pure stages never see these. The pipeline sees nothing else of HTTP, SQL, processes and files, so
each edge can be replaced as a whole (a distributed engine, a fault in a test).
"""

from __future__ import annotations

from aggregator.ports.delivery_store import DeliveryStore
from aggregator.ports.edges import Clock, Fetcher, HookPoster, Poster, T, Workers
from aggregator.ports.engine_port import Engine, Publisher, RequestBox
from aggregator.ports.feed_store import FeedStore, SubscriptionStore
from aggregator.ports.host_store import HostLeases, HostStatsStore, RobotsCache
from aggregator.ports.hub_ports import HubCaller, HubNews, HubStore
from aggregator.ports.job_ports import JobHandler, JobQueue, JobStore
from aggregator.ports.output_store import (
    ArchiveFiles,
    ArchiveStore,
    EditionStore,
    OutputStore,
    Retention,
)
from aggregator.ports.pace_store import PaceStore
from aggregator.ports.reader_store import ReaderCountStore
from aggregator.ports.report_store import Overview, Reports
from aggregator.ports.story_store import ArticleStore, OperatorEdits, StoryStore
from aggregator.ports.telemetry import NO_METRICS, NO_TRACES, Metrics, Span, Tracer
from aggregator.ports.whole_store import Store

__all__ = [
    "NO_METRICS",
    "NO_TRACES",
    "ArchiveFiles",
    "ArchiveStore",
    "ArticleStore",
    "Clock",
    "DeliveryStore",
    "EditionStore",
    "Engine",
    "FeedStore",
    "Fetcher",
    "HookPoster",
    "HostLeases",
    "HostStatsStore",
    "HubCaller",
    "HubNews",
    "HubStore",
    "JobHandler",
    "JobQueue",
    "JobStore",
    "Metrics",
    "OperatorEdits",
    "OutputStore",
    "Overview",
    "PaceStore",
    "Poster",
    "Publisher",
    "ReaderCountStore",
    "Reports",
    "RequestBox",
    "Retention",
    "RobotsCache",
    "Span",
    "Store",
    "StoryStore",
    "SubscriptionStore",
    "T",
    "Tracer",
    "Workers",
]
