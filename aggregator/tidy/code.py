"""Code as it is shown: its line breaks, its language, without the numbers of its lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from itertools import islice

from lxml.html import HtmlElement

_LANGUAGE = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?-|highlight-(?:source-|text-)?|brush:\s*|sourceCode\s+)([A-Za-z][\w+#-]{0,29})(?=[\s;]|$)"
)
_NO_LANGUAGE = frozenset({"default", "none", "notranslate", "plain", "text", "plaintext"})
_BOXES = frozenset({"div", "li", "tr", "p"})
# What highlighters call the numbers of lines that they write into the code itself.
_NUMBERS = re.compile(
    r"(?:^|[\s_-])(?:lnt?|line-?(?:no|nos|num|nums|number|numbers)(?:-rows)?|linenodiv|blob-num|gutter|gl|crayon-nums?|ln-(?:n|numbers))(?:$|[\s_-])",
    re.IGNORECASE,
)
# What they call a cell of code, where that is no <pre>.
_CODE_CELL = re.compile(r"(?:^|\s)(?:blob-code|hljs-ln-code|crayon-code|rouge-code|code)(?:$|\s)")
_CODE_TABLE = re.compile(
    r"(?:^|\s)(?:highlight(?:table)?|rouge-table|hljs-ln|crayon-table|lntable|js-file-line-container|syntaxhighlighter|processed)(?:$|\s)"
)
_MOST_ROWS = 5_000
_INVISIBLE = frozenset({"button", "script", "style", "svg", "template", "noscript"})
_LOOKED_UP = 3  # boxes around code in which highlighters name the language


def code_text(pre: HtmlElement) -> str:
    """The text of ``pre`` with its own line breaks, without those at its beginning and end."""
    return "".join(text for text, _ in code_pieces(pre))


def code_pieces(pre: HtmlElement) -> list[tuple[str, str]]:
    """The text of ``pre`` in pieces, each with the reference of the link that it stands in, ``""`` for none.

    Line breaks are its own; those at its beginning and end are left out.
    """
    pieces: list[tuple[str, str]] = []
    links: list[str] = [""]
    stack: list[tuple[HtmlElement, bool]] = [(pre, True)]
    while stack:
        element, opening = stack.pop()
        if not opening:
            if element.tag == "a":
                links.pop()
            # A box is a line of its own, also where nothing breaks the line.
            if element.tag in _BOXES and pieces and not pieces[-1][0].endswith("\n"):
                pieces.append(("\n", links[-1]))
            pieces.append(((element.tail or "") if element is not pre else "", links[-1]))
            continue
        stack.append((element, False))
        if element.tag == "a":
            links.append((element.get("href") or "").strip())
        if element.tag == "br":
            pieces.append(("\n", links[-1]))
        elif element.tag not in _INVISIBLE and not _is_line_number(element):
            pieces.append((element.text or "", links[-1]))
            stack.extend((child, True) for child in reversed(element))
    return _trimmed(pieces)


def _trimmed(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """``pieces`` with line breaks of one kind, and none at either end."""
    found = [(text.replace("\r\n", "\n").replace("\r", "\n"), link) for text, link in pieces]
    while found and not found[0][0].lstrip("\n"):
        found.pop(0)
    if found:
        found[0] = found[0][0].lstrip("\n"), found[0][1]
    while found and not found[-1][0].rstrip("\n"):
        found.pop()
    if found:
        found[-1] = found[-1][0].rstrip("\n"), found[-1][1]
    return found


def _is_line_number(element: HtmlElement) -> bool:
    """Whether ``element`` is no code but the number of a line."""
    names = element.get("class")
    if not names or not _NUMBERS.search(names):
        return False
    said = element.text or ""
    return len(element) == 0 and (not said or said.strip().isdecimal())


def preformatted(pre: HtmlElement, resolve: Callable[[str], str] = lambda _: "") -> tuple[str, str]:
    """HTML and text of ``pre`` without the numbers of lines, also where a table in it holds them.

    ``resolve`` gives the address that a link's reference leads to, ``""`` for none: then its text stays alone.
    """
    table = next(pre.iter("table"), None)
    numbered = numbered_code(table) if table is not None else None
    pieces = [(numbered, "")] if numbered else code_pieces(pre)
    text, language = "".join(said for said, _ in pieces), code_language(pre)
    inner = "".join(_piece(said, resolve(link) if link else "") for said, link in pieces)
    if language or next(pre.iter("code"), None) is not None:
        return _marked(inner, language), text
    return f"<pre>{inner}</pre>", text


def _piece(text: str, url: str) -> str:
    said = escape(text, quote=False)
    return f'<a href="{escape(url)}">{said}</a>' if url and said else said


def has_numbers(pre: HtmlElement) -> bool:
    """True where something in ``pre`` is, by its class, the number of a line."""
    return any(map(_is_line_number, pre.iter())) or next(pre.iter("table"), None) is not None


def numbered_code(table: HtmlElement) -> str | None:
    """The code of a ``table`` that sets it beside the numbers of its lines; None for any other table."""
    if not _is_of_code(table):
        return None
    lines: list[str] = []
    for row in islice(table.iter("tr"), _MOST_ROWS):
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        code = [cell for cell in cells if not _holds_numbers(cell)]
        if len(code) > 1 or len(cells) > 3:
            return None
        lines += [code_text(cell) for cell in code]
        if not code and len(cells) > 1:
            lines.append("")
    return "\n".join(lines).strip("\n") or None


def _is_of_code(table: HtmlElement) -> bool:
    if next(table.iter("p", "img", "h2", "h3"), None) is not None:
        return False
    named = [
        table.get("class") or "",
        *((box.get("class") or "") for box in islice(table.iterancestors(), 2)),
    ]
    cells = any(_CODE_CELL.search(cell.get("class") or "") for cell in table.iter("td"))
    if next(table.iterancestors("pre"), None) is not None:
        return cells
    has_code = cells or next(table.iter("pre"), None) is not None
    return has_code and (
        (cells and next(table.iter("pre", "code"), None) is not None)
        or any(map(_CODE_TABLE.search, named))
    )


def _holds_numbers(cell: HtmlElement) -> bool:
    """Whether a ``cell`` has nothing but the numbers of lines in a row, or their places."""
    said = "".join(map(str, cell.itertext())).split()
    if not said:
        return bool(_NUMBERS.search(cell.get("class") or "") or cell.get("data-line-number"))
    if not all(one.isdecimal() and len(one) < 7 for one in said):
        return False
    first = int(said[0])
    in_a_row = [int(one) for one in said] == list(range(first, first + len(said)))
    is_code = _CODE_CELL.search(cell.get("class") or "") and not _NUMBERS.search(
        cell.get("class") or ""
    )
    return in_a_row and not is_code


def code_html(code: str, language: str) -> str:
    """``code`` as HTML says that it is code, in its ``language`` (``""``: not known)."""
    return _marked(escape(code, quote=False), language)


def _marked(inner: str, language: str) -> str:
    named = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{named}>{inner}</code></pre>"


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
