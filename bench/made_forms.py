"""Labelled sets of forms: texts that publishers fill in, beside copies of what was filled in.

Of a third make, beside :mod:`bench.made_sets` and :mod:`bench.made_wires`, in English, German, Spanish and
Italian. ``releases``: one press release for several towns, each printed by papers there. ``versions``: notes
of adjacent versions that share most of their points, and are listed elsewhere. ``forms``: results, obituaries
and weather from one template. ``tickers``: a live page, its later states, and a report that sums it up.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from aggregator.dedupe.score import LabelledSet
from bench.made_desk import Desk

FAMILIES = 40

_TOWNS = "Altenau Brevik Cordovado Dunmore Erbach Fuentes Grado Holmby Isola Jarabo Kirchau Lodena Marbach Novales Olbrich Pedroso Quedau Rivalta Sestola Tarifell".split()  # noqa: SIM905
_FIRST = "Agata Benno Celia Dorian Elvira Fabio Gesine Hector Irma Jaime Klara Lorenzo Marta Nuno Otilia Paolo".split()  # noqa: SIM905
_LAST = "Adler Bianchi Castro Dietz Esposito Ferrer Gruber Herrero Innocenti Jurado Keller Lombardi Moreno Neumann Ortega Pellegrini".split()  # noqa: SIM905
_FIRMS = "Vantoro Helmig Solvana Brixen&Co Tecnorra Lumeda Ostwerk Graniva Pontello Marisma".split()  # noqa: SIM905

# Sentences with places: {t} town, {p} person, {f} firm, {n} {m} numbers.
_TALK = {
    "en": [
        "{p} told the committee that the old depot had been empty since the flood.", "Neighbours had collected {n} signatures within a week.", "A spokesman declined to say who had paid for the survey.",
        "The plan goes back to a sketch that {p} drew on a napkin.", "Nobody was hurt, but the road stayed closed until dusk.", "In {t} a similar attempt had failed for want of bricks.", "Experts put the loss at {n} million.",
        "The minister will visit {t} before the leaves fall.", "It was the third time that month that the alarm had rung.", "{f} said that its lawyers were reading the letter.", "Trains ran again after {n} minutes.", "The archive keeps {n} boxes of drawings.",
        "Teachers from {t} brought soup and blankets.", "What remains is a wall and two lime trees.", "{p} called it a day that nobody would forget.", "According to the survey, every {m}th pipe leaks.",
    ],
    "de": [
        "{p} sagte dem Ausschuss, das alte Depot stehe seit der Flut leer.", "Anwohner hatten binnen einer Woche {n} Unterschriften gesammelt.", "Wer das Gutachten bezahlt hat, wollte ein Sprecher nicht verraten.",
        "Der Plan geht auf eine Skizze zurück, die {p} auf eine Serviette zeichnete.", "Verletzt wurde niemand, doch blieb die Straße bis zum Abend gesperrt.", "In {t} war ein ähnlicher Versuch am Mangel an Ziegeln gescheitert.", "Fachleute schätzen den Schaden auf {n} Millionen.",
        "Der Minister kommt nach {t}, bevor das Laub fällt.", "Zum dritten Mal in diesem Monat schlug der Melder an.", "{f} teilte mit, man prüfe das Schreiben.", "Nach {n} Minuten fuhren wieder Züge.", "Im Archiv liegen {n} Kisten mit Zeichnungen.",
        "Lehrer aus {t} brachten Suppe und Decken.", "Übrig sind eine Mauer und zwei Linden.", "{p} sprach von einem Tag, den niemand vergesse.", "Dem Gutachten zufolge leckt jedes {m}. Rohr.",
    ],
    "es": [
        "{p} dijo a la comisión que el viejo depósito estaba vacío desde la riada.", "Los vecinos habían reunido {n} firmas en una semana.", "Un portavoz no quiso decir quién había pagado el estudio.",
        "El plan nace de un dibujo que {p} hizo en una servilleta.", "No hubo heridos, pero la carretera siguió cortada hasta la noche.", "En {t} un intento parecido fracasó por falta de ladrillos.", "Los expertos cifran la pérdida en {n} millones.",
        "El ministro visitará {t} antes de que caigan las hojas.", "Era la tercera vez en el mes que sonaba la alarma.", "{f} señaló que sus abogados leían la carta.", "Los trenes volvieron a circular {n} minutos después.", "El archivo guarda {n} cajas de dibujos.",
        "Maestros de {t} llevaron sopa y mantas.", "Queda en pie un muro con dos tilos.", "{p} habló de un día que nadie olvidará.", "Según el estudio, uno de cada {m} tubos pierde agua.",
    ],
    "it": [
        "{p} ha detto alla commissione che il vecchio deposito era vuoto dall'alluvione.", "I vicini avevano raccolto {n} firme in una settimana.", "Un portavoce non ha voluto dire chi avesse pagato lo studio.",
        "Il progetto nasce da uno schizzo che {p} fece su un tovagliolo.", "Nessun ferito, ma la strada è rimasta chiusa fino a sera.", "A {t} un tentativo simile era fallito per mancanza di mattoni.", "Gli esperti stimano la perdita in {n} milioni.",
        "Il ministro visiterà {t} prima che cadano le foglie.", "Era la terza volta nel mese che suonava l'allarme.", "{f} ha fatto sapere che i suoi legali leggono la lettera.", "I treni hanno ripreso a circolare dopo {n} minuti.", "L'archivio conserva {n} casse di disegni.",
        "Maestri di {t} hanno portato zuppa e coperte.", "Restano un muro e due tigli.", "{p} ha parlato di un giorno che nessuno dimenticherà.", "Secondo lo studio, un tubo su {m} perde acqua.",
    ],
}  # fmt: skip
_RELEASES = {
    "en": ["{f} opens its new branch in {t} on the first Monday of next month. {p}, who will run it, expects {n} customers a day.", "The branch has {m} desks, a corner for children, and a ramp. Opening hours are posted at the door and on the website.", "“We have wanted to come here for a long time,” says {p}. “People ask for advice close to home, and that is what we give.”", "{f} was founded by two brothers in a garage and is owned by its staff. It has branches in nine regions and trains apprentices."],
    "de": ["{f} eröffnet am ersten Montag des nächsten Monats eine Filiale in {t}. {p} leitet sie und rechnet mit {n} Kunden am Tag.", "Die Filiale hat {m} Schalter, eine Spielecke und eine Rampe. Die Öffnungszeiten hängen an der Tür und stehen im Netz.", "„Wir wollten schon lange hierher“, sagt {p}. „Die Menschen suchen Rat in ihrer Nähe, und den geben wir.“", "{f} wurde von zwei Brüdern in einer Garage gegründet und gehört der Belegschaft. Das Unternehmen hat Filialen in neun Regionen und bildet aus."],
    "es": ["{f} abre su nueva oficina en {t} el primer lunes del mes que viene. {p}, que la dirigirá, espera {n} clientes al día.", "La oficina tiene {m} mesas, un rincón para niños y una rampa. El horario está en la puerta y en la web.", "«Hace tiempo que queríamos venir», dice {p}. «La gente busca consejo cerca de casa, y eso damos.»", "{f} fue fundada por dos hermanos en un garaje y pertenece a sus empleados. Tiene oficinas en nueve regiones y forma aprendices."],
    "it": ["{f} apre la nuova filiale di {t} il primo lunedì del mese prossimo. {p}, che la dirigerà, prevede {n} clienti al giorno.", "La filiale ha {m} sportelli, un angolo per i bambini e una rampa. Gli orari sono affissi alla porta e sul sito.", "«Volevamo venire qui da tempo», dice {p}. «La gente cerca consiglio vicino a casa, ed è quello che diamo.»", "{f} è stata fondata da due fratelli in un garage ed è dei suoi dipendenti. Ha filiali in nove regioni e forma apprendisti."],
}  # fmt: skip
_RELEASE_TITLES = {"en": "{f} comes to {t}", "de": "{f} kommt nach {t}", "es": "{f} llega a {t}", "it": "{f} arriva a {t}"}  # fmt: skip
_POINTS = """Fixed a crash when a folder was renamed while it was being read|Search now finds words in captions|The sidebar can be hidden with F9|Printing no longer cuts the last line|Faster start on slow disks
Times are shown in the zone of the reader|Added a Basque translation|Removed the old import dialog|Passwords are no longer kept in memory after logout|Dark theme follows the system|The export to CSV quotes line breaks
Fixed a leak in the thumbnail cache|Updated the bundled fonts|Drag and drop works between windows|Shortcuts can be changed in the settings|A failed sync is tried again after a minute|Large attachments are streamed
Undo covers changes of tags, too|The log says which rule moved a message|Icons are sharp on dense screens|Fixed wrong totals in weekly reports|Plugins are asked before the program quits""".replace("\n", "|").split("|")  # fmt: skip
_PARTS = [["core", "ui"], ["issue", "patch"], ["ticket"], ["bug", "idea"]]
_FORMS = {
    "results": ("{f} quarterly results", ["{f} today reported results for its quarter. Revenue was {n}.{m} million, against {m}.{a} million a year earlier, and profit {a}.{b} million.", "Orders rose {b} percent to {n} million, and the margin was {a}.{a} percent. The board proposes a dividend of {m} cents a share.", "“Our teams delivered in a demanding market,” said chief executive {p}. A call for analysts is held this afternoon.", "Statements about the future are subject to risks, and results may differ. The report has not been audited."]),
    "obituary": ("{p}", ["{p}, of {t}, died peacefully at home at the age of {n}. Born in {u}, the deceased worked for {f} for {m} years and sang in the choir.", "Survived by {a} children and {b} grandchildren. The family thanks the nurses of the ward for their care.", "The service is held at the chapel on the hill; friends may call from two in the afternoon. In place of flowers, please give to the hospice."]),
    "weather": ("El tiempo en {t}", ["{t}: cielo poco nuboso, con máximas de {m} grados y mínimas de {a}. Viento flojo del norte, con rachas de {n} kilómetros por hora en las cumbres.", "La probabilidad de lluvia es del {b} por ciento. El índice ultravioleta llega a {a}; se recomienda usar protección a mediodía.", "La previsión se elabora con los datos de la red de estaciones y se actualiza dos veces al día."]),
    "partita": ("{t}-{u} {a}-{b}", ["{t} batte {u} {a} a {b} davanti a {n}00 spettatori. A segno {p} al {m}' e {q} nel recupero.", "Gara corretta su un campo pesante, arbitrata senza sbavature. Le squadre tornano in campo domenica, se il terreno lo permette.", "In classifica {t} sale a {n} punti. I biglietti per la prossima si trovano in sede e nei bar convenzionati."]),
    "stelle": ("Stellenangebot {t}", ["Für unseren Standort {t} suchen wir ab sofort {a} Fachkräfte in der Pflege, in Voll- oder Teilzeit, mit {m} Tagen Urlaub.", "Wir bieten ein Gehalt nach Tarif, Zuschüsse zum Fahrgeld und eine Kantine, in der frisch gekocht wird. Quereinsteiger sind willkommen.", "Fragen beantwortet {p} unter der Durchwahl {n}. Bewerbungen gehen ohne Mappe an die Personalstelle."]),
}  # fmt: skip
_LEADS = {"en": "What we know so far.", "de": "Der Stand der Dinge.", "es": "Lo que se sabe.", "it": "Quello che sappiamo."}  # fmt: skip
_STANDING = ["Follow us on all channels.", "Jetzt den Newsletter von {t} bestellen.", "Suscríbase a {t} Hoy.", "Tutte le notizie di {t} nella nostra app.", "© {t} Press"]  # fmt: skip


def sets(seed: int = 0, families: int = FAMILIES) -> Iterator[LabelledSet]:
    """The sets: releases, versions, forms, tickers."""
    for kind in (_releases, _versions, _forms, _tickers):
        name = kind.__name__.removeprefix("_")
        yield _Press(random.Random(f"{name} of forms {seed}"), name).make(kind, families)


class _Press(Desk):
    """A desk of forms that are filled in."""

    def __init__(self, draw: random.Random, name: str) -> None:
        papers = [f"blatt{n}.example" for n in range(40)]
        super().__init__(draw, name, papers)
        self.standing = {
            paper: [line.format(t=draw.choice(_TOWNS)) for line in draw.sample(_STANDING, draw.randint(0, 2))]
            for paper in papers
        }  # fmt: skip

    def filling(self) -> dict[str, object]:
        """What a place is filled in with: towns, people, a firm, numbers."""
        draw = self.draw
        (t, u), (p, q) = draw.sample(_TOWNS, 2), (self.person(), self.person())
        return {
            "t": t, "u": u, "p": p, "q": q, "f": draw.choice(_FIRMS), "n": draw.randrange(30, 99),
            "m": draw.randrange(11, 29), "a": draw.randrange(2, 10), "b": draw.randrange(2, 10),
        }  # fmt: skip

    def person(self) -> str:
        return f"{self.draw.choice(_FIRST)} {self.draw.choice(_LAST)}"

    def paragraph(self, language: str, least: int = 2, most: int = 4) -> str:
        frames = self.draw.sample(_TALK[language], self.draw.randint(least, most))
        return " ".join(frame.format(**self.filling()) for frame in frames)


def _releases(press: _Press) -> None:
    """One firm's release for several towns; each is printed by some papers, with a line of their own or cut."""
    draw = press.draw
    language = draw.choice(list(_RELEASES))
    firm = draw.choice(_FIRMS)
    for town in draw.sample(_TOWNS, draw.randint(2, 5)):
        filling = {**press.filling(), "f": firm, "t": town}
        lines = [frame.format(**filling) for frame in _RELEASES[language]]
        title = _RELEASE_TITLES[language].format(**filling)
        ids = []
        for paper in press.papers(draw.randint(1, 3)):
            kept = lines[: draw.choice([3, 4, 4])]
            if draw.random() < 0.3:
                kept = [press.paragraph(language, 1, 2), *kept]
            ids.append(press.add(draw.choice([title, f"{town}: {firm}"]), kept, paper))
        press.same(ids)


def _versions(press: _Press) -> None:
    """A program's notes: each version keeps points of the one before; two catalogues list some of them."""
    draw = press.draw
    program, feed = (
        f"{draw.choice(_FIRST)}{draw.choice(['Note', 'Mail', 'Sync', 'Edit'])}",
        press.papers(1)[0],
    )
    part = draw.choice(_PARTS)
    about = [f"{one} ({draw.choice(part)} {draw.randrange(100, 999)})" for one in _POINTS]
    major, points = draw.randrange(1, 9), draw.sample(about, draw.randint(5, 12))
    how = draw.choice(["{p} {v}", "{p} version {v} released", "Release {v}", "{p}: what is new"])
    for minor in range(draw.randint(2, 4)):
        version = f"{major}.{minor + draw.randrange(0, 2) * 10}{draw.choice(['', '.1', '.2'])}"
        fresh = draw.sample([one for one in about if one not in points], draw.randint(1, 2))
        points = [*fresh, *points[: -len(fresh)]]
        lines = [f"{program} {version} is out. It needs {press.draw.randrange(2, 9)} MB less than before.", *(f"- {one}" for one in points)]  # fmt: skip
        first = press.add(how.format(p=program, v=version), lines, feed)
        listed = [
            press.add(f"{program} {version}", lines[: draw.choice([len(lines), len(lines) - 1])], paper)
            for paper in draw.sample(["katalog.example", "listing.example"], draw.randint(0, 2))
        ]  # fmt: skip
        press.same([first, *listed])


def _forms(press: _Press) -> None:
    """One template filled in several times, by one publisher or two; some are reprinted whole."""
    draw = press.draw
    title, frames = draw.choice(list(_FORMS.values()))
    own = press.papers(2)
    for _ in range(draw.randint(2, 5)):
        filling = press.filling()
        lines = [frame.format(**filling) for frame in frames]
        ids = [press.add(title.format(**filling), lines, draw.choice(own))]
        if draw.random() < 0.4:
            paper = draw.choice([one for one in press.papers(3) if one not in own])
            ids.append(press.add(title.format(**filling), lines, paper))
        press.same(ids)


def _tickers(press: _Press) -> None:
    """A live page in two states, newest first, another's copy of it, and reports that take sentences from it."""
    draw = press.draw
    language = draw.choice(list(_TALK))
    notes = [press.paragraph(language, 1, 3) for _ in range(draw.randint(8, 14))]
    clock = [f"{7 + n}.{draw.randrange(10, 59)}" for n in range(len(notes))]
    subject = f"{draw.choice(_TOWNS)}: {draw.choice(_TALK[language]).format(**press.filling()).rstrip('.')}"
    until = draw.randint(6, len(notes))
    feed, other = press.papers(2)

    def page(size: int) -> list[str]:
        return [_LEADS[language], *(f"{clock[n]} {notes[n]}" for n in reversed(range(size)))]

    ids = [press.add(subject, page(until), feed)]
    if draw.random() < 0.5:
        ids.append(press.add(subject, page(until), other))
    press.same(ids)
    for paper in press.papers(2):
        own = [press.paragraph(language, 2, 4) for _ in range(draw.randint(3, 5))]
        taken = draw.sample(notes[:until], 2)
        own.insert(1, taken[0].split(". ")[0].rstrip(".") + ".")
        own.append(taken[1].split(". ")[0].rstrip(".") + ".")
        ids = [
            press.add(
                draw.choice([subject, press.paragraph(language, 1, 1).rstrip(".")]), own, paper
            )
        ]
        if draw.random() < 0.5:
            ids.append(press.add(subject, own[: max(3, len(own) - 1)], press.papers(1)[0]))
        press.same(ids)
