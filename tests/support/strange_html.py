"""Strategies for HTML as no author writes it: prefixes, foreign elements, instructions, odd names."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = (
    "p", "div", "span", "a", "b", "sub", "ul", "li", "table", "tr", "td", "pre", "code", "h2", "blockquote", "figure",
    "figcaption", "img", "picture", "source", "video", "audio", "iframe", "object", "embed", "noscript", "script",
    "style", "template", "details", "summary", "form", "input", "button", "time", "base", "link", "meta", "br",
    "svg", "foreignObject", "use", "image", "text", "title", "math", "mrow", "mi", "mtext", "semantics", "annotation",
    "annotation-xml", "math:mrow", "svg:path", "o:p", "v:shape", "a:b", "x:", ":x", "x:y:z", "b-c", "amp-img", "1a",
)  # fmt: skip
_ATTRIBUTES = (
    "href", "xlink:href", "src", "srcset", "data-src", "xmlns", "xmlns:xlink", "xmlns:", "xml:lang", "xml:base", ":",
    "a:", ":a", "a:b:c", "xsi:type", "id", "class", "style", "title", "alt", "dir", "lang", "rel", "type", "width",
    "colspan", "cite", "datetime", "content", "property", "itemprop", "role", "aria-level", "on:click", "@click", "[x]",
    "{z}", "(y)", "#t", "é", "1", "-", "poster", "data-instgrm-permalink",
)  # fmt: skip
_VALUES = (
    "", "#a", "//x", "https://x.example/y", "http://[", "http://u:p@h:99999/", "javascript:1", "data:,x", "%zz", "0", "1",
    "1e9", "rtl", "heading", "language-x", "twitter-tweet", "highlight", "mwe-math-element", "display:none",
    "http://www.w3.org/1999/xlink", "https://www.youtube.com/embed/abcdefgh", "&#0;", "&#x80;", "&#xd800;", "\u202e", "'",
)  # fmt: skip
_PIECES = (
    "The mayor opened the bridge in the rain, and a school class was the first to walk across it. ", "x", "&amp;", "&a;",
    "&#x202e;", "\u2066", "\x80", "\x01", "\ufffe", "<![CDATA[x]]>", "<?xml version='1.0'?>", "<?a:b c?>", "<?", "<!-- x -->",
    "<!--[if gte mso 9]><xml><o:p>x</o:p></xml><![endif]-->", "<![if !x]>", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<!ELEMENT>",
    "</>", "</x:y>", "</p>", "< p>", "<p/", "<!-", "</math>", "</svg>",
)  # fmt: skip


@st.composite
def _element(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from(_NAMES))
    attributes = "".join(
        f" {key}" if quote is None else f" {key}={quote}{value}{quote}"
        for key, value, quote in draw(
            st.lists(
                st.tuples(
                    st.sampled_from(_ATTRIBUTES),
                    st.sampled_from(_VALUES),
                    st.sampled_from(['"', '"', "'", "", None]),
                ),
                max_size=4,
            )
        )
    )
    held = "".join(draw(st.lists(inner, max_size=4)))
    end = draw(st.sampled_from([f"</{name}>", f"</{name}>", f"</{name}>", "", "</div>"]))
    return f"<{name}{attributes}{draw(st.sampled_from(['>', '>', '/>']))}{held}{end}"


def strange_html() -> st.SearchStrategy[str]:
    """Fragments of HTML, well nested or not."""
    one = st.recursive(st.sampled_from(_PIECES), _element, max_leaves=12)
    return st.lists(one, min_size=1, max_size=6).map("".join)
