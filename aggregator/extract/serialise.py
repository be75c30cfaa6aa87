"""The kept blocks of a page as HTML, written from the page's own tree, and as text.

What the tree says of the kept text stays: lists, tables, quotes, code, emphasis, links. Media that stand
among it stay, with their captions. All else goes, and leaves no trace: no empty boxes, no merged words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.blocks import BLOCK_TAGS, INVISIBLE_TAGS, Block
from aggregator.extract.code import code_language, code_text
from aggregator.extract.embeds import sign_of
from aggregator.extract.prepare import absolute
from aggregator.extract.shown import Kept, Shown, shown_media
from aggregator.extract.tables import is_layout, is_line_numbers
from aggregator.extract.writer import Writer
from aggregator.words import is_unspaced

_BLOCKS = frozenset({
    "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "address", "details", "summary",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "figure", "figcaption",
})  # fmt: skip
_INLINES = frozenset({
    "em", "i", "strong", "b", "u", "s", "strike", "del", "ins", "sub", "sup", "mark", "small", "code", "kbd", "samp", "var",
    "cite", "abbr", "dfn", "time", "bdi", "bdo", "ruby", "rb", "rt", "rp", "tt", "big",
})  # fmt: skip
_USUAL = {"b": "strong", "i": "em", "strike": "s", "tt": "code", "dir": "ul", "menu": "ul"}
_ATTRIBUTES = {
    "ol": ("start", "reversed", "type"), "li": ("value",), "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan", "scope"),
    "abbr": ("title",), "time": ("datetime",), "del": ("datetime",), "ins": ("datetime",), "details": ("open",),
}  # fmt: skip
# Elements that mean nothing outside of another.
_PARENTS = {
    "li": ("ul", "ol"), "dt": ("dl",), "dd": ("dl",), "caption": ("table",), "thead": ("table",), "tbody": ("table",),
    "tfoot": ("table",), "tr": ("table",), "td": ("table",), "th": ("table",), "figcaption": ("figure",), "summary": ("details",),
}  # fmt: skip
_ONLY_PHRASES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "caption"})
# A button in these unfolds what follows, and is its heading.
_UNFOLDING = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"})
_NO_BOXES = frozenset({"p", "pre", "li", "td", "tr", "dd", "blockquote", "figure"})
_ROLE_LEVELS = frozenset("123456")
# Set apart by style sheets only: without a space their words would merge.
_APART = frozenset({"a", "span", "time", "label"})
# Controls stand between words, also where no space does.
_CONTROLS = frozenset({"input", "button", "select"})
_CLOSING = re.compile(r"[\s.,;:!?)\]}»”’'\"%…、。，-]")
_OPENING = re.compile(r"[\s(\[{«“‘'\"$€£#@/-]")
_ORNAMENT = re.compile(
    r"(?:^|\s)(?:headerlink|header-anchor|heading-anchor|anchor(?:-?link)?|permalink|mw-editsection|katex-html|MathJax_Preview|"
    r"MathJax|MathJax_SVG|mwe-math-fallback\S*|sr-only|visually-hidden|screen-reader-text)(?:$|\s)"
)
_LONGEST_NAMES = 500  # characters of a class that are looked at
_SIGNS = frozenset({"", "¶", "#", "§", "🔗"})
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_PULL_QUOTE = re.compile(r"pull-?_?quote", re.IGNORECASE)
_MAX_PULL_QUOTES = 20
_TELLING = 25  # characters that are unlikely to stand somewhere by chance
_REPEATED = 60  # characters from which a text that stands there again is a copy
_CORE = 0.85  # share of the kept text that the article's own box holds
_MATH_DROPPED = ("annotation", "annotation-xml")
_End = Callable[[HtmlElement], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of the kept blocks: ``html``, not sanitized, links absolute; ``text``, a line a block."""

    html: str
    text: str
    image: str | None = None  # address of the first image in it


def to_html(
    tree: HtmlElement,
    kept: Iterable[Block],
    base_url: str,
    *,
    lead_image: str | None = None,
    seen: Collection[str] = (),
) -> Written:
    """Write the ``kept`` blocks of ``tree``; ``lead_image`` is the article's, as its metadata say.

    ``seen`` are images (:func:`~aggregator.extract.embeds.identity`) that are shown already.

    Captions are part of the HTML and not of the text. The tree is not changed. Linear in the page.
    """
    blocks = _once(kept)
    if not blocks:
        return Written("", "")
    marks = _mark(tree, blocks)

    def resolve(reference: str) -> str:
        return absolute(reference, base_url)

    shown = shown_media(marks.kept(), resolve, lead_image, seen)
    for element in (*shown.media, *shown.captions):
        marks.enliven(element)
    for caption in (*shown.captions, *_captions_of(marks)):
        marks.keep_all(caption)
    walk = _Walk(marks, shown, base_url, _targets(marks, base_url))
    walk.run(tree)
    html, first = (
        walk.writer.html(),
        next((m.url for m in shown.media.values() if m.is_image), None),
    )
    if _is_right_to_left(tree):
        html = f'<div dir="rtl">{html}</div>'
    return Written(html, walk.writer.text(), first)


def _once(kept: Iterable[Block]) -> list[Block]:
    """The blocks without those that repeat others: pull quotes, copies for small screens."""
    given = list(kept)
    seen: set[str] = set()
    blocks: list[Block] = []
    quotes = [block for block in given if _is_pull_quote(block)][:_MAX_PULL_QUOTES]
    everything = "\n".join(block.text for block in given) if quotes else ""
    repeated: set[Block] = set()
    said_again = False
    for quote in quotes:
        text = quote.text.strip('“”"«»„ ')
        # What is short, such as who said it, stands elsewhere by chance: it goes with the words before it.
        if len(text) >= _TELLING:
            said_again = everything.count(text) > 1
        if said_again:
            repeated.add(quote)
    for block in given:
        if len(block.text) >= _REPEATED:
            if block.text in seen:
                continue
            seen.add(block.text)
        if block not in repeated:
            blocks.append(block)
    return blocks


def _is_pull_quote(block: Block) -> bool:
    boxes = [block.parent, *islice(block.parent.iterancestors(), 3)]
    return any(_PULL_QUOTE.search(box.get("class") or "") for box in boxes)


# ── which text ───────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Marks:
    """Which text of a tree is kept; ``starts`` are the places where a block begins."""

    texts: set[HtmlElement]
    tails: set[HtmlElement]
    starts: set[tuple[HtmlElement, bool]]
    alive: set[HtmlElement]
    core: HtmlElement

    def enliven(self, element: HtmlElement | None) -> None:
        """``element`` and all around it hold something."""
        while element is not None and element not in self.alive:
            self.alive.add(element)
            element = element.getparent()

    def keep_all(self, element: HtmlElement) -> None:
        """Keep all text within ``element``."""
        for node in element.iter():
            if node.tag not in INVISIBLE_TAGS:
                self.texts.add(node)
                self.enliven(node)
            if node is not element:
                self.tails.add(node)

    def kept(self) -> Kept:
        """What the choice of media asks."""
        return Kept(self.texts, self.tails, self.alive, self.core)


def _mark(tree: HtmlElement, blocks: list[Block]) -> _Marks:
    marks = _Marks(set(), set(), set(), set(), tree)
    sizes: dict[HtmlElement, int] = {}
    for block in blocks:
        begin = True
        for element, is_tail in block.slots():
            (marks.tails if is_tail else marks.texts).add(element)
            if begin:
                marks.starts.add((element, is_tail))
                begin = False
            marks.enliven(element.getparent() if is_tail else element)
        sizes[block.parent] = sizes.get(block.parent, 0) + len(block.text)
    marks.core = _core(tree, sizes)
    return marks


def _core(tree: HtmlElement, sizes: dict[HtmlElement, int]) -> HtmlElement:
    """The smallest box that holds nearly all of the kept text."""
    sums: dict[HtmlElement, int] = {}
    for element, size in sizes.items():
        box: HtmlElement | None = element
        while box is not None:
            sums[box] = sums.get(box, 0) + size
            box = box.getparent()
    enough = _CORE * sum(sizes.values())
    core = tree
    while True:
        inner = next((child for child in core if sums.get(child, 0) >= enough), None)
        if inner is None or inner.tag in _NO_BOXES:
            return core
        core = inner


def _captions_of(marks: _Marks) -> list[HtmlElement]:
    """The captions of figures that hold kept text: of tables, of code."""
    figures = [element for element in marks.alive if element.tag == "figure"]
    return [caption for figure in figures for caption in figure.iterchildren("figcaption")]


def _targets(marks: _Marks, base_url: str) -> set[str]:
    """The ids that links of the kept text lead to."""
    links = (element.get("href") or "" for element in marks.alive if element.tag == "a")
    page = base_url.partition("#")[0]
    return {
        fragment
        for place, _, fragment in (link.strip().partition("#") for link in links)
        if fragment and place in {"", page}
    }


def _is_right_to_left(tree: HtmlElement) -> bool:
    body = tree.find("body")
    return "rtl" in {tree.get("dir"), None if body is None else body.get("dir")}


# ── writing ──────────────────────────────────────────────────────────────────────────────────


class _Walk:
    """One walk over the parts of a tree that hold something, into a writer."""

    def __init__(self, marks: _Marks, shown: Shown, base_url: str, targets: set[str]) -> None:
        self.writer = Writer()
        self._marks = marks
        self._shown = shown
        self._base_url = base_url
        self._targets = targets
        self._layouts: dict[HtmlElement, bool] = {}
        self._anchor: str | None = (
            None  # the id of a box, to be given to what is written first of it
        )

    def run(self, tree: HtmlElement) -> None:
        """Write what is marked in ``tree``. Not recursive: hostile pages are nested deeply."""
        waiting: list[Iterator[None]] = [self._element(tree)]
        self._children: list[Iterator[None]] = []
        while waiting:
            if next(waiting[-1], waiting) is waiting:  # it is done
                waiting.pop()
            else:
                waiting.append(self._children.pop())

    def _element(self, element: HtmlElement) -> Iterator[None]:
        """Write ``element``; yields for each child that is to be written meanwhile."""
        if self._written_whole(element):
            return
        end = self._start(element)
        self._text(element, element.text, is_tail=False)
        for child in element:
            if child.tag == "br":
                if child in self._marks.texts:
                    self.writer.line_break()
            elif child.tag == "hr":
                self.writer.rule()
            elif child.tag == "img" and (sign := sign_of(child)):
                self.writer.write(sign if child in self._marks.texts else "")
            elif child in self._marks.alive and (shown := _shown_of(child)) is not None:
                self._set_apart(child)
                self._children.append(self._element(shown))
                yield
            elif child.tag in {"td", "th"} and self.writer.block() == "tr":
                self._cell(child)
            elif child.tag in BLOCK_TAGS:
                self.writer.end_line()
            self._text(child, child.tail, is_tail=True)
        end(element)

    def _text(self, element: HtmlElement, text: str | None, *, is_tail: bool) -> None:
        if (element, is_tail) in self._marks.starts:
            self._start_line()
        if element in (self._marks.tails if is_tail else self._marks.texts) and text:
            self.writer.write(text)

    def _start_line(self) -> None:
        if self.writer.last:
            self.writer.end_line()

    def _written_whole(self, element: HtmlElement) -> bool:
        """Write ``element`` if it is one piece: a medium, a formula, code."""
        medium = self._shown.media.get(element)
        if medium is not None:
            self.writer.atom(medium.html)
            return True
        if element.tag == "math":
            self.writer.atom(
                _formula(element), " ".join("".join(map(str, element.itertext())).split())
            )
            return True
        if (
            element.tag == "pre"
            and element in self._marks.texts
            and next(element.iter("p"), None) is None
        ):
            if not is_line_numbers(element):
                self._code(element)
            return True
        if element.tag == "button":
            # One that the parser found no end of holds the rest of the page.
            holds_page = next(element.iter("p"), None) is not None
            return self.writer.block() not in _UNFOLDING and not holds_page
        return element.tag in INVISIBLE_TAGS - {"noscript", "head"}

    def _code(self, pre: HtmlElement) -> None:
        text, language = code_text(pre), code_language(pre)
        named = f' class="language-{escape(language)}"' if language else ""
        inner = escape(text, quote=False)
        if language or next(pre.iter("code"), None) is not None:
            inner = f"<code{named}>{inner}</code>"
        self.writer.verbatim(f"<pre>{inner}</pre>", text)

    def _cell(self, cell: HtmlElement) -> None:
        """A cell of which nothing is kept, so that those after it stay in their columns."""
        tag = str(cell.tag)
        self.writer.start_block(tag, self._opening(cell, tag), empty=True)
        self.writer.end_block()

    def _set_apart(self, element: HtmlElement) -> None:
        previous = element.getprevious()
        if previous is None or previous.tail:
            return
        if previous.tag in _CONTROLS and self.writer.last:
            self.writer.space()
        if not {element.tag, previous.tag} <= _APART or _is_signature(element):
            return
        if previous in self._marks.texts and needs_space(previous, element, self.writer.last):
            self.writer.space()

    # ── what opens an element; each returns what ends it ─────────────────────────────────────

    def _start(self, element: HtmlElement) -> _End:
        tag = _USUAL.get(str(element.tag), str(element.tag))
        if (element.get("role") or "") == "heading" and tag not in _BLOCKS:
            level = element.get("aria-level") or "2"
            tag = f"h{level}" if level in _ROLE_LEVELS else "h2"
        if self._is_block(element, tag):
            tag = self._block_tag(element, tag)
            opening = self._opening(element, tag)
            self.writer.start_block(tag, opening, empty=tag in {"td", "th"})
            return self._end_block
        if tag in BLOCK_TAGS or tag in _BLOCKS:
            self.writer.end_line()
            name = element.get("id")
            if tag in {"p", "pre"}:
                self.writer.paragraph(self._opening(element, "p"))
            elif name in self._targets:
                self._anchor = name
                self.writer.paragraph(f'<p id="{escape(name)}">')
            return self._end_line
        return self._start_inline(element, tag)

    def _start_inline(self, element: HtmlElement, tag: str) -> _End:
        if tag == "q":
            self.writer.write("“")
            return self._end_quote
        if tag == "a":
            return self._start_link(element)
        said = element.get("id") in self._targets or (tag == "span" and element.get("dir"))
        if tag not in _INLINES and not said:
            return _nothing
        tag = tag if tag in _INLINES else "span"
        self.writer.start_inline(tag, self._opening(element, tag))
        return self._end_inline

    def _is_block(self, element: HtmlElement, tag: str) -> bool:
        if element in self._shown.figures or element in self._shown.captions:
            return True
        if tag not in _BLOCKS or self.writer.block() in _ONLY_PHRASES:
            return False
        if tag in _PARENTS and not any(self.writer.within(parent) for parent in _PARENTS[tag]):
            return False
        if tag == "figure":
            return next(element.iterchildren("figcaption"), None) is not None
        if tag == "table" or "table" in _PARENTS.get(tag, ()):
            table = element if tag == "table" else next(element.iterancestors("table"), None)
            return table is not None and not self._lays_out(table)
        return True

    def _lays_out(self, table: HtmlElement) -> bool:
        if table not in self._layouts:
            self._layouts[table] = is_layout(table)
        return self._layouts[table]

    def _block_tag(self, element: HtmlElement, tag: str) -> str:
        if element in self._shown.captions:
            return "figcaption" if self.writer.within("figure") else "p"
        return "figure" if element in self._shown.figures else tag

    def _opening(self, element: HtmlElement, tag: str) -> str:
        attributes = [(name, element.get(name)) for name in _ATTRIBUTES.get(tag, ())]
        direction = element.get("dir")
        if direction in {"rtl", "ltr"}:
            attributes.append(("dir", direction))
        name = element.get("id")
        if name not in self._targets and tag not in _INLINES:
            name, self._anchor = self._anchor, None
        if name in self._targets:
            attributes.append(("id", name))
        written = "".join(f' {key}="{escape(v)}"' for key, v in attributes if v is not None)
        return f"<{tag}{written}>"

    def _start_link(self, link: HtmlElement) -> _End:
        name = link.get("id") or link.get("name")
        anchor = f' id="{escape(name)}"' if name and name in self._targets else ""
        href = (link.get("href") or "").strip()
        url = absolute(href, self._base_url) if href else ""
        if not url.startswith(_SCHEMES) and not anchor:
            return _nothing
        target = f' href="{escape(url)}"' if url.startswith(_SCHEMES) else ""
        self.writer.start_inline("a", f"<a{target}{anchor}>")
        return self._end_inline

    def _end_block(self, _element: HtmlElement) -> None:
        self.writer.end_block()

    def _end_line(self, _element: HtmlElement) -> None:
        self.writer.end_line()

    def _end_inline(self, _element: HtmlElement) -> None:
        self.writer.end_inline()

    def _end_quote(self, _element: HtmlElement) -> None:
        self.writer.write("”")


def _nothing(_element: HtmlElement) -> None:
    """What ends an element that opened nothing."""


def needs_space(before: HtmlElement, after: HtmlElement, last: str) -> bool:
    """Whether a space belongs between two inline elements that touch; ``last`` is written before it."""
    following = next((text for text in after.itertext() if text), "")
    first = following[:1]
    if (
        not last
        or not first
        or _CLOSING.match(first)
        or (_OPENING.match(last) and last not in "\"'")
    ):
        return False
    if is_unspaced(last) or is_unspaced(first):
        return False
    if "a" in {before.tag, after.tag}:
        return True
    said = "".join(map(str, before.itertext()))[:_REPEATED].strip()
    # Letters that are set one by one; what is added to a word or a number: "20" "th".
    if min(len(said), len(following.strip())) <= 2 and " " not in f"{said}{following.strip()}":
        return not (last.isalnum() and first.isalnum())
    return True


@lru_cache(maxsize=1024)
def _is_called_ornament(names: str) -> bool:
    return _ORNAMENT.search(names) is not None


def _is_ornament(element: HtmlElement) -> bool:
    """Whether ``element`` is no text: a heading's link to itself, a copy for machines."""
    names = element.get("class")
    if not names or len(names) > _LONGEST_NAMES or not _is_called_ornament(names):
        return False
    if "anchor" in names or "permalink" in names or "headerlink" in names:
        return "".join(map(str, element.itertext())).strip() in _SIGNS
    return True


def _shown_of(element: HtmlElement) -> HtmlElement | None:
    """What is to be written of ``element``: itself, the formula that it draws by other means, nothing."""
    return next(element.iter("math"), None) if _is_ornament(element) else element


def _is_signature(element: HtmlElement) -> bool:
    """Whether ``element`` is a piece of the signature of a function, whose pieces touch."""
    return "sig-" in (element.get("class") or "")


def _formula(math: HtmlElement) -> str:
    """MathML without what repeats it for machines."""
    copied = etree.fromstring(etree.tostring(math, with_tail=False))
    etree.strip_elements(copied, *_MATH_DROPPED, with_tail=False)
    etree.strip_tags(copied, "semantics")
    return etree.tostring(copied, encoding="unicode", method="html")
