"""Settings of reading feeds and pages, joining stories and keeping them."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from aggregator.config.section import Duration, PositiveDuration, Section, Word
from aggregator.config.settings.setting_types import Size, TrackingParameter
from aggregator.model import ExtractMode


class ParseSettings(Section):
    """Limits on reading one feed document."""

    max_entries: int = Field(
        1000,
        ge=1,
        le=10_000,
        description="Newest entries read from one document; older ones are ignored. Several thousand "
        "may need a higher `timeout`. At most 40,000 elements and 100,000 attributes of a document are read.",
    )
    timeout: PositiveDuration = Field(
        timedelta(seconds=2),
        description="CPU time for reading one document (and ten times as much by the clock); 1000 long "
        "entries, 6 MB, take about 1 s. Of a document that exceeds it, or `memory`, only the newest tenth of "
        "`max_entries` is read.",
    )
    memory: Size = Field(
        512 << 20,
        description="Memory (address space) for reading one document, on top of what a worker process "
        "needs itself.",
    )


class ExtractSettings(Section):
    """Full text from article pages."""

    mode: Word[ExtractMode] = Field(
        ExtractMode.AUTO,
        description="Fetch the pages of entries: `auto` (unless the feed gives the whole text), `always` "
        "or `never`.",
    )
    timeout: PositiveDuration = Field(
        timedelta(seconds=20),
        description="Time for extracting one page; then the worker is killed.",
    )
    memory: Size = Field(
        1 << 30,
        description="Memory (address space) for extracting one page, on top of what a worker process "
        "needs itself.",
    )
    workers: int = Field(
        0, ge=0, le=256, description="Worker processes for feeds and pages; 0: one per core."
    )
    attempts: int = Field(4, ge=1, le=20, description="Attempts at a page before it is given up.")
    model: bool = Field(
        True,
        description="Find the article in a page with a model; `false`: with trafilatura alone.",
    )
    rules: str = Field(
        "",
        description="Folder with site rules: files such as `example.com.txt` in the site-config format "
        "of Full-Text RSS (relative to the folder the command is started in); empty: none.",
    )
    max_pages: int = Field(
        10, ge=1, le=50, description="Most pages of one article that are fetched and joined."
    )
    max_wait: Duration = Field(
        timedelta(minutes=10),
        description="Time that an entry waits for its page; then it is published with the feed's text "
        "and updated when the page comes.",
    )


class UrlSettings(Section):
    """Comparison of addresses."""

    tracking_parameters: tuple[TrackingParameter, ...] = Field(
        (),
        description="Tracking parameters to ignore besides the known ones: `name`, or `name@site.example` "
        "for one site; `!name` keeps a parameter that would be ignored.",
    )


class DedupeSettings(Section):
    """Deduplication: each story once."""

    enabled: bool = Field(True, description="Show each story once across feeds.")
    window: Duration = Field(
        timedelta(days=30),
        description="Time in which a later copy joins a story.",
    )


class RetentionSettings(Section):
    """Removal of old entries, except those that an output shows or their feed still lists."""

    max_age: Duration = Field(
        timedelta(days=90),
        description="Age, since first seen, at which entries are removed; 0 keeps all.",
    )
    max_entries: int = Field(1000, ge=0, description="Entries kept per feed; 0 keeps all.")
