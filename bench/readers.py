"""What readers and parsers get of a merged feed whose stories change, are withdrawn, and have files, pictures, chapters.

``python -m bench readers``. A daemon polls two feeds; each reader that is there (newsboat and sfeed on ``PATH``,
feedparser, podcastparser and jsonfeed-util where they can be imported) subscribes to its output, a story changes, another is
withdrawn, and each looks again. ``docs/readers.md`` says what people see.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

_PATIENCE_S = 60.0
_PODCAST = """<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:psc="http://podlove.org/simple-chapters"><channel><title>Harbour Talk</title><item>
<title>Tides</title><guid isPermaLink="false">7</guid><pubDate>{at}</pubDate><itunes:author>Mira</itunes:author>
<description>{text} notes on tides.</description><enclosure url="{base}/7.mp3" length="5" type="audio/mpeg"/>
<itunes:image href="{base}/7.png"/><psc:chapters version="1.2"><psc:chapter start="0:05:30" title="Moon"/></psc:chapters>
</item></channel></rss>"""
_NEWS = """<feed xmlns="http://www.w3.org/2005/Atom"><id>n</id><title>Weathervane</title><updated>{at}</updated>{entries}</feed>"""
_ENTRY = """<entry><id>n{number}</id><title>{title}</title><link href="{base}/{number}"/><published>{at}</published>
<updated>{at}</updated><author><name>Joan</name></author><content>{title}, and more of it.</content></entry>"""
_CONFIG = """
base_url = "http://127.0.0.1:{port}"
database.url = "sqlite:///a.db"
server.port = {port}
publish.directory = ""
extract.mode = "never"
[schedule]
tick = "1s"
min_interval = "2s"
max_interval = "2s"
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = "0s"
[[feeds]]
url = "{base}/pod"
every = "2s"
[[feeds]]
url = "{base}/news"
every = "2s"
[[outputs]]
name = "all"
{drop}
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One story as a reader has it; None: it has no place for it."""

    title: str
    text: str
    author: str | None = None
    file: str | None = None
    picture: str | None = None
    chapters: int | None = None


Reader = Callable[[str, Path], Sequence[Seen]]


class _Origin(BaseHTTPRequestHandler):
    text = "First"
    began = datetime.now(UTC) - timedelta(minutes=5)

    def do_GET(self) -> None:
        base, at = f"http://{self.headers['Host']}", self.began
        if self.path == "/pod":
            body = _PODCAST.format(base=base, at=format_datetime(at), text=self.text)
        elif self.path == "/news":
            said = {"base": base, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
            titles = ("Weir repair agreed", "Gold in the harbour")
            entries = [_ENTRY.format(number=n, title=one, **said) for n, one in enumerate(titles)]
            body = _NEWS.format(entries="".join(entries), **said)
        else:
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", "application/xml; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())
        return None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


# ── readers ──────────────────────────────────────────────────────────────────────────────────


def _feedparser(url: str, _home: Path) -> list[Seen]:
    return [
        Seen(
            one["title"],
            one["content"][0]["value"] if "content" in one else one.get("summary", ""),
            one.get("author", ""),
            next((link["href"] for link in one["links"] if link["rel"] == "enclosure"), ""),
            one.get("image", one.get("media_thumbnail", [{}])[0]).get("href", ""),
            len(one.get("psc_chapters", {}).get("chapters", [])),
        )
        for one in import_module("feedparser").parse(url)["entries"]
    ]


def _podcastparser(url: str, _home: Path) -> list[Seen]:
    with urllib.request.urlopen(url) as answer:
        found = import_module("podcastparser").parse(url, answer)
    return [
        Seen(
            one["title"],
            one.get("description_html") or one["description"],
            None,
            one["enclosures"][0]["url"] if one["enclosures"] else "",
            one.get("episode_art_url", ""),
            len(one.get("chapters", [])),
        )
        for one in found["episodes"]
    ]


def _jsonfeed(url: str, _home: Path) -> list[Seen]:
    with urllib.request.urlopen(url) as answer:
        feed = import_module("jsonfeed").Feed.parse(json.load(answer))
    return [
        Seen(
            one.title,
            one.content_html or one.content_text,
            one.authors[0].name if one.authors else "",
            one.attachments[0].url if one.attachments else "",
            one.image or "",
        )
        for one in feed.items
    ]


def _newsboat(url: str, home: Path) -> list[Seen]:
    (home / "urls").write_text(url)
    (home / "config").touch()
    cache = home / "cache.db"
    _ran("newsboat", "-u", home / "urls", "-C", home / "config", "-c", cache, "-x", "reload")
    with sqlite3.connect(cache) as connection:
        rows = connection.execute("SELECT title, content, author, enclosure_url FROM rss_item")
        return [Seen(*row) for row in rows]


def _sfeed(url: str, home: Path) -> list[Seen]:
    feed = f'sfeedpath="{home}/feeds"\nfeeds() {{ feed all "{url}"; }}\n'
    (home / "sfeedrc").write_text(feed)
    _ran("sfeed_update", home / "sfeedrc")
    lines = [one.split("\t") for one in (home / "feeds" / "all").read_text().splitlines()]
    return [Seen(one[1], one[3], one[6], one[7]) for one in lines]


def _ran(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)


READERS: Mapping[str, tuple[Reader, Sequence[str]]] = {
    "feedparser": (_feedparser, ("atom", "rss")),
    "podcastparser": (_podcastparser, ("atom", "rss")),
    "jsonfeed": (_jsonfeed, ("json",)),
    "newsboat": (_newsboat, ("atom", "rss")),
    "sfeed_update": (_sfeed, ("atom", "rss")),
}


def _is_there(name: str) -> bool:
    if shutil.which(name) is not None:
        return True
    with suppress(ImportError):
        import_module(name)
        return True
    return False


# ── the run ──────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Print what each reader has after each step."""
    with tempfile.TemporaryDirectory() as folder, _site() as base:
        home, port = Path(folder), _free_port()
        url = f"http://127.0.0.1:{port}/feeds/all"
        with _daemon(home, {"base": base, "port": port}) as reload:
            _until(url, lambda body: body.count("<entry") == 3)
            print(
                "reader, format        stories  author file picture chapters  update    withdrawal"
            )
            there = [(name, *READERS[name]) for name in READERS if _is_there(name)]
            first = {
                (name, kind): _look(one, url, kind, home, name)
                for name, one, kinds in there
                for kind in kinds
            }
            _Origin.text = "Corrected"
            _until(url, lambda body: "Corrected" in body)
            changed = {key: _look(READERS[key[0]][0], url, key[1], home, key[0]) for key in first}
            reload('drop = ["gold"]')
            _until(url, lambda body: "Gold" not in body)
            for (name, kind), seen in first.items():
                last = _look(READERS[name][0], url, kind, home, name)
                print(_line(f"{name}, {kind}", seen, changed[name, kind], last))


def _look(reader: Reader, url: str, kind: str, home: Path, name: str) -> Sequence[Seen]:
    own = home / f"{name}-{kind}"
    own.mkdir(exist_ok=True)
    return reader(f"{url}.{kind}", own)


def _line(name: str, first: Sequence[Seen], changed: Sequence[Seen], last: Sequence[Seen]) -> str:
    (episode,) = (one for one in first if one.title == "Tides")
    said = (episode.author, episode.file, episode.picture, episode.chapters)
    marks = ["-" if one is None else "yes" if one else "NO" for one in said]
    texts = [one.text for one in changed if one.title == "Tides"]
    update = "twice" if len(texts) > 1 else "taken" if "Corrected" in texts[0] else "not taken"
    left = "kept" if any("Gold" in one.title for one in last) else "gone"
    return (
        f"{name:22}{len(first):7}  {marks[0]:6} {marks[1]:4} {marks[2]:7} {marks[3]:8}  "
        f"{update:9} {left}"
    )


@contextmanager
def _site() -> Iterator[str]:
    _Origin.text = "First"
    with ThreadingHTTPServer(("127.0.0.1", 0), _Origin) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Origin) as server:
        return int(server.server_address[1])


@contextmanager
def _daemon(home: Path, values: Mapping[str, object]) -> Iterator[Callable[[str], None]]:
    """A daemon in ``home``; gives what has it read its configuration with another line for the output."""
    command = (sys.executable, "-m", "aggregator", "--config", "a.toml")
    (home / "a.toml").write_text(_CONFIG.format(drop="", **values))

    def reload(drop: str) -> None:
        (home / "a.toml").write_text(_CONFIG.format(drop=drop, **values))
        subprocess.run([*command, "reload"], cwd=home, check=True, capture_output=True)

    with (home / "log").open("w") as log:
        run = subprocess.Popen([*command, "run"], cwd=home, stdout=log, stderr=log)
        try:
            yield reload
        finally:
            run.terminate()
            run.wait()
    stats = subprocess.run(
        [*command, "outputs", "stats"], cwd=home, check=True, capture_output=True
    )
    print(stats.stdout.decode())


def _until(url: str, holds: Callable[[str], bool]) -> None:
    """Wait until the Atom feed is so. Raises TimeoutError."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{url}.atom") as answer:
            if holds(answer.read().decode()):
                return
        time.sleep(0.5)
    raise TimeoutError(url)
