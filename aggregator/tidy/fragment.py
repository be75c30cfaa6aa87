"""A feed's own HTML without what its tools put beside the text, as the text of a page is written without it.

Only elements that are known for what they are get replaced, by what :mod:`aggregator.tidy` knows of them;
every other byte stays. The sanitizer comes after this and trusts nothing of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from html import escape, unescape

from lxml import etree
from lxml.html import HtmlElement

from aggregator.sanitize.repair_costs import is_bounded
from aggregator.tidy import drawings, embedded, hidden, sharing
from aggregator.tidy.backgrounds import address_of as background_of
from aggregator.tidy.code import code_html, code_language, has_numbers, numbered_code, preformatted
from aggregator.tidy.formulas import formula, is_drawn
from aggregator.tidy.notes import is_file_note
from aggregator.tidy.presence import CODE_SIGNS, Kinds
from aggregator.tidy.source import ANY_TAG, Source, given_of, letters_of
from aggregator.tidy.tags import Tag
from aggregator.tidy.tasks import task_sign

_TELLING = re.compile(
    r"class|\bid\b|style|role|data-|hidden|videoid|video-id|url|href", re.IGNORECASE
)
_BARE_BOXES = frozenset({"p", "div", "figure", "li", "section"})
_MEDIA = frozenset({"img", "iframe", "a", "video", "audio", "source", "embed"})
_AFTER = 300  # characters after an element, where its fallback stands
_BARS = frozenset({"div", "p", "ul", "ol", "span", "section", "aside", "nav", "footer", "table"})
_MATHJAX = re.compile(r"(?:^|\s)(?:MathJax\w*|mjx-\w+|katex(?:-html)?|mwe-math-element)(?:$|\s)")
_TEX = re.compile(r"\s*math/tex(?:;\s*mode=(display))?", re.IGNORECASE)
_MOST_HIDDEN = 0.5  # share of the letters; of more, scripts unfold the text itself
_MOST_OF_FORM = 0.3  # share of the letters of a form that asks for something beside the text
_REFERENCE = re.compile(r"(?<=[\"'#(])[\w:.-]{1,80}(?=[\"')\s])")
_MOST_DRAWINGS = 200
_LONGEST_NOTE = 1_500  # characters of the source


def tidied(html: str) -> str:
    """``html`` of a feed with each formula once, code without line numbers, embeds as players or links.

    Without parts that are hidden, bars of buttons and forms. Drawings leave their words. Pure, linear, never raises.
    """
    kinds = Kinds.of(html)
    if not any(kinds) or not is_bounded(html):
        return html
    try:
        return _Pass(html, kinds).run()
    except (etree.LxmlError, ValueError, AssertionError):
        return html  # what no parser takes is the sanitizer's matter


def tree_of(html: str) -> HtmlElement | None:
    """The first element of ``html`` as a tree; None for none."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
    )
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    root = etree.fromstring(html.encode("utf-8", "ignore").replace(b"\0", b""), parser)
    body = root.find("body") if root is not None else None
    first = next(iter(body), None) if body is not None else None
    return first if isinstance(first, HtmlElement) else None


class _Pass:
    """One pass over the tags of a text."""

    def __init__(self, html: str, kinds: Kinds) -> None:
        self._html = html
        self._kinds = kinds
        self._source = Source(html)
        self._tags = self._source.tags
        self._letters = letters_of(html)
        self._named: Counter[str] | None = None  # what attributes name, and how often
        self._drawings = 0
        self._hidden = self._hidden_parts() if kinds.hidden else frozenset[int]()
        self._hints = sorted(sharing.hints(html)) if kinds.bars else []
        self._formula_until = -1  # where the last formula that was shown ends

    def run(self) -> str:
        pieces: list[str] = []
        at = 0
        for index, tag in enumerate(self._tags):
            if tag.start < at:
                continue
            new = self._replaced(index, tag)
            if new is not None:
                pieces += (self._html[at : tag.start], new)
                at = max(tag.stop, tag.end)
        pieces.append(self._html[at:])
        return "".join(pieces)

    # ── elements ─────────────────────────────────────────────────────────────────────────────

    def _replaced(self, index: int, tag: Tag) -> str | None:
        """What stands in the place of the element, None for itself."""
        if tag.name == "svg":
            return self._drawing(index, tag)
        if index in self._hidden:
            return ""
        if not tag.is_whole:
            return None
        given, rule = self._told_of(tag), _RULES.get(tag.name)
        new = rule(self, index, tag, given) if rule is not None else None
        if new is None and self._kinds.classes and (names := given.get("class", "")):
            new = self._called(index, tag, names)
        if new is None:
            new = self._embedded(tag, given)
        if new is None and (self._kinds.bars or self._kinds.notes):
            new = self._bar(index, tag, given)
        return new

    def _told_of(self, tag: Tag) -> dict[str, str]:
        """The attributes of ``tag``, nothing where they can tell nothing."""
        kinds = self._kinds
        if not tag.said:
            return {}
        if tag.name in _RULES or (kinds.embeds and ("-" in tag.name or tag.name == "oembed")):
            return given_of(tag)
        wanted = kinds.classes or kinds.embeds or kinds.bars or kinds.backgrounds
        return given_of(tag) if wanted and _TELLING.search(tag.said) else {}

    def _called(self, index: int, tag: Tag, names: str) -> str | None:
        """By its classes: a formula that is drawn, words for screen readers, a note of a lightbox."""
        if _MATHJAX.search(names) or is_drawn(names):
            return self._formula(index, tag)
        if hidden.is_for_ears(names) and "<math" not in self._source.inner(tag):
            return ""
        return None

    def _formula(self, index: int, tag: Tag) -> str | None:
        tree = tree_of(self._source.outer(tag))
        if tree is None:
            return None
        math = next(tree.iter("math"), None)
        source = next(
            (one.get("data-mathml") for one in tree.iter() if one.get("data-mathml")), None
        )
        if math is None and source:
            math = tree_of(source)
        if math is not None and math.tag == "math":
            self._formula_until = tag.stop
            return formula(math)
        if "MathJax_Preview" in (tree.get("class") or ""):
            following = next((one for one in self._tags[index:] if one.start >= tag.stop), None)
            drawn = (
                following is not None
                and "MathJax" in following.said
                and not self._source.between(tag, following).strip()
            )
            self._formula_until = (
                tag.stop
                if not drawn and letters_of(self._source.inner(tag))
                else self._formula_until
            )
            return "" if drawn else None
        if letters_of(self._source.inner(tag)):
            self._formula_until = tag.stop
        return None

    def script(self, _index: int, tag: Tag, given: dict[str, str]) -> str | None:
        """A formula in TeX, or the page that shows what a script would write."""
        tex = _TEX.match(given.get("type", ""))
        if tex is not None:
            if self._formula_until >= 0 and not self._html[self._formula_until : tag.start].strip():
                return ""
            source = escape(self._source.inner(tag).strip(), quote=False)
            return f"<p>\\[{source}\\]</p>" if tex[1] else f"\\({source}\\)"
        page = embedded.of_script(given.get("src", ""))
        return (
            embedded.link(page)
            if page
            and page.partition("://")[2] not in self._html.replace(self._source.outer(tag), "")
            else None
        )

    def pre(self, _index: int, tag: Tag, _given: dict[str, str]) -> str | None:
        """Code without the numbers of its lines."""
        inner = self._source.inner(tag)
        if "class" not in inner and "<table" not in inner:
            return None
        tree = tree_of(self._source.outer(tag))
        return (
            preformatted(tree)[0]
            if tree is not None and tree.tag == "pre" and has_numbers(tree)
            else None
        )

    def table(self, index: int, tag: Tag, _given: dict[str, str]) -> str | None:
        """Code that a table sets beside the numbers of its lines."""
        if not CODE_SIGNS.search(self._source.inner(tag)):
            return None
        boxes = [one for one in self._source.around(index) if one.name in {"div", "figure"}][-2:]
        opening = "".join(self._html[box.start : box.end] for box in boxes)
        tree = tree_of(opening + self._source.outer(tag))
        table = next(tree.iter("table"), None) if tree is not None else None
        code = numbered_code(table) if table is not None else None
        return (
            code_html(code, code_language(table))
            if code is not None and table is not None
            else None
        )

    def _drawing(self, index: int, tag: Tag) -> str | None:
        self._drawings += 1
        if not tag.is_whole or self._drawings > _MOST_DRAWINGS:
            return None
        within = [one.name for one in self._source.around(index)]
        if "a" in within or "button" in within:
            return ""
        tree = tree_of(self._source.outer(tag))
        words = drawings.words_of(tree) if tree is not None else ""
        return drawings.written(words, in_figure="figure" in within) if words else ""

    def object(self, _index: int, tag: Tag, given: dict[str, str]) -> str | None:
        """What is embedded: a picture, a player, a link; what stands in it is for those that cannot show it."""
        inner = self._source.inner(tag)
        if re.search(r"<(?:a|img|iframe|embed|video|audio|p|object)\b", inner, re.IGNORECASE):
            return None  # what stands in it is for those that cannot show it: for us
        data = given.get("data", "").strip()
        kind = given.get("type", "").lower()
        if (
            not data
            or data.startswith(("data:", "javascript:"))
            or ("html" in kind and data.startswith("#"))
        ):
            return None
        if kind.startswith("image/"):
            return f'<img src="{escape(data)}" alt="{escape(given.get("title", ""))}">'
        return (
            embedded.shown(data)
            if data.startswith("http")
            else embedded.link(data, given.get("title", "") or data.rpartition("/")[2])
        )

    def form(self, _index: int, tag: Tag, _given: dict[str, str]) -> str | None:
        """Nothing of a form that asks for something beside the text."""
        little = letters_of(self._source.inner(tag)) <= _MOST_OF_FORM * self._letters
        return (
            ""
            if little
            and re.search(
                r"<(?:input|button|select|textarea)\b", self._source.inner(tag), re.IGNORECASE
            )
            else None
        )

    def input(self, index: int, tag: Tag, given: dict[str, str]) -> str | None:
        """The sign of a task's box."""
        begins = any(
            one.name == "li" and not letters_of(self._html[one.end : tag.start])
            for one in self._source.around(index)[-4:]
        )
        return task_sign(given, begins_item=begins) or None

    # ── what is embedded, and what is not of the text ────────────────────────────────────────

    def _embedded(self, tag: Tag, given: dict[str, str]) -> str | None:
        if self._kinds.bare and tag.name in _BARE_BOXES and (address := self._bare(tag)):
            there = embedded.shown(address, address)
            return f"<li>{there}</li>" if tag.name == "li" else there
        if not given or tag.name in _MEDIA:
            return None
        if self._kinds.backgrounds and ("background" in tag.said or "data-bg" in tag.said):
            return self._background(tag, given)
        return self._named_embed(tag, given) if self._kinds.embeds else None

    def _named_embed(self, tag: Tag, given: dict[str, str]) -> str | None:
        """What the attributes of an element name, unless what stands in it or after it leads there."""
        inner = self._source.inner(tag)
        player = embedded.film_of(tag.name, given)
        if (
            player
            and player.rpartition("/")[2] not in inner + self._html[tag.stop : tag.stop + _AFTER]
        ):
            return embedded.shown(player)
        address = embedded.address_of(tag.name, given)
        if not address or address.partition("?")[0].rstrip("/") in inner:
            return None
        if letters_of(inner):
            return self._source.outer(tag) + embedded.link(address)
        return embedded.shown(address)

    def _bare(self, tag: Tag) -> str:
        inner = self._source.inner(tag)
        if len(inner) > 3000 or "http" not in inner or "<a" in inner:
            return ""
        return (
            embedded.bare_address(unescape(ANY_TAG.sub("", inner)))
            if not re.search(r"<(?:img|iframe|video|audio|pre|figcaption)", inner)
            else ""
        )

    def _background(self, tag: Tag, given: dict[str, str]) -> str | None:
        address = background_of(given)
        if not address or letters_of(self._source.inner(tag)) or "<img" in self._source.inner(tag):
            return None
        alt = given.get("aria-label", "") or given.get("title", "")
        return f'<img src="{escape(address)}" alt="{escape(alt)}">'

    def _bar(self, index: int, tag: Tag, given: dict[str, str]) -> str | None:
        if tag.name not in _BARS or tag.inner_end is None or tag.inner_end - tag.end > 20_000:
            return None
        inner = self._source.inner(tag)
        if (
            (
                tag.name in {"div", "span", "p"}
                and "<img" not in inner
                and (said := unescape(ANY_TAG.sub(" ", inner)))
            )
            and len(said) <= 300
            and is_file_note(said)
            and self._at_picture(index, tag)
        ):
            return ""
        named = sharing.is_named_after_sharing(f"{given.get('class', '')} {given.get('id', '')}")
        if (
            not named
            and bisect_left(self._hints, tag.inner_end) - bisect_left(self._hints, tag.end) < 2
        ):
            return None
        if letters_of(inner) > 300:
            return None
        tree = tree_of(self._source.outer(tag))
        return "" if tree is not None and sharing.is_bar(tree) else None

    def _at_picture(self, index: int, tag: Tag) -> bool:
        """Whether a box with a picture in it, and no other text, is around ``tag``."""
        for box in reversed(self._source.around(index)[-3:]):
            inner = self._source.inner(box)
            if "<img" in inner:
                return letters_of(inner.replace(self._source.outer(tag), "")) == 0
        return False

    # ── what is hidden ───────────────────────────────────────────────────────────────────────

    def _hidden_parts(self) -> frozenset[int]:
        """The tags of hidden elements, unless they hold most of the text or its readers unfold them."""
        found: list[int] = []
        letters = 0
        until = 0
        for index, tag in enumerate(self._tags):
            if (
                tag.start < until
                or not tag.said
                or not tag.is_whole
                or not hidden.MAY.search(tag.said)
            ):
                continue
            given = given_of(tag)
            is_hidden = given.get("hidden", "no") not in {"no", "until-found"} or hidden.hides(
                given.get("style", "")
            )
            if (
                not is_hidden
                or tag.name in {"img", "svg", "input", "math"}
                or "<math" in self._source.inner(tag)
            ):
                continue
            names = f"{given.get('class', '')} {given.get('id', '')}"
            if hidden.is_unfolded(names) or self._is_referred_to(given.get("id", "")):
                continue
            found.append(index)
            letters += letters_of(self._source.inner(tag))
            until = tag.stop
        return frozenset(found) if letters <= _MOST_HIDDEN * self._letters else frozenset()

    def _is_referred_to(self, name: str) -> bool:
        if self._named is None:
            self._named = Counter(_REFERENCE.findall(self._html))
        return bool(name) and self._named[name] > 1


_Rule = Callable[[_Pass, int, Tag, dict[str, str]], "str | None"]
_RULES: dict[str, _Rule] = {
    "script": _Pass.script,
    "pre": _Pass.pre,
    "table": _Pass.table,
    "object": _Pass.object,
    "form": _Pass.form,
    "input": _Pass.input,
}
