"""trafilatura's result tree as HTML.

trafilatura's own HTML output forgets what its tree still knows: ``ol`` and ``dl``, inline code and
the language of code, captions. Its tree is XML in the manner of TEI (``head``, ``list``, ``hi``, …).
"""

from __future__ import annotations

from lxml import etree

_HIGHLIGHTS = {
    "#i": "em", "#b": "strong", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup",
}  # fmt: skip
_PLAIN = {"quote": "blockquote", "lb": "br", "row": "tr", "del": "del", "table": "table", "p": "p"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE_PARENTS = frozenset(
    {"p", "item", "cell", "head", "ref", "hi", "li", "td", "th", "a", "em", "strong"}
)
_INLINE_PARENTS |= _HEADINGS | {"dt", "dd"}


def to_html(body: etree._Element) -> str:
    """The children of ``body`` as HTML; ``body`` is used up.

    Links are as relative as they were on the page, and nothing is sanitized.
    """
    for element in list(body.iterdescendants()):
        _convert(element)
    return "".join(
        etree.tostring(child, encoding="unicode", method="html", with_tail=True) for child in body
    )


def _convert(element: etree._Element) -> None:
    rend = element.get("rend") or ""
    tag = str(element.tag)
    attributes: dict[str, str] = {}
    if tag == "head":
        tag = rend if rend in _HEADINGS else "h3"
    elif tag == "hi":
        tag = _HIGHLIGHTS.get(rend, "em")
    elif tag == "list":
        tag = rend if rend in {"ol", "dl"} else "ul"
    elif tag == "item":
        tag = rend[:2] if rend[:2] in {"dt", "dd"} and _parent_tag(element) == "dl" else "li"
    elif tag == "cell":
        tag = "th" if element.get("role") == "head" else "td"
        attributes = {name: element.get(name, "") for name in ("colspan", "rowspan")}
    elif tag == "ref":
        tag, attributes = "a", {"href": element.get("target", "")}
    elif tag == "code":
        _code(element)
        return
    else:
        tag = _PLAIN.get(tag, tag if tag in {"div", "span"} else "div")
    element.tag = tag
    element.attrib.clear()
    for name, value in attributes.items():
        if value:
            element.set(name, value)


def _code(element: etree._Element) -> None:
    """Code inside a line stays there; any other is a block, with its language as a class."""
    text = "".join(map(str, element.itertext()))
    parent = _parent_tag(element)
    language = next((e.get("class") for e in element.iter() if e.get("class")), None)
    tail = element.tail
    # Highlighters' markup inside code says nothing to a feed reader.
    element.clear()
    element.tail = tail
    if parent in {"pre", "code"}:
        element.tag = "span"
        element.text = text
    elif parent in _INLINE_PARENTS and "\n" not in text:
        element.tag = "code"
        element.text = text
    else:
        element.tag = "pre"
        code = etree.SubElement(element, "code")
        code.text = text
        if language:
            code.set("class", language)


def _parent_tag(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else str(parent.tag)
