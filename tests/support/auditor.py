"""Reads what the sanitizer made, strictly: nothing but what the policy names may stand there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from aggregator.sanitize.policy import ATTRIBUTES, EMBEDS, SCHEMES, TAGS

# Within formulas browsers give these names a prefix (HTML, "adjust foreign attributes"): words, no addresses.
WITHIN_FORMULAS = {"xml:lang", "xlink:title"}
SET_BY_POLICY = {"rel", "loading", "referrerpolicy", "sandbox", "controls"}


class Auditor(HTMLParser):
    """Fails on anything that the policy does not name; checks every URL that a reader would use."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert tag in TAGS, tag
        in_formula = WITHIN_FORMULAS if "math" in self.tags else set()
        for name, value in attrs:
            allowed = (
                ATTRIBUTES.get(tag, frozenset()) | ATTRIBUTES["*"] | SET_BY_POLICY | in_formula
            )
            assert name in allowed, (tag, name)
            self.check_value(tag, name, value or "")
        if tag in ("img", "iframe"):
            assert dict(attrs)["referrerpolicy"] == "no-referrer"
        if tag == "iframe":
            names = dict(attrs)
            assert EMBEDS.fullmatch(names["src"] or "")
            assert "allow-top-navigation" not in (names["sandbox"] or "")

    def check_value(self, tag: str, name: str, value: str) -> None:
        if name == "href":
            assert urlsplit(value).scheme in SCHEMES, value
        elif name in ("src", "poster", "cite"):
            assert urlsplit(value).scheme in ("http", "https"), value
        elif name == "srcset":
            assert all(re.match(r"https?://", part) for part in value.split(", ")), value


def audit(cleaned: str) -> list[str]:
    auditor = Auditor()
    auditor.feed(cleaned)
    auditor.close()
    return auditor.tags
