"""Outputs: which stories they show, in whose words, and when that changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert, update

from aggregator.model import (
    Cursor,
    Details,
    Enclosure,
    Maker,
    Origin,
    ParsedFeed,
    PollResult,
    Provenance,
    Related,
    RereadEntry,
    Selection,
)
from aggregator.privacy.public import PublicUrl
from aggregator.store.db.tables import entries, stories
from aggregator.store.outputs import items
from tests.support.storage import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    Stored,
    article,
    changed,
    long_text,
    new,
)

A, B, C = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"
PAGE = "https://a.example/news/1"


async def titles(stored: Stored, limit: int = 100, keys: list[str] | None = None) -> list[str]:
    return [item.title.removeprefix("Title ") for item in await stored.items(limit, keys)]


async def syndicated(stored: Stored) -> None:
    """One story: a teaser in A, the whole text in B, another link to A's page in C."""
    await stored.subscribe(A, B, C)
    guid, page_of_b = "tag:a.example,2026:1", "https://b.example/news/7"
    await stored.poll(A, new("a", url=PAGE, guid=guid, at=NOW - HOUR))
    await stored.settle()
    await stored.poll(B, new("b", url=page_of_b, guid=guid, content_html=long_text("b")))
    await stored.poll(C, new("c", url=PAGE + "?utm_source=rss", guid=guid))
    await stored.settle()
    assert stored.count(stories) == 1


async def test_newest_first_up_to_the_limit(stored: Stored) -> None:
    await stored.subscribe(A)
    ages = {"old": 3 * DAY, "new": MINUTE, "middle": DAY, "tie 1": HOUR, "tie 2": HOUR}
    await stored.poll(A, *(new(name, at=NOW - age) for name, age in ages.items()))
    await stored.settle()
    assert await titles(stored) == ["new", "tie 2", "tie 1", "middle", "old"]
    assert await titles(stored, limit=2) == ["new", "tie 2"]


async def test_only_settled_entries_of_active_and_chosen_feeds(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("a"), new("waits", PAGE))
    await stored.poll(B, new("b"))
    await stored.settle()
    assert sorted(await titles(stored)) == ["a", "b"]
    assert await titles(stored, keys=[B]) == ["b"]
    assert await titles(stored, keys=[]) == []
    await stored.subscribe(B)
    assert await titles(stored) == ["b"]
    assert await titles(stored, keys=[A]) == []
    await stored.subscribe(A, B)
    assert sorted(await titles(stored)) == ["a", "b"]


async def test_the_limit_counts_stories_of_the_chosen_feeds_alone(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, *(new(f"a{i}") for i in range(5)))
    await stored.poll(B, new("b", at=NOW - DAY))
    await stored.settle()
    assert await titles(stored, limit=1, keys=[B]) == ["b"]


async def test_a_story_is_shown_once_with_its_other_sources(stored: Stored) -> None:
    await syndicated(stored)
    (item,) = await stored.items()
    assert item.title == "Title b"
    # One link a page, without trackers.
    assert item.related == (
        Related(f"Feed {A}", PAGE, PublicUrl(A)),
        Related(f"Feed {C}", None, PublicUrl(C)),
    )
    (chosen,) = await stored.items(keys=[A])
    assert (chosen.title, chosen.related) == ("Title a", ())
    assert chosen.id == item.id


async def test_another_feed_with_the_same_link_changes_neither_id_nor_dates(
    stored: Stored,
) -> None:
    await stored.subscribe(A, B, C)
    named = ParsedFeed("Name", "https://name.example/")
    await stored.poll(A, new("a", url=PAGE, at=NOW - HOUR), parsed=named)
    await stored.settle()
    (alone,) = await stored.items()
    stored.clock.advance(HOUR)
    await stored.poll(B, new("b", url=PAGE), parsed=named)
    await stored.poll(C, new("c", url=PAGE), parsed=ParsedFeed("C", "https://c.example/"))
    await stored.settle()
    (item,) = await stored.items()
    site = PublicUrl("https://c.example/")
    assert item.related == (Related("C", None, PublicUrl(C), site),)  # B shows the name that A has
    assert replace(item, related=()) == alone


async def test_a_planets_item_does_not_name_the_blog_twice(stored: Stored) -> None:
    await stored.subscribe(A, B, C)
    copied = Details(origin=Origin("Blog", feed_url=f"{B}?utm_source=planet"))
    text = long_text("a")
    await stored.poll(A, new("a", url=PAGE, content_html=text, details=copied))
    await stored.settle()
    for feed, name in ((B, "b"), (C, "c")):
        await stored.poll(feed, new(name, url=PAGE))
        await stored.settle()
    (item,) = await stored.items()
    assert [one.title for one in item.related] == [f"Feed {C}"]
    (of_blog,) = await stored.items(keys=[B, C])
    assert [one.title for one in of_blog.related] == [f"Feed {C}"]


async def test_an_output_without_the_representatives_feed_has_the_next_best(
    stored: Stored,
) -> None:
    await syndicated(stored)
    (item,) = await stored.items(keys=[A, C])
    assert (item.title, item.source.feed_url) == ("Title a", A)
    await stored.subscribe(C)
    assert await titles(stored) == ["c"]


async def test_an_item_is_complete(stored: Stored) -> None:
    await stored.subscribe(A)
    facts = ParsedFeed(title="Feed A", site_url="https://a.example/", language="fr")
    one = new(
        "one",
        PAGE + "?utm_source=rss",
        published=NOW - HOUR,
        summary_html="<p>Short</p>",
        categories=("c",),
        enclosures=(Enclosure("https://a.example/1.mp3", "audio/mpeg", 7),),
    )
    await stored.poll(A, one, parsed=facts)
    (task,) = await stored.pages()
    said = article("Long.", authors=("X",), image="https://a.example/i.png", title="Page title")
    await stored.store.commit_article(task, said, PAGE)
    await stored.settle()
    (item,) = await stored.store.load_items(Selection(5, None, {A: "Mine"}))
    assert (item.id, item.title, item.url) == (one.public_id, "Title one", PAGE)
    assert (item.content_html, item.summary) == ("<p>Long.</p>", "Short")
    assert (item.published, item.updated) == (NOW - HOUR, NOW - HOUR)
    assert (item.authors, item.categories, item.language) == (("X",), ("c",), "fr")
    assert (item.enclosures, item.image) == (one.entry.enclosures, "https://a.example/i.png")
    assert item.source.title == "Mine"
    assert (item.source.feed_url, item.source.site_url) == (A, "https://a.example/")
    (unnamed,) = await stored.items()
    assert unnamed.source.title == "Feed A"


async def test_a_summary_is_one_line_of_bounded_length(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one", summary_html="<p>" + "word\n " * 200 + "</p>"))
    await stored.settle()
    (item,) = await stored.items()
    assert len(item.summary) <= items.SUMMARY_LENGTH
    assert item.summary.startswith("word word")
    assert item.summary.endswith("word…")


async def test_a_change_moves_only_updated(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one", published=NOW - HOUR))
    await stored.settle()
    (before,) = await stored.items()
    stored.clock.advance(DAY)
    await stored.poll(A, changed=[changed(one, "one", title="New", published=NOW - HOUR)])
    await stored.settle()
    (after,) = await stored.items()
    assert after.title == "New"
    assert (after.id, after.published) == (before.id, before.published)
    assert (before.updated, after.updated) == (NOW - HOUR, NOW + DAY)


async def test_when_an_item_was_published_is_fixed_when_it_is_first_shown(stored: Stored) -> None:
    await stored.subscribe(A)
    one, _, _ = await stored.poll(
        A,
        new("dated", published=NOW - HOUR),
        new("updated", updated=NOW - HOUR),
        new("paged", PAGE),
    )
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(published=NOW - 2 * HOUR), PAGE)
    await stored.settle()
    before = {item.title: item.published for item in await stored.items()}
    assert before == {
        "Title dated": NOW - HOUR,
        "Title updated": NOW - HOUR,
        "Title paged": NOW - 2 * HOUR,
    }
    stored.clock.advance(DAY)
    await stored.poll(A, changed=[changed(one, "dated", title="Title dated", published=NOW + DAY)])
    await stored.settle()
    assert {item.title: item.published for item in await stored.items()} == before


async def test_what_nobody_dates_is_not_dated_by_a_page_that_comes_late(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one", PAGE))
    stored.clock.advance(HOUR)
    await stored.store.release_overdue(stored.clock.now(), MINUTE)
    await stored.settle()
    (item,) = await stored.items()
    assert (item.published, item.updated) == (None, NOW)
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(published=NOW - DAY), PAGE)
    await stored.settle()
    (item,) = await stored.items()
    assert (item.published, item.updated) == (None, stored.clock.now())


async def test_another_representative_leaves_the_date_of_the_item(stored: Stored) -> None:
    await stored.subscribe(A, B)
    guid = "tag:a.example,2026:1"
    await stored.poll(A, new("a", guid=guid, published=NOW - HOUR))
    await stored.settle()
    (before,) = await stored.items()
    await stored.poll(B, new("b", guid=guid, published=NOW - DAY, content_html=long_text("b")))
    await stored.settle()
    (after,) = await stored.items()
    assert after.title == "Title b"
    assert (after.id, after.published, after.updated) == (before.id, NOW - HOUR, NOW - HOUR)


async def test_a_story_of_the_release_before_keeps_the_dates_that_it_shows(stored: Stored) -> None:
    await syndicated(stored)
    with stored.database.engine.begin() as connection:
        connection.execute(
            update(entries).values(published_fixed=False, published_at=NOW - 3 * HOUR)
        )
        connection.execute(
            update(entries)
            .where(entries.c.guid.is_not(None), entries.c.title == "Title b")
            .values(published_at=NOW - DAY)
        )
    (item,) = await stored.items()
    assert (item.title, item.published, item.updated) == ("Title b", NOW - DAY, NOW - DAY)


async def test_a_page_whose_entry_says_that_it_was_updated_decides(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one", PAGE, updated=NOW - HOUR))
    for text in ("The text.", "The text.", "The corrected text."):
        (task,) = await stored.pages()
        await stored.store.commit_article(task, article(text), PAGE)
        await stored.settle()
        (item,) = await stored.items()
        corrected = text != "The text."
        assert item.updated == (stored.clock.now() if corrected else NOW - HOUR)
        assert item.published == NOW - HOUR
        stored.clock.advance(HOUR)
        again = new("one", PAGE, updated=stored.clock.now()).entry
        await stored.poll(A, reread=[RereadEntry(one, again, refresh=True)])


async def test_the_version_moves_with_what_is_shown_and_only_then(stored: Stored) -> None:
    version = await stored.store.version()

    async def moved() -> bool:
        nonlocal version
        before, version = version, await stored.store.version()
        return version > before

    await stored.subscribe(A, B)
    assert await moved()
    await stored.subscribe(A, B)
    (one,) = await stored.poll(A, new("one", PAGE))
    await stored.poll(B, result=PollResult.NOT_MODIFIED, parsed=None)
    await stored.settle()
    assert not await moved()
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article("First."), PAGE)
    await stored.settle()
    assert await moved()
    await stored.poll(A, unlisted=[one])
    await stored.poll(A, relisted=[one])
    await stored.store.drop_old(stored.clock.now(), DAY, 1, [])
    await stored.settle()
    assert not await moved()
    await stored.poll(A, changed=[changed(one, "one", title="New")])
    await stored.settle()
    assert await moved()
    await stored.subscribe(B)
    assert await moved()


async def test_the_time_of_a_rendering_stays_while_its_bytes_do(stored: Stored) -> None:
    async def remember(name: str, kind: str, digest: str, now: datetime) -> datetime:
        maker = Maker("1", now.isoformat())
        return (await stored.store.remember_rendering(name, kind, digest, now, maker))[0]

    assert await remember("all", "atom", "d1", NOW) == NOW
    assert await remember("all", "atom", "d1", NOW + HOUR) == NOW
    assert await remember("all", "rss", "d1", NOW + HOUR) == NOW + HOUR
    assert await remember("other", "atom", "d1", NOW + DAY) == NOW + DAY
    assert await remember("all", "atom", "d2", NOW + HOUR) == NOW + HOUR
    assert await remember("all", "atom", "d1", NOW + DAY) == NOW + DAY
    assert await remember("all", "rss", "d1", NOW + DAY) == NOW + HOUR


async def test_the_same_bytes_keep_the_place_in_the_log_that_they_were_made_at(
    stored: Stored,
) -> None:
    async def place(digest: str, cursor: Cursor | None) -> Cursor | None:
        made = ("all", "atom", digest, NOW, Maker("1", "a"), cursor)
        found = (await stored.store.remember_rendering(*made))[1]
        assert (await stored.store.last_renderings())[made[:2]].cursor == found
        return found

    assert await place("d1", None) is None  # of a release before
    assert await place("d1", Cursor(1, 5)) == Cursor(1, 5)
    assert await place("d1", Cursor(1, 9)) == Cursor(1, 5)
    assert await place("d2", Cursor(1, 9)) == Cursor(1, 9)
    assert await place("d2", Cursor(2, 3)) == Cursor(2, 3)  # another log


async def test_it_is_known_what_made_the_latest_rendering(stored: Stored) -> None:
    remember, old, new_ = stored.store.remember_rendering, Maker("1", "a"), Maker("1", "b")
    await remember("all", "atom", "d1", NOW, old)
    await remember("all", "rss", "d1", NOW, old)
    same_bytes = await remember("all", "atom", "d1", NOW + HOUR, new_)
    assert same_bytes == (NOW, None)
    makers = {which: one.maker for which, one in (await stored.store.last_renderings()).items()}
    assert makers == {("all", "rss"): old, ("all", "atom"): new_}


async def test_everything_that_outputs_show_is_known_however_much(stored: Stored) -> None:
    await stored.subscribe(A)
    (first,) = await stored.poll(A, new("one"))
    await stored.settle()
    story, row = stored.row(stories), stored.row(entries)
    count = 2000
    with stored.database.engine.begin() as connection:
        connection.execute(
            insert(stories),
            [
                {**story._mapping, "id": story.id + i, "public_id": f"urn:{i}"}
                for i in range(1, count)
            ],
        )
        connection.execute(
            insert(entries),
            [
                {**row._mapping, "id": first + i, "identity": str(i), "story_id": story.id + i}
                for i in range(1, count)
            ],
        )
    with stored.database.engine.connect() as connection:
        kept = items.shown_entries(connection, [Selection(count), Selection(3)])
    assert len(kept) == count


async def test_the_status_counts_what_there_is(stored: Stored) -> None:
    await stored.subscribe(A, B)
    pages = [f"https://a.example/{i}" for i in range(3)]
    await stored.poll(A, *(new(page, page) for page in pages))
    done, failed, _ = await stored.pages()
    await stored.store.commit_article(done, article(), done.url)
    await stored.store.fail_article(failed, "404", None)
    await stored.settle()
    await stored.poll(B, result=PollResult.GONE, error="410", failures=1, parsed=None)
    status = await stored.store.status({A: "Mine"}, {A: ["News"]})
    assert (status.entries, status.stories, status.unsettled) == (3, 2, 1)
    assert (status.articles, status.articles_failed, status.articles_waiting) == (1, 1, 1)
    b, a = status.feeds  # what is in trouble comes first
    assert (a.title, a.category, a.entries, a.result) == ("Mine", "News", 3, "updated")
    assert (a.last_success, a.next_poll) == (NOW, NOW + timedelta(hours=1))
    assert (b.title, b.entries, b.error, b.next_poll) == (B, 0, "410", None)


async def test_files_that_entries_lead_to_are_enclosures(stored: Stored) -> None:
    await stored.subscribe(A)
    report = "https://a.example/report"
    await stored.poll(A, new("report", report), new("paper", url="https://a.example/paper.pdf"))
    (task,) = await stored.pages()
    file = article("", html="", source="file:application/pdf")
    await stored.store.commit_article(task, file, "https://a.example/files/7")
    await stored.settle()
    shown = {item.title: item.enclosures for item in await stored.items()}
    assert shown == {
        "Title report": (Enclosure("https://a.example/files/7", "application/pdf"),),
        "Title paper": (Enclosure("https://a.example/paper.pdf", "application/pdf"),),
    }


async def test_an_item_says_where_its_text_came_from(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("page", PAGE), new("feed"))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(source="page:rule", confidence=0.9), PAGE)
    await stored.settle()
    shown = {item.title: item.provenance for item in await stored.items()}
    assert shown == {
        "Title page": Provenance("page:rule", 0.9),
        "Title feed": Provenance("feed"),
    }
