"""The forms in which one secret may stand in a text: as it is, percent-encoded, escaped."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus, unquote

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_ROUNDS = 4  # how often a URL may be encoded inside another


def forms(secret: str) -> frozenset[str]:
    """``secret`` as it may stand in addresses, HTML and JSON."""
    encoded = {quote(secret, safe="", errors="replace"), quote(secret, errors="replace")}
    encoded.add(quote_plus(secret, errors="replace"))
    encoded |= {quote(text, safe="") for text in encoded}  # an address in another one's query
    encoded |= {_ESCAPE.sub(lambda one: one[0].lower(), text) for text in set(encoded)}
    encoded |= {html.escape(secret), html.escape(secret, quote=False)}
    encoded |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return frozenset({secret, *encoded})


def basic(user: str, password: str) -> str:
    """User name and password as basic authentication sends them (RFC 7617), a secret, too."""
    return base64.b64encode(f"{user}:{password}".encode(errors="replace")).decode()


def decodings(text: str) -> frozenset[str]:
    """``text``, and what it says when it is decoded once and more times."""
    found = {text}
    for _ in range(_ROUNDS):
        text = unquote(html.unescape(text))
        if text in found:
            break
        found.add(text)
    return frozenset(found | {one.replace("+", " ") for one in found})
