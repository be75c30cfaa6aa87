"""Labelled sets of our own making, of kinds that the collected ones hold little of.

Sentences are drawn from frames and word lists, so that reports share names and turns of phrase as
real ones do; no two share five words in a row for long unless one was copied from the other. Each set
has copies in other dress (to be found) beside what only looks like copies (to be left apart).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from aggregator.dedupe.score import Document, LabelledSet, Pair

FAMILIES = 40  # of each kind in a set

_WHO = """the harbour board|residents of the old quarter|the teachers' union|a group of engineers|the regional court
the mayor's deputy|local fishermen|the water authority|two former ministers|the hospital trust|campaigners|the rail operator
a panel of economists|the city council|volunteers from the valley|the museum's director|farmers on the plain|the energy regulator
students at the academy|the coastguard|a retired judge|the chamber of trade|shopkeepers|the housing association|parents""".replace(
    "\n", "|"
).split("|")
_DID = """rejected|welcomed|delayed|questioned|approved|published|withdrew|defended|criticised|signed|examined|challenged
reopened|suspended|revised|mapped out|voted down|endorsed|postponed|leaked|audited|rewrote|supported|abandoned""".replace(
    "\n", "|"
).split("|")
_WHAT = """the plan for a second tunnel|a report on flood defences|the budget for night buses|new rules on short lets
an offer from the shipyard|the sale of the theatre|the contract for street lights|a study of groundwater|the list of protected trees
proposals to merge two schools|a ban on heavy lorries|the timetable for the bridge repairs|changes to pension funds|the licence of the quarry
an inquiry into the ferry accident|the design of the stadium roof|a petition on rents|the forecast for wheat exports
the charter of the wildlife trust|a loan to the steelworks|the tender for tram lines|an appeal against the verdict""".replace(
    "\n", "|"
).split("|")
_WHEN = """after a meeting that ran past midnight|on Tuesday|before the summer recess|despite warnings from insurers|without giving a reason
in a move that surprised observers|for the third time in as many years|while talks were still under way|at the end of a long campaign
under pressure from neighbouring towns|hours before the deadline|following weeks of rain|with only a handful of dissenting voices
as costs continued to rise|against the advice of its own lawyers|in front of a packed gallery|because of missing documents""".replace(
    "\n", "|"
).split("|")
_THEN = """Nobody could say when work would begin.|Several speakers doubted the figures.|A decision is not expected before autumn.|Prices have doubled since then.
Critics call it too little and too late.|It remains unclear who would pay.|The opposition demanded an explanation.|Observers had expected a different outcome.
The move affects some {n} households.|About {n} people followed the debate online.|Costs were put at {n} million.|A similar attempt failed {n} years ago.
Engineers had counted {n} cracks.|Insurers paid for {n} damaged cellars.|The nearest alternative is {n} kilometres away.""".replace(
    "\n", "|"
).split("|")
_I_SAY = """We will not accept {what}, whatever may be said of it elsewhere.|I have read {what} with great concern.|My colleagues and I {did} it long before others noticed.
Our members deserve better than {what}.|I ask you to think again about {what}.|Let me be clear that we {did} nothing of the sort.|We owe it to {who} to speak plainly.
I am proud of what {who} achieved with us.|You have our word that {what} comes first.|It was I who {did} {what}, and nobody else.|We have lost the trust of {who}, and I am sorry.""".replace(
    "\n", "|"
).split("|")
_STATUTE = """Any person who {did} {what} shall notify the authority within {n} days.|The authority may refuse where {who} would be put at a disadvantage.|Subsection {n} does not apply to {what}.
An order under section {n} must be laid before the assembly.|In this part, a reference to {who} includes their successors.|The costs of {what} are borne by {who}.|Penalties shall not exceed {n} units for each day.""".replace(
    "\n", "|"
).split("|")
_CALLS = [
    "The council of {town} meets on {date} at {clock} in the town hall.",
    "Council meeting, {date}.",
    "Water will be turned off in parts of {town} on {date} between {clock} and the evening.",
    "Join the walk around {town} on {date}; we meet at {clock} beside the church.",
    "Market in {town}, {date}, from {clock}: fruit, bread and cheese from the valley.",
    "On {date} the library of {town} opens at {clock}.",
    "The choir sings at {clock} on {date}.",
    "Road works start on {date} near {town}.",
]
_ADVICE = [
    "Everybody is welcome, and papers can be read beforehand at the desk.",
    "The agenda has {what}.",
    "Please keep some water ready and close your taps.",
    "Bring a coat and good shoes; dogs stay on a lead.",
    "It takes about three hours, costs nothing, and ends where it began.",
    "Ask the office for help with getting there.",
    "The reason is {what}.",
    "Those who cannot come may write until the evening before.",
    "The car park behind the station is free for visitors.",
    "We regret any trouble that this may cause to you.",
]
_TOWNS = "Ardmoor Bellwick Castrel Dunhollow Eskerby Farrowgate Glenmarch Hallin Istermouth Jarrow-on-Wend Kellstow Larkham Merrin Norhaven Oakreach Penvale Quarne Rothmere Selby Thornwick".split()  # noqa: SIM905
_PEOPLE = ["Adela Brandt", "Bram Okafor", "Cora Lindqvist", "Dario Fenn", "Elif Marsh", "Franz Duarte", "Greta Holm", "Hugo Alvar", "Ines Petrov", "Jonas Akin", "Kaya Moreau", "Lars Whitby", "Mina Castell", "Noor Bergman", "Otto Reyes", "Pia Santoro"]  # fmt: skip
_MARKS = [("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("»", "«"), ("‘", "’"), ("「", "」")]
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
_CUES = ["The {kind} reads in full:", "In the {kind}, {person} wrote:", "Here is the {kind} as it was sent to us:", "{person}'s {kind}, word by word:", "We publish the {kind} without changes:"]  # fmt: skip


def sets(seed: int = 0, families: int = FAMILIES) -> Iterator[LabelledSet]:
    """The sets: statements, events, notices, several."""
    for kind, name in (
        (_statements, "statements"),
        (_events, "events"),
        (_notices, "notices"),
        (_several, "several"),
    ):
        yield _Maker(random.Random(f"{name} {seed}"), name).make(kind, families)


class _Maker:
    """The documents and labels of one set, as its families add them."""

    def __init__(self, draw: random.Random, name: str) -> None:
        self.draw = draw
        self._name = name
        self._documents: list[Document] = []
        self._duplicates: set[Pair] = set()

    def make(self, family: Callable[[_Maker], None], families: int) -> LabelledSet:
        for _ in range(families):
            family(self)
        self.draw.shuffle(self._documents)
        return LabelledSet(self._name, tuple(self._documents), frozenset(self._duplicates))

    def add(self, title: str, text: str, feed: str = "") -> str:
        number = len(self._documents)
        feed = feed or f"outlet{self.draw.randrange(10**6)}.example"
        self._documents.append(Document(f"{self._name}-{number}", text, feed, "", title))
        return self._documents[-1].id

    def copies(self, ids: Sequence[str]) -> None:
        for pair in combinations(sorted(ids), 2):
            self._duplicates.add((pair[0], pair[1]))

    def fill(self, frame: str) -> str:
        draw = self.draw
        return frame.format(
            who=draw.choice(_WHO),
            did=draw.choice(_DID),
            what=draw.choice(_WHAT),
            n=draw.randrange(2, 90),
            person=draw.choice(_PEOPLE),
            kind="{kind}",
        )

    def sentence(self) -> str:
        draw = self.draw
        said = [
            f"{self.fill('{who} {did} {what}')} {draw.choice(_WHEN)}.",
            f"{draw.choice(_WHEN)}, {self.fill('{who} {did} {what}')}.",
            self.fill(draw.choice(_THEN)),
            self.fill("{person}, who speaks for {who}, {did} {what}."),
        ]
        found = draw.choice(said)
        return found[0].upper() + found[1:]

    def lines(self, count: int, least: int = 2, most: int = 4) -> list[str]:
        """Paragraphs of some sentences each."""
        draw = self.draw
        return [
            " ".join(self.sentence() for _ in range(draw.randint(least, most)))
            for _ in range(count)
        ]

    def headline(self) -> str:
        return self.fill("{who} {did} {what}").capitalize()

    def dressed(self, lines: Sequence[str]) -> str:
        """A copy: a lead of its own, a tail that is cut, house lines, or all of it."""
        draw, kept = self.draw, list(lines)
        if draw.random() < 0.5:
            kept = kept[: max(2, round(len(kept) * draw.uniform(0.6, 1)))]
        if draw.random() < 0.5:
            kept.insert(0, self.sentence())
        if draw.random() < 0.3:
            kept.append(f"Write to {draw.choice(_TOWNS)} desk. {self.sentence()}")
        return "\n".join(kept)


def _statements(maker: _Maker) -> None:
    """One letter, statement or statute whole in independent reports; and copies of one of them."""
    draw = maker.draw
    kind, frames = draw.choice(
        [("letter", _I_SAY), ("statement", _I_SAY), ("section", _STATUTE), ("memo", _I_SAY)]
    )
    letter = [
        " ".join(maker.fill(draw.choice(frames)) for _ in range(draw.randint(2, 4)))
        for _ in range(draw.randint(3, 8))
    ]
    reports = []
    for _ in range(draw.randint(2, 5)):
        before, after = maker.lines(draw.randint(1, 3)), maker.lines(draw.randint(0, 3))
        reports.append([*before, *_cited(maker, kind, letter), *after])
        maker.add(maker.headline(), "\n".join(reports[-1]))
    first = reports[0]
    copied = [maker.add(maker.headline(), maker.dressed(first)) for _ in range(draw.randint(0, 2))]
    if copied:
        maker.copies([*copied, f"statements-{_number(copied[0]) - len(reports)}"])


def _number(document_id: str) -> int:
    return int(document_id.rpartition("-")[2])


def _cited(maker: _Maker, kind: str, letter: Sequence[str]) -> list[str]:
    """The letter as an outlet shows it: introduced, in its marks, or both."""
    draw = maker.draw
    cue = maker.fill(draw.choice(_CUES)).replace("{kind}", kind)
    left, right = draw.choice(_MARKS)
    how = draw.randrange(4)
    if how == 0:  # a blockquote that has become lines
        return [cue, *letter]
    if how == 1:  # marks at each paragraph's beginning, and at the end of the last
        return [cue, *(left + line for line in letter[:-1]), f"{left}{letter[-1]}{right}"]
    if how == 2:
        return [cue, *(left + line + right for line in letter)]
    return [
        f"{maker.sentence()} {left}{letter[0]}{right}",
        *(f"{left}{x}{right}" for x in letter[1:]),
    ]


def _events(maker: _Maker) -> None:
    """An agency's report in many outlets, with other datelines and bylines; and reports of their own."""
    draw = maker.draw
    n, town, who = draw.randrange(2, 90), draw.choice(_TOWNS), draw.choice(_PEOPLE)
    title = maker.headline()
    lead = f"{who} was among {n} people brought to safety near {town}, officials said."
    report = [f"{lead} {maker.sentence()}", *maker.lines(draw.randint(3, 7))]
    ids = []
    for _ in range(draw.randint(2, 4)):
        day = draw.randrange(1, 28)
        clock = (
            f"{draw.randrange(1, 12)}:{draw.randrange(10, 60)} {draw.choice(['am', 'pm', 'GMT'])}"
        )
        month = draw.choice(_MONTHS)
        dateline = draw.choice(
            [
                f"{draw.choice(_TOWNS).upper()}, {month} {day} (Wire) - ",
                f"{draw.choice(_TOWNS)} ({day} {month}) — ",
                f"Posted {month} {day}, 2019 {clock}\n",
                f"By {draw.choice(_PEOPLE)}, Staff Writer\n{clock}, {day} {month} 2019\n",
                f"Updated: {clock}\n",
                "",
            ]
        )
        body = report[: max(2, round(len(report) * draw.uniform(0.6, 1)))]
        ids.append(maker.add(draw.choice([title, maker.headline()]), dateline + "\n".join(body)))
    corrected = [line.replace(f"{n} people", f"{n + 1} people") for line in report]
    ids.append(maker.add(title, "\n".join([*corrected, maker.sentence()])))
    maker.copies(ids)
    for _ in range(2):  # of the same event, in other words
        own = f"Rescuers found {n} people near {town}; one of them was {who}."
        maker.add(title, "\n".join([f"{own} {maker.sentence()}", *maker.lines(4)]))


def _notices(maker: _Maker) -> None:
    """What recurs with another date, place or number; and the same notice in two feeds."""
    draw = maker.draw
    town, place, n = draw.choice(_TOWNS), draw.choice(_WHAT), draw.randrange(2, 40)
    frame = " ".join(
        [draw.choice(_CALLS), *draw.sample(_ADVICE, draw.randint(0, 5)), maker.sentence()]
    )
    feed = f"{town.lower()}{draw.randrange(1000)}.example"
    month = draw.choice(_MONTHS)
    days = draw.sample(range(1, 28), draw.randint(2, 4))
    for day in days:
        date = (
            draw.choice([f"{day} {month}", f"{month} {day}"])
            if draw.random() < 0.2
            else f"{day} {month}"
        )
        said = frame.format(town=town, date=date, clock=f"{draw.randrange(6, 12)}.30", what=place)
        title = draw.choice([f"Notice for {town}", f"{town}: {date}", "Notice", f"No {n}"])
        own = maker.add(title, said, feed)
        if draw.random() < 0.5:
            maker.copies([own, maker.add(title, said)])


def _several(maker: _Maker) -> None:
    """Live pages and newsletters that hold several stories, each of which comes by itself, too."""
    draw = maker.draw
    stories = [
        (maker.headline(), maker.lines(draw.randint(2, 5))) for _ in range(draw.randint(2, 4))
    ]
    for title, lines in stories:
        ids = [maker.add(title, "\n".join(lines))]
        ids += [
            maker.add(maker.headline(), maker.dressed(lines)) for _ in range(draw.randint(0, 2))
        ]
        maker.copies(ids)
    parts = [[title, *lines] for title, lines in stories]
    draw.shuffle(parts)
    joined = [line for part in parts for line in part]
    title = draw.choice(
        [
            "Morning briefing",
            "The week in review",
            "Live: all of today",
            f"{stories[0][0]}, and also {stories[1][0].lower()}",
        ]
    )
    maker.add(title, "\n".join(joined))
