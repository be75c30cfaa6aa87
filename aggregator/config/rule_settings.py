"""Rules over all feeds: ``[[rules]]``."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from aggregator.config.section import Section, Word, misplaced
from aggregator.errors import ExpressionError
from aggregator.model import ExtractMode
from aggregator.select.expressions import compile_expression
from aggregator.select.story_fields import Phase


def feed_expression(value: str) -> str:
    """``value``, if it is an expression over what a feed says of an entry, or empty; else raises ``ValueError``."""
    if value:
        try:
            compile_expression(value, Phase.FEED)
        except ExpressionError as error:
            raise ValueError(f"an expression; {error}") from None
    return value


FeedExpression = Annotated[str, AfterValidator(feed_expression)]


class RuleSettings(Section):
    """A rule over all feeds; rules are asked in their order."""

    when: FeedExpression = Field(
        min_length=1, description="Expression over the fields of an entry, see docs/filters.md."
    )
    drop: bool = Field(
        False,
        description="Drop what it is true of: no page is fetched, no output shows it.",
    )
    extract: Word[ExtractMode] | None = Field(
        None, description="`extract.mode` for what it is true of; the last such rule decides."
    )

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.drop and self.extract is None:
            raise misplaced("`drop` or `extract` beside it", "when")
        if self.drop and self.extract is not None:
            raise misplaced("either `drop` or `extract`, not both", "extract")
        return self
