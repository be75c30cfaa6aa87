"""Fillings of a template's places: names, numbers, dates.

Alerts of two regions, job ads of two towns, releases for two systems share all their words but these.
Case tells names from words where a language has it; what is written in capitals throughout tells none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from difflib import SequenceMatcher

from aggregator.text.words import MARKS, UNSPACED, is_unspaced, words

_FRAME = 0.4  # share of the longer title that both must have, for one to be the other's template
_LONGEST = 6  # words of a title that are filled in
_FRAMED, _FILLED = 0.5, 3  # share of a wide place that both texts have, and words of one within
_MISSPELT = 0.7  # likeness of two spellings of one name
_LETTERS = rf"(?:(?![{UNSPACED}_])[\w{MARKS}])+"
_TOKEN = re.compile(rf"[{UNSPACED}]|{_LETTERS}(?:['’.-]{_LETTERS})*")
_LOWER_WORD = re.compile(r"\b[^\W\d_]{4,}\b")
# In the midst of a sentence, where only names are written so (German nouns aside, which both texts have).
# What stands before it is looked at behind its first letter: there are few of those.
_NAME = re.compile(
    r"[^\W\d_a-zß-öø-ÿ](?<=[^\W\d_][ ,(\"'“‘].)[^\W\d_]+(?:[ -][^\W\d_a-zß-öø-ÿ][^\W\d_]+)*"
)
_BEFORE_SLOT = re.compile(r"(?:[:–—(|/,-]|\b(?:for|in|at|of|near|on|für|in|bei|auf|pour|à|en|para|de|per|voor|te))\s*$", re.IGNORECASE)  # fmt: skip

_LAST_PART = re.compile(r"\s+[-–—|]\s+[^-–—|]+$")
_LONGEST_LINE = 120  # characters, within which a line says when it was published
_DIGIT = re.compile(r"\d")
_SAYS_WHEN = re.compile(
    r"updat|publi|post|modif|revis|edit|aktual|veröff|stand|jour|actual|aggior|atual|bijge|gepub|uppda|opdat|oppda|zaktu|opubl|обнов|опубл",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}(?:am|pm|h|st|nd|rd|th|uhr)")
_DATE_WORDS = frozenset(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    mon tue tues wed thu thur thurs fri sat sun
    januar februar märz mai juni juli oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    gennaio febbraio aprile maggio giugno luglio settembre ottobre novembre dicembre
    januari februari maart mei augustus
    am pm a p m et est edt ct cst cdt mt mst mdt pt pst pdt gmt utc bst cet cest ist jst aest z uhr
    at on um le à om alle last first updated update published posted modified aktualisiert veröffentlicht stand publié actualizado publicado released filed created date time
    """.split()  # noqa: SIM905 - one word a line hides the list
)
_MONTHS = frozenset(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    januar februar märz mai juni juli oktober dezember januari februari maart mei augustus
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre 月
    """.split()  # noqa: SIM905 - one word a line hides the list
)
# "ARDMOOR, March 12 (Agency) - ": where a report was written and when, before it begins.
_PLACE_AND_DAY = re.compile(
    r"\s*(?:[^\W\d_][\w.'’-]*,?\s+){1,5}\(?(?:(?P<before>[^\W\d_]{3,10})\.?\s+\d{1,2}|\d{1,2}\.?\s+(?P<after>[^\W\d_]{3,10})\.?)(?:,?\s+\d{4})?\)?"
    r"\s*(?:[(\[][^)\]]{1,40}[)\]])?\s*[-–—]+\s",
)
# "(12 March) ": the day alone, before a report; what is brief may be a notice, and the day its news.
_DAY_ALONE = re.compile(
    r"\s*[(\[](?:(?P<before>[^\W\d_]{3,10})\.?\s+\d{1,2}|\d{1,2}\.?\s+(?P<after>[^\W\d_]{3,10})\.?)(?:,?\s+\d{4})?[)\]]\s"
)
_REPORT = 25  # words of a line
_WHEN = (
    r"(?:\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?|uhr|h)?(?:\s*(?:[A-Z]{2,5}|UTC[+-]\d+))?|\d{1,2}\s*[ap]\.?m\.?|"
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}\.?\s+[^\W\d_]{3,10}\.?,?\s+\d{4}|[^\W\d_]{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|"
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|today|yesterday|\d+\s+(?:min(?:ute)?s?|hours?|days?)\s+ago)"
)
_DATELINE = re.compile(
    r"[(\[]?\s*\b(?:(?:last |first )?(?:updated?|published|posted|modified|revised|edited)|aktualisiert|veröffentlicht|stand|mis(?:e)? à jour|publiée?|"
    r"actualizado|publicado|aggiornato|pubblicato|atualizado|bijgewerkt|gepubliceerd|uppdaterad|publicerad|opdateret|oppdatert|zaktualizowano|opublikowano|обновлено|опубликовано)"
    rf"\b\s*(?:on|at|am|um|le|el|il|em|op|:|-|–|\|)*\s*{_WHEN}(?:\s*(?:,|at|on|um|à|a las|alle|às|om|-|–|\||\s)\s*{_WHEN})*\s*[)\]]?",
    re.IGNORECASE,
)  # fmt: skip


def without_datelines(line: str) -> str:
    """``line`` without what says when it was published or changed: no slot of any template."""
    head = line[:_LONGEST_LINE]
    if _DIGIT.search(head) is None:
        return line
    left = _DATELINE.sub(" ", head) if _SAYS_WHEN.search(head) else head
    opening = _PLACE_AND_DAY.match(left) or (
        _DAY_ALONE.match(left) if line.count(" ") >= _REPORT else None
    )
    if opening and is_month((opening["before"] or opening["after"]).casefold()):
        left = left[opening.end() :]
    if len(line) == len(head) and all(
        word.isdigit() or word in _DATE_WORDS or _CLOCK.fullmatch(word) for word in words(left)
    ):
        return ""
    return left + line[_LONGEST_LINE:]


def is_date_word(word: str) -> bool:
    """True for a word of dates and times: a day of the week, a month, "updated"."""
    return word in _DATE_WORDS


def is_month(word: str) -> bool:
    """True for a month's name or its abbreviation, in the languages of feeds that are read here."""
    return word in _MONTHS


def names_in(line: str) -> Iterable[str]:
    """The words of the names in ``line``, as :func:`~aggregator.text.words.words` has them."""
    for name in _NAME.findall(line):
        yield from (word for word in words(name) if word not in _DATE_WORDS)


def other_titles(
    one: str,
    other: str,
    said: Collection[str] = (),
    other_said: Collection[str] = (),
    *,
    corrected: bool = False,
) -> bool:
    """True for titles of one template about two things, whose texts have the words ``said``.

    What is filled in is a name or a number, and neither text speaks of what the other's title does.
    With ``corrected`` a mere number may have been put right.
    """
    found = _filled(one, other)
    if found is None:
        return False
    (mine, mine_named), (theirs, theirs_named) = found
    if not mine or not theirs or _is_misspelt(mine, theirs):
        return False
    if not (mine.isdisjoint(other_said) and theirs.isdisjoint(said)):
        return False
    if _names_outlets(one, other) and (mine.isdisjoint(said) or theirs.isdisjoint(other_said)):
        return False
    if mine_named and theirs_named:
        number = len(mine) == len(theirs) == 1 and all(map(str.isdigit, mine | theirs))
        return not (corrected and number)
    return not mine.isdisjoint(said) and not theirs.isdisjoint(other_said)


def _names_outlets(one: str, other: str) -> bool:
    """True where all that follows the last separator of both titles is another, and no number: "… - The Courier".

    A thing that stands there is spoken of in the text, too; who publishes it need not be.
    """
    (mine, its), (theirs, others) = (
        (_LAST_PART.sub("", one), one),
        (_LAST_PART.sub("", other), other),
    )
    tails = its[len(mine) :], others[len(theirs) :]
    return mine == theirs and all(tails) and not any(map(_DIGIT.search, tails))


def _filled(one: str, other: str) -> tuple[tuple[set[str], bool], tuple[set[str], bool]] | None:
    """What stands between the words that both titles begin and end with; None for no template."""
    tokens = [list(_TOKEN.finditer(title)) for title in (one, other)]
    folded = [[match[0].casefold() for match in found] for found in tokens]
    shorter, longer = sorted(map(len, folded))
    first = _run(folded[0], folded[1])
    last = min(_run(folded[0][::-1], folded[1][::-1]), shorter - first)
    if not shorter or first + last < _FRAME * longer or longer - first - last > _LONGEST:
        return None
    mine, theirs = (
        _slot(title, found, first, len(found) - last)
        for title, found in zip((one, other), tokens, strict=True)
    )
    return mine, theirs


def _run(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def _slot(
    title: str, tokens: Sequence[re.Match[str]], first: int, end: int
) -> tuple[set[str], bool]:
    """The telling words of a title's slot, and whether they are names or numbers."""
    filled = tokens[first:end]
    loud = [match[0] for match in filled if not match[0].islower()]
    telling = {
        word
        for token in loud or [match[0] for match in filled]
        if len(token) > 2 or token.isdigit() or token.isupper() or is_unspaced(token)
        for word in words(token)
    }
    rest = [match[0] for match in (*tokens[:first], *tokens[end:])]
    telling -= {
        word for word in rest if is_unspaced(word)
    }  # a sign that the title has elsewhere tells no name
    numbers = any(any(map(str.isdigit, match[0])) for match in filled)
    capital = any(match[0][0].isupper() for match in filled if match.start() > tokens[0].start())
    # In a title that capitalises all its words, a slot is known by what stands before it.
    cased = any(_LOWER_WORD.fullmatch(word) and word.islower() for word in rest)
    opened = bool(filled) and _BEFORE_SLOT.search(title[: filled[0].start()]) is not None
    return telling, numbers or (capital and (cased or opened))


def _is_misspelt(mine: AbstractSet[str], theirs: AbstractSet[str]) -> bool:
    """Whether both are one name, spelt in two ways; numbers are never."""
    one, other = " ".join(sorted(mine)), " ".join(sorted(theirs))
    if any(map(str.isdigit, one + other)):
        return False
    return SequenceMatcher(None, one, other).ratio() >= _MISSPELT


def replaced(
    one: tuple[str, ...], other: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Places within two wide ones, which a template has so densely that no five words stand between them.

    None where half of the words are others: that is a sentence written anew.
    """
    found = SequenceMatcher(None, one, other, autojunk=False)
    if sum(block.size for block in found.get_matching_blocks()) < _FRAMED * max(
        len(one), len(other)
    ):
        return
    for kind, start, end, there, ending in found.get_opcodes():
        if kind == "replace" and max(end - start, ending - there) <= _FILLED:
            yield one[start:end], other[there:ending]


def other_fillings(one: Sequence[str], other: Sequence[str], names: AbstractSet[str]) -> bool:
    """True where the words of one slot of two texts are two names: none is a spelling of the other."""
    mine = {word for word in one if word in names}
    theirs = {word for word in other if word in names}
    return bool(mine and theirs) and mine.isdisjoint(theirs) and not _is_misspelt(mine, theirs)
