"""Guests: who is at home at an address, who stands back, what parts them from the story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.dedupe import guests
from aggregator.dedupe.compare import compare
from aggregator.dedupe.guests import (
    Home,
    Teller,
    at_home,
    hosts_of,
    may_speak_for,
    say_different,
    tells_all_of,
)
from aggregator.dedupe.remarks import remark
from aggregator.dedupe.sketch import Sketch, lines_of, sketch

STORY = "https://weir.example/story"
HOUSE = Teller(1, (STORY,), "https://weir.example/feed", None, says=True)
GUEST = Teller(2, (STORY,), "https://planet.example/feed", "https://planet.example/", says=True)
CLAIMING = Teller(3, (STORY,), "https://other.example/feed", "https://weir.example/", says=True)
WEIR = (
    "The weir above the mill was rebuilt this summer after forty years of repairs, and the fish pass that the anglers had asked for "
    "was opened by the mayor on Sunday in front of the village school."
)
SUMMARY = (
    "On Sunday the mayor opened a fish pass at the rebuilt weir above the mill, which anglers of the village had asked for through "
    "forty years of repairs; the school sang."
)
RANT = (
    "Nobody should believe those people. Buy my book about gardening instead; it has nine chapters, many photographs, and a recipe for "
    "plum jam that won prizes at three county shows. Order today and you will also receive a calendar."
)


@pytest.mark.parametrize(
    ("feed", "site", "home"),
    [
        ("https://www.weir.example/feed", None, Home.PROVEN),
        ("https://feeds.burner.example/weir", "https://weir.example/", Home.CLAIMED),
        ("https://planet.example/feed", "https://planet.example/", Home.ELSEWHERE),
        ("https://planet.example/feed", None, Home.ELSEWHERE),
    ],
)
def test_at_home(feed: str, site: str | None, home: Home) -> None:
    assert at_home(STORY, feed, site) is home


def test_guests_stand_back_for_those_who_are_more_at_home() -> None:
    assert hosts_of([HOUSE, GUEST]) == hosts_of([HOUSE, GUEST]) == {2: (1,)}
    assert hosts_of([CLAIMING, GUEST]) == {2: (3,)}
    # What a feed claims of its site counts less than where it is fetched.
    assert hosts_of([HOUSE, CLAIMING]) == {3: (1,)}


def of(name: str, number: int, feed: str, site: str | None) -> Teller:
    return Teller(number, (name,), f"https://many.example{feed}", site and f"https://many.example{site}", says=True)  # fmt: skip


@pytest.mark.parametrize(
    ("feed", "site", "back"),
    [
        ("/feed/@b", "/@b", True),
        ("/feed/@b", "/@a", False),  # not what its own address says: none of its own
        ("/feed", "/", False),
        ("/feed", None, False),
        ("/feed/@a/all", "/@a", False),
    ],
)
def test_on_a_host_that_people_share_a_path_is_a_home(feed: str, site: str | None, *, back: bool) -> None:  # fmt: skip
    story = "https://many.example/@a/weir"
    house, other = of(story, 1, "/feed/@a", "/@a"), of(story, 2, feed, site)
    assert hosts_of([house, other]) == ({2: (1,)} if back else {})


def test_a_site_with_a_path_is_at_home_beside_it() -> None:
    """A blog below ``/blog`` whose entries stand elsewhere, and the feed of all of the site."""
    post = "https://many.example/2026/weir"
    assert hosts_of([of(post, 1, "/feed", "/"), of(post, 2, "/blog/feed", "/blog")]) == {}
    assert hosts_of([of(post, 1, "/sport/feed", "/sport"), of(post, 2, "/blog/feed", "/blog")]) == {}  # fmt: skip


def test_nobody_stands_back_for_silence_or_among_guests() -> None:
    silent = Teller(1, (STORY,), "https://weir.example/feed", None, says=False)
    other = Teller(4, (STORY,), "https://links.example/feed", None, says=True)
    assert hosts_of([silent, GUEST]) == hosts_of([GUEST, other]) == hosts_of([HOUSE]) == {}


def test_a_feed_that_lists_one_address_a_thousand_times_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counted(address: str, feed_url: str, site_url: str | None) -> Home:
        asked.append(feed_url)
        return at_home(address, feed_url, site_url)

    monkeypatch.setattr(guests, "at_home", counted)
    crowd = [replace(GUEST, entry_id=number) for number in range(10, 1010)]
    homes = [replace(HOUSE, entry_id=number) for number in range(2000, 3000)]
    assert hosts_of(crowd) == {}
    assert hosts_of([*crowd, *homes]) == {one.entry_id: tuple(range(2000, 2008)) for one in crowd}
    assert len(asked) == 2


def test_an_id_is_an_address_too() -> None:
    named = Teller(5, ("https://planet.example/7", STORY), GUEST.feed_url, None, says=True)
    assert hosts_of([HOUSE, named]) == {5: (1,)}


@pytest.mark.parametrize(
    ("guest", "host", "teaser", "may"),
    [
        (WEIR, WEIR, False, True),
        (f"{WEIR} {RANT}", WEIR, False, False),
        (f"{WEIR} {RANT}", f"{WEIR} […]", True, True),
        (RANT, f"{WEIR} […]", True, False),
        ("One.", "One", False, True),
        ("One", "", True, False),
    ],
)
def test_who_may_speak_for_a_host(guest: str, host: str, teaser: bool, may: bool) -> None:
    assert may_speak_for(guest, host, teaser=teaser) is may


def told(text: str, title: str = "A title", *, guest: bool = False, page: str = "") -> Sketch:
    said = remark(text) if guest else ()
    plain = sketch(1, 1, title, lines_of(text), page)
    return replace(plain, guest=guest, abroad=guest, remark=said, cut=text.endswith("…"))


def test_guests_with_other_words_say_something_different() -> None:
    assert say_different(told(WEIR), told(RANT, guest=True), one_address=True)
    assert say_different(told(RANT, guest=True), told(WEIR), one_address=True)
    assert not say_different(told(WEIR), told(RANT), one_address=True)  # two feeds of one site
    assert say_different(told(WEIR), told(RANT), one_address=False)  # one id at two addresses


@pytest.mark.parametrize(
    "text", [WEIR, f"{WEIR[:120]}…", f"{WEIR} Read more", f"{WEIR} The band then…", "Via a friend"]
)
def test_copies_and_teasers_do_not(text: str) -> None:
    assert not say_different(told(WEIR), told(text, guest=True), one_address=True)


@pytest.mark.parametrize("text", [f"{WEIR} {RANT}", f"{WEIR} Hear, hear.", "A short note.", "This.", SUMMARY])  # fmt: skip
@pytest.mark.parametrize("swapped", [False, True])
def test_remarks_and_summaries_of_their_own_do(text: str, *, swapped: bool) -> None:
    both = (told(WEIR), told(text, guest=True))
    assert say_different(*(reversed(both) if swapped else both), one_address=True)


def test_a_title_alone_at_home_is_compared_with_what_is_said_of_it() -> None:
    bare = told("", "Weir rebuilt, fish pass opened")
    assert not say_different(bare, told(WEIR, guest=True), one_address=True)
    assert say_different(bare, told(RANT, guest=True), one_address=True)
    assert say_different(bare, told("Wow.", bare.title, guest=True), one_address=True)


def test_a_bare_link_is_told_by_who_says_something_of_its_page() -> None:
    bare = replace(told("", "Weir rebuilt"), abroad=True)
    note = told("So it ends.", guest=True)
    assert not say_different(bare, note, one_address=True)
    assert tells_all_of(note, bare)
    assert not tells_all_of(bare, note)
    assert not tells_all_of(note, told("", "Weir rebuilt"))


def test_two_guests_are_one_where_either_says_all() -> None:
    note, other = told("So it ends.", guest=True), told("Hear, hear.", guest=True)
    more = told("So it ends. And nobody was there to see it but me.", guest=True)
    assert say_different(note, other, one_address=True)
    assert not say_different(note, more, one_address=True)
    assert not say_different(more, note, one_address=True)
    assert (tells_all_of(more, note), tells_all_of(note, more)) == (True, False)
    # One that says a little more would be shown by either.
    little = told(f"{WEIR} Hear, hear.", guest=True)
    assert say_different(told(WEIR, guest=True), little, one_address=True)


def test_a_remark_is_no_copy_of_the_text_that_it_is_added_to() -> None:
    one, other = told(WEIR), replace(told(f"{WEIR} Hear, hear.", guest=True), entry_id=2, feed_id=2)
    assert compare(one, replace(other, remark=())).same
    assert compare(one, other).apart


def test_one_page_read_is_one_story() -> None:
    one, other = told(WEIR, page=STORY), told(RANT, guest=True, page=STORY)
    assert not say_different(one, other, one_address=True)


def test_scripts_without_spaces() -> None:
    here = "水車の上の堰は四十年の修理のあと今年の夏に建て直され、釣り人が求めていた魚道が日曜日に開かれた。"
    there = "この本を買ってください。庭の花について九つの章と写真と、賞を取った梅のジャムの作り方が書かれています。"
    assert say_different(told(here), told(there, guest=True), one_address=True)
    assert say_different(told(here), told(here + "すごい!", guest=True), one_address=True)
    assert not say_different(told(here), told(here, guest=True), one_address=True)
