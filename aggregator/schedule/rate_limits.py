"""The fields ``RateLimit`` and ``RateLimit-Policy``: which quotas are used up, and for how long. Pure.

draft-ietf-httpapi-ratelimit-headers-10: both are lists of structured fields (RFC 9651), one item a
policy. In ``RateLimit``, ``r`` is what remains of the policy's quota and ``t`` in how many seconds it
is renewed; in ``RateLimit-Policy``, ``w`` is the length of its window in seconds. Nothing that a
server sends makes these functions raise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from http_sf import parse

_LONGEST = 8192  # bytes of a field that is read


def exhausted(rate_limit: str, policies: str) -> list[int] | None:
    """In how many seconds each quota that is used up is renewed; None: no structured field.

    ``rate_limit`` and ``policies`` are the values of the two fields, the latter ``""`` where there
    is none. Where an item says no ``t``, its policy's window is the longest that it can last. An
    item that says neither, or not what remains, says nothing.
    """
    items = _items(rate_limit)
    if items is None:
        return None
    windows = {name: _number(given, "w") for name, given in _items(policies) or ()}
    waits = (
        _number(given, "t") if _number(given, "t") is not None else windows.get(name)
        for name, given in items
        if _number(given, "r") == 0
    )
    return [wait for wait in waits if wait is not None]


def _items(field: str) -> list[tuple[str, Mapping[str, object]]] | None:
    """The policies' names and parameters; None where ``field`` is no list."""
    data = field.encode("ascii", "replace")
    if len(data) > _LONGEST:
        return None
    try:
        return list(_named(parse(data, tltype="list")))
    except ValueError:  # StructuredFieldError is one
        return None


def _named(structure: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    for member in structure if isinstance(structure, list) else ():
        name, parameters = member
        if isinstance(name, str):  # a token (older drafts) is none of Python's strings
            yield name, parameters
        elif not isinstance(name, list):  # an inner list is no policy
            yield str(name), parameters


def _number(parameters: Mapping[str, object], name: str) -> int | None:
    """A parameter that is an integer of at least zero; ``True`` is a parameter without a value."""
    value = parameters.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None
