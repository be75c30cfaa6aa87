"""What entries say beside their text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import (
    NO_DETAILS,
    Chapter,
    Details,
    Episode,
    FurtherLink,
    Origin,
    Person,
    Relation,
    Topic,
)
from aggregator.parse.details import json_details, seconds
from aggregator.parse.feed import parse_feed

URL = "https://planet.example/feed.xml"
NAMESPACES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:psc="http://podlove.org/simple-chapters" xmlns:thr="http://purl.org/syndication/thread/1.0" '
    'xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def rss(inner: str) -> Details:
    body = (
        f'<rss version="2.0" {NAMESPACES}><channel><title>Boats</title>'
        f"<link>https://planet.example/</link><item><title>Oars</title>{inner}</item></channel></rss>"
    )
    return parse_feed(body.encode(), url=URL).entries[0].details


def atom(inner: str) -> Details:
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><title>Boats</title>'
        f"<entry><id>1</id><title>Oars</title>{inner}</entry></feed>"
    )
    return parse_feed(body.encode(), url=URL).entries[0].details


def test_an_episode() -> None:
    details = rss(
        "<itunes:duration>31:05</itunes:duration><itunes:season>2</itunes:season>"
        "<itunes:episode>7</itunes:episode><itunes:episodeType>Bonus</itunes:episodeType>"
        '<podcast:chapters url="/7.json" type="application/json+chapters"/>'
        '<podcast:transcript url="/7.vtt" type="text/vtt" language="en"/>'
        '<podcast:transcript url="/7.html" type="text/html"/>'
        '<psc:chapters version="1.2"><psc:chapter start="00:00:00.000" title="Start"/>'
        '<psc:chapter start="01:30.5" title="The crane" href="https://a.example/"/>'
        '<psc:chapter start="soon" title="No time"/></psc:chapters>'
    )
    assert details.episode == Episode(
        1865, 2, "7", "bonus",
        (Chapter(0, "Start"), Chapter(90.5, "The crane", "https://a.example/")),
    )  # fmt: skip
    assert details.links == (
        FurtherLink(
            Relation.CHAPTERS, "https://planet.example/7.json", "", "application/json+chapters"
        ),
        FurtherLink(Relation.TRANSCRIPT, "https://planet.example/7.vtt", "", "text/vtt", "en"),
        FurtherLink(Relation.TRANSCRIPT, "https://planet.example/7.html", "", "text/html"),
    )


def test_numbers_with_a_name_and_a_fraction() -> None:
    details = rss(
        '<podcast:season name="Canals">3</podcast:season>'
        '<podcast:episode display="Ch. 3">3.5</podcast:episode>'
    )
    assert details.episode == Episode(season=3, number="3.5")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1865", 1865),
        ("31:05", 1865),
        ("0:31:05", 1865),
        ("00:31:05.500", 1865.5),
        (" 90:00 ", 5400),
        ("", None),
        ("half an hour", None),
        ("-5", None),
        ("1:2:3:4", None),
        ("9999999", None),
        ("٣", None),
    ],
)
def test_times(text: str, wanted: float | None) -> None:
    assert seconds(text) == wanted


@pytest.mark.parametrize(
    "inner",
    [
        "<itunes:duration>0</itunes:duration>",
        "<itunes:duration>unknown</itunes:duration>",
        "<itunes:episode>seven</itunes:episode><itunes:season>-1</itunes:season>",
        "<itunes:episodeType>other</itunes:episodeType>",
        '<psc:chapters><psc:chapter title="no start"/></psc:chapters>',
        '<podcast:chapters url="javascript:x"/><podcast:transcript/>',
        "<georss:point>north</georss:point><georss:point>95 0</georss:point><georss:box>1 2</georss:box>",
        "<geo:lat>12</geo:lat>",
        "<thr:in-reply-to/>",
        '<source url="https://planet.example/feed.xml">Boats</source>',
        "<category>Boats</category><author>Ida</author>",
        "<author><name>Ida</name><email>ida at boats</email></author>",
        "<comments>no address</comments>".replace("no address", "javascript:x"),
    ],
)
def test_what_is_not_as_specified_is_left_out(inner: str) -> None:
    assert rss(inner) == NO_DETAILS


def test_people_topics_and_rights() -> None:
    details = atom(
        "<author><name>Ida</name><email>ida@boats.example</email><uri>https://ida.example/</uri></author>"
        "<author><name>Ulf</name></author><contributor><name>Jan</name></contributor>"
        '<category term="b" scheme="https://boats.example/t" label="Boats"/><category term="Mills"/>'
        '<rights type="html">© 2026 &lt;b&gt;Ida&lt;/b&gt;</rights>'
    )
    assert details == Details(
        people=(Person("Ida", "ida@boats.example", "https://ida.example/"),),
        contributors=(Person("Jan"),),
        topics=(Topic("Boats", "b", "https://boats.example/t"),),
        rights="© 2026 Ida",
    )
    mixed = rss(
        "<author>ida@boats.example (Ida)</author><dc:contributor>Jan</dc:contributor>"
        '<category domain="https://boats.example/t">Boats</category><dc:rights>Free</dc:rights>'
    )
    assert mixed == Details(
        people=(Person("Ida", "ida@boats.example"),),
        contributors=(Person("Jan"),),
        topics=(Topic("Boats", "Boats", "https://boats.example/t"),),
        rights="Free",
    )


def test_further_links() -> None:
    details = atom(
        '<link href="/1"/><link rel="related" href="https://a.example/" title="A"/>'
        '<link rel="via" href="https://b.example/"/><link rel="replies" href="/1/c" type="application/atom+xml"/>'
        '<link rel="edit" href="/edit"/><thr:in-reply-to ref="tag:c.example,2026:1" href="https://c.example/"/>'
    )
    assert details.links == (
        FurtherLink(Relation.RELATED, "https://a.example/", "A", "text/html"),
        FurtherLink(Relation.VIA, "https://b.example/", "", "text/html"),
        FurtherLink(Relation.REPLIES, "https://planet.example/1/c", "", "application/atom+xml"),
        FurtherLink(Relation.IN_REPLY_TO, "https://c.example/", "", "", "", "tag:c.example,2026:1"),
    )
    assert rss("<comments>/1#c</comments>").links == (
        FurtherLink(Relation.REPLIES, "https://planet.example/1#c", "", "text/html"),
    )


def test_the_blog_that_a_planet_copied_from() -> None:
    assert rss('<source url="https://ulf.example/feed">Ulf on Boats</source>').origin == Origin(
        "Ulf on Boats", feed_url="https://ulf.example/feed"
    )
    source = (
        "<source><id>urn:ida</id><title>Ida Writes</title><link href='https://ida.example/'/>"
        "<link rel='self' href='https://ida.example/feed'/><author><name>Ida</name></author></source>"
    )
    assert atom(source).origin == Origin(
        "Ida Writes", "urn:ida", "https://ida.example/feed", "https://ida.example/"
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><author><name>Keeper</name></author><entry><title>t</title>{source}</entry></feed>'
    assert parse_feed(body.encode(), url=URL).entries[0].authors == ("Ida",)


@pytest.mark.parametrize(
    ("inner", "places"),
    [
        ("<georss:point>45.2 -71.9</georss:point>", (("point", "45.2 -71.9"),)),
        ("<georss:point>45.2 -71.9 313</georss:point>", (("point", "45.2 -71.9"),)),
        ("<georss:box>42.9 -71.0 43.0 -69.9</georss:box>", (("box", "42.9 -71.0 43.0 -69.9"),)),
        (
            "<georss:where><gml:Point><gml:pos>45.2 -71.9</gml:pos></gml:Point></georss:where>",
            (("point", "45.2 -71.9"),),
        ),
        ("<geo:lat>45.2</geo:lat><geo:long>-71.9</geo:long>", (("point", "45.2 -71.9"),)),
        (
            "<georss:polygon>45 -71 46 -72, 43 -71 45 -71</georss:polygon>",
            (("polygon", "45 -71 46 -72 43 -71 45 -71"),),
        ),
    ],
)
def test_places(inner: str, places: tuple[tuple[str, str], ...]) -> None:
    assert rss(inner).places == places


def test_json() -> None:
    item = {
        "id": "1", "url": "https://a.example/1", "external_url": "https://b.example/x",
        "authors": [{"name": "Ida", "url": "mailto:ida@boats.example"}, {"name": "Ulf"}],
        "attachments": [{"url": "https://a.example/1.mp3", "duration_in_seconds": 1865.4}],
    }  # fmt: skip
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [item]}
    (entry,) = parse_feed(json.dumps(document).encode(), url=URL).entries
    assert entry.details == Details(
        people=(Person("Ida", "ida@boats.example"),),
        links=(FurtherLink(Relation.RELATED, "https://b.example/x"),),
        episode=Episode(1865),
    )
    # The only link that there is, is the entry's own.
    assert (
        json_details({"external_url": "https://b.example/x"}, "https://b.example/x", URL)
        == NO_DETAILS
    )


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(
    st.dictionaries(st.sampled_from(["authors", "author", "attachments", "external_url"]), _json),
    st.lists(
        st.dictionaries(st.sampled_from(["name", "url", "duration_in_seconds"]), _json), max_size=2
    ),
)
def test_whatever_json_says(item: dict[str, object], inner: list[dict[str, object]]) -> None:
    assert isinstance(json_details(item, None, URL), Details)
    assert isinstance(json_details({"authors": inner, "attachments": inner}, None, URL), Details)


@given(st.text(max_size=40))
def test_whatever_is_a_time(text: str) -> None:
    assert seconds(text) is None or seconds(text) is not None
