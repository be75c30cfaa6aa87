"""Site rules: how pages of one site are read, in the site-config format of Full-Text RSS.

A file a site, ``example.com.txt`` (``.example.com.txt``: its subdomains, too), of lines ``name: value``,
``#`` before comments. Read: ``title``, ``body``, ``author``, ``date``, ``strip``, ``single_page_link``,
``next_page_link`` (XPath), ``strip_id_or_class``, ``strip_image_src``, ``find_string`` with
``replace_string``, ``prune``. Known and of no use here: ``tidy``, ``parser``, ``test_url`` and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from lxml import etree

from aggregator.model import SiteRule
from aggregator.urls import host_of

_XPATHS = ("title", "body", "author", "date", "strip", "single_page_link", "next_page_link")
_UNUSED = frozenset({
    "tidy", "parser", "test_url", "test_contains", "autodetect_on_failure", "autodetect_next_page", "convert_double_br_tags",
    "skip_json_ld", "dissolve", "strip_comments", "strip_attr", "src_lazy_load_attr", "native_ad_clue", "if_page_contains",
    "single_page_link_in_feed", "footnotes", "move_into", "wrap_in", "insert_detected_image", "requires_login",
    "not_logged_in_xpath", "login_uri", "login_username_field", "login_password_field", "login_extra_fields",
    "extra_variables", "wallabag_login", "skip_id_or_class_removal",
})  # fmt: skip
_LINE = re.compile(r"([a-z_]+)(?:\((.*?)\))?\s*:\s*(.*)", re.IGNORECASE)
_LARGEST = 100_000  # bytes of one file
_MOST = 100  # values of one name
_LONGEST = 1000  # characters of one value
# Looked up anew for each element that a predicate is asked about, these cost the square of the page.
_UNBOUNDED = re.compile(r"(?:following|preceding)::")
_MAX_NESTING = 4
_HOST = re.compile(r"[a-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule, and what of its file could not be used, in words for the operator."""

    rule: SiteRule
    notes: tuple[str, ...] = ()


def parse_site_rule(text: str, name: str) -> ReadRule:
    """Read a file's ``text``; ``name`` says in provenance and notes which it was. Never raises."""
    found: dict[str, list[str]] = {}
    replacements: list[tuple[str, str]] = []
    notes: list[str] = []
    find: str | None = None
    for key, argument, value in _lines(text):
        if key == "find_string":
            find = value
        elif key == "replace_string":
            wanted = argument if argument is not None else find
            if wanted:
                replacements.append((wanted, value))
            find = None
        elif key == "http_header":
            notes.append("http_header is ignored: headers are set per feed, in its options")
        elif key in _XPATHS and (fault := xpath_fault(value)):
            notes.append(f"{key}: {fault}: {value[:80]}")
        elif key in _XPATHS or key in {"strip_id_or_class", "strip_image_src", "prune"}:
            found.setdefault(key, []).append(
                value.strip("\"'") if key.startswith("strip_") else value
            )
        elif key not in _UNUSED:
            notes.append(f"{key} is unknown")
    values = {key: tuple(dict.fromkeys(given))[:_MOST] for key, given in found.items()}
    rule = SiteRule(
        name=name,
        title=values.get("title", ()),
        body=values.get("body", ()),
        author=values.get("author", ()),
        date=values.get("date", ()),
        strip=values.get("strip", ()),
        strip_id_or_class=values.get("strip_id_or_class", ()),
        strip_image_src=values.get("strip_image_src", ()),
        single_page_link=values.get("single_page_link", ()),
        next_page_link=values.get("next_page_link", ()),
        replacements=tuple(replacements[:_MOST]),
        prune="no" not in values.get("prune", ()),
    )
    return ReadRule(rule, tuple(dict.fromkeys(notes)))


def _lines(text: str) -> Iterator[tuple[str, str | None, str]]:
    for line in text.lstrip("\ufeff").splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is not None and not line.lstrip().startswith("#"):
            value = match[3].strip()
            if value and len(value) <= _LONGEST and len(match[2] or "") <= _LONGEST:
                yield match[1].lower(), match[2], value


def xpath_fault(expression: str) -> str:
    """Reason for which ``expression`` cannot be used, ``""`` when it compiles and its cost is bounded."""
    depth, nesting = 0, 0
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "''", expression)
    for at, sign in enumerate(bare):
        depth += (sign == "[") - (sign == "]")
        nesting = max(nesting, depth)
        # An absolute path within a predicate.
        if depth and sign == "/" and (at == 0 or bare[at - 1] in "[(,|=<>+- \t"):
            return "searches the whole page for each element"
    if nesting > _MAX_NESTING or _UNBOUNDED.search(bare):
        return "costs too much on large pages"
    try:
        etree.XPath(expression, regexp=False, smart_strings=False)
    except (etree.XPathError, ValueError):
        return "is no XPath"
    return ""


def rule_names(host: str) -> list[str]:
    """The names of the files that may hold the rules of ``host``, the closest first."""
    bare = host.lower().removeprefix("www.").rstrip(".")
    if not _HOST.fullmatch(bare) or ".." in bare:
        return []
    parts = bare.split(".")
    wild = [f".{'.'.join(parts[start:])}.txt" for start in range(len(parts) - 1)]
    return [f"{bare}.txt", *wild]


@dataclass(frozen=True, slots=True)
class RuleFolder:
    """A folder of rules; files are read when a page of their site comes first."""

    path: Path
    _read: dict[str, ReadRule | None] = field(default_factory=dict, compare=False, repr=False)
    _untold: list[str] = field(default_factory=list, compare=False, repr=False)

    def news(self) -> list[str]:
        """Parts that could not be used of the files read since the last call, each with its file."""
        told, self._untold[:] = list(self._untold), []
        return told

    def rule_for(self, url: str) -> ReadRule | None:
        """The rule for the site of ``url``, None when there is none. Never raises."""
        for name in rule_names(host_of(url)):
            if name not in self._read:
                self._read[name] = self._file(name)
            if (read := self._read[name]) is not None:
                return read
        return None

    def _file(self, name: str) -> ReadRule | None:
        path = self.path / name
        try:
            if not path.is_file() or path.stat().st_size > _LARGEST:
                return None
            read = parse_site_rule(path.read_text("utf-8", "replace"), name.removesuffix(".txt"))
        except OSError as error:
            self._untold.append(f"{name}: {error.strerror}")
            return None
        self._untold.extend(f"{name}: {note}" for note in read.notes)
        return read


# ── per feed ─────────────────────────────────────────────────────────────────────────────────

_SIMPLE = re.compile(
    r"(?P<tag>[A-Za-z][\w-]*|\*)?(?P<rest>(?:[#.][\w-]+|\[[\w-]+(?:[*^]?=\"?[^\]\"]*\"?)?\])*)"
)
_PART = re.compile(r"([#.])([\w-]+)|\[([\w-]+)(?:([*^]?=)\"?([^\]\"]*)\"?)?\]")


def is_xpath(selector: str) -> bool:
    """True for an XPath, False for CSS."""
    return selector.startswith(("/", "./", "(", "id(", "descendant"))


@lru_cache(maxsize=256)
def as_xpath(selector: str) -> str:
    """``selector``, CSS or XPath, as XPath; raises ValueError when it is neither.

    Of CSS: tags, ``.class``, ``#id``, ``[name]``, ``[name=value]`` (``*=``, ``^=``), descendants,
    children (``>``), and lists of those.
    """
    selector = selector.strip()
    if len(selector) > _LONGEST:
        raise ValueError("a selector of up to 1000 characters")
    if is_xpath(selector):
        if fault := xpath_fault(selector):
            raise ValueError(f"an XPath; this one {fault}")
        return selector
    return " | ".join(_css(alternative) for alternative in selector.split(","))


def _css(selector: str) -> str:
    path, axis = "", "//"
    for step in selector.replace(">", " > ").split():
        if step == ">":
            axis = "/"
            continue
        match = _SIMPLE.fullmatch(step)
        if match is None or not step:
            raise ValueError("a CSS selector of tags, .classes, #ids and [attributes], or an XPath")
        path += f"{axis}{match['tag'] or '*'}" + "".join(
            map(_condition, _PART.finditer(match["rest"]))
        )
        axis = "//"
    if not path or axis == "/":
        raise ValueError("a CSS selector or an XPath")
    return path


def _condition(part: re.Match[str]) -> str:
    sign, name, attribute, operator, value = part.groups()
    if sign == "#":
        return f'[@id="{name}"]'
    if sign == ".":
        return f'[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'
    if operator is None:
        return f"[@{attribute}]"
    tests = {"=": f'@{attribute}="{value}"', "*=": f'contains(@{attribute}, "{value}")',
             "^=": f'starts-with(@{attribute}, "{value}")'}  # fmt: skip
    return f"[{tests[operator]}]"
