"""Every command over a hostile feed: nothing of a stranger's steers the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web

from tests.support.polling import open_site
from tests.support.shell import Shell

CONFIG = """title = "Mine"
base_url = "http://127.0.0.1:8080"

[database]
url = "sqlite:///a.db"

[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
"""
# Colours, a cleared screen and a title for the window, in seven and in eight bits; letters turned around.
SIGNS = "\x9b31m\x9b2J\x9d0;owned\x9c\x85\x7f\u202egnp.exe\u2067\u2066\u202b\u2028\u2029"
BARE = "\x1b[31m\x07\x08\r" + SIGNS
STEERING = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u2028\u2029\u202a\u202b\u202d\u202e\u2066\u2067",
} - {*"\n\t"}
WORDS = "The mayor opened the bridge in the rain, and a school class walked across it first. " * 12


def hostile_feed(url: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Feed {SIGNS}</title><link>{url}</link><description>{SIGNS}</description>
<item><title>Entry {SIGNS}</title><guid isPermaLink="false">g{SIGNS}</guid><link>{url}?{quote("x")}</link>
<author>a {SIGNS}</author><category>c {SIGNS}</category><description>&lt;p&gt;{WORDS}{SIGNS}&lt;/p&gt;</description></item>
</channel></rss>""".encode()


PAGE = f"""<!doctype html><html><head><title>Entry {SIGNS}</title><meta name=author content="a {BARE}">
<meta property=og:site_name content="{BARE}"><meta property="article:tag" content="{BARE}">
<link rel=alternate type=application/rss+xml href=/f.xml title="{BARE}"></head>
<body><article><h1>Entry</h1><p>{WORDS}{BARE}</p></article></body></html>""".encode()


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(CONFIG)
    return Shell(tmp_path)


async def test_no_command_prints_what_steers_the_terminal(shell: Shell) -> None:
    async with open_site() as there:
        page = there.url("/")
        there.answers["/"] = web.Response(body=PAGE, content_type="text/html")
        there.answers["/f.xml"] = web.Response(
            body=hostile_feed(page), content_type="application/rss+xml"
        )
        # The error names what is wrong with it.
        there.answers["/broken"] = web.Response(
            status=302, headers={"Location": f"ftp://{quote('x')}/\u202e\x9b31m"}
        )
        (shell.folder / "their.opml").write_text(
            f'<opml version="2.0"><body><outline text="{SIGNS}">'
            f'<outline text="{SIGNS}" title="{SIGNS}" xmlUrl="{there.url("/f.xml")}"/>'
            f'<outline text="{SIGNS}" xmlUrl="{there.url("/broken")}"/>'
            f'<outline text="{SIGNS}" xmlUrl="ftp://{SIGNS}"/></outline></body></opml>'
        )
        commands: list[tuple[str, ...]] = [
            ("preview", there.url("/f.xml")),
            ("preview", page),
            ("preview", there.url("/broken")),
            ("discover", page),
            ("discover", there.url("/broken")),
            ("feeds", "import", "their.opml"),
            ("feeds", "list"),
            ("feeds", "export"),
            ("config", "check"),
            ("once",),
            ("status",),
            ("status", "--hosts"),
            ("explain", page + "?x"),
        ]
        spoken = {}
        for command in commands:
            said = await shell(*command)
            spoken[command] = said.stdout + said.stderr
        for command in commands:
            if command[0] in ("preview", "discover", "status", "explain") or command[-1] == "list":
                said = await shell(*command, "--json")
                spoken[(*command, "--json")] = said.stdout + said.stderr
                if said.exit_code == 0:
                    json.loads(said.stdout)
    for told, text in spoken.items():
        found = STEERING.intersection(text)
        assert not found, (told, found)
        assert text, told
    assert "Entry" in spoken["preview", there.url("/f.xml")]
    assert "Entry" in spoken["explain", page + "?x"]
