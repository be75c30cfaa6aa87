"""Marks of truncation: a text whose end says that the rest stands elsewhere."""

from __future__ import annotations

import re

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


def is_truncated(text: str) -> bool:
    """True when the end of a feed's ``text`` says that the rest stands elsewhere."""
    ending = _FOOTER.sub("", text[-_FOOTER_REACH:]).strip()
    return _TRUNCATED.search(ending[-_END:]) is not None
