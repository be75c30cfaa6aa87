"""Settings of WebSub hubs that tell subscribers of our outputs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from aggregator.config.section import Section
from aggregator.config.settings.setting_types import as_word
from aggregator.config.values import AN_HTTP_URL, feed_address


def _hub(value: str) -> str:
    url = feed_address(value)
    if "#" in value or "@" in url:
        raise ValueError(f"{AN_HTTP_URL}, without user and fragment")
    return url


class HubSettings(Section):
    """Hubs: subscribers of outputs without a token are told at once what is new."""

    enabled: Annotated[Literal["auto", "true", "false"], BeforeValidator(as_word)] = Field(
        "auto",
        description="Be a WebSub hub for the outputs without a token: `true`, `false`, or `auto` (if "
        "`base_url` is a public address).",
    )
    external: tuple[Annotated[str, AfterValidator(_hub)], ...] = Field(
        (),
        max_length=5,
        description="Addresses of other hubs that are told when such an output changes, and are named in "
        "it; `base_url` must be set.",
    )
    max_subscriptions: int = Field(
        1000, ge=1, le=100_000, description="Most subscriptions at the hub, in all."
    )
    max_per_site: int = Field(
        100,
        ge=1,
        le=100_000,
        description="Most subscriptions of callbacks at one site (registered domain, or address).",
    )
