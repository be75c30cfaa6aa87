"""What every part of the settings is made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from aggregator.config.values import parse_duration


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("a duration above zero")
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def misplaced(expected: str, *at: str | int) -> PydanticCustomError:
    """The fault of a whole section, to be reported at its member ``at``."""
    return PydanticCustomError("misplaced", "{expected}", {"expected": expected, "at": at})
