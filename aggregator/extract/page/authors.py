"""Names of an article's authors, in what pages say of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape

_MOST = 20
_LONGEST_NAME = 80  # characters; whole sentences are no names
_BY = re.compile(
    r"^(?:(?:by|von|par|por|door|av|af|przez|(?:this (?:post|article|story) was )?(?:article|written|posted|published|words|story|text|authored|contributed|reported) by|view all (?:posts|articles) by|(?:read more )?about(?: the author:?)?|"
    r"geschrieben von|écrit par|publié par|escrito por|publicado por|scritto da|door|geplaatst door|skrevet av|skriven av|автор)"
    r"(?:\s+|:\s*)|(?:autor(?:en|in|es|a)?|author(?:s|\(s\))?|auteurs?|autore|autori|text|texte|texto|testo|redaktion|reporter|writer|автор|forfatter|författare)\s*:\s*)"
    # “Di Mario Rossi” is a byline, “Di Maria” a name.
    r"|^(?:di|da)\s+(?=\S+\s+\S)|^作者[::]?\s*|^文[/|:]|^記者[::]?\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[(<\[]?\s*(?:mailto:)?[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+\s*[)>\]]?")
_LINK = re.compile(r"https?://|www\.|^/|\.html?$|\.(?:com|org|net|de|co\.uk)/", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:staff|writers?|editors?|editorial|reporters?|correspondent|columnist|contributors?|journalist|redakteur\w*|redakti?on\w*|redazione|rédaction|redacción|redação|"
    r"chief|producer|photographer|intern|guest|senior|head|director|officer|president|ceo|cto|founder|manager|coordinator|specialist|analyst|physician|team|"
    r"author|authors|forum|development|marketing|communications|university|institute|department|center|centre|office|news|press|agency|media|magazine|times|network|more|us|posts?|articles?|updated|published)\b",
    re.IGNORECASE,
)
_IS_ROLE = re.compile(rf"(?:\w+ ){{0,3}}{_ROLE.pattern}(?: (?:of|for|at) .*)?", re.IGNORECASE)
# Degrees behind a name, titles before it.
_DEGREES = re.compile(r"(?:,?\s+(?:(?:Ph\.?|M\.?|Ed\.?|Psy\.?)D\.?|[BM]\.?[AS]\.?c?|MBA|MPH|BSN|MSN|RN|RDN?|LDN?|DVM|DDS|DO|JD|CPA|CF[AP]|CPT|CSCS|CPP|PSP|FAND|NP|Esq\.?|LMFT|LCSW|PT|DPT|FACP|PMP|SPHR)\b\.?)+(?=$|,|;)")  # fmt: skip
# What content management systems write where nobody gave a name.
_NOBODY = re.compile(
    r"(?:(?:wp[-_ ]?|site|web|super|blog)?admin(?:istrator|_?user)?\d*|root|web ?master|user\d*|author|autor|auteur|editor|staff|unknown|anonym(?:ous|e)?|"
    r"(?:written|posted|published|edited|(?:medically |fact )?(?:reviewed|checked))(?: by)?:?|guest|null|none|undefined|nan|n/?a|test\w*|default|no author|not available|by|true|false|-+|\W+|(?:see|read|show|view|edit|home|contact|log ?in|sign|subscribe|learn|click|join|get|my|this)\b (?!.*\bby ).*|follow\b.*|about the author.*|"
    r"(?:all )?posts?(?: by)?|author archive.*|(?:image|photo|picture|foto|credit)s?\b.*|(?:learn|read) more|log ?in|sign ?(?:in|up)|(?:text|font) size|sponsored|(?:link )?copied|[\d\W]+|share|email|comments?|\[object object\]|\{\{.*|%.*%)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*;\s*|\s+(?:and|und|et|y|e|en|och|og|i|oraz|и|ja|with|mit|avec|con)\s+|\s*(?:&|\+|\s/\s|、|\|)\s*", re.IGNORECASE)  # fmt: skip
_COMMA = re.compile(r"\s*[,،，]\s*(?:(?:and|und|et|y|&)\s+)?", re.IGNORECASE)
_PARTICLES = frozenset(["de", "der", "den", "van", "von", "und", "zu", "zur", "la", "le", "da", "das", "do", "dos", "di", "del", "della", "du", "el", "al", "bin", "ibn", "ben", "ter", "ten", "af", "av", "e", "y", "of", "the"])  # fmt: skip
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.\-·])*\.?,?")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af·・\s]{2,12}")
_WITH_INITIALS = re.compile(r"[^\W\d_][\w'’-]+(?: [^\W\d_]\.){1,2}")
_MOST_WORDS = 5
_NO_FIRST = frozenset({"our", "your", "from", "about", "on", "for", "in", "with"})
_LONGEST_SIGNATURE = 40  # characters of a name that is no person's


def authors_of(given: Iterable[Sequence[str]], site: Sequence[str] = ()) -> tuple[str, ...]:
    """The names in the first of the sources ``given`` that has a person's, each once.

    One of the ``site``'s own names, and what is no person's, counts where no source has better.
    """
    other: tuple[str, ...] = ()
    own = {said for name in site if (said := _bare(name))}
    for source in given:
        found = _unique(name for text in source for name in _named(text))
        people = tuple(name for name in found if is_name(name) and _bare(name) not in own)
        if people:
            return tuple(
                name for name in found if name in people or not _is_nobody_beside(name, own)
            )
        other = other or found
    return other


def _is_nobody_beside(name: str, own: set[str]) -> bool:
    return _bare(name) in own or _IS_ROLE.fullmatch(name) is not None


def is_person(name: str, site: Sequence[str]) -> bool:
    """True when ``name`` is a person's, and not the ``site``'s own."""
    return is_name(name) and _bare(name) not in {_bare(one) for one in site}


def _bare(name: str) -> str:
    """``name`` without what names of one site differ in: spaces, case, “www.”, “The” and “Staff”."""
    said = name.casefold().removeprefix("www.").removeprefix("the ").removesuffix(" staff")
    return "".join(filter(str.isalnum, said))


def bylines(given: Iterable[str]) -> list[str]:
    """Names of persons in the first of the visible texts ``given`` that has any."""
    for text in given:
        found = [name for name in _named(_up_to_date(text)) if is_name(name)]
        if found:
            return found
    return []


def signatures(given: Iterable[str]) -> list[str]:
    """The name in the first of the visible texts ``given`` that is short enough for one: a team's, or one that somebody goes by."""
    for text in given:
        said = _up_to_date(text)
        found = _named(said)
        if len(found) != 1 or len(found[0]) > _LONGEST_SIGNATURE:
            continue
        if _SIGNED.fullmatch(found[0]) and found[0].lower().strip(".") not in _OF_CALENDAR:
            return found
    return []


def is_name(text: str) -> bool:
    """True when ``text`` looks like a person's name in full: a few words that begin with capitals."""
    if _UNSPACED.fullmatch(text):
        return True
    words = text.split()
    if not 2 <= len(words) <= _MOST_WORDS or _ROLE.search(text) or words[0].lower() in _NO_FIRST:
        return False
    telling = [word for word in words if word.lower() not in _PARTICLES]
    return len(telling) >= 1 and all(
        _NAME_WORD.fullmatch(word) is not None and (word[0].isupper() or not word[0].islower())
        for word in telling
    )


_SIGNED = re.compile(r"(?:[Tt]he )?[^\W\d_][\w.'’-]+(?: [^\W\d_][\w.'’-]*){0,3}")
# Dates stand where names do.
_OF_CALENDAR = frozenset((
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "jan", "feb", "mar",
    "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "january", "february", "march", "april", "june", "july", "august", "september",
    "october", "november", "december", "today", "yesterday", "updated",
))  # fmt: skip
_DATED = re.compile(r"\s(?:\d{1,2}\s\w{3,}|\w{3,9}\.?\s\d{1,2},?\s|on\s\w|published|posted|updated|\d).*$|\s[-–—·•|]\s.*$|\s{2,}.*$", re.IGNORECASE | re.DOTALL)  # fmt: skip


def _up_to_date(text: str) -> str:
    """A visible byline up to the date, the place or the length that follows the names."""
    return _DATED.sub("", " ".join(text.split())[:200])


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in found:
        kept.setdefault(name.casefold(), name)
    return tuple(kept.values())[:_MOST]


def _named(text: str) -> list[str]:
    """The names in one ``text``: “A and B”, “A, B”, “Last, First”, with titles and addresses taken off."""
    text = _ADDRESS.sub(" ", " ".join(unescape(text[:1000]).split()))
    text = _BY.sub("", _DEGREES.sub("", " ".join(text.split()).strip(" ,;|·•-–—")))
    pieces: list[str] = []
    for part in _split(text):
        pieces += _at_commas(part)
    return [name for piece in pieces if (name := _clean(piece))]


def _split(text: str) -> list[str]:
    """``text`` at “and” and its like, where a name stands on every side of it."""
    parts = [part for part in _AND.split(text) if part]
    if len(parts) < 2:
        return [text]
    names = [_at_commas(part)[0] for part in parts]
    last = names[-1].rpartition(" ")[2]
    if all(is_name(name) for name in names):
        return parts
    # “Anna and Bob Miller” are two of one family.
    if (
        is_name(names[-1])
        and len(parts) == 2
        and _NAME_WORD.fullmatch(names[0])
        and names[0][:1].isupper()
    ):
        return [f"{parts[0]} {last}", parts[1]]
    return [text] if "|" not in text else [text.split("|", maxsplit=1)[0]]


def _at_commas(text: str) -> list[str]:
    parts = [part for part in _COMMA.split(text) if part]
    if len(parts) < 2:
        return [text]
    if len(parts) == 2 and all(" " not in part and _NAME_WORD.fullmatch(part) for part in parts):
        if _ROLE.fullmatch(parts[1].strip(".")):
            return parts[:1]
        return [f"{parts[1]} {parts[0]}"]  # as catalogues write: last, first
    if len(parts) == 2 and _NAME_WORD.fullmatch(parts[0]) and _WITH_INITIALS.fullmatch(parts[1]):
        return [f"{parts[1]} {parts[0]}"]
    names = [part for part in parts if is_name(part)]
    if is_name(parts[0]):
        return names
    return [text]


def _clean(piece: str) -> str:
    name = _BY.sub("", piece.strip(' ,;|·•()[]{}<>"“”*_-–—:/'))
    if "(" in name and ")" not in name:  # the other was at the end
        name = name.partition("(")[0].rstrip()
    if not name or len(name) > _LONGEST_NAME or "@" in name or _LINK.search(name):
        return ""
    if _NOBODY.fullmatch(name) or sum(map(str.isdigit, name)) > len(name) / 3:
        return ""
    return name
