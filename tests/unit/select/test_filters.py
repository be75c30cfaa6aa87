"""Filters of outputs: one thing made of words, regular expressions and an expression."""

from __future__ import annotations

import pytest

from aggregator.errors import ExpressionError
from aggregator.model import Unfit
from aggregator.select.filters import Told, output_filter
from aggregator.select.story_fields import StoryFields

EXPRESSION = '"Tech" in categories && words > 150 && (language == "en" || title.contains("&&"))'


def why(said: StoryFields, **parts: object) -> Unfit | None:
    made = output_filter(**parts)  # type: ignore[arg-type]
    assert made is not None
    found = made.unfit(Told(said))
    assert made.accepts(Told(said)) == (found is None)
    return found


def test_what_has_one_of_the_words_to_keep_and_none_to_drop_is_taken() -> None:
    rules = {"keep": ("postgres", "/(?i)sqlite/"), "drop": ("crypto", "ads")}
    assert why(StoryFields(title="SQLite"), **rules) is None
    assert why(StoryFields(title="x", text="postgres"), **rules) is None
    assert why(StoryFields(title="MySQL"), **rules) == Unfit(
        "keep", "neither its title nor its text has `postgres`, `/(?i)sqlite/`"
    )
    assert why(StoryFields(title="SQLite", text="and ads"), **rules) == Unfit(
        "drop 2", "`ads` is in its text"
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, '`"Tech" in categories` (column 1) is false'),
        ({"categories": ("Tech",)}, "`words > 150` (column 25) is false"),
        (
            {"categories": ("Tech",), "words": 151},
            '`(language == "en" || title.contains("&&"))` (column 40) is false',
        ),
        ({"categories": ("Tech",), "words": 151, "language": "en"}, None),
    ],
)
def test_the_part_of_an_expression_is_named_that_is_false(
    fields: dict[str, object], reason: str | None
) -> None:
    found = why(StoryFields(**fields), expression=EXPRESSION)  # type: ignore[arg-type]
    assert (found.why if found is not None else None) == reason


@pytest.mark.parametrize(
    "said",
    [
        "words > 1 || words > 2",
        "words > 0 ? false : true",
        '["a"].exists(x, x == "b" && true)',
        'true\n&& // "&&\nfalse',
        "!(words == 0 && true)",
    ],
)
def test_a_reason_is_found_for_any_expression(said: str) -> None:
    found = why(StoryFields(words=0), expression=said)
    assert found is None or found.rule == "filter"


def test_it_says_which_fields_it_reads_and_is_known_by_what_it_says() -> None:
    one, other = output_filter(drop=["x"]), output_filter(keep=["x"])
    both = output_filter(drop=["x"], expression="words > 1")
    assert one is not None
    assert other is not None
    assert both is not None
    assert one.names == {"title", "text"}
    assert both.names == {"title", "text", "words"}
    assert len({one.digest, other.digest, both.digest}) == 3
    assert output_filter() is None
    with pytest.raises(ExpressionError):
        output_filter(expression="nothing > 1")


def test_what_cannot_be_evaluated_is_not_lost() -> None:
    assert why(StoryFields(words=0), expression="10 / words > 1") is None
