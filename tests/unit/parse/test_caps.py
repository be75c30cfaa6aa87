"""Documents that cost feed parsers minutes or gigabytes: bounded, and what they say kept.

What is asserted is the bound itself (what reaches the costly parser), not a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from aggregator.errors import ParseError
from aggregator.parse import caps
from aggregator.parse.caps import html_cost
from aggregator.parse.feed import parse_feed
from aggregator.parse.prepare import prepare
from aggregator.parse.repair import Breaks, rebuild
from aggregator.parse.scan import scan

URL = "https://example.org/feed"


def rss(inner: str, attributes: str = "") -> bytes:
    return (
        f'<rss version="2.0"{attributes}><channel><title>F</title>{inner}</channel></rss>'.encode()
    )


ITEM = "<item><title>good</title><guid>1</guid></item>"
NAMESPACES = " ".join(f'xmlns:n{i}="urn:{i}"' for i in range(500))
TOO_MANY = "more than 40000 elements or 100000 attributes"
MANY = " ".join(f'a{i}="1"' for i in range(60))
EXCESSES = {
    "depth": rss(ITEM + "<item>" + "<a>" * 5_000 + "</a>" * 5_000 + "</item>"),
    "attributes": rss(ITEM + "<item " + " ".join(f'a{i}="1"' for i in range(5_000)) + "/>"),
    "namespaces": rss(ITEM, " " + NAMESPACES),
    "categories": rss(ITEM + "<item>" + "<category>x</category>" * 9_000 + "</item>"),
    "author": rss(ITEM + f"<item><author>{'a' * 500_000}</author></item>"),
    "keywords": rss(ITEM + f"<item><keywords>{'k,' * 50_000}</keywords></item>"),
    "date": rss(ITEM + f"<item><pubDate>{'1' * 100_000}</pubDate></item>"),
    "title": rss(ITEM + f"<item><title>{'A' * 500_000}</title></item>"),
    "text": rss(ITEM + f"<item><description>{'word ' * 1_000_000}</description></item>"),
    "elements": rss(ITEM + ("<item>" + "<x/>" * 1_000 + "</item>") * 60),
    "names": rss(ITEM + "<item>" + "".join(f"<x{i}/>" for i in range(3_000)) + "</item>"),
    "attributes in all": rss(ITEM + "<item>" + f"<x {MANY}/>" * 1_900 + "</item>"),
    "a namespace": rss(ITEM + f"<item xmlns:a='urn:{'a' * 500}'><a:b/></item>"),
    "siblings": rss(ITEM + "<item>" + "<enclosure/>" * 50_000 + "</item>"),
    "polygon": rss(ITEM + f"<item><polygon>{'1.5 ' * 100_000}</polygon></item>"),
}


@pytest.mark.parametrize("name", EXCESSES)
def test_an_excess_is_cut_and_the_rest_is_read(name: str) -> None:
    body = EXCESSES[name]
    assert scan(body).excess
    prepared = prepare(body)
    seen = scan(prepared.document)
    assert (seen.error, seen.excess) == ("", "")
    feed = parse_feed(body, url=URL)
    assert feed.entries[0].title == "good"
    assert any(note.startswith(("cut to bounds: ", "the newest ")) for note in feed.notes)


def test_fields_have_bounds() -> None:
    many = "".join(f"<category>c{i}</category><author>a{i}</author>" for i in range(300))
    links = "".join(f'<enclosure url="https://e.org/{i}"/>' for i in range(300))
    (entry,) = parse_feed(
        rss(f"<item><title>{'x' * 5_000}</title>{many}{links}</item>"), url=URL
    ).entries
    assert len(entry.title) == caps.MAX_TITLE
    assert len(entry.categories) == caps.MAX_LIST
    assert len(entry.authors) == 300
    assert len(entry.enclosures) == caps.MAX_LIST


@pytest.mark.parametrize("count", [5, 50])
def test_the_newest_entries_are_taken(count: int) -> None:
    days = (
        [(7 * n) % 28 + 1 for n in range(count)]
        if count <= 5
        else [n % 28 + 1 for n in range(count)]
    )
    items = "".join(
        f"<item><title>{n}</title><guid>{n}</guid><pubDate>{day} Sep 2021 00:00:0{n % 10} GMT</pubDate></item>"
        for n, day in enumerate(days)
    )
    feed = parse_feed(rss(items), url=URL, max_entries=3)
    everything = parse_feed(rss(items), url=URL).entries
    newest = sorted(everything, key=lambda e: (e.published, -int(e.title)), reverse=True)[:3]
    assert {e.guid for e in feed.entries} == {e.guid for e in newest}
    assert f"the newest 3 of {count} entries were taken" in feed.notes


def test_an_address_of_spaces_or_signs_is_none_and_costs_little() -> None:
    # Searched for line breaks with the spaces around them, one of these costs a minute.
    for filling in (" " * 60_000, "\u202e" * 4_000):
        link = f"<link>https://e.org/{filling}x</link>"
        feed = parse_feed(rss(ITEM + f"<item><title>t</title>{link}</item>" * 3), url=URL)
        assert feed.entries[-1].url is None


def test_without_dates_the_first_entries_are_taken() -> None:
    items = "".join(f"<item><title>{n}</title></item>" for n in range(10))
    feed = parse_feed(rss(items), url=URL, max_entries=4)
    assert [e.title for e in feed.entries] == ["0", "1", "2", "3"]


def test_only_the_newest_items_of_a_large_document_reach_the_parser() -> None:
    items = "".join(f"<item><title>{n}</title></item>" for n in range(20_000))
    assert len(scan(prepare(rss(items), max_entries=100).document).items) == 100


def test_a_malformed_large_document_is_bounded_too() -> None:
    items = "".join(f"<item><title>{n} & {n}</title></item>" for n in range(8_000))
    feed = parse_feed(rss(items), url=URL, max_entries=100)
    assert len(feed.entries) == 100
    assert feed.entries[0].title == "0 & 0"


def test_a_document_past_the_cap_is_read_up_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.parse.prepare.MAX_DOCUMENT", 1 << 20)
    item = f"<item><title>t</title><description>{'x' * 5_000}</description></item>"
    feed = parse_feed(rss(item.replace("t<", "{}<").format(0) + item * 500), url=URL)
    assert any("only the first 1 MB" in note for note in feed.notes)
    assert feed.entries


def texts(numbers: Sequence[int], count: int = 1_000) -> bytes:
    """A feed of entries with these numbers, dated in their order."""
    return rss(
        "".join(
            f"<item><guid>{n}</guid><pubDate>{n} Sep 2021 10:00:00 GMT</pubDate>"
            f"<description>{'x' * count}</description></item>"
            for n in numbers
        )
    )


def json_texts(numbers: Sequence[int], count: int = 1_000) -> bytes:
    """The same as JSON Feed."""
    items = [
        {"id": str(n), "date_published": f"2021-09-{n:02}T10:00:00Z", "content_html": "x" * count}
        for n in numbers
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1), (2, 5, 1, 4, 3)])
@pytest.mark.parametrize("document", [texts, json_texts])
def test_the_room_for_texts_is_spent_on_the_newest(
    monkeypatch: pytest.MonkeyPatch, document: Callable[..., bytes], order: Sequence[int]
) -> None:
    monkeypatch.setattr("aggregator.parse.xmlfeed.MAX_TOTAL_HTML", 2_500)
    monkeypatch.setattr("aggregator.parse.jsonfeed.MAX_TOTAL_HTML", 2_500)
    feed = parse_feed(document(order), url=URL)
    assert sorted(entry.guid or "" for entry in feed.entries) == ["4", "5"]
    assert all(entry.html for entry in feed.entries)
    assert feed.partial  # what was left out has not left the feed
    assert feed.notes == ("3 of 5 entries were left for later: there was no room for their texts",)


@pytest.mark.parametrize("document", [texts, json_texts])
def test_what_was_read_costs_no_room_and_no_text_is_lost(
    monkeypatch: pytest.MonkeyPatch, document: Callable[..., bytes]
) -> None:
    monkeypatch.setattr("aggregator.parse.xmlfeed.MAX_TOTAL_HTML", 2_500)
    monkeypatch.setattr("aggregator.parse.jsonfeed.MAX_TOTAL_HTML", 2_500)
    known: dict[str, str] = {}
    polls = []
    for last in (5, 6, 7, 8):
        feed = parse_feed(document(range(last, 0, -1)), url=URL, known=known)
        assert set(feed.unchanged) == set(known.values())
        assert all(entry.html for entry in feed.entries)
        polls.append(({entry.identity for entry in feed.entries}, feed.partial))
        known |= {entry.source_digest: entry.identity for entry in feed.entries}
    assert polls == [
        ({"5", "4"}, True),
        ({"6", "3"}, True),
        ({"7", "2"}, True),
        ({"8", "1"}, False),
    ]


def test_an_entry_without_room_still_tells_what_others_are_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = "".join(
        f"<item><guid>same</guid><link>https://e.org/{n}</link><title>{n}</title>"
        f"<pubDate>{n} Sep 2021 10:00:00 GMT</pubDate><description>{'x' * 1_000}</description></item>"
        for n in (1, 2)
    )
    whole = parse_feed(rss(items), url=URL).entries
    monkeypatch.setattr("aggregator.parse.xmlfeed.MAX_TOTAL_HTML", 1_500)
    assert parse_feed(rss(items), url=URL).entries == whole[1:]


@pytest.mark.parametrize("document", [texts, json_texts])
def test_a_text_that_is_too_much_by_itself_never_depends_on_others(
    monkeypatch: pytest.MonkeyPatch, document: Callable[..., bytes]
) -> None:
    monkeypatch.setattr("aggregator.parse.text_budget.MAX_HTML", 900)
    one = parse_feed(document([1]), url=URL)
    (entry,) = one.entries
    assert (entry.html, one.partial) == ("", False)
    assert parse_feed(document([1, 2, 3]), url=URL).entries[0] == entry


def test_six_megabytes_of_ordinary_markup_fit() -> None:
    words = (
        "Some words of an episode with a <a href='https://e.org/'>link to it</a> and more words."
    )
    text = f"<![CDATA[{f'<p>{words}</p>' * 60}]]>"
    body = rss(f"<item><guid>1</guid><description>{text}</description></item>")
    many = 6_000_000 // len(body)
    assert many * html_cost(text) <= caps.MAX_TOTAL_HTML


@pytest.mark.parametrize("tag", ["<img src='a'>", "<IMG src=a>", "&lt;img src='a'&gt;", "<source>"])
def test_images_cost_what_they_take(tag: str) -> None:
    assert html_cost(tag) > 200 + len(tag)


TOKENS = {
    "open": "<a ", "value": '<a href="', "comment": "<!--", "cdata": "<![CDATA[", "end": "</",
    "end_name": "</a", "quote": '<a "', "declaration": "<!D ", "instruction": "<?", "lt": "<",
    "amp": "&", "charref": "&#65", "section": "<![if ", "slash": "<a/", "bold": "<b>", "equals": "<a b='",
    "empty": "<>", "script": "<script>", "item": "<item>", "prefix": "<a:b>",
}  # fmt: skip


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("place", ["raw", "escaped", "cdata"])
def test_repeated_tokens_end_well(name: str, place: str) -> None:
    text = TOKENS[name] * 20_000
    if place == "escaped":
        text = text.replace("&", "&amp;").replace("<", "&lt;")
    elif place == "cdata":
        text = f"<![CDATA[{text}]]>"
    feed = parse_feed(
        rss(f"{ITEM}<item><guid>2</guid><description>{text}</description></item>"), url=URL
    )
    assert feed.entries[0].title == "good"


@pytest.mark.parametrize(
    "broken",
    [
        "<Aªé>x</Aªé>",
        "<a",
        "<a b",
        "</a>",
        "<a/><b/>",
        "text",
        "<a></b></a>",
        "<a:b c:d='1'/>",
        "<xmlns:a xmlns:b=''/>",
    ],
)
def test_rebuilt_markup_is_well_formed(broken: str) -> None:
    rebuilt, _ = rebuild(f"<rss>{broken}")
    assert scan(rebuilt.encode()).error == ""


@pytest.mark.parametrize(
    "document",
    [
        "<rss>" + "<a>" * 2_000,
        "<rss>" + "<a/>" * (caps.MAX_SCANNED + 10) + "</rss>",
        f"<rss xmlns:a='{'u' * 5_000}'><a:b/></rss>",
    ],
    ids=["deep", "many", "a long namespace"],
)
def test_a_pass_that_would_cost_too_much_stops(document: str) -> None:
    seen = scan(document.encode())
    assert seen.stopped
    assert seen.excess
    assert seen.error == ""


def test_an_item_under_a_long_namespace_is_read() -> None:
    item = "<item><title>t</title></item>"
    body = f"<rss xmlns:a='{'u' * 5_000}'><channel>{item}<a:b/></channel></rss>"
    assert [entry.title for entry in parse_feed(body.encode(), url=URL).entries] == ["t"]


def test_bases_do_not_grow_without_bound() -> None:
    base = f"xml:base='{'x' * 3_000}/'"
    inner = f"<entry {base}><link href='y'/><title>t</title></entry>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom' {base}><a {base}>{inner}</a></feed>"
    (entry,) = parse_feed(feed.encode(), url=URL).entries
    assert entry.title == "t"
    assert len(entry.url or "") < 10_000


@pytest.mark.parametrize("sign", ["<", "&", "</a>", "&zzzz;", "<![CDATA[]]>", "<!-->"])
def test_a_flood_of_signs_ends_what_is_rebuilt(sign: str) -> None:
    start = "<rss><channel><item><title>t</title><description>"
    rebuilt, breaks = rebuild(start + sign * (caps.MAX_STEPS + 10))
    assert breaks is Breaks.INSIDE
    assert scan(rebuilt.encode()).error == ""
    (entry,) = parse_feed((start + sign * 10_000).encode(), url=URL).entries
    assert entry.title == "t"


def test_a_text_of_nothing_but_references_is_not_mended_one_by_one() -> None:
    written = "&lt;b&gt;" + "&" * (caps.MAX_REFERENCES + 1) + "&rsquo; ]]>"
    rebuilt, _ = rebuild(f"<rss><description>{written}</description></rss>")
    assert scan(rebuilt.encode()).error == ""
    assert rebuilt.startswith("<rss><description>&lt;b&gt;&amp;&amp;")
    assert rebuilt.endswith("&amp;&amp;rsquo; ]]&gt;</description></rss>")


def test_few_dates_of_an_item_tell_how_new_it_is() -> None:
    body = rss(f"<item>{'<date>2021-09-06</date>' * 10}</item>")
    assert [len(item.dates) for item in scan(body).items] == [caps.MAX_DATES]


@pytest.mark.parametrize(
    "item",
    [
        "<item><a/></item>",
        "<item/>",
        "<item />",
        "<item a='>'/>",
        "<item></item>",
        "<item></item  >",
        "<entry>x</entry>",
        "<item><item/></item>",
        "<item><entry/></item>",
        "<a:item xmlns:a='urn:a'></a:item>",
        "<a:item xmlns:a='urn:a'><a:item/></a:item>",
    ],
)
def test_where_an_item_is(item: str) -> None:
    document = f"<rss><channel>{item}<b/></channel></rss>".encode()
    (found,) = scan(document).items
    assert document[found.start : found.end].decode() == item


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_items_with_too_many_elements_the_newest_are_kept(newest_first: bool) -> None:
    days = [f"2021-09-{day:02}" for day in range(1, 31)]
    each = caps.MAX_ELEMENTS // 20
    items = [
        f"<item><title>{day}</title><date>{day}</date>{'<x/>' * (each - 3)}</item>" for day in days
    ]
    feed = parse_feed(rss("".join(reversed(items) if newest_first else items)), url=URL)
    assert sorted(entry.title for entry in feed.entries) == days[-19:]
    assert feed.notes == ("the newest 19 of 30 entries were taken: " + TOO_MANY,)
    assert not feed.partial


def test_what_is_left_out_does_not_count_against_what_is_read() -> None:
    listed = f"<items>{'<li/>' * 3 * caps.MAX_ELEMENTS}</items>"
    assert len(parse_feed(rss(listed + ITEM), url=URL).entries) == 1


def test_references_in_attributes_are_counted() -> None:
    enclosure = f'<enclosure url="https://e.org/{"&eacute;" * 1_000}"/>'
    many = f"<item>{enclosure * (caps.MAX_STEPS // 1_000 + 10)}"
    rebuilt, breaks = rebuild(f"<rss>{many}</item>{ITEM}</rss>")
    assert breaks is Breaks.INSIDE
    assert rebuilt.count("é") <= caps.MAX_STEPS
    assert scan(rebuilt.encode()).error == ""


def test_html_with_many_tags_fills_the_room_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.parse.xmlfeed.MAX_TOTAL_HTML", 1_500)
    for text, read in (("w " * 300, True), ("&lt;b&gt;w&lt;/b&gt; " * 75, False)):
        feed = parse_feed(
            rss(f"<item><title>t</title><description>{text}</description></item>"), url=URL
        )
        assert bool(feed.entries) is read


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_items_with_too_many_attributes_the_newest_are_kept(newest_first: bool) -> None:
    days = [f"2021-09-{day:02}" for day in range(1, 31)]
    each = caps.MAX_ALL_ATTRIBUTES // 20 // 50
    said = "<x " + " ".join(f"a{n}='1'" for n in range(50)) + "/>"
    items = [f"<item><title>{day}</title><date>{day}</date>{said * each}</item>" for day in days]
    feed = parse_feed(rss("".join(reversed(items) if newest_first else items)), url=URL)
    assert sorted(entry.title for entry in feed.entries) == days[-19:]
    assert not feed.partial


def test_attributes_of_items_that_are_left_out_do_not_matter() -> None:
    item = "<item><date>{}</date>" + f"<x {MANY}/></item>"
    count = caps.MAX_ALL_ATTRIBUTES // 60 + 100
    days = [date(2015, 1, 1) + timedelta(days=n) for n in range(count)]
    prepared = prepare(rss("".join(map(item.format, days))), max_entries=10)
    taken = re.findall(r"<date>(.*?)</date>", prepared.document.decode())
    assert taken == [str(day) for day in days[-10:]]
    assert prepared.notes == (f"the newest 10 of {count} entries were taken",)


def test_attributes_are_steps_of_the_repair() -> None:
    rebuilt, breaks = rebuild("<rss>" + f"<b {MANY}/>" * (caps.MAX_STEPS // 60 + 10) + "<c/>")
    assert breaks is Breaks.BETWEEN
    assert "<c/>" not in rebuilt
    assert "<c/>" in rebuild(f"<rss><b {MANY}/><c/>")[0]


@pytest.mark.parametrize("inner", ["<x/><x/>", "<a><b/></a>", "text <x/>"])
def test_a_document_without_end_is_read_as_far_as_it_is_looked_at(
    inner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = caps.MAX_ELEMENTS + 10_000  # as any bound above, and cheaper
    monkeypatch.setattr("aggregator.parse.scan.MAX_SCANNED", looked_at)
    items = "".join(
        f"<item><title>t{i}</title><date>20{i % 90 + 10}-01-01</date>{inner}</item>"
        for i in range(looked_at // 4)
    )
    prepared = prepare(rss(items), max_entries=50)
    seen = scan(prepared.document)
    assert (seen.error, seen.excess, len(seen.items)) == ("", "", 50)
    assert prepared.document.endswith(b"</item></channel></rss>")
    assert prepared.notes[0] == f"cut to bounds: more than {caps.MAX_ELEMENTS} elements"
    assert prepared.breaks is Breaks.BETWEEN
    feed = parse_feed(rss(items), url=URL, max_entries=50)
    assert len(feed.entries) == 50
    assert {entry.published.year for entry in feed.entries if entry.published} == {2099}
    assert feed.partial


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel><{0}>a</{0}><item><title>t</title></item></channel></rss>",
        "<rss><channel><item><title {0}='1'>t</title></item></channel></rss>",
        "<rss xmlns:a='{0}' version='{0}'><channel><item><title>t</title></item><{0}></channel></rss>",
        '{{"version": "https://jsonfeed.org/version/{0}", "{0}": 1, "items": [{{"id": "1", "title": "t"}}]}}',
    ],
)
def test_notes_are_short_whatever_is_long(document: str) -> None:
    body = document.format("x" * 2_000_000).encode()
    feed = parse_feed(body, url="https://a.example/", content_type="text/xml; charset=" + "x" * 99)
    assert all(len(note) < 300 for note in feed.notes)


@pytest.mark.parametrize("document", ["<{0}/>", "<{0}>", "<html><title>{0}</title>", "{0}"])
def test_errors_are_short_whatever_is_long(document: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_feed(document.format("x" * 2_000_000).encode(), url="https://a.example/")
    assert len(str(caught.value)) < 300
