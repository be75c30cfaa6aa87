"""Templates of notifications: text with ``{field}`` in it, and nothing else of Python's formatting. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field

FIELDS: Final = ("title", "source", "url", "summary", "authors", "tags", "published", "output")
"""What a template may name; every other text stays as it is."""
_FIELD: Final = re.compile(r"\{([a-z_]{1,40})\}")
_LONGEST: Final = 2000  # characters of a template


def template_text(value: str) -> str:
    """``value``, if it names known fields only. Raises ``ValueError`` for others."""
    for found in _FIELD.finditer(value):
        if found[1] not in FIELDS:
            named = ", ".join(f"{{{one}}}" for one in FIELDS)
            raise ValueError(f"text in which only fields that there are stand in braces: {named}")
    return value


def filled(template: str, fields: Mapping[str, str]) -> str:
    """``template`` with the ``fields`` in place; what they hold is no template."""
    return _FIELD.sub(lambda found: fields.get(found[1], ""), template)


TemplateText = Annotated[str, Field(max_length=_LONGEST), AfterValidator(template_text)]
