"""The commands that look and edit, over the small internet."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.demo.internet import DemoInternet
from aggregator.engine.in_process import InProcessEngine
from aggregator.store.db.lock import instance_lock
from tests.support.polling import open_site
from tests.support.shell import Shell

CONFIG = """# My own words, to be kept.
title = "Mine"
base_url = "http://127.0.0.1:8080"

[database]
url = "sqlite:///a.db"   # here

[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(CONFIG)
    return Shell(tmp_path)


@pytest.fixture
async def internet() -> AsyncIterator[DemoInternet]:
    async with DemoInternet(story_interval=None, backlog=11) as internet:
        yield internet


def site(internet: DemoInternet, wanted: Callable[[str], bool]) -> tuple[str, str]:
    """The feed and the front page of the first site of such a kind."""
    feed = next(feed for feed in internet.feeds if wanted(feed.behaves))
    return feed.url, feed.site_url


async def test_add_finds_the_feed_of_a_page_and_keeps_the_comments(
    shell: Shell, internet: DemoInternet
) -> None:
    feed, page = site(internet, lambda behaves: behaves == "steady")
    added = await shell("feeds", "add", page, "--category", "News", "--every", "30m")
    assert added.exit_code == 0, added.stderr
    assert f"subscribed to {feed}" in added.stdout
    text = (shell.folder / "mine.toml").read_text()
    assert text.startswith(CONFIG.rstrip("\n"))
    assert feed in text
    listed = json.loads((await shell("feeds", "list", "--json")).stdout)
    assert [(one["url"], one["category"], one["every"]) for one in listed] == [(feed, "News", 1800)]

    again = await shell("feeds", "add", feed)
    assert again.exit_code == 2
    assert "already subscribed" in again.stderr

    removed = await shell("feeds", "remove", feed)
    assert removed.exit_code == 0
    assert (await shell("feeds", "list")).stdout == ""
    assert (shell.folder / "mine.toml").read_text().startswith("# My own words, to be kept.")


async def test_add_says_what_is_wrong_and_changes_nothing(
    shell: Shell, internet: DemoInternet
) -> None:
    gone, _ = site(internet, lambda behaves: behaves == "gone")
    failed = await shell("feeds", "add", gone)
    assert failed.exit_code == 1
    assert "410" in failed.stderr
    steady, _ = site(internet, lambda behaves: behaves == "steady")
    wrong = await shell("feeds", "add", steady, "--every", "sometimes", "--no-check")
    assert wrong.exit_code == 2
    assert "--every: " in wrong.stderr
    assert (shell.folder / "mine.toml").read_text() == CONFIG


async def test_opml_travels_out_and_in(shell: Shell, internet: DemoInternet) -> None:
    for feed in internet.feeds[:3]:
        await shell("feeds", "add", "--no-check", feed.url, "--category", feed.category)
    assert (await shell("feeds", "export", "-o", "out.opml")).exit_code == 0
    nowhere = await shell("feeds", "export", "-o", "no/such/folder.opml")
    assert nowhere.exit_code == 1
    assert (
        nowhere.stderr
        == "error: no/such/folder.opml cannot be written: No such file or directory\n"
    )
    before = (await shell("feeds", "list")).stdout
    (shell.folder / "mine.toml").write_text(CONFIG)
    imported = await shell("feeds", "import", "out.opml")
    assert imported.stdout.startswith("3 added, 0 already subscribed, 0 faulty")
    assert (await shell("feeds", "list")).stdout == before
    again = await shell("feeds", "import", "out.opml")
    assert again.stdout.startswith("0 added, 3 already subscribed")

    (shell.folder / "bad.opml").write_text(
        '<opml version="2.0"><body><outline text="a" xmlUrl="ftp://a"/>'
        '<outline text="b" xmlUrl="http://b.example/feed"/></body></opml>'
    )
    partly = await shell("feeds", "import", "bad.opml")
    assert partly.exit_code == 1
    assert "1 added, 0 already subscribed, 1 faulty" in partly.stdout
    assert "outline 1" in partly.stderr


async def test_preview_shows_a_feed_an_article_and_offers_and_stores_nothing(
    shell: Shell, internet: DemoInternet
) -> None:
    feed, page = site(internet, lambda behaves: behaves == "steady")
    shown = json.loads((await shell("preview", feed, "--json")).stdout)
    first = shown["feed"]["entries"][0]
    assert first["title"] in {story.title for story in internet.stories()}
    assert shown["first_article"]["confidence"] > 0.5

    spoken = (await shell("preview", feed)).stdout
    assert first["title"] in spoken
    assert "the feed (" in spoken
    assert " │ " in spoken
    assert "text from page:" in spoken

    article = json.loads((await shell("preview", first["url"], "--json")).stdout)
    assert len(article["article"]["text"]) > 500

    front = await shell("preview", page)
    assert f"links to the feed {feed}" in front.stdout
    assert not (shell.folder / "a.db").exists()


async def test_preview_says_what_filters_would_drop(shell: Shell, internet: DemoInternet) -> None:
    feed, _ = site(internet, lambda behaves: behaves == "steady")
    mine = shell.folder / "mine.toml"
    whole = mine.read_text()
    mine.write_text(f'{whole}\n[[rules]]\nwhen = "true"\ndrop = true\n')
    place = f"rule 1 (mine.toml:{whole.count(chr(10)) + 2})"
    assert f"dropped by {place}" in (await shell("preview", feed)).stdout
    told = json.loads((await shell("preview", feed, "--json")).stdout)
    assert {one["dropped_by"] for one in told["feed"]["entries"]} == {place}


async def test_preview_of_a_page_without_an_article_names_its_feed(shell: Shell) -> None:
    link = b"<link rel=alternate type=application/rss+xml href=/f.xml title=News>"
    async with open_site() as there:
        page = web.Response(body=b"<!doctype html>" + link, content_type="text/html")
        there.answers["/"] = page
        spoken = await shell("preview", there.url("/"))
        told = json.loads((await shell("preview", there.url("/"), "--json")).stdout)
        assert f"links to the feed {there.url('/f.xml')} 'News'" in spoken.stdout
        assert told["feeds"][0]["url"] == there.url("/f.xml")
        assert "words" in told["article"]["error"]
        there.answers["/"] = web.Response(body=b"<!doctype html><p>x", content_type="text/html")
        assert (await shell("preview", there.url("/"))).exit_code == 1


PROSE = (
    "The bridge across the river opened on Monday, ten years after the first stone was laid there. "
)
PARAGRAPHS = "".join(f"<p>In part {number} of this. {PROSE * 3}</p>" for number in range(5))
ARTICLE = (
    "<!doctype html><title>A bridge</title><body><article><h1>A bridge</h1>"
    f"{PARAGRAPHS}<p>{PROSE} That is the end of it.</p></article>"
)


async def test_preview_shows_all_of_a_page_that_it_fetched_once(shell: Shell) -> None:
    async with open_site() as there:
        there.answers["/a"] = web.Response(text=ARTICLE, content_type="text/html")
        told = await shell("preview", there.url("/a"))
        assert told.exit_code == 0, told.stderr
        whole = told.stdout
        assert [path for path in there.paths if path == "/a"] == ["/a"]
        assert there.paths[0] == "/robots.txt"
        short = (await shell("preview", there.url("/a"), "--short")).stdout
    assert "That is the end of it." in whole
    assert "That is the end of it." not in short
    assert "the feed" not in whole


async def test_preview_reads_no_page_that_robots_txt_forbids(shell: Shell) -> None:
    async with open_site() as there:
        there.answers["/robots.txt"] = web.Response(text="User-agent: *\nDisallow: /")
        there.answers["/a"] = web.Response(text=ARTICLE, content_type="text/html")
        refused = await shell("preview", there.url("/a"))
        assert refused.exit_code == 1
        assert "robots.txt" in refused.stderr
        there.answers["/f"] = web.Response(text=FEED, content_type="application/rss+xml")
        assert "A feed" in (await shell("preview", there.url("/f"))).stdout


FEED = "<rss version='2.0'><channel><title>A feed</title><item><title>One</title><description>x</description></item></channel></rss>"


async def test_status_and_migrate(shell: Shell, internet: DemoInternet) -> None:
    nothing = await shell("status", "--json")
    assert json.loads(nothing.stdout)["entries"] == 0
    assert "nothing polled yet" in nothing.stderr
    assert (await shell("status", "--exit-code")).exit_code == 0
    assert (await shell("migrate")).stdout.startswith("migrated from the empty database")
    assert (await shell("migrate")).stdout.startswith("already at")

    feed, _ = site(internet, lambda behaves: behaves == "steady")
    gone, _ = site(internet, lambda behaves: behaves == "gone")
    await shell("feeds", "add", "--no-check", feed)
    await shell("feeds", "add", "--no-check", gone)
    assert (await shell("once")).exit_code == 1
    table = (await shell("status")).stdout
    assert "2 feeds (1 failing)" in table
    assert "410" in table
    failing = json.loads((await shell("status", "--failing", "--json")).stdout)
    assert [one["key"] for one in failing["feeds"]] == [gone]
    assert (await shell("status", "--exit-code")).exit_code == 1
    assert (await shell("status", "--exit-code", "--hosts")).exit_code == 2
    assert (await shell("status", "--limit", "9" * 20)).exit_code == 2


async def test_files_of_another_configuration_are_gone_before_once_polls(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, folder = shell.folder / "mine.toml", shell.folder / "data/public/feeds"
    feed = '[[feeds]]\nurl = "http://127.0.0.1:1/feed"\n'
    outputs = feed + '[[outputs]]\nname = "kept"\n[[outputs]]\nname = "renamed"\n'
    file.write_text(f"{CONFIG}\n{outputs}")
    assert (await shell("once")).exit_code == 1  # nobody is there
    assert len(list(folder.iterdir())) == 6 * 4  # each with its compressed forms
    changed = f"{CONFIG}\n{outputs}".replace('"renamed"', '"another"')
    file.write_text(changed.replace("http://127.0.0.1:8080", "https://new.example"))
    seen, run_once = dict[str, bool](), InProcessEngine.run_once

    async def noted(engine: InProcessEngine, *, all_feeds: bool) -> None:
        plain = [one for one in folder.iterdir() if one.suffix in {".atom", ".rss", ".json"}]
        seen.update({one.name: b"https://new.example" in one.read_bytes() for one in plain})
        await run_once(engine, all_feeds=all_feeds)

    monkeypatch.setattr(InProcessEngine, "run_once", noted)
    await shell("once")
    names = [f"{name}.{kind}" for name in ("kept", "another") for kind in ("atom", "rss", "json")]
    assert seen == dict.fromkeys(names, True)


async def test_going_back_says_what_is_lost_asks_and_leaves_a_copy(shell: Shell) -> None:
    await shell("feeds", "add", "--no-check", "https://a.example/feed")
    await shell("status")
    await shell("migrate")
    before = (await shell("migrate")).stdout
    refused = await shell("migrate", "--to", "0004")
    assert refused.exit_code == 1
    assert "0006: why entries are in their stories" in refused.stderr
    assert "--yes" in refused.stderr
    assert (await shell("migrate")).stdout == before
    assert list(shell.folder.glob("a.db.0*")) == []

    gone = await shell("migrate", "--to", "0004", "--yes")
    assert gone.stdout.endswith("to 0004\n")
    (copy,) = shell.folder.glob("a.db.0*")
    assert str(copy.name) in gone.stderr
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "0004" in (await shell("migrate")).stdout
    copy.replace(shell.folder / "a.db")
    assert (await shell("migrate")).stdout == before


async def test_nobody_goes_back_while_it_runs(shell: Shell) -> None:
    await shell("migrate")
    with instance_lock(shell.folder / "a.db"):
        refused = await shell("migrate", "--to", "0009", "--yes")
        assert refused.exit_code == 1
        assert "stop it first" in refused.stderr
        assert list(shell.folder.glob("a.db.0*")) == []


async def test_config_check_names_every_fault_and_its_place(shell: Shell) -> None:
    (shell.folder / "mine.toml").write_text(CONFIG + "\n[server]\nprot = 1\nport = 'x'\n")
    checked = await shell("config", "check")
    assert checked.exit_code == 2
    assert "mine.toml:13: " in checked.stderr
    assert "did you mean `port`" in checked.stderr
    assert "mine.toml:14: " in checked.stderr
    (shell.folder / "mine.toml").write_text(CONFIG)
    assert "database: sqlite:///a.db" in (await shell("config", "check")).stdout
