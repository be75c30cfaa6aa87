"""Guards of pages: less may be told, so what tells more goes, and nothing else."""

from __future__ import annotations

from aggregator.model import Guards, Selection
from aggregator.privacy.public import Disclosure
from aggregator.select.guards import feed_mark, guards_of, guards_within, must_go

A, B = "https://a.example/feed", "https://b.example/feed"
TOLD = {"one": (feed_mark(A),), "two": (feed_mark(A), feed_mark(B)), "three": (feed_mark(B),)}


def guards(private: bool = False, hidden: str = "", **told: Disclosure) -> Guards:
    keys = {"a": A, "b": B}
    given = {keys[name]: one for name, one in told.items()}
    selection = Selection(10, hidden=frozenset({hidden} - {""}), disclosures=given, private=private)
    return guards_of(selection)


def gone(before: Guards, now: Guards) -> set[str]:
    mine = guards_within(TOLD, before)
    return must_go(TOLD, mine, now, was_private=before.private)


SECRET, SHARED = Disclosure(private=True), Disclosure(private=True, public_url="https://b.example/")


def test_marks_and_digests_tell_nothing() -> None:
    secret = Disclosure(private=True, secrets=frozenset({"hunter22hunter22"}))
    said = repr(guards(b=secret, hidden=A))
    assert "hunter22" not in said
    assert "example" not in said


def test_what_is_guarded_otherwise_goes() -> None:
    assert gone(guards(), guards(b=SECRET)) == {"two", "three"}
    assert gone(guards(), guards(hidden=A)) == {"one", "two"}
    assert gone(guards(b=SECRET), guards(b=SHARED)) == {"two", "three"}
    assert gone(guards(private=True, b=SECRET), guards(b=SECRET, hidden=B)) == {"two", "three"}


def test_what_is_as_it_was_or_free_stays() -> None:
    assert gone(guards(b=SECRET), guards(b=SECRET)) == set()
    assert gone(guards(b=SECRET), guards()) == set()
    assert gone(guards(b=SECRET), guards(private=True, b=SECRET)) == set()


def test_where_the_token_goes_all_that_was_guarded_goes() -> None:
    """Also of feeds that the configuration does not know any more."""
    assert gone(guards(private=True, b=SECRET), guards()) == {"two", "three"}
    assert gone(guards(private=True), guards()) == set()


def test_another_digest_whenever_anything_else_may_be_told() -> None:
    every = [guards(), guards(private=True), guards(b=SECRET), guards(b=SHARED), guards(a=SECRET), guards(hidden=B)]  # fmt: skip
    assert len({one.digest for one in every}) == len(every)
    assert guards(a=SECRET, b=SHARED).digest == guards(b=SHARED, a=SECRET).digest
