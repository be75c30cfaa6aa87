"""Addresses of a feed as subscribers see them: :class:`PublicUrl`, and its maker.

Only this module makes a :class:`PublicUrl`; whatever leaves the process takes no other kind.
"""

from __future__ import annotations

import html as html_text
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit, urlunsplit

from aggregator.privacy.forms import decodings
from aggregator.privacy.masking import any_of, findable, masked
from aggregator.privacy.tokens import MASK, token_spans, userinfo_span

_ATTRIBUTE = re.compile(r"(?P<name>\s[a-zA-Z][\w:-]*\s*=\s*)(?P<quote>[\"'])(?P<value>.*?)(?P=quote)",
                        re.DOTALL)  # fmt: skip
_TAG = re.compile(r"<[a-zA-Z/!?](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_OF_URLS = frozenset({"href", "src", "cite", "poster", "action", "data", "background", "longdesc"})
_CANDIDATE = re.compile(
    r"(?P<url>[^\s,]\S*[^\s,]|[^\s,])(?P<rest>(?:\s+[\d.]+[wxh])*\s*(?:,|\Z)\s*)"
)
_PAIRS = re.compile(r"[&;]")


class PublicUrl(str):
    """An absolute URL that may be shown to everybody. Made by :class:`Disclosure` alone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Facts that may be told of one feed. The default is that of a feed without secrets.

    ``secrets`` are the values that its configuration takes for such (as written and decoded); they
    are shown nowhere, and no link that holds one leaves whole. Nothing here raises.
    """

    private: bool = False
    public_url: str = ""  # what the operator wants to be seen in place of the feed's address
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    _long: re.Pattern[str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        found = findable(self.secrets)
        # In any case: hosts have none, and percent-encoding has two.
        object.__setattr__(self, "_long", any_of(found, re.IGNORECASE))

    @property
    def guards(self) -> bool:
        """True where something of the feed is not for everybody."""
        return self.private or bool(self.secrets)

    def feed_url(self, url: str, site_url: str | None) -> PublicUrl:
        """The address of the feed that subscribers see; ``url`` is where it is fetched.

        Of a private feed ``public_url``, else its site's own address, else its host's root; empty
        where even that would tell a secret.
        """
        if self.public_url:
            return PublicUrl(self.public_url)
        if not self.private:
            return self.link(url) or PublicUrl("")
        if site_url and urlsplit_or_none(site_url) is not None and site_url != url:
            shown = self.link(site_url)
            if shown:
                return shown
        return self._root(url) or PublicUrl("")

    def link(self, url: str | None) -> PublicUrl | None:
        """``url`` (a site, a page, a file that the feed links to) as it may be shown.

        Without user info. Of a feed that guards something also without the parameters that hold a
        secret or token; a URL whose path holds one is cut down to its host's root, and where the
        host itself holds one, nothing is left: None.
        """
        if not url:
            return None
        shown = _without_userinfo(url)
        if not self.guards:
            return PublicUrl(shown)
        parts = urlsplit_or_none(shown)
        if parts is None:
            return None if self._tells(shown) or ("://" in url and "@" in url) else PublicUrl(shown)
        parts = self._without_parameters(shown, parts)
        shown = urlunsplit(parts)
        if self._tells_in_path(shown, parts):
            return self._root(shown)
        return PublicUrl(shown)

    def file(self, url: str, *, whole: bool) -> PublicUrl | None:
        """``url`` of a file that belongs to an entry, such as an episode of a paid podcast.

        Where those who read may have the ``whole`` of it, it keeps what opens it, so long as that is
        no secret of the feed's own configuration. Else as :meth:`link` gives it.
        """
        shown = _without_userinfo(url)
        parts = urlsplit_or_none(shown)
        if not whole or parts is None or self._tells(shown):
            return self.link(url)
        pieces = [*parts.path.split("/"), *_PAIRS.split(parts.query), parts.fragment]
        return self.link(url) if any(map(self._tells, pieces)) else PublicUrl(shown)

    def html(self, html: str) -> str:
        """Sanitized HTML with every URL in it as :meth:`link` gives it, and no secret in its text."""
        if not self.guards:
            return html
        done, at = [], 0
        for tag in _TAG.finditer(html):
            done += [self.text(html[at : tag.start()]), _ATTRIBUTE.sub(self._attribute, tag[0])]
            at = tag.end()
        return self._without_secrets("".join([*done, self.text(html[at:])]))

    def text(self, text: str) -> str:
        """Plain text without the secrets, and without the tokens of addresses in it."""
        if not self.guards:
            return text
        return self._without_secrets(masked(text) if "://" in text else text)

    def _without_secrets(self, text: str) -> str:
        return text if self._long is None else self._long.sub(MASK, text)

    def _attribute(self, match: re.Match[str]) -> str:
        name = match["name"].strip().rstrip("=").strip().casefold()
        value = html_text.unescape(match["value"])
        if name == "srcset":
            shown = _CANDIDATE.sub(lambda one: (self.link(one["url"]) or "") + one["rest"], value)
        elif name in _OF_URLS or "://" in value:
            shown = self.link(value) or ""
        else:
            shown = self.text(value)
        if shown == value:
            return match[0]
        return f"{match['name']}{match['quote']}{html_text.escape(shown)}{match['quote']}"

    def _without_parameters(self, url: str, parts: SplitResult) -> SplitResult:
        query_at = url.find("?")
        spans = [span for span in token_spans(url) if span[0] > query_at >= 0]
        if not spans and not self.secrets:
            return parts
        fragment_at = url.find("#") if "#" in url else len(url)
        at, kept = query_at + 1, []
        for pair in parts.query.split("&") if parts.query else ():
            holds = any(at <= start < at + len(pair) for start, _ in spans)
            if not holds and not any(self._tells(p) for p in [pair, *_PAIRS.split(pair)]):
                kept.append(pair)
            at += len(pair) + 1
        open_fragment = self._tells(parts.fragment) or any(s > fragment_at for s, _ in spans)
        return parts._replace(
            query="&".join(kept), fragment="" if open_fragment else parts.fragment
        )

    def _tells_in_path(self, url: str, parts: SplitResult) -> bool:
        if any(True for _ in token_spans(url)) or self._tells(url):
            return True
        return any(self._tells(segment) for segment in parts.path.split("/"))

    def _tells(self, text: str) -> bool:
        """True where ``text`` holds a long secret, or is a short one, however it is encoded."""
        if not text or not self.secrets:
            return False
        for one in decodings(text):
            if self._long is not None and self._long.search(one):
                return True
            if one in self.secrets or one.partition("=")[2] in self.secrets - {""}:
                return True
        return False

    def _root(self, url: str) -> PublicUrl | None:
        root = origin(url)
        return None if not root or self._tells(root) else PublicUrl(root)


def origin(url: str) -> str:
    """``scheme://host[:port]/`` of ``url``; empty for what is no URL."""
    parts = urlsplit_or_none(url)
    if parts is None or not parts.hostname:
        return ""
    host, port = parts.hostname, parts.port
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{'' if port is None else f':{port}'}/"


def urlsplit_or_none(url: str) -> SplitResult | None:
    """The parts of an absolute URL with a host; None for everything else."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts if host and parts.scheme else None


def _without_userinfo(url: str) -> str:
    span = userinfo_span(url)
    return url if span is None else url[: span[0]] + url[span[1] + 1 :]
