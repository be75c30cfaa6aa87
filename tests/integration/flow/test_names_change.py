"""Entries that their feed calls by another name: no second id, no flood, and no other thing taken for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from aggregator.model import Item
from aggregator.store.db.tables import entries, entry_aliases
from tests.support.polling import Site, ok, open_house, said
from tests.support.storage import HOUR

TEXTS = {
    "heron": "Rain again, but the heron is back on its post by the mill.",
    "hinge": "Fixed the squeaking hinge with candle wax. Should have done that years ago.",
    "flash": "Anyone else see the green flash at sunset? We did, twice.",
}
DAYS = {name: f"0{n} Nov 2026 10:00:00 GMT" for n, name in enumerate(TEXTS, 1)}


def item(
    name: str, guid: str = "", link: str = "", title: str = "", text: str = "", date: str = "yes"
) -> str:
    when = DAYS.get(name, "01 Nov 2026 10:00:00 GMT") if date == "yes" else date
    return (
        (f"<guid isPermaLink='false'>{guid}</guid>" if guid else "")
        + (f"<link>{link.replace('&', '&amp;')}</link>" if link else "")
        + (f"<title>{title}</title>" if title else "")
        + (f"<pubDate>{when}</pubDate>" if when else "")
        + f"<description>{text or TEXTS.get(name, name)}</description>"
    )


def feed(*items: str, end: str = "</channel></rss>") -> bytes:
    body = "".join(f"<item>{one}</item>" for one in items)
    return f"<rss version='2.0'><channel><title>Feed</title>{body}{end}".encode()


async def polled(site: Site, database: str, *documents: bytes) -> list[list[Item]]:
    """What an output shows after each of ``documents``."""
    shown = []
    async with open_house(database, site.url("/feed")) as house:
        for document in documents:
            site.answers["/feed"] = ok(document)
            await house.poll()
            house.clock.advance(2 * HOUR)
            shown.append(await house.stored.items())
    return shown


def told(items: Sequence[Item]) -> dict[str, object]:
    return {item.id: item.updated for item in items}


MOVED = [
    pytest.param({"guid": "https://old.example/{n}", "link": "https://old.example/{n}"}, {"guid": "https://new.example/p/{n}", "link": "https://new.example/p/{n}"}, id="platform"),
    pytest.param({"guid": "{n}", "title": "On {n}"}, {"guid": "again-{n}", "title": "On {n}"}, id="guids"),
    pytest.param({"link": "https://w.example/{n}-1?cid=a17&v=1"}, {"link": "https://w.example/{n}-1?cid=b99&v=9"}, id="token"),
    pytest.param({"link": "https://w.example/{n}-1?k=a17", "date": "", "title": "On {n}"}, {"link": "https://w.example/{n}-1?k=b99", "date": "", "title": "On {n}"}, id="undated-token"),
    pytest.param({"guid": "a-{n}", "date": "", "title": "On {n}"}, {"guid": "b-{n}", "date": "", "title": "On {n}"}, id="undated"),
    pytest.param({"guid": "a-{n}", "title": "On {n}"}, {"guid": "b-{n}", "date": "", "title": "On {n}"}, id="dates-lost"),
    pytest.param({"guid": "a-{n}", "date": "", "title": "On {n}"}, {"guid": "b-{n}", "title": "On {n}"}, id="dates-gained"),
    pytest.param({"link": "https://w.example/{n}-1?k=a17", "date": "Mon, 02 Nov 2026 09:00:00 GMT", "title": "On {n}"}, {"link": "https://w.example/{n}-1?k=b99", "date": "Mon, 02 Nov 2026 11:00:00 GMT", "title": "On {n}"}, id="token-and-date-of-now"),
]  # fmt: skip


def all_of(form: dict[str, str]) -> list[str]:
    return [item(n, **{key: value.format(n=n) for key, value in form.items()}) for n in TEXTS]


@pytest.mark.parametrize(("before", "after"), MOVED)
async def test_what_is_called_otherwise_is_no_news(
    site: Site, database_url: str, before: dict[str, str], after: dict[str, str]
) -> None:
    now = feed(*all_of(after), item("new", guid="new", title="New", text="This one is new indeed."))
    first, second, third, back = await polled(
        site, database_url, feed(*all_of(before)), feed(*all_of(after)), now, feed(*all_of(before))
    )
    assert len(first) == 3
    assert told(second).keys() == told(first).keys()
    assert len(third) == 4
    assert told(first).keys() <= told(third).keys()
    if before.get("date") == after.get("date"):
        assert told(first).items() <= (told(second) | told(third)).items()
    assert told(back).keys() == told(third).keys()  # the names of before are no news either


async def test_a_long_list_that_is_lost_for_a_while_comes_back_under_its_ids(
    site: Site, tmp_path: Path
) -> None:
    def listed(names: str, count: int) -> bytes:
        return feed(
            *(
                item(f"{n}", f"{names}-{n}", title=f"Walk number {n}", date=f"02 Nov 2026 {n // 60:02}:{n % 60:02}:00 GMT")
                for n in range(count)
            )
        )  # fmt: skip

    async with open_house(f"sqlite:///{tmp_path}/aggregator.db", site.url("/feed")) as house:
        for document in (listed("a", 130), listed("a", 4), listed("b", 130)):
            site.answers["/feed"] = ok(document)
            await house.poll()
            house.clock.advance(2 * HOUR)
        assert house.stored.count(entries) == 130


SLUG = item("heron", "https://b.example/a-herons-mill/", "https://b.example/a-herons-mill/", "A heron's mill")  # fmt: skip
SLUG_AFTER = item("heron", "https://b.example/herons-mill/", "https://b.example/herons-mill/", "Herons' mill")  # fmt: skip


async def test_a_corrected_slug_and_title_change_the_entry(site: Site, tmp_path: Path) -> None:
    other = item("hinge", "h", title="A hinge")
    first, second = await polled(
        site, f"sqlite:///{tmp_path}/db", feed(SLUG, other), feed(SLUG_AFTER, other)
    )
    assert [one.id for one in second] == [one.id for one in first]
    assert {one.title for one in second} == {"Herons' mill", "A hinge"}
    assert sum(told(second)[one.id] != one.updated for one in first) == 1


ADVICE = "Keep clear of footpaths along the bank, since the ground is soft and gives way without a sign. "
OTHERS = [
    pytest.param(item("a", "1", title="Flood alert: Weirdale", text=ADVICE), item("a", "2", title="Flood alert: Barton", text=ADVICE), id="alerts"),
    pytest.param(item("a", "1", title="Flood alert", text=ADVICE + "The Weir is at 2.31 metres."), item("a", "2", title="Flood alert", text=ADVICE + "The Barle is at 1.87 metres."), id="levels"),
    pytest.param(item("a", "1", title="Storm warning", text="A storm warning for Adams County until five."), item("a", "2", title="Storm warning", text="A storm warning for Brown County until five."), id="counties"),
    pytest.param(item("a", "1", title="Nurse in Leeds", text=ADVICE), item("a", "2", title="Nurse in York", text=ADVICE), id="jobs"),
    pytest.param(item("a", "1", title="Harbour 2026.11", text=ADVICE), item("a", "2", title="Harbour 2026.12", text=ADVICE), id="releases"),
    pytest.param(item("a", "1", title="Open thread", text=ADVICE, date="01 Nov 2026 10:00:00 GMT"), item("a", "2", title="Open thread", text=ADVICE, date="08 Nov 2026 10:00:00 GMT"), id="weekly"),
    pytest.param(item("a", "", "https://e.example/t?id=5", "Open thread", ADVICE, "01 Nov 2026 10:00:00 GMT"), item("a", "", "https://e.example/t?id=6", "Open thread", ADVICE, "08 Nov 2026 10:00:00 GMT"), id="weekly-links"),
    pytest.param(item("a", "1", title="Photo", text="<img src='https://e.example/1.jpg'>", date=""), item("a", "2", title="Photo", text="<img src='https://e.example/2.jpg'>", date=""), id="pictures"),
    pytest.param(item("heron", "1", title="Note"), item("hinge", "2", title="Note", date="01 Nov 2026 10:00:00 GMT"), id="notes"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), OTHERS)
async def test_another_thing_that_comes_as_one_leaves_is_news(
    site: Site, tmp_path: Path, before: str, after: str
) -> None:
    _, second = await polled(site, f"sqlite:///{tmp_path}/db", feed(before), feed(after))
    assert len(second) == 2


async def test_two_of_one_kind_are_not_guessed_at(site: Site, tmp_path: Path) -> None:
    same = [item("heron", guid, title="Note") for guid in ("1", "2", "3", "4")]
    _, second = await polled(site, f"sqlite:///{tmp_path}/db", feed(*same[:2]), feed(*same[2:]))
    assert len(second) == 4


async def test_a_document_that_breaks_off_tells_nothing_of_what_left(
    site: Site, tmp_path: Path
) -> None:
    before, after = item("heron", "1"), item("heron", "2")
    cut = feed(after, item("hinge", "h"), end="<item><title>cu")
    _, second = await polled(site, f"sqlite:///{tmp_path}/db", feed(before), cut)
    assert len(second) == 3


async def test_both_names_at_once_are_one_entry(site: Site, tmp_path: Path) -> None:
    old, new = item("heron", "1"), item("heron", "2")
    *_, last = await polled(
        site, f"sqlite:///{tmp_path}/db", feed(old), feed(new), feed(old, new), feed(new)
    )
    assert len(last) == 1


async def test_a_former_name_given_to_another_thing_hides_nothing(
    site: Site, tmp_path: Path
) -> None:
    old, new, other = item("heron", "1"), item("heron", "2"), item("hinge", "1")
    *_, last = await polled(
        site, f"sqlite:///{tmp_path}/db", feed(old), feed(new), feed(new, other), feed(other)
    )
    assert len(last) == 2


async def test_a_token_does_not_fill_the_table_of_names(site: Site, tmp_path: Path) -> None:
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed")) as house:
        for n in range(12):
            site.answers["/feed"] = ok(feed(item("heron", f"g-{n}")))
            await house.poll()
            house.clock.advance(2 * HOUR)
        assert len(await house.stored.items()) == 1
        assert house.stored.count(entry_aliases) == 8


async def test_an_outage_between_two_names_makes_no_news(site: Site, tmp_path: Path) -> None:
    async with open_house(f"sqlite:///{tmp_path}/db", site.url("/feed")) as house:
        for answer in (ok(feed(item("heron", "1"))), said(500), ok(feed(item("heron", "2")))):
            site.answers["/feed"] = answer
            await house.poll()
            house.clock.advance(48 * HOUR)
        assert len(await house.stored.items()) == 1


async def test_a_list_of_one_between_two_names_makes_no_news(site: Site, tmp_path: Path) -> None:
    notes = {
        f"note{n}": f"Note {n} says that ferry number {n} was late on day {n}." for n in range(9)
    }
    before, after = (
        feed(*(item(name, f"{which}-{name}", text=said) for name, said in notes.items()))
        for which in ("old", "new")
    )
    one = feed(item("note0", "old-note0", text=notes["note0"]))
    first, less, last = await polled(site, f"sqlite:///{tmp_path}/db", before, one, after)
    assert told(first) == told(less) == told(last)


async def test_an_empty_list_between_two_names_makes_no_news(site: Site, tmp_path: Path) -> None:
    before, after = (feed(*all_of({"guid": f"{name}-{{n}}"})) for name in ("old", "new"))
    first, empty, last = await polled(site, f"sqlite:///{tmp_path}/db", before, feed(), after)
    assert told(first) == told(empty) == told(last)


@pytest.mark.parametrize("link", ["", "https://w.example/{n}"])
async def test_numbers_of_places_that_were_names_make_no_news(
    site: Site, database_url: str, link: str
) -> None:
    def listing(*names: str) -> bytes:
        numbered = enumerate(names, 1)
        return feed(*(item(n, str(place), link.format(n=n), f"On {n}") for place, n in numbered))

    # Of two nobody can tell: they are called 1 and 2, and keep their ids under other names.
    two, three = await polled(
        site, database_url, listing("hinge", "heron"), listing("flash", "hinge", "heron")
    )
    assert told(two).items() <= told(three).items()
    assert [one.title for one in three] == ["On flash", "On hinge", "On heron"]
