"""Preformatted text as it is shown: its line breaks, its language."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

_LANGUAGE = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?-|highlight-(?:source-|text-)?|brush:\s*|sourceCode\s+)([A-Za-z][\w+#-]{0,29})(?=[\s;]|$)"
)
_NO_LANGUAGE = frozenset({"default", "none", "notranslate", "plain", "text", "plaintext"})
_BOXES = frozenset({"div", "li", "tr", "p"})
# What highlighters call the numbers of lines that they write into the code itself.
_NUMBERS = re.compile(r"(?:^|[\s_-])(?:lnt?|line-?(?:no|nos|num|nums|number|numbers)|linenodiv|blob-num)(?:$|[\s_-])", re.IGNORECASE)  # fmt: skip
_INVISIBLE = frozenset({"button", "script", "style", "svg", "template", "noscript"})
_LOOKED_UP = 3  # boxes around code in which highlighters name the language


def code_text(pre: HtmlElement) -> str:
    """The text of ``pre`` with its own line breaks, without those at its beginning and end."""
    pieces: list[str] = []
    stack: list[tuple[HtmlElement, bool]] = [(pre, True)]
    while stack:
        element, opening = stack.pop()
        if not opening:
            # A box is a line of its own, also where nothing breaks the line.
            if element.tag in _BOXES and pieces and not pieces[-1].endswith("\n"):
                pieces.append("\n")
            pieces.append((element.tail or "") if element is not pre else "")
            continue
        stack.append((element, False))
        if element.tag == "br":
            pieces.append("\n")
        elif element.tag not in _INVISIBLE and not _is_line_number(element):
            pieces.append(element.text or "")
            stack.extend((child, True) for child in reversed(element))
    return "".join(pieces).replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def _is_line_number(element: HtmlElement) -> bool:
    """Whether ``element`` is no code but the number of a line."""
    names = element.get("class")
    if not names or not _NUMBERS.search(names):
        return False
    said = element.text or ""
    return len(element) == 0 and (not said or said.strip().isdecimal())


def code_language(pre: HtmlElement) -> str:
    """The language that ``pre``, what is in it or the boxes around it name, ``""`` for none."""
    named = [pre, *pre.iter("code")]
    for box in islice(pre.iterancestors(), _LOOKED_UP):
        if len(box) > 2:
            break
        named.append(box)
    for element in named:
        given = element.get("data-lang") or element.get("data-language") or ""
        match = _LANGUAGE.search(element.get("class") or "")
        language = (given if re.fullmatch(r"[\w+#-]{1,30}", given) else "") or (
            match[1] if match else ""
        )
        if language and language.lower() not in _NO_LANGUAGE:
            return language.lower()
    return ""
