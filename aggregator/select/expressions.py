"""Expressions over the fields of a story, in CEL: compiled once, asked for each story. Pure.

This module alone knows the engine: Google's ``cel-expr-python``, which not every platform has. An
expression terminates: there are no loops but over lists, their steps are bounded, regular expressions
take linear time (RE2), and nothing in it can make a text longer than it is (no ``+``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from aggregator.errors import ExpressionError
from aggregator.select.refusals import refusal
from aggregator.select.story_fields import FIELDS, FieldType, FieldValue, Phase, StoryFields

if TYPE_CHECKING:
    from types import ModuleType

LONGEST: Final = 4000  # characters of an expression
_DIGEST: Final = 32  # hexadecimal digits: 128 bits
_TOKEN: Final = re.compile(
    r"""
      //[^\n]*
    | (?P<text>[rR]?(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}
                     |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | [^\s]
    """,
    re.VERBOSE | re.DOTALL,
)
# Literals that are wrong are found at run time only: they are tried where they stand.
_PROBES: Final = {
    "matches": ('"".matches({})', "no regular expression as RE2 knows it"),
    "timestamp": (
        "timestamp({}) == timestamp(0)",
        'no time; it is written as in timestamp("2026-01-31T00:00:00Z")',
    ),
    "duration": (
        'duration({}) == duration("0s")',
        'no duration; it is written in "h", "m" and "s", a week is duration("168h")',
    ),
}
# What makes texts longer is left out.
_LIBRARY: Final = 'stdlib:\n  exclude_functions:\n    - name: "_+_"\n'
_MISSING: Final = "expressions need the package cel-expr-python, which is not installed"
_MISSING_HINT: Final = (
    "pip install 'aggregator[expressions]'; where there is none for this platform, "
    "`keep` and `drop` of outputs do without"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Answer of an expression: ``holds`` None where it could not be evaluated, for the ``fault`` said."""

    holds: bool | None
    fault: str = ""


class Context:
    """The fields of one story, made ready once for all expressions that are asked about it."""

    __slots__ = ("_activation", "_fields")

    def __init__(self, fields: StoryFields) -> None:
        self._fields = fields
        self._activation: Any = None

    @property
    def activation(self) -> Any:
        """The fields in the engine's own shape."""
        if self._activation is None:
            self._activation = _activation(self._fields.values())
        return self._activation

    def mend(self) -> None:
        """Make the fields ready anew, without what no text may hold (halves of UTF-16 pairs)."""
        values = self._fields.values()
        self._activation = _activation({name: _mended(value) for name, value in values.items()})


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. ``names`` are the fields that it may read."""

    text: str
    phase: Phase
    names: frozenset[str]
    digest: str
    _program: Any = field(repr=False, compare=False)

    def evaluate(self, context: Context) -> Outcome:
        """The answer for one story. Never raises."""
        try:
            value = self._program.eval(context.activation).value()
        except (RuntimeError, UnicodeError):  # the budget of steps is spent, or a text is none
            try:
                context.mend()
                value = self._program.eval(context.activation).value()
            except RuntimeError as error:
                return Outcome(None, _told(str(error)))
        # A fault at run time comes back as its text.
        return Outcome(value) if isinstance(value, bool) else Outcome(None, _told(str(value)))

    def accepts(self, context: Context) -> bool:
        """True unless it says no: what cannot be evaluated is not lost for it."""
        return self.evaluate(context).holds is not False

    def matches(self, context: Context) -> bool:
        """True where it says yes: what cannot be evaluated is no reason to do something."""
        return self.evaluate(context).holds is True


def is_available() -> bool:
    """True where the engine is installed."""
    return _engine() is not None


@lru_cache(maxsize=4096)
def compile_expression(text: str, phase: Phase) -> Expression:
    """Compile ``text``, which may read the fields known in ``phase``.

    Raises:
        ExpressionError: It is no such expression; the error says where, and what may have been meant.
    """
    written = text.strip()
    _check_characters(text, written)
    engine = _engine()
    if engine is None:
        raise ExpressionError(_MISSING, hint=_MISSING_HINT)
    try:
        program = _environment(phase).compile(text)
    except RuntimeError as error:
        raise refusal(str(error), text, phase) from None
    kind = program.return_type()
    if kind != engine.Type.BOOL:
        said = str(kind.name()).lower()
        raise ExpressionError(
            f"it gives {said}, where true or false is expected", hint="compare it with something"
        )
    _check_literals(text)
    tokens = {token["name"] for token in _TOKEN.finditer(text) if token["name"]}
    return Expression(
        text=written,
        phase=phase,
        names=frozenset(one.name for one in FIELDS if one.name in tokens),
        digest=sha256(written.encode()).hexdigest()[:_DIGEST],
        _program=program,
    )


def compile_earliest(text: str) -> Expression:
    """Compile ``text`` for the first phase that knows all its fields, before an entry's story is known.

    Raises:
        ExpressionError: As :func:`compile_expression`.
    """
    try:
        return compile_expression(text, Phase.FEED)
    except ExpressionError:
        return compile_expression(text, Phase.TEXT)


def _check_characters(text: str, written: str) -> None:
    if not written:
        raise ExpressionError("it is empty", hint="leave it out, or write `true`")
    if len(text) > LONGEST:
        raise ExpressionError(f"it has {len(text):,} characters; at most {LONGEST:,} are read")
    for number, line in enumerate(text.split("\n"), start=1):
        for column, sign in enumerate(line, start=1):
            if not sign.isprintable() and sign not in "\t\r" and not sign.isspace():
                raise ExpressionError(
                    f"a character that cannot be seen (U+{ord(sign):04X})",
                    line=number,
                    column=column,
                )


def _check_literals(text: str) -> None:
    """Try the constants that the compiler takes as they are; the first that is wrong is refused."""
    for function, literal, at in _constants(text):
        probe, fault = _PROBES[function]
        answer = _environment(Phase.FEED).compile(probe.format(literal)).eval().value()
        if isinstance(answer, bool):
            continue
        line, column = _position(text, at)
        detail = _in_words(str(answer)).partition("invalid regular expression: ")[2]
        raise ExpressionError(
            f"{literal[:60]} is {fault}" + (f": {detail}" if detail else ""),
            line=line,
            column=column,
        )


def _constants(text: str) -> Iterator[tuple[str, str, int]]:
    """Each function of ``_PROBES`` with the text, in quotes, that is the last it is given, and where."""
    opened: list[str] = []  # names before the brackets that are open
    before: tuple[str, str, int] = ("", "", 0)  # the last token: its kind, itself, its place
    for token in _TOKEN.finditer(text):
        said = token[0]
        if said.startswith("//"):
            continue
        if said in {"(", "[", "{"}:
            opened.append(before[1] if before[0] == "name" and said == "(" else "")
        elif said in {")", "]", "}"} and opened:
            function = opened.pop()
            if function in _PROBES and before[0] == "text":
                yield function, before[1], before[2]
        before = (token.lastgroup or "", said, token.start())


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _in_words(fault: str) -> str:
    """A fault of the engine in one line, without its names for kinds of errors."""
    bare = re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", fault.strip())
    return " ".join(bare.split())[:200]


def _told(fault: str) -> str:
    """A fault at run time without what the story says, which may be private: that stands behind a colon."""
    said = _in_words(fault)
    return said if said.startswith("Index error") else said.partition(":")[0].strip()


def _mended(value: FieldValue) -> FieldValue:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(one.encode("utf-8", "replace").decode() for one in value)
    return value


# ── the engine ───────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=1)
def _engine() -> ModuleType | None:
    try:
        from cel_expr_python import cel  # noqa: PLC0415 - 40 ms, and there may be none
    except ImportError:
        return None
    module: ModuleType = cel
    return module


@lru_cache(maxsize=len(Phase))
def _environment(phase: Phase) -> Any:
    """The engine with the fields known in ``phase``."""
    engine: Any = _engine()
    types = {
        FieldType.TEXT: "string",
        FieldType.NUMBER: "int",
        FieldType.TRUTH: "bool",
        FieldType.TIME: "timestamp",
        FieldType.TEXTS: "list<string>",
    }
    known = "".join(
        f'  - name: "{one.name}"\n    type: "{types[one.type]}"\n'
        for one in FIELDS
        if one.phase <= phase
    )
    made = engine.NewEnv(config=engine.NewEnvConfigFromYaml(f"{_LIBRARY}variables:\n{known}"))
    made.compile("true")  # before it has compiled something, it cannot take times
    return made


def _activation(values: dict[str, FieldValue]) -> Any:
    return _environment(Phase.STORY).Activation(
        {name: list(one) if isinstance(one, tuple) else one for name, one in values.items()}
    )
