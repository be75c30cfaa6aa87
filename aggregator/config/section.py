"""What every part of the settings is made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from aggregator.config.values import parse_duration

Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def misplaced(expected: str, *at: str | int) -> PydanticCustomError:
    """The fault of a whole section, to be reported at its member ``at``."""
    return PydanticCustomError("misplaced", "{expected}", {"expected": expected, "at": at})
