"""Marks of truncation: a text whose end says that the rest stands elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection

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
# Parts of what these patterns look for, of which each needs one: few texts have any, and to look for the
# patterns takes fifty times as long.
_MARK_PARTS = (
    "… ... read_ _reading see_more learn_more full_story full_article full_text view_the_ view_full view_original "
    "click_here_to_ weiterlesen mehr_lesen zum_artikel ganzen_artikel lire_la_suite en_lire_plus leer_más leyendo a_leggere "
    "leggi_ leia_mais lendo lees_ czytaj_ läs_mer читать_ devam 続き 阅读 閱讀 전체 더 المزيد"
)
_FOOTER_PARTS = (
    "appeared_first erschien_zuerst est_apparu publicó_primero apareció_primero proviene_da apareceu_primeiro pochodzi_z "
    "verscheen_eerst"
)
_HINTS, _FOOTER_HINTS = (
    tuple(part.replace("_", " ") for part in parts.split())
    for parts in (_MARK_PARTS, _FOOTER_PARTS)
)
# Beside upper case what patterns take for an "i" and an "s" whatever the case.
_ALSO_SAME = str.maketrans({"ı": "i", "ſ": "s", "\u0307": None})


def is_truncated(text: str) -> bool:
    """True when the end of a feed's ``text`` says that the rest stands elsewhere."""
    ending = text[-_FOOTER_REACH:]
    if _has(ending, _FOOTER_HINTS):
        ending = _FOOTER.sub("", ending)
    ending = ending.strip()[-_END:]
    return _has(ending, _HINTS) and _TRUNCATED.search(ending) is not None


def _has(text: str, hints: Collection[str]) -> bool:
    folded = text.lower() if text.isascii() else text.lower().translate(_ALSO_SAME)
    return any(hint in folded for hint in hints)
