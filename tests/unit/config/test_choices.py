"""What the configuration of outputs and feeds means for the stages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import choices
from aggregator.config.choices import of_selection
from aggregator.config.config import Config
from aggregator.config.load import load
from aggregator.errors import ConfigError
from aggregator.model import FeedLabels, Quota, Selection

A, B, C = (f"https://{name}.example/feed" for name in "abc")
FEEDS = f"""
[[feeds]]
url = "{A}"
title = "Mine"
category = "News"
rank = -1

[[feeds]]
url = "{B}"
category = "Tech"
tags = ["daily"]

[[feeds]]
url = "{C}"
"""


def configured(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "aggregator.toml"
    path.write_text(text + FEEDS)
    return load(path, {})


def selected(tmp_path: Path, output: str) -> Selection:
    config = configured(tmp_path, f'[[outputs]]\nname = "one"\n{output}')
    return choices.selection(config, config.settings.outputs[0])


def test_an_output_shows_stories_once_over_all_feeds_unless_told_otherwise(tmp_path: Path) -> None:
    found = replace(selected(tmp_path, ""), basis=None)
    assert found == Selection(100, None, {A: "Mine"}, ranks={A: -1})


def test_an_output_says_what_it_shows_once(tmp_path: Path) -> None:
    one = selected(tmp_path, 'dedupe = "exact"\nwindow = "7d"\nscope = "category"\nlimit = 5')
    assert (one.limit, one.dedupe, one.window) == (5, "exact", timedelta(days=7))
    assert one.categories == {A: ("News",), B: ("Tech",)}


def test_an_output_says_what_it_takes_and_is_known_by_it(tmp_path: Path) -> None:
    plain = selected(tmp_path, "")
    assert plain.basis is not None
    # As every release had it, so that no log is looked through anew without a reason.
    assert plain.basis.choice == of_selection._digest([], [], True)
    choice_of = {"": plain.basis.choice, 'max_age = "14d"': plain.basis.choice}
    asked = (
        'drop = ["ads"]',
        'keep = ["ads"]',
        'filter = "words > 1"',
        'filter = "feed == title"',
        "min_sources = 2",
        'max_per_feed = "5 / 24h"',
        'order = "sources"',
        'order = "discovered"',
    )
    for said in (*choice_of, *asked):
        found = selected(tmp_path, said)
        assert found.basis is not None
        assert found.basis.identity == plain.basis.identity
        assert found.basis.choice == choice_of.get(said, found.basis.choice)
        choice_of[said] = found.basis.choice
    assert len(set(choice_of.values())) == 1 + len(asked)
    assert selected(tmp_path, 'max_per_feed = "5 / 24h"').quota == Quota(5, timedelta(days=1))
    for said in ('filter = "words > 1"', 'drop = ["ads"]'):  # entries are read once for all outputs
        assert selected(tmp_path, said).labels[B] == FeedLabels(("Tech",), ("daily",))


@pytest.mark.parametrize(
    "said", ["5", "0/1d", "5/", "5/1x", "5/30s", "5/32d", "1000000/1d", "-1/1d", "٥/1d"]
)
def test_a_quota_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(ConfigError, match="5/1d"):
        selected(tmp_path, f'max_per_feed = "{said}"')


def test_rules_that_are_none_are_refused_with_their_line_and_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        selected(tmp_path, 'keep = ["a", "/(/"]\nfilter = "wrds > 1"')
    keep, expression = (str(one) for one in raised.value.faults)
    assert keep.count("aggregator.toml:3'") == 1
    assert "item 2" in keep
    assert "column 1: no field `wrds`; did you mean `words`?" in expression


def test_feeds_are_chosen_by_category_and_tag(tmp_path: Path) -> None:
    assert selected(tmp_path, 'categories = ["News", "Tech"]').keys == frozenset({A, B})
    assert selected(tmp_path, 'categories = ["Tech"]\ntags = ["daily"]').keys == frozenset({B})
    assert selected(tmp_path, 'categories = ["News"]\ntags = ["daily"]').keys == frozenset()


def test_a_feed_may_be_in_several_categories(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.toml"
    feeds = f"""
[[outputs]]
name = "tech"
categories = ["Tech"]
scope = "category"
[[outputs]]
name = "all"
scope = "category"
[[feeds]]
url = "{A}"
category = "News"
categories = [" Tech ", "News", "Art/Old"]
[[feeds]]
url = "{B}"
categories = ["Tech"]
[[feeds]]
url = "{C}"
category = "News"
"""
    path.write_text(feeds)
    config = load(path, {})
    assert config.warnings == ()
    assert [(feed.category, feed.categories) for feed in config.feeds] == [
        ("News", ("News", "Tech", "Art/Old")),
        ("Tech", ("Tech",)),
        ("News", ("News",)),
    ]
    tech, everything = (choices.selection(config, one) for one in config.settings.outputs)
    assert tech.keys == frozenset({A, B})
    assert tech.categories == {A: ("Tech",), B: ("Tech",)}
    assert everything.categories == {feed.key: feed.categories for feed in config.feeds}


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("", "limit = 5", []),
        ("", 'title = "T"', []),
        ("", 'dedupe = "off"', ["identity"]),
        ("", 'window = "2d"', ["identity"]),
        ("", 'scope = "category"', ["identity"]),
        ("", 'categories = ["News"]', ["choice"]),
        ("", 'tags = ["daily"]', ["choice"]),
    ],
)
def test_what_a_log_rests_on(tmp_path: Path, before: str, after: str, moved: list[str]) -> None:
    one, other = selected(tmp_path, before).basis, selected(tmp_path, after).basis
    assert one is not None
    assert other is not None
    names = ("name", "identity", "choice", "facts")
    assert [name for name in names if getattr(one, name) != getattr(other, name)] == moved


@pytest.mark.parametrize(
    ("said", "moves"),
    [
        ('title = "T"', False),
        ('every = "1h"', False),
        ('category = "World"', True),
        ('tags = ["t"]', True),
        ("rank = 2", True),
        ('private = "true"', True),
        ('private = "true"\nshare = true', False),
    ],
)
def test_facts_of_feeds_are_what_outputs_depend_on(tmp_path: Path, said: str, moves: bool) -> None:
    config, told = configured(tmp_path, ""), f'[[feeds]]\nurl = "https://d.example/"\n{said}\n'
    other = configured(tmp_path, told)
    assert (choices.facts(other) != choices.facts(config)) is moves
    assert bool(choices.feed_facts(other)["https://d.example/"]) is moves
    assert choices.feed_facts(other)[A] == choices.feed_facts(config)[A]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[outputs]]\nname = "a"\nwindow = "31d"\n', "no more than `dedupe.window`"),
        ('[dedupe]\nwindow = "1d"\n[[outputs]]\nname = "a"\nwindow = "2d"\n', "dedupe.window"),
        ('[[outputs]]\nname = "a"\ndedupe = "fuzzy"\n', "near"),
        ('[[outputs]]\nname = "a"\nscope = "tag"\n', "category"),
        ('[urls]\ntracking_parameters = ["a b"]\n', "tracking_parameters"),
        ('[urls]\ntracking_parameters = ["a=1"]\n', "tracking_parameters"),
    ],
)
def test_what_cannot_be_is_a_fault(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, text)
    assert fault in " ".join(f"{one.where} {one.message}" for one in raised.value.faults)


def test_tracking_parameters_are_names_sites_and_exceptions(tmp_path: Path) -> None:
    text = '[urls]\ntracking_parameters = ["from_feed", "cid@news.example", "!ref_src"]\n'
    found = configured(tmp_path, text).settings.urls.tracking_parameters
    assert found == ("from_feed", "cid@news.example", "!ref_src")


@pytest.mark.parametrize(
    ("outputs", "titles"),
    [
        ("", ["Mine alone"]),
        ('[[outputs]]\nname = "planet"\n', ["Mine alone"]),
        (
            '[[outputs]]\nname = "all"\n[[outputs]]\nname = "tech-news_2"\n[[outputs]]\nname = "a"\ntitle = "A!"\n',
            ["Mine alone", "Tech news 2", "A!"],
        ),
    ],
)
def test_outputs_without_a_title_have_one_of_their_own(
    tmp_path: Path, outputs: str, titles: list[str]
) -> None:
    settings = configured(tmp_path, f'title = "Mine alone"\n{outputs}').settings
    assert [choices.output_title(settings, one) for one in settings.outputs] == titles


def test_outputs_are_found_by_former_names_with_digests_of_their_tokens(tmp_path: Path) -> None:
    token = "0123456789abcdef" * 4
    config = configured(
        tmp_path,
        '[[outputs]]\nname = "new"\naliases = ["old", "older"]\nformats = ["rss"]\n'
        f'[[outputs]]\nname = "mine"\nformats = ["atom"]\ntoken = "{token}"\n',
    )
    found = dict(choices.addresses(config))
    assert len(found.pop(("mine", "atom"))[0]) == 64
    assert found == {("new", "rss"): [], ("old", "rss"): [], ("older", "rss"): []}
    assert token not in str(choices.addresses(config))


@pytest.mark.parametrize(
    ("aliases", "line"),
    [
        ('["b"]', "3: output 1: `aliases` item 1"),
        ('["old", "old"]', "3: output 1: `aliases` item 2"),
        ('["../x"]', "3: output 1: `aliases` item 1"),
    ],
)
def test_a_former_name_leads_to_one_output(tmp_path: Path, aliases: str, line: str) -> None:
    outputs = f'[[outputs]]\nname = "a"\naliases = {aliases}\n[[outputs]]\nname = "b"\n'
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, outputs)
    assert line in str(raised.value)


@pytest.mark.parametrize("said", ["{source}", "{title} {title}", "{title} {author}", "{title", ""])
def test_a_title_format_has_a_title_and_known_fields(tmp_path: Path, said: str) -> None:
    with pytest.raises(ConfigError, match="title"):
        configured(tmp_path, f'[[outputs]]\nname = "a"\ntitle_format = "{said}"\n')


@pytest.mark.parametrize(
    ("listed", "may"),
    [("", True), ("https://lists.example/a.opml", False), ("http://192.168.1.5/a.opml", True), ("http://nas.lan/a", True)],
)  # fmt: skip
def test_what_a_list_outside_names_stands_not_inside(
    tmp_path: Path, listed: str, may: bool
) -> None:
    config = configured(tmp_path, '[fetch]\nallow_networks = ["192.168.1.5"]\n')
    key = config.feeds[0].key
    config = replace(config, listed_at={key: listed} if listed else {})
    assert choices.feed_rules(config, key, A).inside == may
