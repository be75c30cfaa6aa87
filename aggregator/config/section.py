"""Base of every section of the settings."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from aggregator.config.values import parse_duration


def _positive(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("a duration above zero")
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
PositiveDuration = Annotated[Duration, AfterValidator(_positive)]

E = TypeVar("E", bound=StrEnum)


class _AsText:
    """Takes a member of an enumeration as its text, also where files are read strictly."""

    def __get_pydantic_core_schema__(
        self, source: type[StrEnum], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def member(value: object) -> object:
            if isinstance(value, str) and value in set(source):
                return source(value)
            return value

        return no_info_before_validator_function(member, handler(source))


Word = Annotated[E, _AsText()]  # one of a few words


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def misplaced(expected: str, *at: str | int) -> PydanticCustomError:
    """The fault of a whole section, to be reported at its member ``at``."""
    return PydanticCustomError("misplaced", "{expected}", {"expected": expected, "at": at})
