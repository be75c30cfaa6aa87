"""Terms on which outputs take items: what enters, stays and goes by filters, sources, quotas and age."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from aggregator.model import Basis, LineKind, LineReason, OutputOrder, Quota, Selection
from aggregator.select.filters import output_filter
from aggregator.select.search_query import parse_query
from aggregator.store.db.tables import (
    entries,
    log_is_open,
    output_arrivals,
    output_items,
    output_logs,
)
from aggregator.store.outputs import filling, fitting, store
from aggregator.store.reports.explain import explain
from aggregator.store.reports.trial import try_output
from tests.support.storage import DAY, HOUR, NOW, Stored, changed, long_text, new

A, B, C = (f"https://{name}.example/feed" for name in "abc")
ENTER, WITHDRAW = LineKind.ENTER, LineKind.WITHDRAW


@dataclass
class Output:
    """One output, and what it asks of stories."""

    stored: Stored
    selection: Selection

    async def asks(self, **terms: object) -> None:
        """Have it ask for something else from now on, as after a reload."""
        self.selection = replace(self.selection, **terms)  # type: ignore[arg-type]
        one = self.selection
        said = one.filter.digest if one.filter is not None else ""
        choice = f"{said} {one.min_sources} {one.quota} {one.order}"
        self.selection = replace(one, basis=Basis("one", "", choice, ""))
        assert self.selection.basis is not None
        await self.stored.store.sync_logs([self.selection.basis])
        await self.stored.store.catch_up([self.selection])

    async def settle(self) -> None:
        await self.stored.settle(outputs=[self.selection])

    async def shown(self) -> list[str]:
        """Names of the entries that it shows, in its order."""
        await self.stored.store.catch_up([self.selection])
        items = await self.stored.store.load_items(self.selection)
        return [item.title.removeprefix("Title ") for item in items]

    def lines(self) -> list[tuple[str, str, str]]:
        """Kind, name of the entry shown, reason."""
        names = {row.id: row.identity for row in self.stored.rows(entries)}
        log = self.stored.row(output_logs, log_is_open).id
        return [
            (row.kind, names.get(row.entry_id, "?"), row.reason)
            for row in self.stored.rows(output_items, output_items.c.log_id == log)
        ]


@pytest.fixture
async def output(stored: Stored) -> Output:
    await stored.subscribe(A, B, C)
    made = Output(stored, Selection(10))
    await made.asks()
    return made


def told(name: str, **fields: object):  # type: ignore[no-untyped-def]
    """A long entry, whose copies are near copies."""
    text = fields.pop("content_html", f"<p>{long_text(name.rstrip('23'))}</p>")
    return new(name, content_html=text, **fields)  # type: ignore[arg-type]


async def test_a_filter_lets_in_and_a_changed_one_announces_nothing(output: Output) -> None:
    await output.asks(filter=output_filter(keep=["cats", "/d.gs/"], drop=["ads"]))
    stored = output.stored
    for n, name in enumerate(["cats", "dogs", "birds", "ads"]):
        await stored.poll(A, told(name, title=f"Title {name}", at=NOW - n * HOUR))
    await stored.poll(B, told("both", title="Title cats and ads"))
    await output.settle()
    assert output.lines() == [
        (ENTER, "dogs", LineReason.SETTLED),
        (ENTER, "cats", LineReason.SETTLED),
    ]
    before = {item.id: item for item in await stored.store.load_items(output.selection)}
    await output.asks(filter=output_filter(keep=["cats", "birds"]))
    assert sorted(output.lines()[2:]) == [
        (ENTER, "birds", LineReason.FILLED),
        (ENTER, "both", LineReason.FILLED),
        (WITHDRAW, "dogs", LineReason.UNFIT),
    ]
    assert await output.shown() == ["cats and ads", "cats", "birds"]
    after = {item.id: item for item in await stored.store.load_items(output.selection)}
    kept = before.keys() & after.keys()
    assert [before[one] for one in kept] == [after[one] for one in kept]
    assert len(kept) == 1
    count = len(output.lines())
    await output.asks()
    assert len(output.lines()) == count


async def test_an_item_is_judged_by_the_entry_that_it_shows(output: Output) -> None:
    await output.asks(filter=output_filter(expression="words < 200"))
    stored, page = output.stored, "https://pages.example/1"
    (first,) = await stored.poll(A, told("one", url=page))
    await output.settle()
    longer = f"<p>{long_text('one', 300)}</p>"
    await stored.poll(B, told("one2", url=page, content_html=longer))
    await output.settle()
    assert output.lines()[1:] == [(WITHDRAW, "one", LineReason.UNFIT)]
    longest = f"<p>{long_text('one', 199)}</p>"
    (second,) = [row.id for row in stored.rows(entries) if row.id != first]
    await stored.poll(B, changed=[changed(second, "one2", url=page, content_html=longest)])
    await output.settle()
    assert output.lines()[2:] == [(ENTER, "one2", LineReason.SETTLED)]


async def test_fields_are_those_that_readers_see(output: Output) -> None:
    said = (
        'author == "Ann, Bob" && domain == "example.co.uk" && "Deals" in categories && language == "en"'
        f' && feed == "Feed {A}" && feed_id == "{A}" && words == 3 && sources == 1 && seconds == 0'
        ' && published == timestamp("2026-11-01T12:00:00Z") && discovered > published'
        ' && url.endsWith("/x") && summary == "three short words" && text == summary'
    )
    await output.asks(filter=output_filter(expression=said))
    html = "<p>three <b>short</b> words</p>"
    one = new(
        "x",
        url="https://www.example.co.uk/x",
        content_html=html,
        published=NOW - DAY,
        authors=("Ann", "Bob"),
        categories=("Deals",),
        language="en-GB",
    )
    await output.stored.poll(A, one, new("y", content_html=html))
    await output.settle()
    assert [line[1] for line in output.lines()] == ["x"]


async def test_what_several_feeds_must_tell_enters_on_top_when_they_do(output: Output) -> None:
    await output.asks(min_sources=2)
    stored, page = output.stored, "https://pages.example/"
    for name, feed in (("old", A), ("new", A), ("old2", B)):
        stored.clock.advance(HOUR)
        await stored.poll(feed, told(name, url=page + name[:3], at=stored.clock.now()))
        await output.settle()
    assert await output.shown() == ["old"]
    stored.clock.advance(HOUR)
    await stored.poll(C, told("new2", url=page + "new"))
    await output.settle()
    assert await output.shown() == ["new", "old"]
    stored.clock.advance(HOUR)
    await stored.poll(C, told("old3", url=page + "old"))
    await output.settle()
    assert await output.shown() == ["new", "old"]
    # Retention forgets who told it: what was shown stays.
    (forgotten,) = [row.id for row in stored.rows(entries) if row.identity == "new2"]
    await stored.poll(C, unlisted=[forgotten])
    await stored.store.drop_old(NOW + 90 * DAY, DAY, 0, [])
    assert await output.shown() == ["new", "old"]
    assert [kind for kind, _, _ in output.lines()] == [ENTER, ENTER]


async def test_a_quota_leaves_out_what_is_too_much_for_good(output: Output) -> None:
    await output.asks(quota=Quota(2, DAY))
    stored = output.stored
    ids = await stored.poll(A, *(told(name) for name in "opqr"))
    await stored.poll(B, told("b"))
    await output.settle()
    assert [line[1] for line in output.lines()] == ["q", "r", "b"]
    stored.clock.advance(DAY + HOUR)
    await stored.poll(
        A, changed=[changed(ids[0], "o", content_html=f"<p>{long_text('o', 150)}</p>")]
    )
    await stored.poll(B, told("o2"))  # another copy is no reason either
    await output.settle()
    await output.shown()
    assert [line[1] for line in output.lines()] == ["q", "r", "b"]
    await stored.poll(A, told("s"))
    await output.settle()
    assert [line[1] for line in output.lines()][3:] == ["s"]
    assert all(reason == LineReason.SETTLED for _, _, reason in output.lines())


async def test_a_merge_takes_nothing_back_that_was_shown(output: Output) -> None:
    await output.asks(quota=Quota(1, DAY))
    stored = output.stored
    left_out, shown = await stored.poll(A, told("o"), told("p"))
    await output.settle()
    assert await output.shown() == ["p"]
    await stored.store.merge(left_out, shown)
    await stored.store.catch_up([output.selection])
    assert len(await output.shown()) == 1
    assert [line[0] for line in output.lines()] == [ENTER, WITHDRAW, ENTER]
    assert {row.at for row in stored.rows(output_arrivals)} == {NOW}


async def test_another_quota_looks_at_what_is_stored_by_its_dates(output: Output) -> None:
    await output.asks(quota=Quota(1, DAY))
    stored = output.stored
    dates = [0, 1, 2, 30, 31, 60]
    await stored.poll(A, *(told(f"x{d}y", at=NOW - d * HOUR) for d in dates))
    await output.settle()
    assert await output.shown() == ["x0y"]
    await output.asks(quota=Quota(2, DAY))
    assert await output.shown() == ["x0y", "x1y", "x30y", "x31y", "x60y"]
    assert {reason for _, _, reason in output.lines()[1:]} == {LineReason.FILLED}
    await output.asks(quota=Quota(1, DAY))
    assert len(await output.shown()) == 5  # they were shown
    await output.asks(quota=None)
    assert len(await output.shown()) == 6


async def test_what_a_quota_remembers_goes_with_the_stories(output: Output) -> None:
    await output.asks(quota=Quota(1, DAY))
    stored = output.stored
    ids = await stored.poll(A, told("o"), told("p"))
    await output.settle()
    assert stored.count(output_arrivals) == 2
    await stored.store.drop_old(NOW + 40 * DAY, timedelta(0), 0, [])
    assert stored.count(output_arrivals) == 2
    await stored.poll(A, unlisted=ids)
    await stored.store.drop_old(NOW + 40 * DAY, DAY, 0, [])
    await output.shown()
    await stored.store.drop_old(NOW + 40 * DAY, DAY, 0, [])
    assert stored.count(output_arrivals) == 0


async def test_age_takes_from_the_window_without_a_line(output: Output) -> None:
    await output.asks(max_age=2 * DAY)
    stored = output.stored
    await stored.poll(A, *(told(f"x{d}y", at=NOW - d * DAY) for d in (0, 1, 3)))
    await output.settle()
    assert await output.shown() == ["x0y", "x1y"]
    stored.clock.advance(DAY + timedelta(minutes=59))
    assert await output.shown() == ["x0y", "x1y"]
    stored.clock.advance(timedelta(minutes=1))
    assert await output.shown() == ["x0y"]
    assert len(output.lines()) == 3
    await output.asks(max_age=9 * DAY)
    assert await output.shown() == ["x0y", "x1y", "x3y"]


async def test_a_front_page_has_what_most_tell_first(output: Output) -> None:
    await output.asks(order=OutputOrder.SOURCES)
    stored, page = output.stored, "https://pages.example/big"
    await stored.poll(A, told("big", url=page, at=NOW - 8 * HOUR), told("small"))
    await output.settle()
    assert await output.shown() == ["small", "big"]
    for feed, name in ((B, "big2"), (C, "big3")):
        await stored.poll(feed, told(name, url=page, at=NOW - HOUR))
    await output.settle()
    assert await output.shown() == ["big", "small"]
    assert [line[0] for line in output.lines()] == [ENTER, ENTER]
    (first, _) = await stored.store.load_items(output.selection)
    assert len(first.related) == 2


async def test_a_log_is_filled_in_steps_and_shows_what_was_met(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored.subscribe(A)
    output = Output(stored, Selection(10))
    monkeypatch.setattr(filling, "MOST", 1)
    monkeypatch.setattr(store, "_SLICES", 1)
    monkeypatch.setattr("aggregator.store.outputs.groups.CHUNK", 2)
    monkeypatch.setattr("aggregator.store.outputs.groups._FEW", 0)
    names = [f"x{n}{'yes' if n % 9 == 0 else 'no'}" for n in range(30)]
    await stored.poll(A, *(told(name, at=NOW - n * HOUR) for n, name in enumerate(names)))
    await stored.settle()
    version = await stored.store.version()
    await output.asks(filter=output_filter(keep=[r"/x\d+yes/"]), limit=2)
    steps = [await output.shown() for _ in range(20)]
    assert steps[0] == ["x0yes"]
    assert steps[-1] == ["x0yes", "x9yes"]
    assert await stored.store.version() > version
    (whole,) = await stored.store.outputs({"one": output.selection})
    assert whole.up_to_date
    assert [line[1] for line in output.lines()] == ["x0yes", "x9yes"]  # no further than it must
    await output.asks(limit=9)
    steps = [await output.shown() for _ in range(20)]
    assert steps[-1] == ["x0yes", "x9yes", "x18yes", "x27yes"]


async def test_a_trial_and_an_explanation_name_the_rule_and_its_place(output: Output) -> None:
    rules = output_filter(drop=["nothing", "ads"], expression='title != "" && words > 5')
    await output.asks(filter=rules, quota=Quota(1, DAY))
    stored = output.stored
    await stored.poll(
        A,
        told("ok", title="ok"),
        told("surplus", title="surplus", at=NOW - HOUR),
        told("ads", title="ads", at=NOW - 2 * HOUR),
        new("short", at=NOW - 3 * HOUR),
    )
    await output.settle()
    before = stored.rows(output_arrivals), output.lines()
    surplus = "max_per_feed: 1 of its feed had entered within 1d"
    with stored.database.engine.connect() as connection:
        tried = try_output(connection, output.selection, NOW - DAY)
        reasons = {
            name: explain(connection, name, {"one": output.selection})[0].outputs[0].reason
            for name in ("ok", "surplus", "ads", "short")
        }
    assert [(one.title, one.unfit and str(one.unfit)) for one in tried] == [
        ("ok", None),
        ("surplus", surplus),
        ("ads", "drop 2: `ads` is in its title"),
        ("Title short", "filter: `words > 5` (column 16) is false"),
    ]
    assert reasons == {
        "ok": "its own text is shown",
        "surplus": f"dropped by {surplus}",
        "ads": "dropped by drop 2: `ads` is in its title",
        "short": "dropped by filter: `words > 5` (column 16) is false",
    }
    assert (stored.rows(output_arrivals), output.lines()) == before
    found = await stored.store.search_items(output.selection, parse_query("ok OR ads OR surplus"))
    assert [item.title for item in found.items] == ["ok"]


async def test_a_trial_has_undated_entries_under_the_time_of_their_discovery(
    stored: Stored, output: Output
) -> None:
    """They stand a week below, where a feed's first poll puts them: ``publish/order.py``."""
    await stored.poll(A, new("undated", at=NOW - 7 * DAY), new("old", at=NOW - 9 * DAY))
    await output.settle()
    with stored.database.engine.connect() as connection:
        tried = try_output(connection, output.selection, NOW - 2 * DAY)
    assert [(one.title, one.at) for one in tried] == [("Title undated", NOW)]


async def test_a_filter_that_cannot_be_evaluated_lets_through_and_says_so_once(
    stored: Stored, output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "_said", set())
    await stored.poll(A, told("1", title="Title 1"), told("2", title="Title 2"))
    with capture_logs() as logged:
        await output.asks(filter=output_filter(expression='categories[3] == "never"'))
        await output.settle()
        assert set(await output.shown()) == {"1", "2"}
        await stored.poll(A, told("3", title="Title 3", categories=("x",)))
        await output.settle()
    said = [one for one in logged if one["event"] == "not evaluated"]
    assert [(one["output"], one["reason"]) for one in said] == [
        ("one", "Index error: index=3 size=0")
    ]
