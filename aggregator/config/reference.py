"""The reference of all settings, made from the models that check them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from aggregator.config.locate import KeyPath
from aggregator.config.schema import (
    annotation_at,
    bare,
    env_name,
    field_at,
    is_section,
    is_size,
    names_at,
    setting_paths,
    type_words,
)
from aggregator.config.values import format_duration, format_size

BEGIN = "<!-- settings: begin (generated) -->"
END = "<!-- settings: end -->"
_TABLES = {
    "feeds": "`[[feeds]]`: one subscription",
    "feeds.options": "`[feeds.options]`: request options of the feed above it",
    "opml": "`[[opml]]`: one reading list",
    "rules": "`[[rules]]`: one rule over the entries of all feeds",
    "outputs": "`[[outputs]]`: one merged feed",
    "webhooks": "`[[webhooks]]`: an address that is told of stories",
    "notifications": "`[[notifications]]`: a service that tells people",
    "mails": "`[[mails]]`: editions sent as mail",
}
_PATHS: dict[str, KeyPath] = {
    "feeds": ("feeds", 0),
    "feeds.options": ("feeds", 0, "options"),
    "opml": ("opml", 0),
    "rules": ("rules", 0),
    "outputs": ("outputs", 0),
    "webhooks": ("webhooks", 0),
    "notifications": ("notifications", 0),
    "mails": ("mails", 0),
}


class Setting(NamedTuple):
    """One setting in words: ``name`` is dotted (``server.port``, ``feeds.url``), ``default`` is
    written as in TOML and empty where there is none.
    """

    name: str
    type: str
    default: str
    description: str


def toml_text(value: object, annotation: Any) -> str:
    """``value`` as it is written in TOML: ``"30m"``, ``"20MB"``, ``["atom"]``, ``true``."""
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, SecretStr):  # a default, which is none
        value = value.get_secret_value()
    if isinstance(value, timedelta):
        return json.dumps(format_duration(value))
    if is_size(annotation) and isinstance(value, int):
        return json.dumps(format_size(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(toml_text(item, str) for item in value) + "]"
    if isinstance(value, IPv4Network | IPv6Network):
        value = str(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool | int) else ""


def _setting(path: KeyPath, field: FieldInfo) -> Setting:
    annotation = annotation_at(path)
    name = ".".join(str(step) for step in path if isinstance(step, str))
    default = toml_text(field.default, annotation)
    return Setting(name, type_words(annotation), default, field.description or "")


def settings_reference() -> list[Setting]:
    """Every setting, in the order of the models: the top level, the sections, feeds, outputs."""
    single = [path for path in setting_paths() if path[0] not in _TABLES]
    listed = [(*path, key) for path in _PATHS.values() for key in names_at(path)]
    found = ((path, field_at(path)) for path in (*single, *listed))
    return [_setting(path, field) for path, field in found if field is not None]


def _heading(section: str) -> str:
    if section in _TABLES:
        return _TABLES[section]
    if not section:
        return "Top level"
    meaning = (bare(annotation_at((section,))).__doc__ or "").strip().rstrip(".")
    return f"`[{section}]`: {meaning[:1].lower()}{meaning[1:]}"


def _rows(section: str) -> Iterator[str]:
    for setting in settings_reference():
        owner, _, key = setting.name.rpartition(".")
        if owner != section:
            continue
        default = f"`{setting.default}`" if setting.default else ""
        cells = [f"`{key}`", setting.type, default, setting.description]
        if section not in _TABLES:
            path = (owner, key) if owner else (key,)
            cells.insert(3, f"`{env_name(path)}`")
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def reference_tables() -> str:
    """The tables of ``docs/configuration.md``, one for each section, as Markdown."""
    sections = [
        "",
        *(name for name in names_at(()) if is_section(annotation_at((name,)))),
        *_TABLES,
    ]
    parts = []
    for section in sections:
        columns = ["Setting", "Type", "Default", "Environment", "Meaning"]
        if section in _TABLES:
            columns.remove("Environment")
        head = "| " + " | ".join(columns) + " |"
        rule = "|" + "---|" * len(columns)
        parts.append("\n".join([f"### {_heading(section)}", "", head, rule, *_rows(section)]))
    return "\n\n".join(parts)


def with_tables(document: str) -> str:
    """``document`` with the tables between its two marks brought up to date.

    Raises ``ValueError`` when it does not have each mark once.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected a document with {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{reference_tables()}\n\n{END}{after}"


if __name__ == "__main__":  # python -m aggregator.config.reference docs/configuration.md
    for document in map(Path, sys.argv[1:]):
        document.write_text(with_tables(document.read_text("utf-8")), "utf-8")
