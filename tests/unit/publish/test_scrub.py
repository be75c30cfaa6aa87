"""Old output files: those that tell what is secret go, all others stay."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest

from aggregator.publish.render import digest
from aggregator.publish.scrub import scrub, told_by

SECRET = 'pä&"ss/wörd-0123'
ADDRESS = "https://user:pass@pod.example/feed?a=1&b=ü"
SECRETS = {"pod": frozenset({SECRET, ADDRESS})}


@pytest.mark.parametrize(
    "body",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        escape(SECRET),
        escape(SECRET, quote=False),
        SECRET.replace('"', '\\"'),
        f"<id>{escape(ADDRESS)}</id>",
        f"<id>{escape(quote(ADDRESS, safe=':/?&=@'))}</id>",
        f'{{"feed_url": "{ADDRESS}"}}',
    ],
)
def test_however_it_is_written(body: str) -> None:
    assert told_by(f"before {body} after".encode(), SECRETS) == "pod"


def test_what_tells_nothing() -> None:
    assert told_by(b"<id>https://pod.example/feed</id> pass", SECRETS) is None
    assert told_by(b"anything", {}) is None
    assert told_by(b"anything", {"pod": frozenset({""})}) is None


def test_too_much_to_look_for_is_taken_to_be_told() -> None:
    many = {"pod": frozenset(f"secret-{n:06}" for n in range(2_001))}
    assert told_by(b"anything", many) == "pod"


def test_files_of_this_release_and_configuration_and_of_other_people_stay(tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    told = quote(SECRET).encode()
    names = ["all.atom", "all.rss", "all.json", "clean.atom", "README.txt", "old.atom"]
    for name in names:
        (folder / name).write_bytes(b"clean" if name == "clean.atom" else told)
    # Of all.json the other bytes were remembered, and then the process was killed.
    current = {("all", "rss"): digest(told), ("all", "json"): digest(b"clean")}
    removed = scrub(tmp_path, current, SECRETS)
    assert [(one.path.name, one.feed) for one in removed] == [
        ("all.atom", "pod"),
        ("all.json", "pod"),
        ("old.atom", "pod"),
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["README.txt", "all.rss", "clean.atom"]
    assert scrub(tmp_path, {}, {}) == []
    assert scrub(tmp_path / "missing", {}, SECRETS) == []
