"""The shape of the settings, for people: names, types in words, environment names, near misses."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from aggregator.config.locate import KeyPath
from aggregator.config.settings import Settings
from aggregator.config.values import in_words, parse_format, parse_network, parse_size
from aggregator.publish.formats import FORMATS

ENV_PREFIX = "AGGREGATOR_"
ENV_CONFIG = "AGGREGATOR_CONFIG"
FILE_SUFFIX = "_FILE"


def bare(annotation: Any) -> Any:
    """``annotation`` without ``Annotated`` and without ``| None``."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        members = [a for a in get_args(annotation) if a is not NoneType]
        if len(members) == 1:
            return bare(members[0])
    return annotation


def item_of(annotation: Any) -> Any:
    """The type of a list's items, or None when ``annotation`` is no list."""
    plain = bare(annotation)
    return get_args(plain)[0] if get_origin(plain) is tuple else None


def is_section(annotation: Any) -> bool:
    """True when a table is expected there."""
    plain = bare(annotation)
    return isinstance(plain, type) and issubclass(plain, BaseModel)


def member_of(annotation: Any) -> Any:
    """The type of the values of a table with keys of the operator's own; None: it is none."""
    plain = bare(annotation)
    return get_args(plain)[1] if get_origin(plain) is dict else None


def annotation_at(path: KeyPath) -> Any:
    """The type of the setting at ``path``; None where the settings have none."""
    return _annotation_at(_in_any_list(path))


def words_at(path: KeyPath) -> str:
    """The type of the setting at ``path`` in an operator's words; see :func:`type_words`."""
    return _words_at(_in_any_list(path))


def _in_any_list(path: KeyPath) -> KeyPath:
    """``path`` with 0 for every place in a list: a hundred thousand feeds have the same settings."""
    return tuple(0 if isinstance(step, int) else step for step in path)


@lru_cache(maxsize=1024)
def _words_at(path: KeyPath) -> str:
    return type_words(_annotation_at(path))


@lru_cache(maxsize=1024)
def _annotation_at(path: KeyPath) -> Any:
    annotation: Any = Settings
    for step in path:
        if isinstance(step, int):
            annotation = item_of(annotation)
        elif is_section(annotation):
            field = bare(annotation).model_fields.get(step)
            annotation = field.rebuild_annotation() if field else None
        elif (member := member_of(annotation)) is not None:
            annotation = member
        else:
            return None
    return annotation


def field_at(path: KeyPath) -> FieldInfo | None:
    """The field at ``path`` with its default and description; None where there is none."""
    owner = annotation_at(path[:-1])
    if not path or not is_section(owner):
        return None
    fields: dict[str, FieldInfo] = bare(owner).model_fields
    return fields.get(str(path[-1]))


def names_at(path: KeyPath) -> tuple[str, ...]:
    """The keys that the table at ``path`` may have, in the models' order."""
    owner = annotation_at(path)
    return tuple(bare(owner).model_fields) if is_section(owner) else ()


def setting_paths() -> Iterator[KeyPath]:
    """Every single setting that has one value: top-level keys, then each section's."""
    for name, field in Settings.model_fields.items():
        if is_section(field.annotation):
            yield from ((name, key) for key in names_at((name,)))
        else:
            yield (name,)


def env_name(path: KeyPath) -> str:
    """``("server", "port")`` → ``AGGREGATOR_SERVER__PORT``."""
    return ENV_PREFIX + "__".join(str(step) for step in path).upper()


def env_names() -> dict[str, KeyPath]:
    """Environment name → setting, without the ``_FILE`` forms."""
    return {env_name(path): path for path in setting_paths()}


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that ``name`` was probably meant to be."""
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower().replace("-", "_"), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def _validates_with(annotation: Any, function: object) -> bool:
    if get_origin(annotation) in {Union, UnionType}:
        return any(_validates_with(member, function) for member in get_args(annotation))
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return any(isinstance(mark, BeforeValidator) and mark.func is function for mark in marks)


def is_size(annotation: Any) -> bool:
    """True when a number of bytes is expected there."""
    return _validates_with(annotation, parse_size)


def _range_words(annotation: Any) -> str:
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    low = next((m.ge for m in marks if hasattr(m, "ge")), None)
    high = next((m.le for m in marks if hasattr(m, "le")), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" from {low}" if low is not None else ""


def _choices(annotation: Any) -> tuple[str, ...]:
    """The values that are allowed there, where it is one of a few."""
    plain = bare(annotation)
    if get_origin(plain) is Literal:
        return get_args(plain)
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return tuple(plain)
    return tuple(FORMATS) if _validates_with(annotation, parse_format) else ()


def type_words(annotation: Any) -> str:
    """The type in an operator's words, singular and without article: ``duration``, ``text``, …"""
    if (item := item_of(annotation)) is not None:
        return "tables" if is_section(item) else f"list of {type_words(item)}"
    plain = bare(annotation)
    if choices := _choices(annotation):
        return in_words(choices)
    if _validates_with(annotation, parse_network):
        return "network"
    if is_size(annotation):
        return "size"
    if plain is int:
        return f"whole number{_range_words(annotation)}"
    words = {bool: "true or false", timedelta: "duration", str: "text", SecretStr: "text"}
    return words.get(plain, "table" if member_of(plain) is None else "table of text")
