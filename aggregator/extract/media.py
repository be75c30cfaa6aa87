"""Images, players and their captions: out of the page before trafilatura, back afterwards.

With images switched on, trafilatura keeps whole boxes for the sake of a picture in them (measured:
a loss of .012 F1), and it drops images without a file extension, captions and players. So each
medium becomes a short mark in the text. Where trafilatura keeps the mark, the medium returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.images import address_of
from aggregator.sanitize.policy import EMBEDS

# Brackets hardly seen in prose; a page that uses one pair gets the next.
_BRACKETS = ("⟦⟧", "⦃⦄", "⦗⦘", "⧼⧽")
_IMAGE_FILES = frozenset({"jpg", "jpeg", "png", "gif", "webp", "avif", "svg"})
_MAX_CAPTION = 2000
# ``source``: libxml2 does not know that it is void, and puts what follows into it.
_WRAPPERS = frozenset({"picture", "source", "a", "figure", "span", "noscript"})
_MEDIA_TAGS = ("img", "iframe", "video", "audio")
_MAX_SIBLINGS = 20  # a box around one medium has a few
_BLOCKS = frozenset({"div", "body", "article", "section", "main", "figure", "center", "blockquote"})
_MEDIA_BOX = re.compile(r"image|img|figure|photo|picture|caption|media|video", re.IGNORECASE)
Resolve = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Medium:
    """One image or player: its HTML (not sanitized), its caption as HTML text, what it shows."""

    html: str
    caption: str
    identity: str


@dataclass(frozen=True, slots=True)
class MediaSet:
    """The media of a page and the form of the marks (``⟦3⟧``) that stand for them in its text."""

    media: tuple[Medium, ...]
    brackets: str

    @property
    def _mark(self) -> str:
        return f"{self.brackets[0]}\\d{{1,6}}{self.brackets[1]}" if self.brackets else r"(?!)"

    def removed_from(self, html: str) -> str:
        """``html`` without marks, and without paragraphs that held nothing else."""
        return re.sub(self._mark, "", re.sub(rf"<p>(?:\s*{self._mark})+\s*</p>", "", html))

    def returned_to(self, html: str) -> str:
        """``html`` with the media in place of their marks, each shown once."""
        shown: set[str] = set()

        def block(match: re.Match[str]) -> str:
            return "".join(self._as_block(mark, shown) for mark in re.findall(r"\d+", match[0]))

        def inline(match: re.Match[str]) -> str:
            medium = self._next(match[0][1:-1], shown)
            return medium.html if medium is not None else ""

        html = re.sub(rf"<p>(?:\s*{self._mark})+\s*</p>", block, html)
        return re.sub(self._mark, inline, html)

    def _as_block(self, number: str, shown: set[str]) -> str:
        medium = self._next(number, shown)
        if medium is None:
            return ""
        if not medium.caption:
            return f"<p>{medium.html}</p>"
        return f"<figure>{medium.html}<figcaption>{medium.caption}</figcaption></figure>"

    def _next(self, number: str, shown: set[str]) -> Medium | None:
        index = int(number)
        medium = self.media[index] if index < len(self.media) else None
        if medium is None or medium.identity in shown:
            return None
        shown.add(medium.identity)
        return medium


def take_out_media(tree: HtmlElement, resolve: Resolve) -> MediaSet:
    """Replace the media of ``tree`` by marks, in place; ``resolve`` makes references absolute."""
    text = "".join(map(str, tree.itertext()))
    brackets = next((pair for pair in _BRACKETS if pair[0] not in text), "")
    media: list[Medium] = []
    for element in list(tree.iter(*_MEDIA_TAGS)):
        made = _medium(element, resolve) if brackets else None
        if made is None:
            if element.tag == "img":
                element.drop_tree()
            continue
        html, identity = made
        figure = next(element.iterancestors("figure"), None)
        caption = _take_caption(figure) if figure is not None else ""
        mark = f"{brackets[0]}{len(media)}{brackets[1]}"
        _put_mark(_outermost(element), mark)
        media.append(Medium(html, caption, identity))
    for figure in list(tree.iter("figure")):
        # trafilatura deletes figures. What is left in one now is marks and text.
        figure.tag = "div"
    return MediaSet(tuple(media), brackets)


def _medium(element: HtmlElement, resolve: Resolve) -> tuple[str, str] | None:
    """The HTML of a medium and what identifies it; None for pixels, placeholders and strangers."""
    if element.tag == "img":
        url = address_of(element, resolve)
        if url is None:
            return None
        alt = " ".join((element.get("alt") or "").split())
        return f'<img src="{escape(url)}" alt="{escape(alt)}">', _identity(url)
    if element.tag == "iframe":
        url = resolve(element.get("data-src") or element.get("src") or "")
        secure = re.sub("^http:", "https:", url)
        allowed = EMBEDS.fullmatch(secure) is not None
        return (f'<iframe src="{escape(secure)}"></iframe>', secure) if allowed else None
    sources = [element.get("src") or ""] + [s.get("src") or "" for s in element.iter("source")]
    url = next(
        (u for s in sources if s and (u := resolve(s)).startswith(("http://", "https://"))), ""
    )
    poster = resolve(element.get("poster") or "") if element.get("poster") else ""
    shown = f' poster="{escape(poster)}"' if poster else ""
    return (f'<{element.tag} src="{escape(url)}"{shown}></{element.tag}>', url) if url else None


def _outermost(element: HtmlElement) -> HtmlElement:
    """The wrapper around ``element`` that holds nothing else (``picture``, a link to the large file).

    Plain boxes count only on the way to such a wrapper: they may be the article's own.
    """
    outermost = element
    while True:
        parent = element.getparent()
        if parent is None or not (_is_wrapper(parent) or parent.tag in {"div", "button"}):
            return outermost
        if len(parent) > _MAX_SIBLINGS or any(text.strip() for text in _own_text(parent)):
            return outermost
        if any(child is not element and not _is_empty(child) for child in parent):
            return outermost
        element = parent
        if _is_wrapper(parent):
            outermost = parent


def _is_wrapper(element: HtmlElement) -> bool:
    # Names with a hyphen are a site's own elements. trafilatura drops boxes called "caption".
    tag = str(element.tag)
    return (
        tag in _WRAPPERS or "-" in tag or _MEDIA_BOX.search(element.get("class") or "") is not None
    )


def _own_text(element: HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def _is_empty(element: HtmlElement) -> bool:
    """Whether nothing in ``element`` is shown: other sources, buttons of scripts, empty boxes."""
    if element.tag in {"source", "svg", "button", "noscript"}:
        return True
    media = element.tag in _MEDIA_TAGS or next(element.iter(*_MEDIA_TAGS), None) is not None
    return not media and not "".join(map(str, element.itertext())).strip()


def _put_mark(element: HtmlElement, mark: str) -> None:
    """Put ``mark`` where ``element`` stood: in the line of text it is in, else as a paragraph."""
    parent = element.getparent()
    if parent is None:
        return
    if str(parent.tag) not in _BLOCKS and "-" not in str(parent.tag):
        element.tail = f"{mark}{element.tail or ''}"
        element.drop_tree()  # keeps the tail
        return
    paragraph = etree.Element("p")
    paragraph.text = mark
    paragraph.tail = element.tail
    parent.replace(element, paragraph)


def _take_caption(figure: HtmlElement) -> str:
    """The text of the figure's caption as HTML, which then is gone from the tree."""
    captions = list(figure.iter("figcaption"))
    texts = [" ".join(caption.text_content().split()) for caption in captions]
    for caption in captions:
        if caption.getparent() is not None and caption.find(".//img") is None:
            caption.drop_tree()
    return escape(" ".join(filter(None, texts))[:_MAX_CAPTION], quote=False)


def _identity(url: str) -> str:
    """Sizes of one image usually differ in the query only."""
    path, _, query = url.partition("?")
    # A path that names no file (``/image.php?id=3``) leaves the naming to the query.
    return path if path.rpartition(".")[2].lower() in _IMAGE_FILES else f"{path}?{query}"
