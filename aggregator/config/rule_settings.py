"""Rules over all feeds: ``[[rules]]``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from aggregator.config.section import Section, Word, misplaced
from aggregator.config.values import parse_category
from aggregator.errors import ExpressionError
from aggregator.model import ExtractMode
from aggregator.select.expressions import compile_earliest, compile_expression
from aggregator.select.story_fields import Phase


def expression_of(phase: Phase) -> Callable[[str], str]:
    """Validator of an expression over what is known in ``phase``; an empty one is let through.

    It raises ``ValueError`` for anything else.
    """

    def checked(value: str) -> str:
        if value:
            try:
                compile_expression(value, phase)
            except ExpressionError as error:
                raise ValueError(f"an expression; {error}") from None
        return value

    return checked


LONGEST_CATEGORY = 200  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def name_text(value: str) -> str:
    """``value``, if it may be stored with entries as a name, else raises ``ValueError``.

    No database has to take control characters then.
    """
    if _CONTROL.search(value):
        raise ValueError("text without control characters")
    return value


def tag_text(value: str) -> str:
    """``value``, if it may be stored with entries as a tag; else raises ``ValueError``."""
    if not 0 < len(value) <= LONGEST_CATEGORY:
        raise ValueError(f"a tag of 1 to {LONGEST_CATEGORY} characters")
    return name_text(value)


Category = Annotated[str, AfterValidator(parse_category), Field(max_length=LONGEST_CATEGORY)]
RuleCategory = Annotated[Category, AfterValidator(name_text)]
RuleTag = Annotated[str, AfterValidator(tag_text)]
FeedExpression = Annotated[str, AfterValidator(expression_of(Phase.FEED))]


def rule_expression(value: str) -> str:
    """``value``, if it is an expression over an entry and its text; else raises ``ValueError``."""
    try:
        compile_earliest(value)
    except ExpressionError as error:
        raise ValueError(f"an expression; {error}") from None
    return value


RuleExpression = Annotated[str, AfterValidator(rule_expression)]


class RuleSettings(Section):
    """A rule over all feeds; rules are asked in their order."""

    when: RuleExpression = Field(
        min_length=1, description="Expression over the fields of an entry, see docs/filters.md."
    )
    drop: bool = Field(
        False,
        description="Drop what it is true of: it is in no output, and no page of it is fetched if what the "
        "feed says is enough to know it by.",
    )
    extract: Word[ExtractMode] | None = Field(
        None, description="`extract.mode` for what it is true of; the last such rule decides."
    )
    tags: tuple[RuleTag, ...] = Field(
        (), description="Tags for what it is true of, which later rules and filters of outputs see."
    )
    category: RuleCategory = Field(
        "", description="Category for what it is true of, likewise beside its own."
    )
    rank: int = Field(
        0,
        ge=-1000,
        le=1000,
        description="What it adds to the rank of the feed for what it is true of: of equally complete copies "
        "of a story the lowest rank is shown.",
    )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        others = [n for n in ("extract", "tags", "category", "rank") if getattr(self, n)]
        if not self.drop and not others:
            raise misplaced("`drop`, `extract`, `tags`, `category` or `rank` beside it", "when")
        if self.drop and others:
            raise misplaced(f"either `drop` or `{others[0]}`, not both", others[0])
        if self.extract is not None:
            self._known_before_pages()
        return self

    def _known_before_pages(self) -> None:
        try:
            compile_expression(self.when, Phase.FEED)
        except ExpressionError as error:
            raise misplaced(f"an expression that fits beside `extract`; {error}", "when") from None
