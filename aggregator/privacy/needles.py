"""Many texts looked for in one: what a look costs does not depend on how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class Needles:
    """Texts to be found, none of them empty. Where several begin at one place the longest counts."""

    def __init__(self, values: Iterable[str]) -> None:
        longest_first = sorted(set(values) - {""}, key=lambda one: (-len(one), one))
        self._size = len(longest_first[-1]) if longest_first else 0
        by_start: dict[str, list[str]] = {}
        for one in longest_first:
            by_start.setdefault(one[: self._size], []).append(one)
        self._by_start: Mapping[str, list[str]] = by_start

    def replaced(self, text: str, by: str) -> str:
        """``text`` with ``by`` in place of each of them, from left to right."""
        # A pattern of thousands of alternatives would try all of them at every character.
        size, by_start = self._size, self._by_start
        if not size:
            return text
        pieces, done, at = [], 0, 0
        while at <= len(text) - size:
            found = self._at(text, at) if text[at : at + size] in by_start else ""
            if found:
                pieces += [text[done:at], by]
                done = at = at + len(found)
            else:
                at += 1
        return "".join([*pieces, text[done:]]) if pieces else text

    def _at(self, text: str, at: int) -> str:
        candidates = self._by_start[text[at : at + self._size]]
        return next((one for one in candidates if text.startswith(one, at)), "")
