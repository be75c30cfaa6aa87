"""An upgrade is no flood: a database of the release before, polled by this one.

``tests/data/release_before.json`` holds the rows that the release wrote whose last migration it names, polling the
documents below: links with fragments, comments, a linkblog, two alerts of one template. Some of it this
release would read otherwise; what subscribers have seen stays what it was.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, insert, text, update

from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import feeds, metadata
from tests.support.polling import Site, ok, open_house
from tests.support.storage import DAY, FakeClock

WRITTEN = (
    Path(__file__).parents[2].joinpath("data", "release_before.json").read_text(encoding="utf-8")
)
ADVICE = (
    "Flooding of low land and roads is possible within the next twelve hours. Move animals and machines to higher ground, do not drive through water, "
    "and keep clear of footpaths along the bank, since the ground is soft and gives way without a sign. Our teams check the gates and clear the screens "
    "of wood where they can be reached in safety. Levels are likely to fall slowly from tomorrow on. This message will be renewed in the morning or "
    "when the situation changes."
)
LEAD = "When the ferry stopped in the fog, nobody on board thought of the time; later they argued about little else."
ANN = "My aunt sailed on that boat for thirty years, and never saw a life belt."
PIET = "The belts were made for the navy, which refused to take them."
THEN = "Mon, 02 Nov 2026 09:00:00 GMT"
NOW = datetime.fromisoformat("2026-12-01T12:00:00+00:00")


def item(title: str, link: str, said: str, guid: str = "") -> str:
    named = f"<guid isPermaLink='false'>{guid}</guid>" if guid else ""
    return f"<item><title>{title}</title>{named}<link>{link}</link><pubDate>Sun, 01 Nov 2026 10:00:00 GMT</pubDate><description>{said}</description></item>"


def rss(title: str, site: str, built: str, *items: str) -> str:
    return f"<rss version='2.0'><channel><title>{title}</title><link>{site}/</link><lastBuildDate>{built}</lastBuildDate>{''.join(items)}</channel></rss>"


def documents(one: str, two: str, built: str) -> dict[str, str]:
    """What the feeds of two sites said, and say; ``built`` is all that may change in it."""
    return {
        "/news": rss(
            "News", one, built,
            item("The ferry in the fog", f"{one}/story", "A ferry stopped in the fog.", "n1"),
            item("Spring on the coast", f"{one}/seasons#spring", "Spring came late to the coast, and with it the geese."),
            item("Autumn on the coast", f"{one}/seasons#autumn", "Autumn came early to the coast, and took the geese."),
            item("Winter alone", f"{one}/winter#the-long-one", "Winter was long, and nobody counted its days."),
        ),
        "/comments": rss("Comments", one, built, item("By: Ann", f"{one}/story#comment-7", ANN, "c7"), item("By: Piet", f"{one}/story#comment-6", PIET, "c6")),
        "/links": f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Links</title><id>urn:x:links</id><updated>2026-11-02T09:00:00Z</updated><link href='{two}/'/>"
        f"<entry><title>Ferry, stopped</title><id>tag:b.example,2026:77</id><link rel='alternate' href='{one}/story'/><link rel='related' href='{two}/linked/77'/>"
        "<published>2026-11-01T10:00:00Z</published><updated>2026-11-01T10:00:00Z</updated>"
        f"<content type='html'>&lt;blockquote&gt;{LEAD}&lt;/blockquote&gt;&lt;p&gt;This is exactly what I said in March, and nobody listened.&lt;/p&gt;</content></entry></feed><!-- {built} -->",
        "/north": rss("North", one, built, item("Flood alert: Upper Weirdale", f"{one}/al/1", f"Flood alert for Upper Weirdale. {ADVICE}", "al")),
        "/south": rss("South", two, built, item("Flood alert: Millford", f"{two}/al/1", f"Flood alert for Millford. {ADVICE}", "bl")),
    }  # fmt: skip


def value(stored: Any) -> Any:
    if isinstance(stored, dict) and stored.keys() == {"at"}:
        return datetime.fromisoformat(stored["at"])
    if isinstance(stored, dict) and stored.keys() == {"bytes"}:
        return bytes.fromhex(stored["bytes"])
    return stored


def load(connection: Connection, written: dict[str, Any]) -> None:
    """Put the rows of ``written`` into tables that have the columns of then."""
    for name, given in written["tables"].items():
        known = metadata.tables[name].columns
        columns = [Column(one, known[one].type) for one in given["columns"]]
        table = Table(name, MetaData(), *columns)
        if name == "counters":
            connection.execute(table.delete())
        rows = [dict(zip(given["columns"], map(value, row), strict=True)) for row in given["rows"]]
        connection.execute(insert(table), rows)
        if "id" in given["columns"] and connection.dialect.name == "postgresql":
            highest = max(row["id"] for row in rows)
            sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)")
            connection.execute(sequence, {"name": name, "highest": highest})


@pytest.mark.parametrize("built", ["the very bytes", THEN, "Tue, 01 Dec 2026 09:00:00 GMT"])
async def test_what_subscribers_have_seen_stays_as_it_was(
    site: Site, empty_database_url: str, built: str
) -> None:
    port = site.base.rpartition(":")[2]
    written = json.loads(
        WRITTEN.replace("{{one}}", f"127.0.0.1:{port}").replace("{{two}}", f"127.0.0.2:{port}")
        .replace("{{one-host}}", "127.0.0.1")
    )  # fmt: skip
    served = documents(site.url("", 1), site.url("", 2), built)
    site.answers |= {path: ok(document.encode()) for path, document in served.items()}
    urls = [site.url(path, 2 if path in {"/links", "/south"} else 1) for path in served]
    engine = open_engine(empty_database_url)
    migrate(engine, written["revision"])
    with engine.begin() as connection:
        load(connection, written)
    migrate(engine)
    if built == "the very bytes":
        with engine.begin() as connection:
            for path, url in zip(served, urls, strict=True):
                hashed = hashlib.sha256(served[path].encode()).hexdigest()
                connection.execute(update(feeds).where(feeds.c.url == url).values(body_hash=hashed))
    engine.dispose()
    seen = {one: datetime.fromisoformat(when) for one, when in written["shown"]}
    async with open_house(empty_database_url, *urls, mode="auto", clock=FakeClock(NOW)) as house:
        before = {one.id: one.updated for one in await house.stored.items()}
        for _ in range(2):
            await house.poll(DAY)
            after = {one.id: one.updated for one in await house.stored.items()}
            assert after == before
    assert before == seen
    assert set(site.paths) == set(served)
