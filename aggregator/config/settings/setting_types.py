"""Types of values that several sections take."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from aggregator.config.values import (
    NetworkAtPort,
    parse_format,
    parse_network,
    parse_size,
    parse_time_zone,
)


def as_word(value: object) -> object:
    """``true`` and ``false`` as TOML writes them, beside words."""
    return str(value).lower() if isinstance(value, bool) else value


Size = Annotated[int, BeforeValidator(parse_size)]


OutputFormat = Annotated[str, BeforeValidator(parse_format)]


Network = Annotated[IPv4Network | IPv6Network | NetworkAtPort, BeforeValidator(parse_network)]


WholeNetwork = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network)]


class OutputScope(StrEnum):
    """Span in which an output shows a story once."""

    ALL = "all"
    CATEGORY = "category"  # in each of its feeds' categories


TrackingParameter = Annotated[str, Field(pattern=r"^!?[^\s!@&=#]{1,100}(@[a-z0-9.-]+)?$")]


TimeZone = Annotated[str, AfterValidator(parse_time_zone)]


FeedId = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$")]
