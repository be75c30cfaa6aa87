"""The whole store, for those who put the parts together."""

from __future__ import annotations

from typing import Protocol

from aggregator.ports.feed_store import FeedStore
from aggregator.ports.output_store import ArchiveStore, EditionStore, OutputStore, Retention
from aggregator.ports.story_store import ArticleStore, StoryStore


class Store(
    FeedStore,
    ArticleStore,
    StoryStore,
    OutputStore,
    ArchiveStore,
    EditionStore,
    Retention,
    Protocol,
):
    """Everything the pipeline keeps."""
