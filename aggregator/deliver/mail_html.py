"""The HTML of an edition as mail programs show it: one column, styles inline, pictures linked. Pure.

What mail programs know is little: no scripts, frames or players, often no style sheets, so each
element bears its style; a style sheet in the head adds colours for the dark only. The HTML that comes in
has been through the sanitizer; what goes out holds no more than it.
"""

from __future__ import annotations

from html import escape
from typing import Final

from lxml import html
from lxml.etree import ParserError

from aggregator.publish.xmltree import document_safe

WIDTH: Final = 640  # pixels
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_STYLES: Final = {
    "p": "margin:0 0 14px",
    "h1": "margin:0 0 16px;font-size:26px;line-height:1.25",
    "h2": "margin:32px 0 12px;font-size:21px;line-height:1.3",
    "h3": "margin:28px 0 6px;font-size:19px;line-height:1.35",
    "h4": "margin:20px 0 6px;font-size:17px;line-height:1.35",
    "h5": "margin:18px 0 6px;font-size:16px",
    "h6": "margin:18px 0 6px;font-size:16px",
    "a": "color:#0b57a4",
    "ul": "margin:0 0 16px;padding:0 0 0 20px",
    "ol": "margin:0 0 16px;padding:0 0 0 24px",
    "li": "margin:0 0 6px",
    "img": "max-width:100%;height:auto;border:0",
    "figure": "margin:0 0 16px",
    "figcaption": "font-size:14px;color:#5f6368",
    "blockquote": "margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #c7cbd1",
    "pre": "margin:0 0 16px;padding:10px;background:#f1f3f4;font-size:14px;white-space:pre-wrap;"
    "word-break:break-word",
    "code": "font-size:90%;word-break:break-word",
    "hr": "margin:26px 0;border:0;border-top:1px solid #dadce0",
    # A wide one is moved sideways by itself, where the mail program can.
    "table": "margin:0 0 16px;border-collapse:collapse;font-size:15px;display:block;"
    "max-width:100%;overflow-x:auto",
    "td": "padding:4px 8px;border:1px solid #dadce0;text-align:left;vertical-align:top",
    "th": "padding:4px 8px;border:1px solid #dadce0;text-align:left;vertical-align:top",
}
# Players and frames stand as links to what they play.
_PLAYED: Final = frozenset({"iframe", "video", "audio"})
_UNKNOWN_TO_MAIL: Final = ("srcset", "sizes", "loading", "decoding", "class", "style", "sandbox")
_DARK: Final = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    "body,.page{background:#1b1c1e!important;color:#e3e3e3!important}"
    "a{color:#8ab4f8!important}pre{background:#2a2b2e!important}"
    "figcaption,.foot{color:#9aa0a6!important}"
    "hr,td,th,blockquote,.foot{border-color:#44474a!important}}"
)


def mail_page(title: str, body: str, foot: str, language: str = "") -> str:
    """A whole page for mail: ``title`` and ``foot`` are text and HTML, ``body`` sanitized HTML."""
    lang = f' lang="{escape(language)}"' if language else ""
    shown = escape(document_safe(title))
    return (
        f'<!DOCTYPE html>\n<html{lang}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark">'
        f"<title>{shown}</title><style>{_DARK}</style></head>"
        f'<body style="margin:0;padding:0;background:#ffffff;color:#1f1f1f">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
        'style="table-layout:fixed"><tr><td align="center" style="padding:0">'
        f'<!--[if mso]><table role="presentation" width="{WIDTH}"><tr><td><![endif]-->'
        f'<div class="page" style="max-width:{WIDTH}px;margin:0 auto;padding:20px 16px;'
        f"text-align:left;font-size:16px;line-height:1.55;{_FONT};color:#1f1f1f;"
        'overflow-wrap:break-word;word-wrap:break-word">'
        f'<h1 style="{_STYLES["h1"]}">{shown}</h1>\n{for_mail(body)}\n'
        f'<p class="foot" style="margin:32px 0 0;padding:14px 0 0;border-top:1px solid #dadce0;'
        f'font-size:13px;color:#5f6368">{foot}</p></div>'
        "<!--[if mso]></td></tr></table><![endif]--></td></tr></table></body></html>\n"
    )


def for_mail(body: str) -> str:
    """Sanitized ``body`` with a style on each element, and links in the place of players."""
    try:
        tree = html.fragment_fromstring(document_safe(body) or " ", create_parent="div")
    except (ParserError, ValueError):
        return ""
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):  # a comment
            element.drop_tree()
        elif element.tag in _PLAYED:
            _link_instead(element)
        elif element.tag in {"source", "track"}:
            element.drop_tree()
        else:
            _styled(element)
    inner: str = html.tostring(tree, encoding="unicode")
    return inner.removeprefix("<div>").removesuffix("</div>")


def _styled(element: html.HtmlElement) -> None:
    for name in _UNKNOWN_TO_MAIL:
        element.attrib.pop(name, None)
    if element.tag == "img":
        element.attrib.pop("height", None)  # with a width of its own it would be out of shape
        width = element.get("width", "")
        if not (width.isascii() and width.isdigit() and int(width[:6]) <= WIDTH):
            element.attrib.pop("width", None)
    if (style := _STYLES.get(element.tag)) is not None and element.getparent() is not None:
        element.set("style", style)


def _link_instead(element: html.HtmlElement) -> None:
    """A link to what a player or frame shows, with a picture of it where there is one."""
    sources = [element.get("src", ""), *(one.get("src", "") for one in element.iter("source"))]
    url = next((one for one in sources if one.startswith(("http://", "https://"))), "")
    parent = element.getparent()
    if not url or parent is None:
        element.drop_tree()
        return
    link = html.Element("a", href=url, style=_STYLES["a"])
    poster = element.get("poster", "")
    if poster.startswith(("http://", "https://")):
        picture = html.Element("img", src=poster, alt="", style=_STYLES["img"])
        link.append(picture)
    else:
        link.text = f"▶ {url[:200]}"
    link.tail = element.tail
    parent.replace(element, link)
