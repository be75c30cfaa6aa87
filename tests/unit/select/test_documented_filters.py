"""The recipes and the table of docs/filters.md: each keeps and drops what it says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config.settings import Settings
from aggregator.select.expressions import Context, compile_earliest, compile_expression
from aggregator.select.story_fields import FIELDS, Phase, StoryFields

DOCUMENT = (Path(__file__).parents[3] / "docs" / "filters.md").read_text("utf-8")
_, _, RECIPES = DOCUMENT.partition("\n## Recipes\n")
BLOCKS = re.findall(r"^(\w[^\n]*):\n\n```toml\n(.*?)```", RECIPES, re.MULTILINE | re.DOTALL)
FRIDAY = datetime(2026, 11, 6, 22, tzinfo=UTC)
PLAIN = StoryFields(title="A title", published=FRIDAY, discovered=FRIDAY)


def of(**fields: Any) -> StoryFields:
    return replace(PLAIN, **fields)


# Beginning of a recipe's words → what its expression is true of, and what not.
SAMPLES: dict[str, tuple[list[StoryFields], list[StoryFields]]] = {
    "Without advertisements": (
        [PLAIN, of(title="Unsponsored science")],
        [of(title="SPONSORED: a car"), of(title="Gewinn (Anzeige)")],
    ),
    "Only what has": (
        [of(categories=("Sport", "Politics")), of(categories=("Tech/AI",))],
        [PLAIN, of(categories=("Technology",))],
    ),
    "Without sections": ([of(url="https://a.example/news/1")], [of(url="https://a.example/sport/1")]),
    "Without one author": ([of(author="Jane Doe")], [of(author="Newswire")]),
    "Of a link blog": ([of(domain="example.org"), PLAIN], [of(domain="x.com")]),
    "Of a podcast": (
        [of(enclosures=("audio/mpeg",)), of(enclosures=("", "audio/ogg"), seconds=1800)],
        [PLAIN, of(enclosures=("audio/mpeg",), seconds=60)],
    ),
    "Releases": (
        [of(title="v3.14.1"), of(title="Release 2.0")],
        [of(title="3.15.0a2"), of(title="v1.2-rc1"), of(title="4.0.beta"), of(title="2.0.dev3")],
    ),
    "Nothing that": ([PLAIN], [of(published=FRIDAY - timedelta(days=30))]),
    "Words in": (
        [of(title="Kubernetes 2"), of(summary="On kubernetes, again")],
        [PLAIN, of(summary="kubernetesy")],
    ),
    "Only weekends'": (  # 23:30 UTC on Friday is Saturday in Berlin
        [of(published=FRIDAY.replace(hour=23, minute=30), categories=("Long read",))],
        [of(categories=("Long read",)), of(published=FRIDAY + timedelta(days=1))],
    ),
    "A rule for": (
        [of(title="Your horoscope")],
        [PLAIN, of(title="Your horoscope", tags=("keep-all",))],
    ),
    "Names by": (
        [of(text="On Kubernetes", words=120)],
        [of(text="On Kubernetes", words=9), of(text="kubernetesy", words=120)],
    ),
    "Of a story": ([of(language="de")], [PLAIN, of(language="en")]),
    "No pages": ([of(domain="example.com")], [of(domain="example.org")]),
}  # fmt: skip


@pytest.mark.parametrize(("words", "block"), BLOCKS, ids=[words for words, _ in BLOCKS])
def test_a_recipe_keeps_and_drops_what_it_says(words: str, block: str) -> None:
    settings = tomllib.loads(block)
    text = settings["rules"][0]["when"] if "rules" in settings else settings["filter"]
    (samples,) = [samples for begin, samples in SAMPLES.items() if words.startswith(begin)]
    compiled = (
        compile_earliest(text) if "rules" in settings else compile_expression(text, Phase.FEED)
    )
    for expected, fields in zip((True, False), samples, strict=True):
        for one in fields:
            assert compiled.evaluate(Context(one)).holds is expected, one


def test_there_are_ten_recipes_and_more_and_each_has_its_samples() -> None:
    assert len(BLOCKS) == len(SAMPLES) >= 10


def test_all_examples_are_settings() -> None:
    for block in re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL):
        given = tomllib.loads(block)
        feed = {"url": "https://example.org/feed", "filter": given.pop("filter", "")}
        Settings.model_validate({"feeds": [feed], **given})


def test_the_table_names_every_field() -> None:
    known = {Phase.FEED: "feed", Phase.TEXT: "text", Phase.STORY: "story"}
    for field in FIELDS:
        example = field.example.replace("|", "\\|")
        row = f"| `{field.name}` | {field.type} | {known[field.phase]} | `{example}` | {field.meaning} |"
        assert row in DOCUMENT
