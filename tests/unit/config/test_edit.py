"""Edits of the operator's files: what was asked for, and nothing else."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.edit import (
    add_feeds,
    change_feed,
    change_feeds,
    remove_feed,
    write_atomically,
)
from aggregator.config.load import load
from aggregator.config.opml import read_opml
from aggregator.config.rewrite import add_to_toml, change_in_toml, remove_from_toml
from aggregator.config.rewrite_opml import change_in_opml, remove_from_opml
from aggregator.config.settings import FeedSettings
from aggregator.config.values import parse_duration
from aggregator.errors import ConfigError

CONFIG = """\
# My config.
title = "Mine"   # of course

[[feeds]]
url = "https://a.example/"  # the first
# every = "1h"

# Tech
[[feeds]]
url = "https://b.example/"

# The merged feeds.
[[outputs]]
name = "all"
"""
OPML = """<?xml version='1.0' encoding='UTF-8'?>
<!-- exported -->
<opml version="2.0"><head><title>x</title></head>
<body>
  <outline text="Blogs">
    <outline text="C" xmlUrl="HTTPS://C.example"/>
    <!-- the best -->
    <outline text="D &amp; d" xmlUrl="https://d.example/"/>
  </outline>
</body>
</opml>
"""
EXTRAS = [
    'every = "1h" # often',
    "# a word",
    "",
    'tags = ["a", "b"]',
    "paused = false",
    'title = "#"',
]
NEW = FeedSettings(
    url="https://new.example/", title='N "x"', tags=("t",), every=timedelta(minutes=90)
)
NEW_TEXT = """
[[feeds]]
url = "https://new.example/"
title = "N \\"x\\""
tags = ["t"]
every = "1h 30m"
"""


def config(folder: Path, text: str = CONFIG, opml: str = "") -> Path:
    path = folder / "aggregator.toml"
    path.write_bytes(text.encode())
    if opml:
        (folder / "feeds.opml").write_text(opml, "utf-8")
    return path


def urls(path: Path) -> list[str]:
    return [feed.url for feed in load(path, {}).feeds]


def test_a_feed_is_added_after_the_last_one(tmp_path: Path) -> None:
    path = config(tmp_path)
    assert add_feeds(path, [NEW], {}) == (NEW,)
    assert path.read_text() == CONFIG.replace(
        '"https://b.example/"\n', f'"https://b.example/"\n{NEW_TEXT}'
    )
    assert load(path, {}).feed(NEW.url) == NEW


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", NEW_TEXT[1:]),
        ('title = "x"', f'title = "x"\n{NEW_TEXT}'),
        ('title = "x"\n\n\n', f'title = "x"\n{NEW_TEXT}'),
        ("[log]\n#x\n", f"[log]\n#x\n{NEW_TEXT}"),
        ('[[feeds]]\nurl = "https://a/"', f'[[feeds]]\nurl = "https://a/"\n{NEW_TEXT}'),
        (
            '[[feeds]]\nurl = "https://a/"\n# of next\n[log]\n',
            f'[[feeds]]\nurl = "https://a/"\n{NEW_TEXT}# of next\n[log]\n',
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_where_a_feed_is_added(before: str, after: str, newline: str) -> None:
    crlf = newline == "\r\n" and "\n" in before
    ending = newline if crlf else "\n"
    assert add_to_toml(before.replace("\n", ending), [NEW]) == after.replace("\n", ending)


def test_several_feeds_are_added_in_order(tmp_path: Path) -> None:
    path = config(tmp_path)
    add_feeds(path, [FeedSettings(url=f"https://{name}/") for name in "xyz"], {})
    assert urls(path)[-3:] == ["https://x/", "https://y/", "https://z/"]


def test_one_category_is_written_as_ever_and_several_as_a_list(tmp_path: Path) -> None:
    path = config(tmp_path)
    one = FeedSettings(url="https://x/", categories=("A/B",))
    two = FeedSettings(url="https://y/", category="A", categories=("B", "A"))
    add_feeds(path, [one, two], {})
    assert 'category = "A/B"\n' in path.read_text()
    assert 'categories = ["A", "B"]\n' in path.read_text()
    assert path.read_text().count("categor") == 2
    assert load(path, {}).feeds[-2:] == (one, two)


def test_options_without_secrets_are_written(tmp_path: Path) -> None:
    path = config(tmp_path)
    options = {"content": ".body", "strip": (".ad",), "user_agent": "x/1", "bearer": "SECRET"}
    feed = FeedSettings.model_validate({"url": "https://x/", "options": options})
    add_feeds(path, [feed, NEW], {})
    assert "SECRET" not in path.read_text()
    read = load(path, {}).feed("https://x/")
    assert read is not None
    assert read.options is not None
    assert (read.options.content, read.options.strip) == (".body", (".ad",))
    assert (read.options.user_agent, read.options.bearer) == ("x/1", None)


def test_a_feed_of_several_files_is_removed_from_all(tmp_path: Path) -> None:
    text = 'feeds_files = ["feeds.opml", "more.opml"]\n[[feeds]]\nurl = "https://c.example"\n'
    path = config(tmp_path, text, OPML)
    more = tmp_path / "more.opml"
    more.write_text('<opml><body><outline xmlUrl="feed:https://c.example/"/></body></opml>')
    assert "https://c.example/" in urls(path)
    assert remove_feed(path, "https://c.example", {}) == path
    assert "c.example" not in path.read_text() + more.read_text()
    assert "https://c.example/" not in urls(path)


def test_a_list_in_line_is_edited_in_line(tmp_path: Path) -> None:
    text = 'feeds = [\n  { url = "https://a/" },  # first\n  { url = "https://b/" },\n]\n# end\n'
    path = config(tmp_path, text)
    add_feeds(path, [FeedSettings(url="https://c/")], {})
    assert urls(path) == ["https://a/", "https://b/", "https://c/"]
    remove_feed(path, "https://b", {})
    assert urls(path) == ["https://a/", "https://c/"]
    assert "# first" in path.read_text()
    assert path.read_text().endswith("]\n# end\n")


def test_adding_what_is_there_is_refused_with_its_place(tmp_path: Path) -> None:
    path = config(tmp_path, 'feeds_files = ["feeds.opml"]\n' + CONFIG, OPML)
    before = path.read_bytes()
    known = [FeedSettings(url="https://B.example"), FeedSettings(url="https://c.example/")]
    with pytest.raises(ConfigError) as caught:
        add_feeds(path, [*known, NEW, NEW], {})
    assert [(fault.where, fault.message) for fault in caught.value.faults] == [
        (f"{path}:11", "already subscribed to https://b.example/"),
        (f'{tmp_path}/feeds.opml:6: outline 2 ("C")', "already subscribed to https://c.example/"),
        (str(path), "https://new.example/ is given twice"),
    ]
    assert path.read_bytes() == before
    assert add_feeds(path, [*known, NEW, NEW], {}, skip_known=True) == (NEW,)
    assert add_feeds(path, known, {}, skip_known=True) == ()


def test_a_feed_is_removed_with_its_own_comments_only(tmp_path: Path) -> None:
    path = config(tmp_path)
    assert remove_feed(path, "HTTPS://A.example", {}) == path
    assert path.read_text() == CONFIG.replace(
        '[[feeds]]\nurl = "https://a.example/"  # the first\n# every = "1h"\n\n', ""
    )
    remove_feed(path, "https://b.example/", {})
    assert path.read_text() == (
        '# My config.\ntitle = "Mine"   # of course\n\n# Tech\n\n# The merged feeds.\n'
        '[[outputs]]\nname = "all"\n'
    )


def test_a_feed_is_removed_from_the_opml_file_that_holds_it(tmp_path: Path) -> None:
    path = config(tmp_path, 'feeds_files = ["feeds.opml"]\n', OPML)
    assert remove_feed(path, "https://d.example", {}) == tmp_path / "feeds.opml"
    expected = OPML.replace('\n    <outline text="D &amp; d" xmlUrl="https://d.example/"/>', "")
    assert (tmp_path / "feeds.opml").read_text() == expected
    remove_feed(path, "https://c.example/", {})
    expected = expected.replace('\n    <outline text="C" xmlUrl="HTTPS://C.example"/>', "")
    assert (tmp_path / "feeds.opml").read_text() == expected
    assert path.read_text() == 'feeds_files = ["feeds.opml"]\n'


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "element", ["<outline {}/>", "<outline {}></outline>", "<outline\n {}>\n</outline>"]
)
@pytest.mark.parametrize("after", ["", "<!-- é -->", "text", "<outline text='é'/>", "<?pi x?>"])
def test_an_outline_is_cut_out_of_any_surroundings(encoding: str, element: str, after: str) -> None:
    name, mark = (encoding[:6], "\ufeff") if "16" in encoding else (encoding, "")
    head = f"{mark}<?xml version='1.0' encoding='{name}'?><!DOCTYPE opml><opml><body>é<!-- < > -->"
    tail = f"{after}</body></opml><!-- end -->\n"
    outline = element.format("text='>' XMLURL='https://A.example'")
    data = f"{head}\n  {outline}{tail}".encode(encoding)
    left = "\n  " if mark else ""  # whitespace is only cut where a byte is a character
    expected = f"{head}{left}{tail}".encode(encoding)
    assert remove_from_opml(data, "f.opml", "https://a.example/") == expected


def test_a_feed_around_others_is_left_to_the_operator(tmp_path: Path) -> None:
    opml = (
        '<opml><body><outline xmlUrl="https://a/"><outline xmlUrl="https://b/"/></outline>'
        "</body></opml>"
    )
    path = config(tmp_path, 'feeds_files = ["feeds.opml"]\n', opml)
    with pytest.raises(ConfigError, match="would also change other feeds"):
        remove_feed(path, "https://a/", {})
    assert (tmp_path / "feeds.opml").read_text() == opml


def test_feeds_from_the_environment_do_not_hide_that_an_edit_has_no_effect(tmp_path: Path) -> None:
    path = config(tmp_path)
    with pytest.raises(ConfigError, match="would also change other feeds"):
        add_feeds(path, [NEW], {"AGGREGATOR_FEEDS": '[{url = "https://x/"}]'})
    assert path.read_text() == CONFIG


def test_removing_what_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    path = config(tmp_path)
    with pytest.raises(ConfigError, match=r"not subscribed .* did you mean https://b\.example/\?"):
        remove_feed(path, "https://b.example/feed", {})
    with pytest.raises(ConfigError, match="expected an address that starts with http"):
        remove_feed(path, "b.example", {})
    with pytest.raises(ConfigError, match=r"AGGREGATOR_FEEDS: https://x/ comes from this variable"):
        remove_feed(path, "https://x/", {"AGGREGATOR_FEEDS": '[{url = "https://x/"}]'})


def test_a_faulty_config_is_not_edited(tmp_path: Path) -> None:
    path = config(tmp_path, CONFIG + "\n[nix]\n")
    before = path.read_bytes()
    for edit in (
        lambda: add_feeds(path, [NEW], {}),
        lambda: remove_feed(path, "https://a.example", {}),
    ):
        with pytest.raises(ConfigError, match="unknown key `nix`"):
            edit()
    assert path.read_bytes() == before


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    path = config(tmp_path, "\ufeff" + CONFIG)
    add_feeds(path, [NEW], {})
    remove_feed(path, NEW.url, {})
    assert path.read_bytes() == ("\ufeff" + CONFIG).encode()


def test_a_file_is_replaced_with_its_mode_and_through_links(tmp_path: Path) -> None:
    path = config(tmp_path)
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    write_atomically(link, b"new")
    assert path.read_bytes() == b"new"
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in tmp_path.iterdir()) == ["aggregator.toml", "link.toml"]


def test_a_failed_write_leaves_the_file_and_no_rubbish(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match=r".+"):
        write_atomically(folder, b"a folder cannot be replaced by a file")
    assert list(tmp_path.iterdir()) == [folder]


BLOCKS = st.sampled_from(
    ["\n", "# a comment\n", '[log]\n#level = "x"\n', '[[feeds]]\nurl = "https://%d/"\n',
     '[[feeds]]\n# inside\nurl = "https://%d/"\ntags = [\n "x",\n]\n# end\n\n', "[server]\nport = 1\n"]
)  # fmt: skip


@given(st.lists(BLOCKS, max_size=8), st.booleans())
def test_what_is_added_and_removed_leaves_all_other_lines_as_they_were(
    blocks: list[str], crlf: bool
) -> None:
    seen: set[str] = set()
    parts = []
    for number, block in enumerate(blocks):
        name = block.partition("\n")[0]
        if name.startswith("[") and not name.startswith("[[") and name in seen:
            continue
        seen.add(name)
        parts.append(block.replace("%d", str(number)))
    text = ('title = "x"\n' + "".join(parts)).rstrip("\n") + "\n"
    text = text.replace("\n", "\r\n") if crlf else text
    count = text.count("[[feeds]]")
    added = add_to_toml(text, [NEW])
    assert added.count("[[feeds]]") == count + 1
    removed = remove_from_toml(added, count)
    assert [line for line in removed.split("\n") if line.strip()] == [
        line for line in text.split("\n") if line.strip()
    ]


@pytest.mark.parametrize(
    ("index", "changes", "before", "after"),
    [
        (0, {"every": "2h"}, "# the first\n", '# the first\nevery = "2h"\n'),
        (0, {"url": "https://c/"}, '"https://a.example/"', '"https://c/"'),
        (1, {"paused": True}, '"https://b.example/"\n', '"https://b.example/"\npaused = true\n'),
        (1, {"paused": None}, "", ""),
    ],
)
def test_a_setting_is_changed_and_all_else_stays(
    index: int, changes: dict[str, Any], before: str, after: str
) -> None:
    for ending in ("\n", "\r\n"):
        text, wanted = CONFIG.replace("\n", ending), CONFIG.replace(before, after, 1)
        changed = change_in_toml(text, index, changes)
        assert changed == wanted.replace("\n", ending)
        if before and list(changes) != ["url"]:
            assert change_in_toml(changed, index, dict.fromkeys(changes)) == text


def test_a_setting_before_a_table_of_the_feed_and_one_over_several_lines() -> None:
    text = '[[feeds]]\nurl = "https://a/"\ntags = [\n  "x", # why\n]\n[feeds.options]\nproxy = "p"'
    changed = change_in_toml(text, 0, {"paused": True, "tags": ["y"]})
    assert changed.endswith('\npaused = true\n[feeds.options]\nproxy = "p"')
    assert tomllib.loads(changed)["feeds"] == [
        {"url": "https://a/", "tags": ["y"], "paused": True, "options": {"proxy": "p"}}
    ]
    end = '[[feeds]]\nurl = "https://a/"'
    assert change_in_toml(end, 0, {"paused": True}) == f"{end}\npaused = true"


def test_a_setting_in_a_list_in_line() -> None:
    text = 'feeds = [\n  { url = "https://a/" },  # first\n  { url = "https://b/" },\n]\n'
    changed = change_in_toml(text, 1, {"every": "2h"})
    assert changed.startswith(text.partition('"https://b/"')[0])
    assert tomllib.loads(changed)["feeds"][1] == {"url": "https://b/", "every": "2h"}
    assert tomllib.loads(change_in_toml(changed, 1, {"every": None})) == tomllib.loads(text)


def test_a_feed_is_changed_in_the_file_that_lists_it(tmp_path: Path) -> None:
    path = config(tmp_path, 'feeds_files = ["feeds.opml"]\n' + CONFIG, OPML)
    where, feed = change_feed(path, "https://b.example", {"every": "2h", "category": "N"}, {})
    assert (where, feed.every, feed.category) == (path, timedelta(hours=2), "N")
    where, feed = change_feed(path, "https://d.example/", {"paused": True}, {})
    assert (where, feed.paused) == (tmp_path / "feeds.opml", True)
    again = load(path, {}).feed("https://d.example/")
    assert again is not None
    assert again.paused
    change_feed(path, "https://c.example/", {"every": "1h"}, {})
    change_feed(path, "https://c.example/", {"every": "2h", "paused": True}, {})
    feeds = {one.url: one for one in load(path, {}).feeds}
    assert feeds["https://c.example/"].every == timedelta(hours=2)
    change_feed(path, "https://d.example/", {"every": "1h", "cron": None}, {})
    for url in ("https://c.example/", "https://d.example/"):
        change_feed(path, url, {"every": None, "paused": None}, {})
    assert (tmp_path / "feeds.opml").read_text("utf-8") == OPML


def test_feeds_are_changed_all_or_none_and_each_fault_is_told(tmp_path: Path) -> None:
    path = config(tmp_path, 'feeds_files = ["feeds.opml"]\n' + CONFIG, OPML)
    before = path.read_bytes()
    named = [
        "https://a.example/",
        "https://no.example/",
        "https://d.example/",
        "https://none.example/",
    ]
    with pytest.raises(ConfigError) as caught:
        change_feeds(path, named, {"paused": True}, {})
    assert [fault.message.partition(";")[0] for fault in caught.value.faults] == [
        "not subscribed to https://no.example/",
        "not subscribed to https://none.example/",
    ]
    assert path.read_bytes() == before
    assert (tmp_path / "feeds.opml").read_text("utf-8") == OPML
    known = ["https://a.example/", "https://d.example/", "https://b.example/", "https://a.example"]
    changed = change_feeds(path, known, {"paused": True}, {})
    assert [(where.name, feed.url) for where, feed in changed] == [
        (path.name, "https://a.example/"),
        ("feeds.opml", "https://d.example/"),
        (path.name, "https://b.example/"),
    ]
    assert {one.url for one in load(path, {}).feeds if one.paused} == {
        "https://a.example/", "https://b.example/", "https://d.example/"
    }  # fmt: skip
    change_feeds(path, known, {"paused": None}, {})
    assert path.read_bytes() == before


def test_a_feed_of_several_opml_files_is_changed_in_all(tmp_path: Path) -> None:
    opml = "<opml version='2.0'><body><outline xmlUrl='https://d.example/'/>{}</body></opml>"
    more = "<outline text='F'><outline xmlUrl='https://d.example'/></outline>"
    files = [tmp_path / f"{number}.opml" for number in range(3)]
    for file, inner in zip(files, ("", more, ""), strict=True):
        file.write_text(opml.format(inner), encoding="utf-8")
    path = config(tmp_path, 'feeds_files = ["0.opml", "1.opml", "2.opml"]\n', opml.format(""))
    before = [file.read_bytes() for file in files]
    where, feed = change_feed(path, "https://d.example/", {"paused": True}, {})
    assert (where, feed.paused) == (files[0], True)
    assert [file.read_text("utf-8").count(':paused="true"') for file in files] == [1, 2, 1]
    change_feed(path, "https://d.example/", {"paused": None}, {})
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize(
    ("named", "changes", "why"),
    [
        ("https://no.example/", {"paused": True}, "not subscribed"),
        ("https://a.example/", {"every": "soon"}, "expected a duration"),
        ("https://a.example/", {"url": "https://b.example/"}, "duplicate feed"),
        ("https://d.example/", {"rank": 3}, "OPML has no place for `rank`"),
        ("https://d.example/", {"title": None}, "OPML has no place for `title`"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    tmp_path: Path, named: str, changes: dict[str, Any], why: str
) -> None:
    path = config(tmp_path, 'feeds_files = ["feeds.opml"]\n' + CONFIG, OPML)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=why):
        change_feed(path, named, changes, {})
    assert path.read_bytes() == before
    assert (tmp_path / "feeds.opml").read_text("utf-8") == OPML


@given(
    st.text("ab=\"<>'/ é\n", max_size=30),
    st.sampled_from(["1h", "2h 30m"]),
    st.booleans(),
)
def test_attributes_come_back_whatever_stands_beside_them(
    title: str, every: str, single: bool
) -> None:
    shown = escape(title, {'"': "&quot;", "'": "&apos;", "\n": "&#10;"})
    quote = "'" if single else '"'
    outline = f"<outline text={quote}{shown}{quote} xmlUrl={quote}https://a.example/{quote}/>"
    data = f'<opml version="2.0"><body>{outline}</body></opml>'.encode()
    changed = change_in_opml(data, "o", "https://a.example/", {"every": every, "paused": True})
    (feed,) = (one.feed for one in read_opml(changed, "o").feeds)
    assert (feed.paused, feed.every) == (True, parse_duration(every))
    undone = change_in_opml(changed, "o", "https://a.example/", {"every": None, "paused": None})
    assert undone == data


@given(
    st.lists(st.lists(st.sampled_from(EXTRAS), unique=True), min_size=1, max_size=4),
    st.integers(0, 3),
    st.sampled_from([{"paused": True}, {"every": "2h"}, {"tags": ["q"], "every": None}]),
    st.sampled_from(["", "\n", "\n# end"]),
)
def test_all_other_lines_stay_wherever_a_setting_goes(
    tables: list[list[str]], chosen: int, changes: dict[str, Any], end: str
) -> None:
    index = chosen % len(tables)
    blocks = [
        "\n".join(["[[feeds]]", f'url = "https://{n}/" # feed {n}', *extras])
        for n, extras in enumerate(tables)
    ]
    text = "# head\n" + "\n".join(blocks) + end
    changed = change_in_toml(text, index, changes)
    expected = tomllib.loads(text)
    for name, value in changes.items():
        expected["feeds"][index].pop(name, None)
        if value is not None:
            expected["feeds"][index][name] = value
    assert tomllib.loads(changed) == expected
    names = tuple(f"{name} =" for name in changes)
    kept = [line for line in text.split("\n") if not line.startswith(names)]
    left = iter(changed.split("\n"))
    assert all(line in left for line in kept)  # in their order
