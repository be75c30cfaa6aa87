"""Explaining an entry: how it is found, what is said of its state, text, story and outputs."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from aggregator.model import (
    DedupeMode,
    Explained,
    JoinReason,
    JoinRule,
    Selection,
    ShownText,
    TextOrigin,
)
from aggregator.publish.groups import category_id
from aggregator.store.db.tables import entries
from aggregator.store.reports.explain import explain
from aggregator.store.reports.find_entries import find_entries
from aggregator.store.stories import operator
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, article, long_text, new

A, B, C = "https://lists.example/feed", "https://b.example/feed", "https://c.example/feed"
PAGE = "https://a.example/news/harbour-bridge-2026"
OUTPUTS = {"all": Selection(100), "one": Selection(1), "b": Selection(9, frozenset({B}))}


async def told(
    stored: Stored, what: str, outputs: dict[str, Selection] = OUTPUTS
) -> list[Explained]:
    return await stored.database.read(explain, what, outputs)


async def two_copies(stored: Stored) -> tuple[int, int]:
    """a and its longer copy b, one story; d is newer."""
    await stored.subscribe(A, B, C)
    (a,) = await stored.poll(A, new("a", url=PAGE, at=NOW - HOUR, guid="tag:a.example,2026:1"))
    await stored.settle()
    (b,) = await stored.poll(
        B, new("b", url=PAGE + "/amp?utm_source=rss", content_html=f"<p>{long_text('b')}</p>")
    )
    await stored.poll(C, new("d", url="https://c.example/d", at=NOW + MINUTE))
    await stored.settle()
    with stored.database.engine.begin() as connection:
        connection.execute(
            update(entries)
            .where(entries.c.id == b)
            .values(join_rule="near", joined_to=a, overlap=0.75, join_note="in other words")
        )
    return a, b


@pytest.mark.parametrize(
    "form",
    [
        PAGE, "http://www.a.example/news/harbour-bridge-2026/?fbclid=x", PAGE + "/amp",
        "https://www.google.com/url?url=https%3A%2F%2Fa.example%2Fnews%2Fharbour-bridge-2026",
        "https://a-example.cdn.ampproject.org/c/s/a.example/news/harbour-bridge-2026", f"  {PAGE}\n",
    ],
)  # fmt: skip
async def test_any_form_of_an_address_finds_its_entries(stored: Stored, form: str) -> None:
    a, b = await two_copies(stored)
    assert [one.entry_id for one in await told(stored, form)] == [a, b]


async def test_short_links_and_pages_without_a_name_are_found(stored: Stored) -> None:
    await stored.subscribe(A)
    links = {
        "https://youtu.be/dQ0-abcDE_f?si=x": "https://www.youtube.com/watch?v=dQ0-abcDE_f",
        "https://a.example/?p=7": "http://www.a.example/index.php?p=7&utm_source=x",
        "https://a.example/%E4%BD%A0": "https://a.example/你/",
    }
    ids = await stored.poll(A, *(new(link, url=link) for link in links))
    for entry_id, other in zip(ids, links.values(), strict=True):
        assert await stored.database.read(find_entries, other) == [entry_id]


async def test_ids_and_guids_find_entries(stored: Stored) -> None:
    a, b = await two_copies(stored)
    rows = {row.id: row for row in stored.rows(entries)}

    async def found(what: str) -> list[int]:
        return await stored.database.read(find_entries, what)

    assert await found(str(b)) == [b]
    assert await found(rows[b].public_id) == [b]
    assert await found(rows[a].public_id) == [a, b]  # the item's id, too
    assert await found("tag:a.example,2026:1") == [a]
    assert await found("https://a.example/news/harbour-bridge-2027") == []
    assert await found("https://a.example/") == []
    for nothing in ("", "999999", "9" * 30, "urn:x", "%", "https://", "a' OR 1"):
        assert await found(nothing) == []


async def test_pages_addresses_find_entries_and_texts_are_told_apart(stored: Stored) -> None:
    await stored.subscribe(A)
    links = [f"https://a.example/{n}" for n in ("done", "failed", "waiting", "later")]
    await stored.poll(
        A, *(new(link, link) for link in links), new("bare", summary_html="", content_html="")
    )
    for task in await stored.pages():
        if task.url.endswith("done"):
            said = article("Whole.", reason="long", confidence=0.75)
            await stored.store.commit_article(task, said, "https://a.example/final-place")
        elif task.url.endswith("failed"):
            await stored.store.fail_article(task, "HTTP status 404", None)
        elif task.url.endswith("later"):
            await stored.store.fail_article(task, "HTTP status 503", NOW + DAY)
    await stored.settle()
    (done,) = await told(stored, "https://www.a.example/final-place/")
    assert done.text == TextOrigin(ShownText.PAGE, 6, "page:trafilatura, confidence 0.75: long")
    assert (done.state, done.url) == ("settled", links[0])
    (failed,) = await told(stored, links[1])
    assert failed.text.origin == "feed summary"
    assert failed.text.note == "its page was given up: HTTP status 404"
    (waiting,) = await told(stored, links[2])
    assert (waiting.state, waiting.story, waiting.joined) == ("waiting", None, None)
    assert waiting.state_reason == f"waits for its page {links[2]}"
    assert next(one.reason for one in waiting.outputs) == "it has no story yet"
    (later,) = await told(stored, links[3])
    assert later.text.note.startswith("its page is tried again at 2026-11-03 12:00 UTC: HTTP")
    (bare,) = await told(stored, "bare")
    assert bare.text == TextOrigin(ShownText.NONE, 0, "no page was asked for")


async def test_the_story_the_rule_and_the_copy_are_told(stored: Stored) -> None:
    a, b = await two_copies(stored)
    one, two = await told(stored, PAGE)
    assert two.joined == JoinReason(JoinRule.NEAR, a, 0.75, "in other words")
    assert one.story == two.story == one.public_id
    assert [(m.entry_id, m.represents) for m in one.members] == [(a, False), (b, True)]
    await stored.database.write(operator.split, a)
    (one, two) = await told(stored, PAGE)
    assert one.joined is not None
    assert (one.joined.rule, one.joined.held) == ("hand", True)
    assert [len(found.members) for found in (one, two)] == [1, 1]


async def test_each_output_gives_its_verdict(stored: Stored) -> None:
    _, b = await two_copies(stored)
    story = stored.rows(entries)[0].public_id
    one, two = await told(stored, PAGE)

    def verdicts(of: Explained) -> dict[str, tuple[bool, str | None, int | None]]:
        return {v.output: (v.shown, v.item_id, v.through) for v in of.outputs}

    assert verdicts(two) == {
        "all": (True, story, b),
        "one": (False, story, b),
        "b": (True, story, b),
    }
    assert verdicts(one) == {
        "all": (False, story, b),
        "one": (False, story, b),
        "b": (False, None, None),
    }
    reasons = {v.output: v.reason for v in one.outputs}
    assert f"entry {b} represents its story" in reasons["all"]
    assert "not among the newest 1 " in reasons["one"]
    assert "categories and tags" in reasons["b"]
    assert two.outputs[0].reason == "its own text is shown, for 1 other copy, too"
    await stored.subscribe(B)
    (one, two) = await told(stored, PAGE)
    assert {v.reason for v in one.outputs} == {"its feed is no longer in the configuration"}
    assert verdicts(two)["all"] == (True, story, b)


async def test_modes_and_scopes_are_explained_and_their_ids_found(stored: Stored) -> None:
    a, b = await two_copies(stored)
    rows = {row.id: row.public_id for row in stored.rows(entries)}
    outputs = {
        "off": Selection(9, dedupe=DedupeMode.OFF),
        "each": Selection(9, categories={A: ["News"], B: ["Tech"]}),
    }
    one, two = await told(stored, PAGE, outputs)
    assert [v.item_id for v in one.outputs] == [rows[a], category_id(rows[a], "News")]
    assert [v.item_id for v in two.outputs] == [rows[b], category_id(rows[a], "Tech")]
    assert all(v.shown for found in (one, two) for v in found.outputs)
    (by_item,) = await told(stored, category_id(rows[a], "Tech"), outputs)
    assert by_item.entry_id == b
