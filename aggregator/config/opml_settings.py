"""Settings of ours that an outline of an OPML file can hold, as attributes of a namespace of our own.

OPML has no place for them, and other programs leave attributes of a namespace that they do not know
alone (OPML 2.0, “Extending OPML”).
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from aggregator.publish.xmltree import AGGREGATOR

PREFIX = "aggregator"
OPML_SETTINGS = frozenset({"every", "paused"})


def own_settings(outline: etree._Element) -> dict[str, object]:
    """The settings in our namespace; what is none of them is let be."""
    found = {name: outline.get(f"{{{AGGREGATOR}}}{name}") for name in sorted(OPML_SETTINGS)}
    given: dict[str, object] = {name: value for name, value in found.items() if value is not None}
    if "paused" in given:
        given["paused"] = given["paused"] == "true"
    return given


def as_attributes(settings: Mapping[str, object]) -> dict[str, str | None]:
    """``settings``, as TOML has them, as :func:`own_settings` reads them back; None: no attribute."""
    return {name: _text(value) for name, value in settings.items()}


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else None
    return None if value is None else str(value)
