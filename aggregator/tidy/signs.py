"""Signs ``<`` that begin no tag: of a formula, a placeholder, an address in angle brackets."""

from __future__ import annotations

import re

# HTML Standard §4 and §16, SVG and MathML, what word processors and old sites write.
_NAMES = frozenset(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br button
    canvas caption center cite code col colgroup content data datalist dd del details dfn dialog dir div dl dt em embed fieldset
    figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins
    isindex kbd keygen label legend li link listing main map mark marquee menu menuitem meta meter nav nobr noembed noframes
    noscript object ol optgroup option output p param picture plaintext pre progress q rb rbc rp rt rtc ruby s samp script search
    section select slot small source spacer span strike strong style sub summary sup table tbody td template textarea tfoot th
    thead time title tr track tt u ul var video wbr xmp oembed quote
    svg g path rect circle ellipse line polyline polygon text tspan textpath defs use symbol marker mask pattern image desc
    lineargradient radialgradient stop clippath filter foreignobject animate animatetransform animatemotion set switch view
    math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder mover munderover
    mmultiscripts mprescripts none mtable mtr mtd mlabeledtr merror menclose mfenced mglyph maction semantics annotation
    annotation-xml
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)
_BEGIN = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([A-Za-z][^\s/<>]*)", re.DOTALL)
_WHOLE = re.compile(r"</?[A-Za-z][^\s/<>]*+((?:[^<>\"']|\"[^\"]{0,20000}+\"|'[^']{0,20000}+')*+)>")
_ATTRIBUTE = re.compile(r"[\s/]*+([^\s/>=<\"']++)(\s*=\s*(?:\"[^\"]*+\"|'[^']*+'|[^\s<>\"']++))?+")
_BARE_ATTRIBUTES = frozenset(
    """
    hidden disabled checked selected readonly required multiple controls autoplay loop muted playsinline allowfullscreen async
    defer open reversed itemscope download nowrap noshade compact default ismap novalidate inert webkitallowfullscreen
    mozallowfullscreen allowpaymentrequest border alt
    """.split()  # noqa: SIM905 - one name a line would make it unreadable
)
_NAMED = re.compile(r"</?[a-z][\w.]*")
_MAKERS = re.compile(r"[a-z][\w.]*(?:[:-][\w.-]+)+")
_MAY_BE_SIGN = re.compile(r"<(?![A-Za-z/!?][^<>]{0,300}=[\"'])(?!/?(?:p|br|a|b|i|em|strong|li|ul|ol|div|span|img|h[1-6]|td|tr|table|tbody|code|pre|hr|blockquote|figure|sup|sub)[\s/]*>)[A-Za-z/]", re.IGNORECASE)  # fmt: skip


def with_signs(html: str) -> str:
    """``html`` in which each ``<`` that begins no tag is written as the sign that it is. Linear."""
    if not _MAY_BE_SIGN.search(html):
        return html
    pieces: list[str] = []
    others = frozenset(_NAMED.findall(html.lower()))
    at = 0
    for found in _BEGIN.finditer(html):
        if found.start() < at or found[2] is None:
            continue
        whole = _WHOLE.match(html, found.start())
        if _is_tag(html, found, whole, others):
            if found[2].lower() in {"script", "style", "textarea"} and not found[1]:
                end = html.lower().find(f"</{found[2].lower()}", found.end())
                stop = len(html) if end < 0 else end
            else:
                stop = whole.end() if whole is not None else found.end()
            pieces.append(html[at:stop])
            at = stop
        else:
            pieces += (html[at : found.start()], "&lt;")
            at = found.start() + 1
    return "".join((*pieces, html[at:]))


def _is_tag(
    html: str, begin: re.Match[str], whole: re.Match[str] | None, others: frozenset[str]
) -> bool:
    name = begin[2].lower()
    if name not in _NAMES:
        return _is_element(name, begin, others)
    if begin[1]:
        return True
    if whole is None:
        return name not in {"a", "b", "i", "p", "q", "s", "u", "g"}
    bare, valued = 0, 0
    for attribute in _ATTRIBUTE.finditer(whole[1]):
        if attribute[2] is not None:
            valued += 1
        elif attribute[1].lower() not in _BARE_ATTRIBUTES and not attribute[1].startswith("data-"):
            bare += 1
    # "a<b and c>d" says what no attribute says, right after a letter.
    before = html[begin.start() - 1 : begin.start()] if begin.start() else ""
    return not (bare and not valued and (before.isalnum() or before in {"$", ")", "\\", "}"}))


def _is_element(name: str, begin: re.Match[str], others: frozenset[str]) -> bool:
    """Whether a name that no standard has is one: of a prefix, of makers' elements, with both tags."""
    if _MAKERS.fullmatch(name):
        return not name.startswith(("http:", "https:", "mailto:"))
    if not re.fullmatch(r"[a-z][\w.]*", name):
        return False
    return (f"<{name}" if begin[1] else f"</{name}") in others
