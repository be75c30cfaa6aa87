"""Volatile parts of entries, which differ from poll to poll and are no change: counters, signatures of addresses, blanks, order.

An edit that moves nothing but such a part is stored and shown, and not announced: that a number
of comments grew is no news.
"""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from aggregator.urls import canonical

_NUMBER = r"\d[\d.,'’\u00a0\u202f]*+\s?(?:[km]\b|mio\b|tsd\b|万|萬)?"
# What is counted beside a text; "score" and "goals" are not among it, as those are news.
_COUNTED = (
    r"(?:comments?|points?|votes?|upvotes?|likes?|views?|page ?views?|reads?|repl(?:y|ies)|reactions?|shares?"
    r"|reposts?|retweets?|boosts?|favou?rites?|claps?|stars?|downloads?|plays?|visits?|visitors?|hits?|karma"
    r"|answers?|bookmarks?|kommentare?|aufrufe?|antworten|stimmen|punkte|commentaires?|vues?|réponses?|visites?"
    r"|lectures?|comentarios?|comentários?|vistas?|visitas?|visualizações|respuestas?|puntos|votos?|commenti"
    r"|visualizzazioni|letture|voti|reacties|weergaven|komentarz[ey]|wyświetle(?:nia|ń)|комментари(?:ев|и|й|я)"
    r"|просмотр(?:ов|а|ы)?|ответ(?:ов|а|ы)|评论|評論|阅读|閱讀|浏览|瀏覽|点赞|回复|コメント|閲覧|조회수?|댓글"
    r"|yorum|görüntülenme)"
)
_COUNTERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:#\s?)?\b{_COUNTED}\s?(?:[:=]|count\b:?)\s?{_NUMBER}",  # "# Comments: 10"
        rf"[(\[]\s?{_NUMBER}\s?{_COUNTED}\s?[)\]]",  # "[42 comments]"
        rf"\b{_COUNTED}\s?[(\[]\s?{_NUMBER}\s?[)\]]",  # "Comments (42)"
        (
            rf"\b(?:viewed|read|visited|seen|downloaded|played|gelesen|angesehen|lu|vu|leído|visto|lido|letto)\s(?:by\s)?{_NUMBER}"
            r"\s?(?:times?|people|readers?|visitors?|mal|fois|veces|vezes|volte)\b"
        ),
        rf"\b{_NUMBER}\s?mal\s(?:gelesen|angesehen|aufgerufen|angeklickt|heruntergeladen|kommentiert|geteilt)\b",
        (
            rf"\b{_NUMBER}\s(?:people|others|readers|persons)\s(?:like(?:d)?\sth(?:is|at)\b"
            r"|(?:who\s)?(?:have\s)?(?:already\s)?(?:commented|reacted|replied|voted)\son\sth(?:is|at)\b)"
        ),
        (
            rf"\b(?:there (?:are|is)|es gibt|il y a|hay|there have been)\s(?:already\s|bereits\s|schon\s|déjà\s|ya\s)?{_NUMBER}"
            r"\s(?:comments?|repl(?:y|ies)|reactions?|kommentare?|antworten|commentaires?|réponses?|comentarios?|respuestas?)\b"
        ),
        r"\b\d+\s(?:second|minute|min|hour|day|week)s?\sago\b",
        r"\bvor\s\d+\s(?:sekunden?|minuten?|stunden?|tag(?:en)?)\b",
        r"\bil y a\s\d+\s(?:secondes?|minutes?|heures?|jours?)\b",
    )
)
_ALONE = re.compile(rf"{_NUMBER}\+?\s?{_COUNTED}(?!\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]")
_HINT = re.compile(
    rf"(?<!\w)(?:{_COUNTED}(?!\w)|ago\b|vor\s|il y a|times\b|people\b|others\b|persons\b|readers?\b|mal\b|fois\b"
    r"|veces\b|vezes\b|volte\b)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_LONGEST_LINE = 120  # characters; counters stand apart from the text
_LINES_LOOKED_AT = 60  # at either end of a text, where counters stand
_MOST_BESIDE = 16  # letters of a line that otherwise holds counters: "by ida", "in: boats"

_BLOCK = re.compile(
    r"</?(?:p|div|br|li|[uod]l|d[td]|h[1-6r]|table|t[rdh]|blockquote|pre|section|article|fig\w+)\b[^<>]*+>"
)
_TAG = re.compile(r"<[^<>]*+>")
_ADDRESS = re.compile(r'<[a-z][^<>]*? (href|src|poster)="([^"<>]*+)"')

_SIGNED = re.compile(
    r"expires?|expiry|exp|signature|signed|sig|sign|key-pair-id|policy|token|auth|hmac|hash|hdne[at]s?|hdntl?"
    r"|x-(?:amz|goog|oss|cos|ms)-.*|googleaccessid|ossaccesskeyid|awsaccesskeyid|s[eprv]|skoid|sktid|sk[tesv]"
    r"|o[he]|ccb|_nc_.*|_|cb|cachebuster|cache|nocache|no_cache|rnd|rand|random|nonce|ts|timestamp|wm[st]auth"
)
_SIGNED_FILE = re.compile(
    r"v|ver|version|rev|t|time|st|e|mtime|updated|lastmod|w|h|width|height|q|quality"
)
_DRAWN = re.compile(
    r"\d{10}|\d{13}|(?=[^\d]*\d)(?=[^a-z]*[a-z])[a-z0-9_~.%+/=-]{20,}", re.IGNORECASE
)
_SIGNED_SEGMENT = re.compile(
    r"(?:exp|expires|st|hmac|token|sig|signature|hdnts?|hdnea)[=~:].*"
    r"|(?=(?:[^\d]*\d){4})(?=(?:[^a-z]*[a-z]){4})[a-z0-9_=~-]{32,}",
    re.IGNORECASE,
)


def without_counters(line: str) -> str:
    """A line of text without what only counts readers and their doings.

    In a sentence a number of votes may be what it tells; in a line of little else it is none.
    """
    if len(line) > _LONGEST_LINE or not (_DIGIT.search(line) and _HINT.search(line)):
        return line
    for counter in _COUNTERS:
        line = counter.sub("", line)
    rest = _ALONE.sub("", line)
    return rest if len(_WORD.findall(rest)) <= _MOST_BESIDE else line


def title_shown(title: str) -> str:
    """The words of a title: counters in brackets and labelled ones do not count."""
    for counter in _COUNTERS[:3] if _DIGIT.search(title) else ():
        title = counter.sub("", title)
    return "".join(title.split())


def html_shown(html: str) -> tuple[str, ...]:
    """The parts of sanitized HTML that are shown: its words without blanks and counters, and where it leads."""
    written = unescape(_TAG.sub("", _BLOCK.sub("\n", html)))
    lines = list(filter(None, map(str.strip, written.split("\n"))))
    around = len(lines) > 2 * _LINES_LOOKED_AT
    head, tail = (lines[:_LINES_LOOKED_AT], lines[-_LINES_LOOKED_AT:]) if around else (lines, [])
    body = lines[_LINES_LOOKED_AT:-_LINES_LOOKED_AT] if around else []
    text = "".join([*map(without_counters, head), *body, *map(without_counters, tail)])
    addresses = {
        link_shown(unescape(value)) if kind == "href" else file_shown(unescape(value))
        for kind, value in (_ADDRESS.findall(html) if "=" in html else ())
    }
    return ("".join(text.split()), *sorted(addresses))


def link_shown(url: str) -> str:
    """The page that ``url`` leads to, whoever signed the way."""
    return _without_parameters(canonical(url), _SIGNED) if "?" in url else url


def file_shown(url: str) -> str:
    """The file that ``url`` leads to: mirrors, signatures and sizes of a picture left aside."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not parts.netloc:
        return url
    path = "/".join("*" if _SIGNED_SEGMENT.fullmatch(one) else one for one in parts.path.split("/"))
    return _without_parameters(f"{path}?{parts.query}", _SIGNED, _SIGNED_FILE)


def _without_parameters(url: str, *names: re.Pattern[str]) -> str:
    address, mark, query = url.partition("?")
    if not mark:
        return url
    kept = [pair for pair in re.split("[&;]", query) if pair and not _is_volatile(pair, names)]
    return f"{address}?{'&'.join(kept)}" if kept else address


def _is_volatile(pair: str, names: tuple[re.Pattern[str], ...]) -> bool:
    name, _, value = pair.partition("=")
    return any(one.fullmatch(name.lower()) for one in names) or bool(_DRAWN.fullmatch(value))
