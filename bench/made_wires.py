"""More labelled sets of our own making, with other frames and words than :mod:`bench.made_sets` has.

Of their draws 0 and 1 were looked at, and two rules came of it. ``wires``: an agency's story in papers of three languages, each with paragraphs of
its own between, and reports of their own on the same thing. ``series``: what recurs with another day, figure or
place, and is relisted. ``live``: pages that grow, with a story that comes by itself, too. ``replies``: a statement
that papers print whole in reports of their own, answers to it, and copies of one report.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from aggregator.dedupe.score import LabelledSet
from bench.made_desk import Desk

FAMILIES = 40

_LANGUAGES = {
    "en": (
        ["a ferry", "an old mill", "three bridges", "the night train", "the orchard", "a landslide", "new pipes", "the dairy", "a lost painting", "the customs shed", "an airfield", "the lighthouse"],
        ["was sold to", "has been measured by", "was closed by", "will be handed to", "had long been watched by", "was photographed by", "could be saved by", "was forgotten by"],
        ["divers from the north", "the county", "an heiress", "its former owners", "a choir", "the engineers of a Swiss firm", "nobody in particular", "the savings bank", "neighbours", "schoolchildren"],
        ["because the river rose", "although it is listed", "as papers from 1911 show", "which few had expected", "once the snow has gone", "and a hearing follows", "so that trams can pass", "with money from a lottery"],
        ["Two guards saw it first.", "Work takes months.", "The price is a secret.", "That is the custom here.", "A bell was rung.", "The file has {n} pages.", "Some {n} visitors came.", "It weighs {n} tonnes."],
    ),
    "de": (
        ["eine Fähre", "die alte Mühle", "drei Brücken", "der Nachtzug", "der Obstgarten", "ein Erdrutsch", "neue Rohre", "die Molkerei", "ein verschollenes Gemälde", "der Zollschuppen", "ein Flugfeld", "der Leuchtturm"],
        ["wurde verkauft an", "wird vermessen durch", "wurde gesperrt durch", "geht demnächst an", "beschäftigt seit langem", "wurde fotografiert durch", "rettet vielleicht", "ärgert seit Jahren"],
        ["Taucher aus dem Norden", "den Landkreis", "eine Erbin", "frühere Besitzer", "einen Chor", "Ingenieure einer Schweizer Firma", "niemanden im Besonderen", "die Sparkasse", "Nachbarn", "Schulkinder"],
        ["weil der Fluss stieg", "obwohl Denkmalschutz besteht", "wie Akten von 1911 zeigen", "womit kaum jemand gerechnet hatte", "sobald der Schnee weg ist", "und eine Anhörung folgt", "damit Bahnen fahren können", "mit Geld aus einer Lotterie"],
        ["Zwei Wächter sahen es zuerst.", "Die Arbeiten dauern Monate.", "Der Preis bleibt geheim.", "So ist es hier Brauch.", "Eine Glocke läutete.", "Die Akte hat {n} Seiten.", "Etwa {n} Besucher kamen.", "Das wiegt {n} Tonnen."],
    ),
    "fr": (
        ["un bac", "le vieux moulin", "trois ponts", "le train de nuit", "le verger", "un éboulement", "de nouveaux tuyaux", "la laiterie", "un tableau perdu", "le hangar des douanes", "un aérodrome", "le phare"],
        ["a été vendu à", "est mesuré par", "a été fermé par", "sera confié à", "était surveillé par", "a été photographié par", "pourrait être sauvé par", "avait été oublié par"],
        ["des plongeurs du nord", "le canton", "une héritière", "ses anciens maîtres", "une chorale", "les ingénieurs d'une maison suisse", "personne en particulier", "la caisse d'épargne", "des voisins", "des écoliers"],
        ["parce que la rivière a monté", "bien qu'il soit classé", "comme le montrent des papiers de 1911", "ce que peu attendaient", "une fois la neige partie", "et une audience suivra", "pour que les trams passent", "avec l'argent d'une loterie"],
        ["Deux gardiens l'ont vu d'abord.", "Les travaux durent des mois.", "Le prix reste secret.", "Telle est la coutume.", "Une cloche a sonné.", "Le dossier a {n} pages.", "Quelque {n} visiteurs sont venus.", "Cela pèse {n} tonnes."],
    ),
}  # fmt: skip
_FIRST = [
    "Alba",
    "Bodo",
    "Cato",
    "Dina",
    "Egon",
    "Fritzi",
    "Gero",
    "Hilde",
    "Ivo",
    "Jette",
    "Kuno",
    "Lotte",
    "Milo",
    "Nele",
    "Oda",
    "Pavel",
]
_LAST = "Abt Brinkley Corvin Dalmas Ebner Fauré Gantz Hollis Imhof Jardine Kessel Lenoir Marbot Nyberg Orsini Prell".split()  # noqa: SIM905
_PLACES = "Aubrac Bentham Colmer Drewitz Ellsby Fontvert Garsdale Hochwald Ilsen Joncy Kettle Lauter Mirepoix Nordby Ostheim Pontarlac".split()  # noqa: SIM905
_HOUSE = ["Read more in our app.", "© {place} Gazette. All rights reserved.", "Our newsletter comes at six every morning; it costs nothing.", "Abonnez-vous à {place} Matin.", "Mehr aus {place} lesen Sie im E-Paper."]  # fmt: skip
_BULLETINS = [
    "Pollen count for {place}, {day} {month}: birch {a}, grass {b}, rye {c}. Keep windows shut around noon and rinse your eyes with clear water.",
    "Tide table {place}: high water {a}.{b:02d} and {c}.{a:02d}, on {day} {month}. Mind the currents beside the mole and do not walk the flats alone.",
    "Blood is given in {place} on {day} {month} from {a}.30. Bring your pass, eat before, and drink a glass of water; cake is served behind.",
    "Rates at {place}: the {a} year note fetched {b}.{c} per cent on {day} {month}, after bids for {c} million. The next sale is in a fortnight.",
    "Relegation group, {place} against {other}: {a} to {b}, watched by {c}00. The sides meet again before the winter break, if the pitch allows.",
    "Avalanche bulletin for {place}, {day} {month}: level {level}. Fresh snow of {a} centimetres lies on a weak layer above {b}00 metres.",
]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def sets(seed: int = 0, families: int = FAMILIES) -> Iterator[LabelledSet]:
    """The sets: wires, series, live, replies."""
    for kind in (_wires, _series, _live, _replies):
        name = kind.__name__.removeprefix("_")
        yield _Desk(random.Random(f"{name} of wires {seed}"), name).make(kind, families)


class _Desk(Desk):
    """A desk of agencies' stories, in three languages."""

    def __init__(self, draw: random.Random, name: str) -> None:
        papers = [f"paper{n}.example" for n in range(30)]
        super().__init__(draw, name, papers)
        self.standing = {paper: self._lines_of_house() for paper in papers}

    def person(self) -> str:
        return f"{self.draw.choice(_FIRST)} {self.draw.choice(_LAST)}"

    def place(self) -> str:
        return self.draw.choice(_PLACES)

    def sentence(self, language: str) -> str:
        what, did, who, why, then = _LANGUAGES[language]
        draw = self.draw
        if draw.random() < 0.2:
            return draw.choice(then).format(n=draw.randrange(2, 900))
        said = f"{draw.choice(what)} {draw.choice(did)} {draw.choice(who)}, {draw.choice(why)}"
        if draw.random() < 0.4:
            said = f"{self.person()} ({self.place()}): {said}"
        return said[0].upper() + said[1:] + "."

    def story(self, language: str, paragraphs: int) -> list[str]:
        draw = self.draw
        return [
            " ".join(self.sentence(language) for _ in range(draw.randint(2, 4)))
            for _ in range(paragraphs)
        ]

    def headline(self, language: str) -> str:
        return self.sentence(language).rstrip(".")

    def _lines_of_house(self) -> list[str]:
        chosen = self.draw.sample(_HOUSE, self.draw.randint(0, 3))
        return [line.format(place=self.place()) for line in chosen]


def _wires(desk: _Desk) -> None:
    draw = desk.draw
    language = draw.choice(list(_LANGUAGES))
    wire, title = desk.story(language, draw.randint(4, 9)), desk.headline(language)
    ids = []
    for paper in desk.papers(draw.randint(2, 5)):
        own = list(wire[: max(3, round(len(wire) * draw.uniform(0.6, 1)))])
        for _ in range(draw.randint(0, 2)):  # what its own reporter adds
            own.insert(draw.randint(1, len(own)), desk.sentence(language))
        day = f"{draw.randrange(1, 28)} {draw.choice(_MONTHS)}"
        own[0] = draw.choice(["", f"{desk.place()}, {day} (wire) - ", f"({day}) "]) + own[0]
        ids.append(desk.add(draw.choice([title, desk.headline(language)]), own, paper))
    desk.same(ids)
    lead = wire[0].split(". ")[0] + "."
    for paper in desk.papers(2):  # of their own, beginning with the same sentence
        desk.add(title, [lead, *desk.story(language, draw.randint(4, 7))], paper)


def _series(desk: _Desk) -> None:
    draw = desk.draw
    frame, place, month = draw.choice(_BULLETINS), desk.place(), draw.choice(_MONTHS)
    own, other = desk.papers(2)
    extra = [desk.sentence("en") for _ in range(draw.randint(0, 3))]
    for day in draw.sample(range(1, 28), draw.randint(2, 5)):
        said = frame.format(
            place=place, other=desk.place(), month=month, day=day, level=draw.randint(1, 5),
            a=draw.randrange(2, 12), b=draw.randrange(2, 60), c=draw.randrange(2, 12),
        )  # fmt: skip
        title = draw.choice([f"{place}: {day} {month}", frame.split(" ")[0], f"{place} today"])
        first = desk.add(title, [said, *extra], own)
        if draw.random() < 0.4:
            desk.same([first, desk.add(title, [said, *extra], other)])


def _live(desk: _Desk) -> None:
    draw = desk.draw
    language = draw.choice(list(_LANGUAGES))
    parts = [(desk.headline(language), desk.story(language, draw.randint(2, 5))) for _ in range(3)]
    page: list[str] = []
    paper = desk.papers(1)[0]
    for title, lines in parts:
        ids = [desk.add(title, lines, one) for one in desk.papers(draw.randint(1, 3))]
        desk.same(ids)
        page = [title, *lines, *page]
    desk.add(draw.choice(["Live", "As it happens", "Ticker", "En direct"]), page, paper)


def _replies(desk: _Desk) -> None:
    draw = desk.draw
    language = draw.choice(list(_LANGUAGES))
    marks = {"en": "“”", "de": "„“", "fr": "«»"}[language]
    said = desk.story(language, draw.randint(2, 5))
    speaker = desk.person()
    reports = []
    for paper in desk.papers(draw.randint(2, 4)):
        quoted = [f"{marks[0]}{line}{marks[1]}" for line in said]
        before = desk.story(language, draw.randint(1, 3))
        after = desk.story(language, draw.randint(0, 2))
        lines = [*before, f"{speaker}:", *quoted, *after]
        reports.append((desk.add(desk.headline(language), lines, paper), lines))
    first, lines = reports[0]
    if draw.random() < 0.6:
        cut = lines[: max(4, round(len(lines) * 0.8))]
        desk.same([first, desk.add(desk.headline(language), cut, desk.papers(1)[0])])
    answer = [f"{desk.person()}, {speaker}:", *desk.story(language, draw.randint(2, 4))]
    desk.add(desk.headline(language), answer, desk.papers(1)[0])
