"""Filters of outputs: words, regular expressions and an expression, made into one thing. Pure.

An item fits if the entry that it shows fits, so that what readers see is what was judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

from aggregator.model import Unfit
from aggregator.select.expressions import Context, Expression, compile_expression
from aggregator.select.story_fields import Phase, StoryFields
from aggregator.select.word_rules import SearchedText, WordRule, word_rule

_WORDS_READ: Final = frozenset({"title", "text"})
_DIGEST: Final = 32  # hexadecimal digits: 128 bits
_SHOWN: Final = 80  # characters of an expression in a reason
_PIECE: Final = re.compile(
    r"""//[^\n]*|[rR]?(?:\"{3}.*?\"{3}|'{3}.*?'{3})|[rR]?"(?:\\.|[^"\\])*"|[rR]?'(?:\\.|[^'\\])*'|&&|\|\||.""",
    re.DOTALL,
)


def _quiet(fault: str) -> None:
    """Say nothing of what could not be evaluated."""


class Told:
    """An entry as an output would show it, made ready once for all filters."""

    def __init__(self, fields: StoryFields, searched: SearchedText | None = None) -> None:
        self.fields = fields
        self._searched = searched

    @cached_property
    def searched(self) -> SearchedText:
        """Its title and text, as word rules look at them."""
        return self._searched or SearchedText(self.fields.title, self.fields.text)

    @cached_property
    def context(self) -> Context:
        """Its fields, as expressions look at them."""
        return Context(self.fields)


@dataclass(frozen=True, slots=True)
class OutputFilter:
    """A filter: one of ``keep`` where there are any, none of ``drop``, and the ``expression``."""

    keep: tuple[WordRule, ...] = ()
    drop: tuple[WordRule, ...] = ()
    expression: Expression | None = None

    @property
    def names(self) -> frozenset[str]:
        """Names of the fields that it may read."""
        asked = _WORDS_READ if self.keep or self.drop else frozenset()
        return asked | (self.expression.names if self.expression is not None else frozenset())

    @property
    def digest(self) -> str:
        """Digest of what it was made of."""
        said = (
            [one.said for one in self.keep],
            [one.said for one in self.drop],
            self.expression.digest if self.expression is not None else "",
        )
        return sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:_DIGEST]

    def accepts(self, told: Told, note: Callable[[str], None] = _quiet) -> bool:
        """True where all rules take it; ``note`` gets why the expression could not be evaluated."""
        if self.expression is not None:
            outcome = self.expression.evaluate(told.context)
            if outcome.holds is None:
                note(outcome.fault)
            elif not outcome.holds:
                return False
        if any(one.place_in(told.searched) for one in self.drop):
            return False
        return not self.keep or any(one.place_in(told.searched) for one in self.keep)

    def unfit(self, told: Told, note: Callable[[str], None] = _quiet) -> Unfit | None:
        """The first rule that does not take it, and why; None: all do."""
        if self.accepts(told, note):
            return None
        for number, one in enumerate(self.drop, start=1):
            if place := one.place_in(told.searched):
                return Unfit(f"drop {number}", f"`{one.said}` is in its {place}")
        if self.keep and not any(one.place_in(told.searched) for one in self.keep):
            said = ", ".join(f"`{one.said}`" for one in self.keep[:5])
            more = f" and {len(self.keep) - 5} more" if len(self.keep) > 5 else ""
            return Unfit("keep", f"neither its title nor its text has {said}{more}")
        return Unfit("filter", _why_not(self.expression.text if self.expression else "", told))


def output_filter(
    keep: Sequence[str] = (), drop: Sequence[str] = (), expression: str = ""
) -> OutputFilter | None:
    """The filter that an operator wrote; None where it takes everything.

    Raises:
        ValueError: One of the words is none.
        ExpressionError: The expression is none.
    """
    if not (keep or drop or expression):
        return None
    return OutputFilter(
        tuple(map(word_rule, keep)),
        tuple(map(word_rule, drop)),
        compile_expression(expression, Phase.STORY) if expression else None,
    )


# ── why an expression says no ────────────────────────────────────────────────────────────────


def _why_not(text: str, told: Told) -> str:
    """The first part of an expression, between its outermost ``&&``, that is false, and where."""
    for part, at in _parts(text):
        one = _compiled(part)
        if one is None:
            break
        if not one.accepts(told.context):
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            where = f"column {column}" if line == 1 else f"line {line}, column {column}"
            return f"`{_short(part)}` ({where}) is false"
    return f"`{_short(text)}` is false"


@lru_cache(maxsize=1024)
def _compiled(part: str) -> Expression | None:
    try:
        return compile_expression(part, Phase.STORY)
    except Exception:  # noqa: BLE001 - a part that says nothing by itself
        return None


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """Parts of ``text`` between its outermost ``&&``, each with its place; none beside ``||`` and ``?``."""
    found, depth, start = list[tuple[str, int]](), 0, 0
    for piece in _PIECE.finditer(text):
        said = piece[0]
        if said in {"(", "[", "{"}:
            depth += 1
        elif said in {")", "]", "}"}:
            depth -= 1
        elif depth == 0 and said in {"||", "?"}:
            return
        elif depth == 0 and said == "&&":
            found.append((text[start : piece.start()], start))
            start = piece.end()
    found.append((text[start:], start))
    for part, at in found:
        bare = part.strip()
        yield bare, at + part.find(bare) if bare else at


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
