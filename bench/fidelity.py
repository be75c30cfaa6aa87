"""How much of HTML comes through extraction: constructs in pages of our own, with what is expected.

The constructs are in ``tests/data/fidelity``. One is intact when its HTML stands in the result as
expected, once, and nothing stands there that never should. HTML is compared by its words and the
tags that matter: boxes, ``class`` and the like are left out, ``b`` is ``strong``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree, html

DATA = Path(__file__).parents[1] / "tests" / "data" / "fidelity"
URL = "https://news.example.org/2026/11/bridge.html"
TITLE = "Bridge opens after ten years"
OPENING = (
    "The long awaited bridge across the river opened on Monday, ten years after the first stone was "
    "laid, and thousands of people walked over it in the rain that had fallen since the morning."
)
_COST = (
    "The city paid 210 million, twice what had been planned, as the auditors noted in their report; "
    "the mayor said that the next one would be cheaper, and some of those present even laughed."
)
_FISHERMEN = (
    "For the fishermen below it little will change, said one of them, who has sold eels on the quay for "
    "forty years: the fish do not look up, and the customers will come over the bridge as they came before."
)
_TRAFFIC = (
    "Traffic starts on Thursday, and the old ferry will make its last journey on the evening before, with "
    "a band on board, free drinks for all who once worked on it, and the mayor at the helm."
)
_BEFORE = (OPENING, _COST)
_AFTER = (_FISHERMEN, _TRAFFIC)
_NEWS = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | The Daily</title>{head}</head>
<body class="home-news"><header class="site-header"><a href="/">The Daily</a><nav><ul><li><a href="/world">World</a></li>
<li><a href="/sport">Sport</a></li></ul></nav></header><div class="cookie-banner">We use cookies. <a href="/privacy">Read how</a></div>
<main><article><header><h1>{title}</h1></header><div class="article-body">{body}</div></article>
<section class="comments"><h3>Comments</h3><div class="comment"><p>First! What a fine bridge, dude.</p></div></section>
<aside class="related"><h3>Read next</h3><ul><li><a href="/2026/11/rain.html">Rain goes on for another week</a></li></ul></aside></main>
<footer><p>Copyright 2026 The Daily. All rights reserved.</p></footer></body></html>"""
_BLOG = """<html><head><title>{title} – Notes from the quay</title>{head}</head><body class="single-post"><div id="page">
<div id="header"><div id="logo"><a href="/">Notes from the quay</a></div><ul id="menu"><li><a href="/about">About</a></li></ul></div>
<div id="content"><div class="post hentry"><h1 class="entry-title">{title}</h1><div class="entry-content">{body}</div></div>
<div class="nav-links"><a href="/older">Older posts</a></div></div>
<div id="sidebar"><h2>Archives</h2><ul><li><a href="/2026/10">October 2026</a></li><li><a href="/2026/09">September 2026</a></li></ul></div>
<div id="footer">Powered by a press. Theme by someone.</div></div></body></html>"""
_PLAIN = """<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>
<div class="topbar"><a href="/">Home</a> <a href="/docs">Docs</a></div><div class="wrap"><div class="main"><h1>{title}</h1>{body}</div></div>
<div class="bottom">Imprint and privacy</div></body></html>"""
_SURROUNDINGS = (_NEWS, _BLOG, _PLAIN)
_SECTION = re.compile(r"^(===|---) +(.+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Construct:
    """One construct: HTML for a page's head and body, what is expected of it, what never."""

    name: str
    page: str
    expected: str
    head: str = ""
    never: tuple[str, ...] = ()

    def in_page(self, surroundings: str) -> str:
        """The whole page, the construct in the middle of an article."""
        before, after = (
            "".join(f"<p>{text}</p>\n" for text in texts) for texts in (_BEFORE, _AFTER)
        )
        # What stands above a text is tried above it.
        above = self.name.startswith(("byline", "lead"))
        body = f"{self.page}\n{before}{after}" if above else f"{before}{self.page}\n{after}"
        return surroundings.format(title=TITLE, head=self.head, body=body)

    def pages(self) -> Iterator[str]:
        """The construct in each of the surroundings."""
        return map(self.in_page, _SURROUNDINGS)


def constructs() -> list[Construct]:
    """All constructs of the set."""
    return [one for path in sorted(DATA.glob("*.txt")) for one in _read(path.read_text("utf-8"))]


def _read(text: str) -> Iterator[Construct]:
    name, parts = "", dict[str, str]()
    pieces = _SECTION.split(text)[1:]
    for kind, label, content in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        if kind == "===":
            if name:
                yield _construct(name, parts)
            name, parts = label, {}
        else:
            parts[label] = content.strip("\n")
    yield _construct(name, parts)


def _construct(name: str, parts: dict[str, str]) -> Construct:
    never = tuple(parts.get("never", "").split("\n")) if parts.get("never") else ()
    return Construct(name, parts["page"], parts["expected"], parts.get("head", ""), never)


# ── comparing ────────────────────────────────────────────────────────────────────────────────

_ALIASES = {"b": "strong", "i": "em", "s": "del", "strike": "del", "tt": "code"}
_BREAKS = frozenset(["p", "div", "section", "article", "main", "header", "footer", "aside", "center", "body", "html"])  # fmt: skip
_BLOCKS = frozenset([
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "table", "thead", "tr", "td",
    "th", "caption", "figcaption", "details", "summary", "address", "hr",
])  # fmt: skip
_INLINE = frozenset([
    "a", "em", "strong", "u", "small", "del", "ins", "sub", "sup", "mark", "code", "kbd", "samp", "var", "cite", "abbr", "time",
    "ruby", "rp", "rt", "math", "mrow", "mi", "mo", "mn", "mfrac", "img", "iframe", "video", "audio", "source", "br",
])  # fmt: skip
_SHOWN = {
    "a": ("href",), "img": ("src", "alt"), "iframe": ("src",), "video": ("src", "poster"), "audio": ("src",), "source": ("src",),
    "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan"), "ol": ("start",), "abbr": ("title",), "time": ("datetime",),
}  # fmt: skip
_VOID = frozenset(["img", "hr", "br", "source"])
_GAP = "¶"
_CODE_LANGUAGE = re.compile(r"\blanguage-([\w+#-]+)")


def tokens(markup: str) -> list[str]:
    """The words and the tags that matter of ``markup``, in order; ``¶`` where a paragraph ends."""
    root = html.fragment_fromstring(markup, create_parent="div")
    found: list[str] = []
    _tokens(root, found)
    kept: list[str] = []
    for token in found:
        # Around other blocks a paragraph's end says nothing.
        if token == _GAP and (not kept or kept[-1] == _GAP or _is_block(kept[-1])):
            continue
        if _is_block(token) and kept and kept[-1] == _GAP:
            kept.pop()
        kept.append(token)
    while kept and kept[-1] == _GAP:
        kept.pop()
    return kept


def _is_block(token: str) -> bool:
    name = token.strip("</>").partition(" ")[0]
    return token.startswith("<") and name in _BLOCKS


def _tokens(element: etree._Element, found: list[str]) -> None:
    tag = _name(element)
    if tag in {"script", "style", "noscript"}:
        return
    if tag == "pre":
        found += _preformatted(element)
        return
    shown = tag in _BLOCKS or tag in _INLINE
    if shown:
        found.append(_opening(element, tag))
    elif tag in _BREAKS:
        found += [_GAP, "[rtl]"] if element.get("dir") == "rtl" else [_GAP]
    quoted = ("“", "”") if tag == "q" else ("", "")
    _text(quoted[0] + (element.text or ""), found, joined=tag in {"span", "q"})
    for child in element:
        _tokens(child, found)
        name = _name(child)
        _text(child.tail or "", found, joined=name not in _INLINE and name not in _BREAKS)
    _text(quoted[1], found, joined=True)
    if shown and tag not in _VOID:
        found.append(f"</{tag}>")
    elif tag in _BREAKS:
        found.append(_GAP)


def _name(element: etree._Element) -> str:
    return _ALIASES.get(str(element.tag), str(element.tag))


def _opening(element: etree._Element, tag: str) -> str:
    attributes = [f"{n}={_address(v)}" for n in _SHOWN.get(tag, ()) if (v := element.get(n))]
    name = (element.get("id") or "").removeprefix("entry-")
    attributes += [f"#{name}"] if name.startswith("fn") else []
    return f"<{' '.join([tag, *attributes])}>"


def _address(value: str) -> str:
    """Anchors of the article itself, with the sanitizer's prefix or without, are written one way."""
    within = value.removeprefix(URL) if value.startswith(f"{URL}#") else value
    return f"#{within.removeprefix('#entry-')}" if within.startswith("#entry-") else within


def _preformatted(element: etree._Element) -> list[str]:
    language = next(
        (m[1] for e in element.iter() if (m := _CODE_LANGUAGE.search(e.get("class") or ""))), ""
    )
    for line_break in element.iter("br"):
        line_break.tail = f"\n{line_break.tail or ''}"
    lines = "".join(map(str, element.itertext())).strip("\n").split("\n")
    return [f"<pre {language}>", *lines, "</pre>"]


def _text(text: str, found: list[str], *, joined: bool) -> None:
    """Add the words of ``text``; the first goes on the word before where no space is between."""
    said = text.split()
    if not said:
        if text and found and joined:
            found.append("")
        return
    last_is_word = found and found[-1] and not found[-1].startswith("<") and found[-1] != _GAP
    if joined and last_is_word and not text[0].isspace():
        found[-1] += said.pop(0)
    found += said
    if text[-1].isspace():
        found.append("")  # what follows is a word of its own


def fault(construct: Construct, result: str) -> str:
    """What is wrong with ``result`` (HTML) as far as ``construct`` goes, ``""`` when nothing is."""
    for unwanted in construct.never:
        if unwanted in result:
            return f"holds {unwanted!r}"
    wanted = [token for token in tokens(construct.expected) if token]
    got = [token for token in tokens(result or "<p></p>") if token]
    places = [
        at for at in range(len(got) - len(wanted) + 1) if got[at : at + len(wanted)] == wanted
    ]
    if not places:
        return "not as expected"
    return "stands there twice" if len(places) > 1 else ""


# ── the bench ────────────────────────────────────────────────────────────────────────────────


def ours(page: str) -> str:
    """What :func:`aggregator.extract.article.extract_article` makes of ``page``."""
    from aggregator.extract.article import extract_article  # noqa: PLC0415 - slow to import
    from aggregator.model import ArticleHints  # noqa: PLC0415

    hints = ArticleHints(title=TITLE, summary_text=OPENING)
    return extract_article(page.encode(), url=URL, content_type="text/html", hints=hints).html


def by_trafilatura(page: str) -> str:
    """trafilatura's own HTML, everything that it can keep switched on."""
    import trafilatura  # noqa: PLC0415

    return (
        trafilatura.extract(
            page,
            url=URL,
            output_format="html",
            include_formatting=True,
            include_links=True,
            include_images=True,
            include_tables=True,
            include_comments=False,
        )
        or ""
    )


def by_readability(page: str) -> str:
    """The HTML of readability-lxml; raises ImportError where it is not installed."""
    readability = importlib.import_module("readability")
    return str(readability.Document(page, url=URL).summary(html_partial=True))


def main() -> None:
    """Print how many constructs come through, beside trafilatura and readability-lxml."""
    contestants: dict[str, Callable[[str], str]] = {
        "aggregator": ours,
        "trafilatura, HTML": by_trafilatura,
    }
    try:
        by_readability(next(constructs()[0].pages()))
        contestants["readability-lxml"] = by_readability
    except ImportError:
        print("readability-lxml is not installed: left out")
    total = 0
    passed = dict.fromkeys(contestants, 0)
    for construct in constructs():
        for page in construct.pages():
            total += 1
            for name, extract in contestants.items():
                found = _result(extract, page)
                wrong = fault(construct, found)
                passed[name] += not wrong
                if wrong and name == "aggregator":
                    print(f"  {construct.name}: {wrong}")
    print(f"fidelity: of {len(constructs())} constructs in {len(_SURROUNDINGS)} surroundings each")
    for name, count in passed.items():
        print(f"  {name:20} {count} of {total} intact ({count / total:.0%})")


def _result(extract: Callable[[str], str], page: str) -> str:
    try:
        return extract(page)
    except Exception as error:  # noqa: BLE001 - a fault of one contestant must not end the bench
        return f"<p>{type(error).__name__}</p>"
