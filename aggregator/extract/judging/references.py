"""Documents whose parts name each other: flattened to one list, or kept by id as a cache does.

Nuxt and SvelteKit flatten (devalue), as React Router does (turbo-stream): each value once, in one list, and places
in it for what holds it. Apollo keeps its nodes by id, and ``{"__ref": id}`` where they belong.
"""

from __future__ import annotations

from typing import Any

_MOST = 50_000  # values of one list
_WRAPPERS = frozenset({"Reactive", "ShallowReactive", "Ref", "ShallowRef", "EmptyRef", "EmptyShallowRef"})  # fmt: skip


def unflattened(document: Any) -> Any:
    """The value that a flattened ``document`` stands for, every other one as it is.

    It may hold itself: whoever walks over it counts.
    """
    if not isinstance(document, list) or not 2 < len(document) <= _MOST or not _is_flat(document):
        return document
    made: list[Any] = [
        {} if isinstance(value, dict) else [] if isinstance(value, list) else value
        for value in document
    ]
    for value, filled in zip(document, made, strict=True):
        if isinstance(value, dict):
            filled.update({_key(k, made): _at(v, made) for k, v in value.items()})
        elif isinstance(value, list):
            wrapped = bool(value) and isinstance(value[0], str) and value[0] in _WRAPPERS
            filled.extend(_at(place, made) for place in (value[1:] if wrapped else value))
    return made[0]


def _is_flat(document: list[Any]) -> bool:
    first = document[0]
    if isinstance(first, dict):
        places = list(first.values())
    elif isinstance(first, list):
        places = [value for value in first if not isinstance(value, str)]
    else:
        return False
    return bool(places) and all(type(place) is int for place in places)


def _at(place: Any, made: list[Any]) -> Any:
    if type(place) is int:
        return made[place] if 0 <= place < len(made) else None
    return place


def _key(key: str, made: list[Any]) -> str:
    """The name that ``_7`` stands for in a turbo-stream."""
    if key[:1] == "_" and key[1:].isdecimal() and len(key) < 8:
        name = _at(int(key[1:]), made)
        return name if isinstance(name, str) else key
    return key


def referred(node: Any, document: Any) -> Any:
    """The node of a cache, its ``document``, that ``node`` refers to, or ``node`` itself."""
    if isinstance(node, dict) and isinstance(document, dict):
        name = node.get("__ref") or (node.get("id") if node.get("type") == "id" else None)
        if isinstance(name, str) and isinstance(found := document.get(name), dict):
            return found
    return node
