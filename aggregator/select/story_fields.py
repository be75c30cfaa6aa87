"""Fields of a story that expressions see, each with its type, an example, and when it is known. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Final

LONGEST_TEXT: Final = 100_000  # characters of a text that expressions see
# Expressions hold times between these: the engine knows no duration of 300 years.
_FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2150, 1, 1, tzinfo=UTC)
_LARGEST: Final = 1 << 53


class Phase(IntEnum):
    """Moment at which an expression is asked: a later one knows all fields of those before it."""

    FEED = 1  # the feed was read, no page is fetched
    TEXT = 2  # the entry has its text, of its page where that is fetched
    STORY = 3  # the entry's story is known


class FieldType(StrEnum):
    """Type of a field, as expressions call it."""

    TEXT = "string"
    NUMBER = "int"
    TRUTH = "bool"
    TIME = "timestamp"
    TEXTS = "list(string)"


FieldValue = str | int | bool | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryField:
    """A field: its name, its type, since when it is known, an expression with it, its meaning."""

    name: str
    type: FieldType
    phase: Phase
    example: str
    meaning: str


def _field(
    name: str, kind: FieldType, example: str, meaning: str, phase: Phase = Phase.FEED
) -> StoryField:
    return StoryField(name, kind, phase, example, meaning)


FIELDS: Final = (
    _field("title", FieldType.TEXT, 'title.contains("sponsored")', "its title, without markup"),
    _field(
        "author",
        FieldType.TEXT,
        'author.contains("Jane Doe")',
        'those who wrote it, with `, ` between them; `""` where nobody is named',
    ),
    _field(
        "url", FieldType.TEXT, 'url.contains("/sport/")', 'address of its page; `""` without one'
    ),
    _field(
        "domain",
        FieldType.TEXT,
        'domain == "example.co.uk"',
        'the registrable domain of `url`, else its host; `""` without one',
    ),
    _field(
        "feed", FieldType.TEXT, 'feed == "Example News"', "the feed's title, yours before its own"
    ),
    _field(
        "feed_id",
        FieldType.TEXT,
        'feed_id == "https://example.org/feed"',
        "the feed's `id`, else its address without secrets",
    ),
    _field(
        "categories",
        FieldType.TEXTS,
        '"Tech" in categories',
        "the entry's own categories, those that you gave its feed, those that rules gave it",
    ),
    _field(
        "tags",
        FieldType.TEXTS,
        '"work" in tags',
        "tags that you gave its feed, then those that rules gave it",
    ),
    _field(
        "summary",
        FieldType.TEXT,
        'summary.matches("(?i)press release")',
        "the fullest text that the feed itself gives, without markup",
    ),
    _field(
        "published",
        FieldType.TIME,
        'published > timestamp("2026-01-01T00:00:00Z")',
        "when it was published, never later than it was discovered; where nobody says so, then",
    ),
    _field(
        "discovered",
        FieldType.TIME,
        'discovered - published < duration("720h")',
        "when it was first seen",
    ),
    _field(
        "enclosures",
        FieldType.TEXTS,
        'enclosures.exists(t, t.startsWith("audio/"))',
        'media type of each of its files, `""` where it is not known',
    ),
    _field(
        "seconds",
        FieldType.NUMBER,
        "seconds == 0 || seconds >= 300",
        "duration of an episode; 0 where it is not known",
    ),
    _field(
        "text",
        FieldType.TEXT,
        'text.matches("(?i)\\\\bkubernetes\\\\b")',
        f"its text, without markup; the first {LONGEST_TEXT:,} characters",
        Phase.TEXT,
    ),
    _field("words", FieldType.NUMBER, "words > 150", "words of its text", Phase.TEXT),
    _field(
        "language",
        FieldType.TEXT,
        'language in ["en", "de"]',
        'its language (BCP 47, the first part in small letters); `""` where it is not known',
        Phase.TEXT,
    ),
    _field("sources", FieldType.NUMBER, "sources >= 2", "feeds that tell its story", Phase.STORY),
)
BY_NAME: Final = {field.name: field for field in FIELDS}


def names_until(phase: Phase) -> tuple[str, ...]:
    """Names of the fields that are known in ``phase``."""
    return tuple(field.name for field in FIELDS if field.phase <= phase)


@dataclass(frozen=True, slots=True)
class StoryFields:
    """Values of the fields, as far as they are known; a later one is never asked for."""

    title: str = ""
    author: str = ""
    url: str = ""
    domain: str = ""
    feed: str = ""
    feed_id: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    published: datetime = _FIRST
    discovered: datetime = _FIRST
    enclosures: tuple[str, ...] = ()
    seconds: int = 0
    text: str = ""
    words: int = 0
    language: str = ""
    sources: int = 1

    def values(self) -> dict[str, FieldValue]:
        """Name → value, each within what expressions can hold."""
        return {
            **{name: getattr(self, name) for name in _AS_THEY_ARE},
            "summary": self.summary[:LONGEST_TEXT],
            "text": self.text[:LONGEST_TEXT],
            "published": min(max(self.published, _FIRST), _LAST),
            "discovered": min(max(self.discovered, _FIRST), _LAST),
            "seconds": min(self.seconds, _LARGEST),
        }


_AS_THEY_ARE: Final = tuple(
    name
    for name in BY_NAME
    if name not in {"summary", "text", "published", "discovered", "seconds"}
)
