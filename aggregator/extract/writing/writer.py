"""HTML and plain text written piece by piece, as lines in blocks.

What opens a block or an inline element is only written once there is something in it; white space and
line breaks only once something follows. So nothing empty comes out, and every tag is closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

# Only phrases stand in these; a break between two of them is a line break.
PHRASES = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "p", "summary", "caption", "dt", "address"}
)
# Text may stand in these without a paragraph around it.
_DIRECT = PHRASES | {"li", "td", "th", "dd", "figcaption", "figure", "details"}
# What a line that stands in these directly is put into.
_STRAY = {"ul": "li", "ol": "li", "dl": "dd"}
_SPACE = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class _Block:
    tag: str
    opening: str
    quoted: bool
    open: bool = False
    filled: bool = False


@dataclass(slots=True)
class _Inline:
    tag: str
    opening: str
    open: bool = False


@dataclass(slots=True)
class Writer:
    """Collects what is written; :meth:`html` and :meth:`text` give it back."""

    _out: list[str] = field(default_factory=list)
    _said: list[tuple[str, bool]] = field(default_factory=list)  # what, and whether it is quoted
    _blocks: list[_Block] = field(default_factory=list)
    _inlines: list[_Inline] = field(default_factory=list)
    _line: str | None = None  # tag of the open line's own element, "" where it stands directly
    _space: bool = False
    _break: bool = False
    _rule: bool = False
    _paragraph: str = ""  # opening tag that the next line was given, "" for none
    _silent: int = 0  # in how many captions we are: they are no text
    _quoted: int = 0  # in how many blocks we are that are no text of the author's
    last: str = ""  # the last character of the line, "" at its beginning

    # ── blocks ───────────────────────────────────────────────────────────────────────────────

    def end_line(self) -> None:
        """End the line: what follows stands on one of its own."""
        if self._line is not None:
            for inline in reversed(self._inlines):
                if inline.open:
                    self._out.append(f"</{inline.tag}>")
                    inline.open = False
            if self._line:
                self._out.append(f"</{self._line}>")
            self._hear("\n")
        self._line, self.last, self._paragraph = None, "", ""
        self._space = self._break = False

    def paragraph(self, opening: str) -> None:
        """The next line is a paragraph, also where it need not be one."""
        self.end_line()
        self._paragraph = opening

    def start_block(
        self, tag: str, opening: str, *, empty: bool = False, quoted: bool = False
    ) -> None:
        """Start the block element ``tag`` around what follows.

        ``empty``: write it even with nothing in it; ``quoted``: its text is not the author's own.
        """
        self.end_line()
        self._blocks.append(_Block(tag, opening, quoted))
        self._silent += tag == "figcaption"
        self._quoted += quoted
        if empty:
            self._open_blocks()

    def end_block(self) -> None:
        """End the element that was started last."""
        self.end_line()
        block = self._blocks.pop()
        self._silent -= block.tag == "figcaption"
        self._quoted -= block.quoted
        if block.open:
            self._out.append(f"</{block.tag}>")

    def block(self) -> str:
        """The tag of the block that is open now, ``""`` outside of all."""
        return self._blocks[-1].tag if self._blocks else ""

    def within(self, tag: str) -> bool:
        """True while an element ``tag`` is started and not ended."""
        return any(block.tag == tag for block in self._blocks)

    def rule(self) -> None:
        """A thematic break, where something stands before it and after it."""
        self.end_line()
        self._rule = True

    def verbatim(self, html: str, text: str) -> None:
        """A whole block of its own."""
        self.end_line()
        self._open_blocks()
        self._out.append(html)
        self._fill()
        self._hear(f"{text}\n")

    def _open_blocks(self) -> None:
        if self._rule and self._out and not self._blocks:
            self._out.append("<hr>")
        self._rule = False
        for block in self._blocks:
            if not block.open:
                self._out.append(block.opening)
                block.open = True
                # What a block holds is content of those around it.
        for block in self._blocks[:-1]:
            block.filled = True

    def _fill(self) -> None:
        if self._blocks:
            self._blocks[-1].filled = True

    # ── lines ────────────────────────────────────────────────────────────────────────────────

    def start_inline(self, tag: str, opening: str) -> None:
        """Start the inline element ``tag``, around what follows in this line and those after it."""
        self._inlines.append(_Inline(tag, opening))

    def end_inline(self) -> None:
        """End the inline element that was started last."""
        inline = self._inlines.pop()
        if inline.open:
            self._out.append(f"</{inline.tag}>")

    def space(self) -> None:
        """White space, if something follows in the line."""
        self._space = True

    def line_break(self) -> None:
        """A line break, if something follows in the line."""
        self._break = True

    def write(self, text: str) -> None:
        """Text as it stands in HTML's source: white space collapses."""
        if not text:
            return
        core = _SPACE.sub(" ", text).strip(" ")
        if not core or core.isspace():
            self._space = True
            return
        self._space |= text[0] in " \t\n\r\f"
        self._begin()
        self._out.append(escape(core, quote=False))
        self.last = core[-1]
        self._hear(core)
        self._space = text[-1] in " \t\n\r\f"

    def atom(self, html: str, text: str = "") -> None:
        """A piece of a line that is written as it is: an image, a formula."""
        self._begin()
        self._out.append(html)
        self.last = text[-1:] or " "
        if text:
            self._hear(text)

    def _begin(self) -> None:
        """Open what is to be open around the next piece of the line."""
        if self._line is None:
            self._begin_line()
        elif self._break:
            self._out.append("<br>")
            self._hear("\n")
        elif self._space:
            self._out.append(" ")
            self._hear(" ")
        self._space = self._break = False
        for inline in self._inlines:
            if not inline.open:
                self._out.append(inline.opening)
                inline.open = True

    def _begin_line(self) -> None:
        self._open_blocks()
        block = self._blocks[-1] if self._blocks else None
        tag = block.tag if block else ""
        if block is not None and tag in PHRASES:
            self._line = ""
            if block.filled:
                self._out.append("<br>")
        elif block is not None and tag in _DIRECT and not self._paragraph and not block.filled:
            self._line = ""
        else:
            self._line = _STRAY.get(tag, "p")
            opening = self._paragraph if self._line == "p" else ""
            self._out.append(opening or f"<{self._line}>")
        if block is not None:
            block.filled = True

    def _hear(self, text: str) -> None:
        if not self._silent:
            self._said.append((text, self._quoted > 0))

    # ── what came of it ──────────────────────────────────────────────────────────────────────

    def html(self) -> str:
        """Everything written, as HTML."""
        return "".join(self._out)

    def text(self, *, quoted: bool = False) -> str:
        """Everything written but captions, as text: one line a line; what is ``quoted`` on request."""
        said = "".join(text for text, is_quoted in self._said if quoted or not is_quoted)
        lines = (line.strip() for line in said.split("\n"))
        return "\n".join(line for line in lines if line)
