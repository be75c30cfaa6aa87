"""A robots.txt whose rules cost little to match, however a stranger wrote them. Pure.

Of 20,000 rules with wildcards, or of rules with hundreds, each page would cost tenths of a second.
A rule past the bounds becomes one that is never milder: ``Disallow`` refuses all that begins as it
does up to the wildcard, ``Allow`` is left out.
"""

from __future__ import annotations

MAX_WILDCARDS = 5_000
"""Wildcards that are matched in all of a file; those of real ones have hundreds at most."""
MAX_IN_RULE = 10
_MAX_PATTERN = (
    2_000  # characters; no page is asked for whose address is longer than what they match
)


def bounded_rules(text: str) -> str:
    """``text`` with at most :data:`MAX_WILDCARDS` ``*``, each rule of at most :data:`MAX_IN_RULE`.

    Whatever names a rule counts as one: parsers know "disallow" in many spellings.
    """
    if text.count("*") <= MAX_IN_RULE and len(text) <= _MAX_PATTERN:
        return text
    lines: list[str] = []
    left = MAX_WILDCARDS
    for line in text.splitlines():  # as protego parts them
        name, _, value = line.partition(":")
        pattern = value.partition("#")[0].strip()
        wildcards = 0 if name.strip().lower().startswith("user") else pattern.count("*")
        if wildcards <= min(left, MAX_IN_RULE) and len(pattern) <= _MAX_PATTERN:
            left -= wildcards
            lines.append(line)
        elif name.strip().lower() != "allow":
            lines.append(f"{name}: {pattern[:_MAX_PATTERN].partition('*')[0] or '/'}")
    return "\n".join(lines)
