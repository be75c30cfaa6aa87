"""Items that stand in a feed as they did are not read again, and nobody can tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.flow.changes import PollContext, entry_delta, whole_entries
from aggregator.model import Entry, ExtractMode, KnownEntry, ParsedFeed
from aggregator.parse.feed import parse_feed

URL = "https://feeds.example/feed"
POLL = PollContext(URL, None, datetime(2026, 11, 2, tzinfo=UTC), ExtractMode.NEVER)


@dataclass
class Memory:
    """What a database would know of a feed after a succession of polls."""

    skips: bool  # whether known items are left out
    entries: dict[str, tuple[int, Entry]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    read: int = 0  # entries, in all polls

    def poll(self, body: bytes, url: str = URL, max_entries: int = 1000) -> ParsedFeed:
        known = [
            KnownEntry(number, name, one.content_hash, name in self.listed, one.source_digest)
            for name, (number, one) in self.entries.items()
        ]
        digests = {k.source_digest: k.identity for k in known if k.listed and k.source_digest}
        parsed = parse_feed(
            body, url=url, max_entries=max_entries, known=digests if self.skips else None
        )
        complete = not parsed.partial
        entries, unchanged = whole_entries(parsed), parsed.unchanged
        delta = entry_delta(POLL, entries, known, (), complete=complete, unchanged=unchanged)
        names = {number: name for name, (number, _) in self.entries.items()}
        for new in delta.new:
            self.entries[new.entry.identity] = (len(self.entries), new.entry)
            self.listed.add(new.entry.identity)
        for changed in delta.changed:
            self.entries[names[changed.id]] = (changed.id, changed.entry)
        for again in delta.reread:
            self.entries[names[again.id]] = (again.id, again.entry)
        for number, digest in delta.rewritten:
            one = self.entries[names[number]][1]
            self.entries[names[number]] = (number, replace(one, source_digest=digest))
        self.listed |= {names[number] for number in delta.relisted}
        self.listed |= {names[changed.id] for changed in delta.changed}
        self.listed -= {names[number] for number in delta.unlisted}
        self.read += len(parsed.entries)
        return parsed


def rss(*items: str, head: str = "", root: str = "", tail: str = "") -> bytes:
    inner = f"<title>Feed</title>{head}{''.join(items)}{tail}"
    return f"<rss version='2.0'{root}><channel>{inner}</channel></rss>".encode()


def item(name: str, body: str = "text", extra: str = "") -> str:
    return f"<item><title>{name}</title><guid>{name}</guid><description>{body}</description>{extra}</item>"


def atom(*entries: str, head: str = "", root: str = "") -> bytes:
    inner = f"<title>Feed</title>{head}{''.join(entries)}"
    return f"<feed xmlns='http://www.w3.org/2005/Atom'{root}>{inner}</feed>".encode()


def atom_entry(name: str) -> str:
    return f"<entry><id>{name}</id><title>{name}</title><link href='{name}.html'/></entry>"


def json_feed(*names: str, **fields: object) -> bytes:
    items = [{"id": name, "content_text": f"text of {name}", "url": name} for name in names]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "items": items, **fields}).encode()


def feedwide(parsed: ParsedFeed) -> ParsedFeed:
    return replace(parsed, entries=(), unchanged=(), notes=())


def polled(*documents: bytes) -> Memory:
    """After these polls; the same as if each had been read whole."""
    quick, slow = Memory(skips=True), Memory(skips=False)
    for document in documents:
        parsed, wanted = quick.poll(document), slow.poll(document)
        assert quick.entries == slow.entries
        assert quick.listed == slow.listed
        assert feedwide(parsed) == feedwide(wanted)
    return quick


A, B, C = item("a"), item("b"), item("c")


def test_only_what_is_new_or_changed_is_read() -> None:
    memory = polled(rss(A, B), rss(C, A, B), rss(C, A, item("b", "other")), rss(B, C))
    assert memory.read == 2 + 1 + 1 + 1
    assert memory.listed == {"b", "c"}


def test_a_new_head_costs_no_entry() -> None:
    head = "<lastBuildDate>Mon, 02 Nov 2026 12:00:00 GMT</lastBuildDate><ttl>5</ttl>"
    assert polled(rss(A, B), rss(A, B, head=head)).read == 2


def test_an_item_that_comes_back_is_listed_again() -> None:
    memory = polled(rss(A, B), rss(A), rss(A, B), rss(A, B))
    assert memory.listed == {"a", "b"}
    assert memory.read == 3


def test_other_bytes_that_say_the_same_are_noted() -> None:
    commented = item("a", extra="<comments>https://e.org/9</comments>")
    assert polled(rss(A, B), rss(commented, B), rss(commented, B)).read == 3


@pytest.mark.parametrize(
    "after",
    [
        rss(A, B, head="<link>https://e.org/</link>"),
        rss(A, B, tail="<link>https://e.org/</link>"),
        rss(A, B, head="<language>de</language>"),
        rss(A, B, root=" xml:base='https://e.org/'"),
        rss(A, B, root=" xmlns:dc='http://purl.org/dc/elements/1.1/'"),
        rss(A, B).replace(b"2.0", b"0.91"),
        atom(atom_entry("a")),
        json_feed("a"),
    ],
)
def test_what_entries_have_from_their_feed_counts(after: bytes) -> None:
    before = rss(A, B)
    assert polled(before, after).read == 2 + len(parse_feed(after, url=URL).entries)


def test_an_atom_feeds_author_counts() -> None:
    entries = [atom_entry("a"), atom_entry("b")]
    named = atom(*entries, head="<author><name>Ann</name></author>")
    assert polled(atom(*entries), named, named + b"\n").read == 4


def test_the_address_counts_where_links_are_relative() -> None:
    memory = Memory(skips=True)
    memory.poll(atom(atom_entry("a")))
    assert memory.poll(atom(atom_entry("a")), url="https://moved.example/feed").unchanged == ()
    assert memory.entries["a"][1].url == "https://moved.example/a.html"


@pytest.mark.parametrize(
    "twin",
    [
        item("b", extra="<link>https://e.org/other</link>"),
        "<item><guid>b</guid><title>another b</title></item>",
        B,
    ],
)
def test_an_item_with_a_known_ones_id_makes_both_be_read(twin: str) -> None:
    polled(rss(A, B), rss(twin, A, B), rss(A, B), rss(twin, A, B), rss(twin, A, B), rss(A, twin))


def test_a_guid_that_looks_like_a_suffixed_one_is_kept_apart() -> None:
    first, second = (item("a", extra=f"<link>https://e.org/{n}</link>") for n in "12")
    memory = Memory(skips=False)
    memory.poll(rss(first, second))
    suffixed = next(name for name in memory.entries if name.startswith("a#"))
    thief = item(suffixed)
    polled(rss(first, second), rss(thief, first, second), rss(first, thief), rss(thief))
    polled(rss(thief), rss(thief, first, second), rss(first, second))


def test_entries_in_entries_are_always_read() -> None:
    nested = (
        "<item><title>x</title><guid>x</guid><item><title>y</title><guid>y</guid></item></item>"
    )
    assert polled(rss(nested, A), rss(nested, A, B)).read == 3 + 4
    assert polled(rss(A, B), rss(nested, A, B)).read == 2 + 4


def test_the_feeds_own_picture_changes_nothing_in_an_item() -> None:
    said = "<url>https://e.org/i.png</url><description>a long description of it</description>"
    pictured = item("a", extra=f"<image>{said}</image>")
    logo = "<image><url>https://e.org/logo.png</url></image>"
    memory = polled(rss(pictured), rss(pictured, head=logo), rss(pictured, B, head=logo))
    assert memory.read == 2
    assert memory.entries["a"][1].image == "https://e.org/i.png"
    assert memory.entries["a"][1].html == "text"


@pytest.mark.parametrize("end", [1, 12, 30, 60, 90])
def test_the_entry_in_which_a_document_breaks_off_is_never_known(end: int) -> None:
    document = rss(A, B, C)
    broken = document[: document.index(b"<item><title>c") + end]
    polled(document, broken, document, broken, broken)


def test_a_rebuilt_document_is_known_too() -> None:
    bare = item("a", "this & that")
    assert polled(rss(bare, B), rss(C, bare, B)).read == 3


def test_the_newest_are_taken_before_the_known_are_left_out() -> None:
    dated = [item(f"{n}", extra=f"<pubDate>2026-11-{n:02}</pubDate>") for n in range(1, 20)]
    quick, slow = Memory(skips=True), Memory(skips=False)
    for count in (5, 9, 19):
        for memory in (quick, slow):
            memory.poll(rss(*dated[:count]), max_entries=5)
        assert (quick.entries, quick.listed) == (slow.entries, slow.listed)
    assert quick.listed == {f"{n}" for n in range(15, 20)}


def test_empty_items_leave_their_neighbours_alone() -> None:
    polled(rss("<item/>", A, "<item a='>'/>", "<item />"), rss("<item/>", B, A, "<item a='>'/>"))


def test_json_feeds() -> None:
    memory = polled(json_feed("a", "b"), json_feed("c", "a", "b"), json_feed("a", title="T"))
    assert memory.read == 3
    assert memory.listed == {"a"}
    assert polled(json_feed("a"), json_feed("a", language="de")).read == 2
    assert polled(json_feed("a"), json_feed("a", "a"), json_feed("a", "b")).read == 1 + 1 + 2


NAMES = st.sampled_from(("a", "b", "c", "d", "", "https://e.org/1"))
PIECES = st.sampled_from(
    (
        "", "<link>https://e.org/1</link>", "<link>/2</link>", "<image><url>/i.png</url><description>i</description></image>",
        "<author>A</author>", "<pubDate>2026-11-01</pubDate>", "<pubDate>2026-11-02</pubDate>",
        "<x:title xmlns:x='urn:x'>q</x:title>", "<title xmlns='http://www.w3.org/2005/Atom'>z</title>",
        "<media:title xmlns:media='http://search.yahoo.com/mrss/'>m</media:title>",
        "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><b>x</b></content:encoded>",
        "<description><div><summary>x</summary><title>y</title></div></description>",
        "<source url='u'>s</source>", "<textInput><title>t</title></textInput>", "<channel/>",
        "<body xmlns='http://www.w3.org/1999/xhtml'><p>x</p></body>", "<category>k</category>",
        "<language>fr</language>", "<dc:language xmlns:dc='http://purl.org/dc/elements/1.1/'>it</dc:language>",
        "<feed xml:lang='es'/>", "<media:text xmlns:x='urn:y' xmlns:media='urn:x'>b</media:text>",
    )
)  # fmt: skip
ITEMS = st.builds(
    lambda guid, title, extra, base: (
        f"<item{base}><guid>{guid}</guid><title>{title}</title>{''.join(extra)}</item>"
    ),
    NAMES,
    NAMES,
    st.lists(PIECES, max_size=3),
    st.sampled_from(("", " xml:base='https://b.example/'", " xml:lang='pt'")),
)
HEADS = st.lists(
    st.sampled_from(
        (
            "<link>https://e.org/</link>",
            "<language>en</language>",
            "<image><url>u</url><title>i</title></image>",
            "<textInput><title>s</title></textInput>",
            "<ttl>5</ttl>",
        )
    ),
    max_size=2,
).map("".join)


@st.composite
def _successions(draw: st.DrawFn) -> list[bytes]:
    pool = draw(st.lists(ITEMS, min_size=2, max_size=6))
    documents = []
    for _ in range(draw(st.integers(2, 5))):
        listed = draw(st.lists(st.sampled_from(pool), max_size=6))
        document = rss(*listed, head=draw(HEADS), tail=draw(HEADS))
        if draw(st.integers(0, 5)) == 0:
            document = document[: draw(st.integers(60, len(document)))]
        documents.append(document)
    return documents


@settings(max_examples=150, deadline=None)
@given(_successions())
def test_any_succession_leaves_what_reading_all_would(documents: list[bytes]) -> None:
    readable = []
    for document in documents:
        try:
            parse_feed(document, url=URL)
        except ParseError:
            continue
        readable.append(document)
    polled(*readable)
