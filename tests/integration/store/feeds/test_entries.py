"""Entries: what a poll's delta changes of them, and what it must not."""

from __future__ import annotations

from dataclasses import replace

from aggregator.model import Enclosure, RereadEntry
from aggregator.store.db.tables import ArticleState, EntryState, articles, entries, entry_texts
from aggregator.store.feeds.entries import load_enclosures
from tests.support.storage import DAY, HOUR, NOW, Stored, article, changed, new

A, B = "https://a.example/feed", "https://b.example/feed"
PAGE = "https://a.example/1"


async def test_ids_come_in_the_order_of_the_delta(stored: Stored) -> None:
    await stored.subscribe(A)
    names = [f"{i * 7919 % 1000:03}" for i in range(1500)]
    names = [f"{name}-{i}" for i, name in enumerate(names)]
    ids = await stored.poll(A, *(new(name) for name in names))
    assert ids == sorted(ids)
    assert {row.id: row.identity for row in stored.rows(entries)} == dict(
        zip(ids, names, strict=True)
    )
    texts = {row.entry_id: row.summary_html for row in stored.rows(entry_texts)}
    assert texts == {i: f"<p>Title {name}</p>" for i, name in zip(ids, names, strict=True)}


async def test_an_entry_is_stored_as_its_feed_states_it(stored: Stored) -> None:
    await stored.subscribe(A)
    enclosures = (
        Enclosure("https://a.example/1.mp3", "audio/mpeg", 2**40),
        Enclosure("https://x/"),
    )
    one = new(
        "one", PAGE, authors=("Ä", "B"), categories=("c",), enclosures=enclosures, language="de"
    )
    (entry_id,) = await stored.poll(A, one)
    row = stored.row(entries)
    assert (row.id, row.public_id, row.sort_at) == (entry_id, one.public_id, one.sort_at)
    assert (row.authors, row.categories, row.language) == (["Ä", "B"], ["c"], "de")
    assert load_enclosures(row.enclosures) == enclosures
    assert (row.first_seen_at, row.changed_at, row.listed) == (NOW, None, True)
    assert row.state == EntryState.WAITING


async def test_a_change_moves_only_what_changed(stored: Stored) -> None:
    await stored.subscribe(A)
    first, other = await stored.poll(A, new("one"), new("other"))
    before = {row.id: row for row in stored.rows(entries)}
    stored.clock.advance(HOUR)
    await stored.poll(A, changed=[changed(first, "one", title="New", content_html="<p>n</p>")])
    after = {row.id: row for row in stored.rows(entries)}
    assert after[other] == before[other]
    old, row = before[first], after[first]
    kept = ("id", "feed_id", "identity", "public_id", "first_seen_at", "sort_at", "story_id")
    assert [getattr(row, name) for name in kept] == [getattr(old, name) for name in kept]
    assert (row.title, row.changed_at, row.state) == ("New", NOW + HOUR, EntryState.READY)
    assert stored.row(entry_texts, entry_texts.c.entry_id == first).content_html == "<p>n</p>"


async def test_entries_leave_their_feed_and_come_back(stored: Stored) -> None:
    await stored.subscribe(A)
    one, two = await stored.poll(A, new("one"), new("two"))
    await stored.poll(A, unlisted=[one])
    claimed = await stored.claim_one(A)
    known = await stored.store.known_entries(claimed.feed.id, ["one", "unheard of"])
    assert {(k.id, k.identity, k.listed) for k in known} == {
        (one, "one", False),
        (two, "two", True),
    }
    assert [k.id for k in await stored.store.known_entries(claimed.feed.id, [])] == [two]
    await stored.store.free_leases()
    await stored.poll(A, relisted=[one])
    assert [(row.listed, row.changed_at) for row in stored.rows(entries)] == [(True, None)] * 2


async def test_a_changed_entry_is_listed_again(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one"))
    await stored.poll(A, unlisted=[one])
    await stored.poll(A, changed=[changed(one, "one", title="New")])
    assert stored.row(entries).listed


async def test_what_an_entry_was_read_from_is_kept(stored: Stored) -> None:
    await stored.subscribe(A)
    one, two = await stored.poll(A, new("one", source_digest="a"), new("two", source_digest="b"))
    await stored.poll(
        A, changed=[changed(one, "one", title="New", source_digest="c")], rewritten=[(two, "d")]
    )
    claimed = await stored.claim_one(A)
    known = await stored.store.known_entries(claimed.feed.id, [])
    assert {(k.id, k.source_digest) for k in known} == {(one, "c"), (two, "d")}
    assert stored.row(entries, entries.c.id == two).changed_at is None


async def test_an_entry_that_is_read_anew_has_not_changed(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one", PAGE, source_digest="a"))
    before, version = stored.row(entries), await stored.store.version()
    again = replace(new("one", PAGE).entry, summary_html="", content_html="<p>anew</p>")
    again = replace(again, content_hash="9:x", source_digest="b")
    stored.clock.advance(DAY)
    await stored.poll(A, reread=[RereadEntry(one, again)])
    after = stored.row(entries)
    assert (after.content_hash, after.source_digest) == ("9:x", "b")
    assert stored.row(entry_texts).content_html == "<p>anew</p>"
    for name in ("changed_at", "state", "state_since", "article_id", "sort_at", "listed"):
        assert getattr(after, name) == getattr(before, name), name
    assert await stored.store.version() > version  # outputs show it


async def test_many_identities_are_looked_up(stored: Stored) -> None:
    await stored.subscribe(A)
    ids = await stored.poll(A, *(new(f"n{i}") for i in range(1200)))
    await stored.poll(A, unlisted=ids)
    feed = (await stored.claim_one(A)).feed
    known = await stored.store.known_entries(feed.id, [f"n{i}" for i in range(1200)])
    assert sorted(k.id for k in known) == ids


async def test_feeds_do_not_see_each_others_entries(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("same"))
    feed = (await stored.claim_one(B)).feed
    assert await stored.store.known_entries(feed.id, ["same"]) == []
    assert await stored.store.forgotten(feed.id, ["same"]) == set()
    await stored.store.free_leases()
    await stored.poll(B, new("same"))
    assert stored.count(entries) == 2


async def test_entries_of_two_feeds_share_their_page(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("a", PAGE))
    await stored.poll(B, new("b", PAGE))
    page = stored.row(articles)
    assert {row.article_id for row in stored.rows(entries)} == {page.id}
    assert len(await stored.pages()) == 1


async def test_two_entries_of_one_poll_share_their_page(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one", PAGE), new("two", PAGE))
    assert stored.count(articles) == 1


async def test_an_entry_that_comes_after_its_page_is_ready_at_once(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("a", PAGE))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(), PAGE)
    await stored.poll(B, new("b", PAGE))
    assert {row.state for row in stored.rows(entries)} == {EntryState.READY}
    assert await stored.pages() == []


async def test_a_change_has_the_page_fetched_again_and_its_text_kept(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one", PAGE))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article("First."), PAGE)
    await stored.settle()
    stored.clock.advance(HOUR)
    await stored.poll(A, changed=[changed(one, "one", PAGE, title="New")])
    page = stored.row(articles)
    assert (page.state, page.attempts, page.html) == (ArticleState.WAITING, 0, "<p>First.</p>")
    assert stored.row(entries).state == EntryState.WAITING
    (item,) = await stored.items()
    assert (item.title, item.content_html) == ("New", "<p>First.</p>")
    assert len(await stored.pages()) == 1


async def test_a_change_can_move_an_entry_to_another_page_or_none(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one", PAGE))
    await stored.poll(A, changed=[changed(one, "one", "https://a.example/2")])
    (second,) = stored.rows(articles, articles.c.url == "https://a.example/2")
    row = stored.row(entries)
    assert (row.article_id, row.state) == (second.id, EntryState.WAITING)
    await stored.poll(A, changed=[changed(one, "one", title="Whole text in the feed")])
    row = stored.row(entries)
    assert (row.article_id, row.state) == (None, EntryState.READY)


async def test_texts_of_any_script_and_size_come_back_whole(stored: Stored) -> None:
    await stored.subscribe(A)
    said = "<p>" + "ß漢字🙂\u202e'\"\\%s:x" * 20_000 + "</p>"
    await stored.poll(A, new("🙂", content_html=said), new("old", at=NOW - 20_000 * DAY))
    first, old = stored.rows(entries)
    assert stored.row(entry_texts, entry_texts.c.entry_id == first.id).content_html == said
    assert old.sort_at == NOW - 20_000 * DAY
