"""A small grammar that writes articles: readable, varied, the same again from the same seed.

``words/LANGUAGE.toml`` holds the language's rules. A rule is a list of templates; ``{name}`` in a
template stands for one expansion of the rule ``name``, ``{number 10 90}`` for a number between the
two. A theme's rules come before the language's own. The rules named in ``cast`` are expanded once
per article, so that it stays with one town, one subject and one set of people.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Literal

BlockKind = Literal["paragraph", "heading", "quote", "list", "table", "figure", "code"]

_SLOT = re.compile(r"\{(\w+)(?: (\d+) (\d+))?\}")
_SENTENCE_START = re.compile(r"(^[^\w]*|\. )(\w)")
_DEPTH = 8

PARAGRAPHS = (7, 10)
SENTENCES = (3, 5)


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an article's body.

    ``text`` is a paragraph's, heading's, quote's, code's text or a figure's caption; ``rows`` are
    a list's items (one cell each) or a table's rows (the first one is its head).
    """

    kind: BlockKind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    marked: str = ""  # a phrase of a paragraph's text that is a link


@dataclass(frozen=True, slots=True)
class Prose:
    """An article: plain text throughout."""

    title: str
    summary: str
    author: str
    tags: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The running text, without headings, lists, tables, captions and code."""
        return tuple(block.text for block in self.blocks if block.kind == "paragraph")


def write(language: str, theme: str, seed: str) -> Prose:
    """Write the article that ``seed`` stands for. ``KeyError`` for an unknown theme."""
    return _Writer(language, theme, seeded(seed)).article()


def seeded(seed: str) -> Random:
    """A generator of the same choices for the same ``seed``."""
    return Random(seed)  # noqa: S311 - nothing here is secret; repeatable choices are the aim


def phrase(language: str, name: str, **values: str) -> str:
    """One of the language's fixed phrases (``[phrases]``), for pages and corrections."""
    text: str = _words(language)["phrases"][name]
    return text.format_map(values)


def phrases(language: str) -> Mapping[str, str]:
    """All fixed phrases of the language."""
    table: Mapping[str, str] = _words(language)["phrases"]
    return table


@cache
def _words(language: str) -> dict[str, Any]:
    source = files("aggregator.demo") / "words" / f"{language}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


class _Writer:
    """Expands rules; the state is the random generator and what was already said."""

    def __init__(self, language: str, theme: str, rng: Random) -> None:
        words = _words(language)
        self._rng = rng
        self._joint: str = words["joint"]  # between sentences: a space, or nothing
        self._rules: dict[str, list[str]] = {**words["rules"], **words["themes"][theme]}
        self._left: dict[str, list[str]] = {}  # what of a rule was not used yet
        for name in words["cast"]:
            if name in self._rules:
                self._rules[name] = [self._expand(f"{{{name}}}")]
                self._left.pop(name, None)

    def article(self) -> Prose:
        """The whole article."""
        title = self._sentence("{title}")
        lead = self._sentences(2)
        return Prose(
            title=title,
            summary=lead,
            author=self._expand("{author}"),
            tags=tuple(sorted({self._expand("{tag}") for _ in range(3)})),
            blocks=tuple(self._blocks(lead)),
        )

    def _blocks(self, lead: str) -> Iterable[Block]:
        count = self._rng.randint(*PARAGRAPHS)
        extras = self._extras(count)
        yield self._paragraph(lead + self._joint + self._sentences(2))
        for position in range(1, count):
            yield from extras.get(position, ())
            yield self._paragraph(self._sentences(self._rng.randint(*SENTENCES)))

    def _extras(self, count: int) -> dict[int, list[Block]]:
        """What stands between the paragraphs, by the position of the paragraph that follows."""
        extras: dict[int, list[Block]] = {}
        makers = [self._heading, self._list, self._quote, self._table, self._figure, self._code]
        chosen = [maker for maker in makers if self._rng.random() < 0.6]
        for maker in chosen:
            block = maker()
            if block is not None:
                extras.setdefault(self._rng.randint(2, count - 1), []).append(block)
        return extras

    def _paragraph(self, text: str) -> Block:
        words = [word for word in self._rules["link"] if word in text]
        marked = self._rng.choice(words) if words and self._rng.random() < 0.5 else ""
        return Block("paragraph", text, marked=marked)

    def _heading(self) -> Block:
        return Block("heading", self._sentence("{heading}"))

    def _quote(self) -> Block:
        return Block("quote", self._sentence("{said}"))

    def _figure(self) -> Block:
        return Block("figure", self._sentence("{caption}"))

    def _list(self) -> Block:
        count = self._rng.randint(3, 5)
        return Block("list", rows=tuple((self._sentence("{item}"),) for _ in range(count)))

    def _table(self) -> Block:
        head = tuple(self._rules["table_head"])
        rows = {
            self._sentence("{row}"): (self._expand("{number 3 40}"), self._expand("{number 41 97}"))
            for _ in range(4)
        }
        return Block("table", rows=(head, *((row, *cells) for row, cells in rows.items())))

    def _code(self) -> Block | None:
        if "code" not in self._rules:
            return None
        return Block("code", self._expand("{code}"))

    def _sentences(self, count: int) -> str:
        return self._joint.join(self._sentence("{sentence}") for _ in range(count))

    def _sentence(self, template: str) -> str:
        return _SENTENCE_START.sub(
            lambda match: match[1] + match[2].upper(), self._expand(template)
        )

    def _expand(self, template: str) -> str:
        for _ in range(_DEPTH):
            if "{" not in template:
                return template
            template = _SLOT.sub(self._slot, template)
        raise ValueError(f"the rules never end: {template!r}")

    def _slot(self, match: re.Match[str]) -> str:
        if match[2]:
            return str(self._rng.randint(int(match[2]), int(match[3])))
        return self._pick(match[1])

    def _pick(self, name: str) -> str:
        """One template of the rule; none comes again before all have been used."""
        left = self._left.get(name)
        if not left:
            left = self._left[name] = self._rng.sample(self._rules[name], len(self._rules[name]))
        return left.pop()
