"""A document that breaks off: what it no longer lists has not left, what was cut has not changed."""

from __future__ import annotations

import asyncio

from tests.support.polling import House, ok, open_house, open_site, rss
from tests.support.servers import RawServer, reply
from tests.support.storage import DAY

NAMES = ("one", "two", "three", "four")
WHOLE = rss(*NAMES, body="A text that is long enough to be cut.")
CUT = WHOLE[: WHOLE.index(b"three</title>") + 60]


async def listed(house: House) -> set[str]:
    known = await house.stored.store.known_entries(house.feed().id, [])
    return {one.identity for one in known if one.listed}


async def test_nothing_leaves_and_nothing_changes_by_a_cut(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(WHOLE)
        await house.poll()
        before = await house.stored.items()
        site.answers["/f"] = ok(CUT.replace(b"A text", b"A new text"))
        await house.poll(DAY)
        assert house.feed().last_result == "updated"  # the first two, which are whole
        assert await listed(house) == set(NAMES)
        after = {item.title: item for item in await house.stored.items()}
        assert sorted(after) == sorted(item.title for item in before)
        assert ["new" in after[name].content_html for name in NAMES] == [True, True, False, False]


async def test_a_cut_entry_comes_when_it_is_whole(sqlite_url: str) -> None:
    async with open_site() as site, open_house(sqlite_url, site.url("/f")) as house:
        site.answers["/f"] = ok(CUT, ETag='"cut"')
        await house.poll()
        assert await house.titles() == {"one", "two"}
        assert house.feed().last_full_at is None
        site.answers["/f"] = ok(WHOLE, ETag='"whole"')
        await house.poll(DAY)
        assert await house.titles() == set(NAMES)
        # HTTP had told the length of what was cut: the server really had no more.
        assert site.fields("If-None-Match") == [None, '"cut"']


async def test_what_may_have_been_cut_on_its_way_is_not_hidden_by_a_304(sqlite_url: str) -> None:
    head = b'HTTP/1.0 200 OK\r\nETag: "1"\r\n\r\n'  # the end of the connection is that of the body
    answers = iter([head + CUT, head + WHOLE, reply("304 Not Modified")])

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(next(answers))

    async with RawServer(answer) as server, open_house(sqlite_url, server.url + "/f") as house:
        for _ in range(3):
            await house.poll(DAY)
        assert await house.titles() == set(NAMES)
    assert [b"If-None-Match" in head for head in server.requests] == [False, False, True]
