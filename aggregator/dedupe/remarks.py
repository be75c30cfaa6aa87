"""Remarks: what a feed says of another's page in words of its own, sentence by sentence.

A linkblog's word or two count as much as its essays. What every such feed has around a link is none: the
page's title, names and addresses, “via”, “read more”, points and comments, lines that the feed repeats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import islice

from aggregator.dedupe.fillings import without_datelines
from aggregator.sanitize import to_text
from aggregator.text.words import is_unspaced, words
from aggregator.tidy.own_words import without_quotes
from aggregator.urls import canonical

Sentence = tuple[str, ...]  # its words

WHOLE = 100  # words; who says as many copies the article, or writes one
_COPIED = 0.3  # share of the runs of so long a text that stand in the other: it is a copy
_FEW = 8  # runs, of which a text is too brief to be copied
_STANDS = 0.5  # … of a sentence's
_CARRIED = 0.7  # … of a cut text's, in one that has more of it
_REPEATED_TIMES = 2
_BRIEF = 5  # words, below which a sentence stands anywhere by chance
_IN_LINK = 4  # words of a link's text that may be a sentence
_MOST = 20_000  # characters that are looked at
_MOST_NAMES, _MOST_LINKS = 60, 60

_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL)
_HREF = re.compile(r"\shref=\"([^\"]*)\"", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?…])[\"”’»)\]]*\s+|(?<=[。！？])|\n|\s[|·•]\s")
_MARKS_ONLY = re.compile(r"(?:[#@]\w+\s*)+")  # hashtags, people
# Who found it, at the end of a sentence or in brackets; who wrote it.
_FOUND = r"(?:via|h/t|hat[ -]tip(?: to)?|source|quelle|fuente|fonte|bron|källa|źródło|источник|gefunden (?:bei|auf))\b:?"
_IN_BRACKETS = re.compile(rf"[(\[]\s*{_FOUND}[^)\]]{{0,60}}[)\]]", re.IGNORECASE)
_CREDIT = re.compile(rf"(?:^|[—–|\-,;]\s*|\s){_FOUND}(?:\s+\S+){{0,4}}\W*$", re.IGNORECASE)
_BYLINE = re.compile(
    r"\W*(?i:(?:posted|submitted|shared|published|written|reported|eingereicht|veröffentlicht|publié|publicado|pubblicato) (?:by|von|par|por|da)\b:?(?:\s+\S+){0,5}"
    r"|(?:author|autore?|auteur|autorin|автор|作者|photo|foto|image|bild|credit|©)s?\s*[::]\s*(?:\S+\s*){0,5})\W*"
    r"|(?i:by|von|par|por|di|door|av|af|przez)\s+(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*+,?\s*+){1,4}\W*"
)
# “Jane Doe:” before what she says.
_SPEAKER = re.compile(r"(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*+\s*+){1,4}[::]")
# Words of which such lines are made; a line of others is somebody's.
_AROUND = frozenset(
    """
    article articles story stories post posts entry link links permalink url urls source sources original originally via from on at by of the a an to in for and or here
    comment comments discuss discussion discussions reply replies point points vote votes upvote upvotes score karma like likes boost boosts repost reposts share shared shares save
    save hide report flag tags tag tagged filed under posted submitted published appeared first continue continued continues reading read more full keep view see open visit website site web page hn reddit
    lobsters tweet tweeted retweeted title description summary excerpt image photo video audio pdf min mins minute minutes hour hours day days week weeks month months year years ago
    ht h t no 0 s
    artikel beitrag beiträge quelle quellen mehr lesen weiterlesen weiter lesen kommentar kommentare zum zur zu der die das den ganzen vollständigen auf von bei vor stunden minuten tagen punkte teilen
    lire la le suite de du des les en plus voir commentaire commentaires partager minutes heures jours points sur dans l lien
    leer más seguir leyendo el los las del comentario comentarios fuente enlace compartir hace horas días ver noticia completa
    leggi tutto continua a leggere di il commenti commento fonte articolo condividi ore fa
    leia mais continue lendo comentários comentário compartilhar ver matéria
    lees meer verder reacties reactie bron bericht het delen uur geleden
    czytaj dalej więcej komentarze komentarzy źródło läs mer kommentarer källa
    читать далее полностью комментарии комментариев источник ссылка 댓글 더 보기 전체보기 원문 링크
    """.split()  # noqa: SIM905 - a language a line
)
_AROUND_UNSPACED = re.compile(
    "(?:続きを読む|続きはこちら|続き|記事を読む|元記事|全文|コメント|リンク|出典|情報源|引用元|阅读全文|閱讀全文|阅读更多|繼續閱讀|原文|链接|連結|評論|评论|来源|來源|查看|[0\\s:：・、。,()()を読むはこちら件条條个個の])+"
)


@dataclass(frozen=True)
class Told:
    """Words of another text of the story: its ``text``, ``cut`` or not, and its ``titles``, teaser and description."""

    text: Sequence[str]
    titles: Sequence[Sequence[str]] = ()
    cut: bool = False

    @cached_property
    def runs(self) -> frozenset[Sentence]:
        """All runs of words in it."""
        return frozenset(run for one in (self.text, *self.titles) for run in _runs(one))

    @cached_property
    def whole(self) -> str:
        """It in one line, to look for what is shorter than a run."""
        return " " + " | ".join(" ".join(one) for one in (self.text, *self.titles)) + " "

    def begins(self, sentence: Sentence) -> bool:
        """True where one of its parts is the brief ``sentence``, or begins with its several words."""
        size = len(sentence)
        parts = (tuple(one[: size + (size < 2)]) for one in (self.text, *self.titles))
        return any(part == sentence for part in parts)


def remark(html: str, link: str | None = None, known: Iterable[str] = ()) -> tuple[Sentence, ...]:
    """The sentences of ``html`` (sanitized) that may be the feed's own, outside of quotations and links.

    Where nothing else stands there the text of a link to the page itself, ``link``, counts. ``known``
    are names and titles that the feed gives elsewhere.
    """
    said = without_quotes(html)
    told = {name for one in islice(known, _MOST_NAMES) if (name := tuple(words(one)))}
    names = sorted(told, key=len, reverse=True)
    own = _sentences(to_text(_LINK.sub(" ", said)), names)
    if not own and link:
        links = islice(_LINK.finditer(said), _MOST_LINKS)
        to_page = (found[2] for found in links if _leads_to(found[1], link))
        linked = _sentences(to_text("<br>".join(to_page)), names)
        own = [one for one in linked if len(one) >= _IN_LINK]
    return tuple(own)


def without_repeated(
    own: Sequence[Sentence], others: Sequence[Collection[Sentence]]
) -> tuple[Sentence, ...]:
    """``own`` without what stands in at least half of the ``others`` of its feed, whatever its numbers."""
    least = max(_REPEATED_TIMES, len(others) / 2)
    seen = Counter(mark for one in others for mark in {_masked(sentence) for sentence in one})
    return tuple(one for one in own if seen[_masked(one)] < least)


def _masked(sentence: Sentence) -> Sentence:
    return tuple("0" if any(map(str.isdigit, word)) else word for word in sentence)


def left_over(own: Sequence[Sentence], told: Told, *, cut: bool = False) -> tuple[Sentence, ...]:
    """The sentences of ``own`` that are not ``told`` elsewhere.

    None where all of it is a copy: of a long text most, or what has all of a text that is cut. Where ``own``
    is ``cut`` itself, its last sentence goes on with what is told before it.
    """
    runs = {run for one in own for run in _runs(one)}
    theirs = frozenset(_runs(told.text))
    if told.cut and len(theirs & runs) >= max(_CARRIED * len(theirs), 1):
        return ()
    if _weight(own) >= WHOLE:
        shorter = min(len(runs), len(theirs)) if len(theirs) >= _FEW else len(runs)
        return () if len(runs & told.runs) >= _COPIED * shorter else tuple(own)
    stands = [_stands(one, told) for one in own]
    for at in (*range(len(own)), *reversed(range(len(own)))):
        stands[at] = stands[at] or _goes_on(own, stands, at, told)
    if cut and len(own) > 1 and stands[-2]:
        stands[-1] = True
    return tuple(one for one, is_told in zip(own, stands, strict=True) if not is_told)


def _stands(one: Sentence, told: Told) -> bool:
    if _weight([one]) < _BRIEF:
        return told.begins(one)
    runs = set(_runs(one))
    return len(runs & told.runs) >= _STANDS * len(runs)


def _goes_on(own: Sequence[Sentence], stands: Sequence[bool], at: int, told: Told) -> bool:
    """True for a brief sentence that stands in the text beside the one that it stands beside here."""
    if _weight([own[at]]) >= _BRIEF:
        return False
    before = own[at - 1][-2:] if at and stands[at - 1] else ()
    after = own[at + 1][:2] if at + 1 < len(own) and stands[at + 1] else ()
    # The last one may be cut within a word.
    end = "" if at + 1 == len(own) else " "
    goes_on = bool(before) and f" {' '.join([*before, *own[at]])}{end}" in told.whole
    return goes_on or (bool(after) and f" {' '.join([*own[at], *after])} " in told.whole)


def _runs(said: Sequence[str]) -> Iterable[Sentence]:
    """Runs of three words, of five characters in scripts without spaces."""
    size = 5 if sum(map(is_unspaced, said)) > len(said) / 2 else 3
    if len(said) < size:
        return [tuple(said)] if said else []
    return zip(*(said[start:] for start in range(size)), strict=False)


def _weight(own: Iterable[Sentence]) -> float:
    return sum(0.5 if is_unspaced(word) else 1 for one in own for word in one)


def _sentences(text: str, names: Sequence[Sentence]) -> list[Sentence]:
    found = (_own(one, names) for one in _END.split(text[:_MOST]))
    return [one for one in found if one]


def _own(raw: str, names: Sequence[Sentence]) -> Sentence:
    """The words of a sentence; none where it is made of what stands around links."""
    left = _IN_BRACKETS.sub(" ", _ADDRESS.sub(" ", raw)).strip()
    left = without_datelines(_CREDIT.sub("", left)).strip()
    if not left or any(one.fullmatch(left) for one in (_MARKS_ONLY, _BYLINE, _SPEAKER)):
        return ()
    said = tuple(words(left))
    rest = _without(said, names)
    if all(word in _AROUND or word.isdigit() for word in rest):
        return ()
    if _AROUND_UNSPACED.fullmatch("".join("0" if w.isdigit() else w for w in rest)):
        return ()
    return said


def _without(said: Sentence, names: Sequence[Sentence]) -> list[str]:
    """``said`` without the names in it."""
    line = f" {' '.join(said)} "
    for name in names:
        line = line.replace(f" {' '.join(name)} ", "  ")
    return line.split()


def _leads_to(attributes: str, link: str) -> bool:
    found = _HREF.search(attributes)
    return found is not None and canonical(unescape(found[1])) == canonical(link)
