"""The kept blocks of a page as HTML, written from the page's own tree, and as text.

What the tree says of the kept text stays: lists, tables, quotes, code, emphasis, links. Media that stand
among it stay, with their captions. All else goes, and leaves no trace: no empty boxes, no merged words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from html import escape

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import BLOCK_TAGS, INVISIBLE_TAGS, Block
from aggregator.extract.page.data_tables import is_layout, is_line_numbers
from aggregator.extract.page.posts import posts_beside_text
from aggregator.extract.page.tree import absolute
from aggregator.extract.writing.captions import are_the_text
from aggregator.extract.writing.embeds import sign_of
from aggregator.extract.writing.kept_media import Shown, shown_media
from aggregator.extract.writing.marks import Marks, captions_of, mark, once, targets
from aggregator.extract.writing.phrases import is_signature, needs_space
from aggregator.extract.writing.writer import Writer
from aggregator.sanitize import policy
from aggregator.tidy.code import code_html, code_language, numbered_code, preformatted
from aggregator.tidy.formulas import formula, shown_of
from aggregator.tidy.tasks import begins_item, task_sign

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
_ROLE_LEVELS = frozenset("123456")
# Set apart by style sheets only: without a space their words would merge.
_APART = frozenset({"a", "span", "time", "label"})
# Controls stand between words, also where no space does.
_CONTROLS = frozenset({"input", "button", "select"})
_LEFT_OUT = INVISIBLE_TAGS - {"noscript", "head"}
_SCHEMES = ("http://", "https://", *sorted(f"{s}:" for s in policy.SCHEMES - {"http", "https"}))
_End = Callable[[HtmlElement], None]


@dataclass(frozen=True, slots=True)
class Written:
    """Written form of the kept blocks: ``html``, not sanitized, links absolute; ``text``, a line a block.

    ``shown`` is the text with the embedded posts.
    """

    html: str
    text: str
    shown: str
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

    ``seen`` are images (:func:`~aggregator.extract.writing.embeds.identity`) that are shown already.

    Captions and embedded posts are part of the HTML and not of the text. The tree is not changed. Linear in the page.
    """
    blocks = once(kept)
    if not blocks:
        return Written("", "", "")
    marks = mark(tree, blocks)

    def resolve(reference: str) -> str:
        return absolute(reference, base_url)

    shown = shown_media(marks.kept(), resolve, lead_image, seen)
    if are_the_text(shown.captions, blocks):
        shown = Shown(shown.media)
    for element in (*shown.media, *shown.captions):
        marks.enliven(element)
    for caption in (*shown.captions, *captions_of(marks)):
        marks.keep_all(caption)
    walk = _Walk(marks, shown, base_url, targets(marks, base_url), posts_beside_text(blocks))
    walk.run(tree)
    html, first = (
        walk.writer.html(),
        next((m.url for m in shown.media.values() if m.is_image), None),
    )
    if _is_right_to_left(tree):
        html = f'<div dir="rtl">{html}</div>'
    return Written(html, walk.writer.text(), walk.writer.text(quoted=True), first)


def _is_right_to_left(tree: HtmlElement) -> bool:
    body = tree.find("body")
    return "rtl" in {tree.get("dir"), None if body is None else body.get("dir")}


# ── writing ──────────────────────────────────────────────────────────────────────────────────


class _Walk:
    """One walk over the parts of a tree that hold something, into a writer."""

    def __init__(
        self,
        marks: Marks,
        shown: Shown,
        base_url: str,
        targets: set[str],
        posts: set[HtmlElement],
    ) -> None:
        self.writer = Writer()
        self._posts = posts
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
            elif (
                child.tag == "input"
                and (sign := task_sign(child.attrib, begins_item=begins_item(child)))
            ) or (child.tag == "img" and (sign := sign_of(child))):
                self.writer.write(sign if child in self._marks.texts else "")
            elif child in self._marks.alive and (shown := shown_of(child)) is not None:
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
                formula(element), " ".join("".join(map(str, element.itertext())).split())
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
        if element.tag == "table" and (code := numbered_code(element)) is not None:
            self.writer.verbatim(code_html(code, code_language(element)), code)
            return True
        if element.tag == "button":
            # One that the parser found no end of holds the rest of the page.
            holds_page = next(element.iter("p"), None) is not None
            return self.writer.block() not in _UNFOLDING and not holds_page
        return element.tag in _LEFT_OUT

    def _code(self, pre: HtmlElement) -> None:
        self.writer.verbatim(*preformatted(pre, self._followed))

    def _followed(self, reference: str) -> str:
        """The address that ``reference`` leads to, ``""`` where that is none for readers to follow."""
        url = absolute(reference, self._base_url)
        return url if url.startswith(_SCHEMES) else ""

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
        if not {element.tag, previous.tag} <= _APART or is_signature(element):
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
            empty, quoted = tag in {"td", "th"}, element in self._posts
            self.writer.start_block(tag, opening, empty=empty, quoted=quoted)
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
