"""Whether an entry's page has to be fetched, or the feed already gave the whole text."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from aggregator.model import Entry
from aggregator.words import words

# Words from which on a feed's own content is taken for the whole article. ``content:encoded`` and
# Atom's ``content`` are meant for it; a description of the same length is rather a long teaser.
_WHOLE_CONTENT = 150
_WHOLE_SUMMARY = 300

_NOT_A_PAGE = re.compile(
    r"\.(?:mp3|m4a|m4b|aac|ogg|oga|opus|wav|flac|mp4|m4v|mov|avi|mkv|webm|mpe?g|pdf|epub|mobi|docx?|xlsx?|"
    r"pptx?|odt|zip|gz|tgz|bz2|xz|7z|rar|tar|dmg|exe|msi|iso|apk|deb|rpm|jar|whl|jpe?g|png|gif|webp|avif|"
    r"svg|tiff?|bmp|ics|torrent|xml|rss|atom|json|csv)$",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^>]*>")
_END = 400  # characters at the end of a text in which a truncation mark stands
_FOOTER_REACH = 1000
_TRUNCATED = re.compile(
    r"(?:\[?\(?(?:…|\.\.\.)\)?\]?)[\s»›>\"”→]*$"
    r"|\b(?:read|see|learn) more\b(?:\W*$| of this | (?:at|on) )|\b(?:continue|keep) reading\b|\bread (?:the )?(?:full|whole|rest|original|entire)\b"
    r"|\bfull (?:story|article|text)\b|\bview (?:the )?(?:full|original) (?:article|post)\b|\bclick here to (?:read|continue)\b"
    r"|\b(?:weiterlesen|mehr lesen|zum artikel|ganzen artikel|lire la suite|en lire plus|leer más|seguir leyendo|"
    r"sigue leyendo|continua a leggere|leggi tutto|leggi di più|leia mais|continue lendo|lees (?:meer|verder)|"
    r"czytaj (?:dalej|więcej)|läs mer|читать (?:далее|полностью)|devamını oku)\b"
    r"|続きを読む|続きは|阅读全文|閱讀全文|阅读更多|繼續閱讀|전체 ?보기|더 ?보기|اقرأ المزيد|قراءة المزيد",
    re.IGNORECASE,
)
# WordPress adds this to whatever the feed holds; a truncation mark stands before it.
_FOOTER = re.compile(
    r"(?:the post|der beitrag|l.article|la entrada|l.articolo|o post|artykuł|bericht)\b.{0,400}?\b(?:appeared first on|erschien zuerst auf|est apparu en premier sur|se publicó primero en|apareció primero en|proviene da|apareceu primeiro em|pochodzi z serwisu|verscheen eerst op)\b.{0,200}$",
    re.IGNORECASE | re.DOTALL,
)


def wants_page(entry: Entry, mode: str) -> bool:
    """Whether ``entry``'s page is to be fetched; ``mode`` is ``"never"``, ``"always"`` or ``"auto"``.

    Never for an entry without an http(s) URL, nor for a link that is evidently a file of another
    kind. ``auto`` fetches unless the feed's own text is evidently whole: long, and without a mark
    of truncation at its end.
    """
    if mode == "never" or not _is_page(entry.url):
        return False
    return mode == "always" or not _is_whole(entry)


def _is_page(url: str | None) -> bool:
    if not url or not url.startswith(("http://", "https://")):
        return False
    try:
        return _NOT_A_PAGE.search(urlsplit(url).path) is None
    except ValueError:
        return False


def _is_whole(entry: Entry) -> bool:
    text = _plain(entry.html)
    ending = _FOOTER.sub("", text[-_FOOTER_REACH:]).strip()
    if _TRUNCATED.search(ending[-_END:]):
        return False
    least = _WHOLE_CONTENT if entry.content_html else _WHOLE_SUMMARY
    return len(words(text)) >= least


def _plain(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())
