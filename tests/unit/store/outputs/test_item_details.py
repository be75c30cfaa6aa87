"""Nothing that a feed guards leaves in what its entries say beside their text."""

from __future__ import annotations

from dataclasses import replace

from aggregator.model import Chapter, Details, Episode, FurtherLink, Origin, Person, Relation, Topic
from aggregator.privacy.public import Disclosure
from aggregator.store.outputs.item_details import shown_details

SECRET = "s3cr3t-value"
URL = f"https://a.example/x?key={SECRET}"
DETAILS = Details(
    people=(Person(f"Ida {SECRET}", "ida@a.example", URL),),
    contributors=(Person("Jan", f"{SECRET}@a.example", URL),),
    topics=(Topic(SECRET, SECRET, URL),),
    links=tuple(FurtherLink(one, URL, SECRET, ref=URL) for one in Relation),
    rights=f"© {SECRET}",
    origin=Origin(SECRET, URL, URL, URL),
    episode=Episode(1, chapters=(Chapter(0, SECRET, URL),)),
)


def test_an_open_feed_tells_everything() -> None:
    assert shown_details(DETAILS, Disclosure(), whole=False) == DETAILS


def test_no_secret_leaves() -> None:
    for private in (False, True):
        for whole in (False, True):
            told = Disclosure(private=private, secrets=frozenset({SECRET}))
            shown = shown_details(DETAILS, told, whole=whole)
            assert SECRET not in repr(shown)
            assert {one.relation for one in shown.links} == set(Relation)
    assert shown.people[0].email == ""


def test_who_knows_the_token_gets_what_opens_files() -> None:
    opened = "https://files.example/7.vtt?token=0123456789abcdef0123456789abcdef"
    details = replace(DETAILS, links=(FurtherLink(Relation.TRANSCRIPT, opened),))
    told = Disclosure(private=True)
    assert shown_details(details, told, whole=True).links[0].url == opened
    assert "token" not in shown_details(details, told, whole=False).links[0].url
