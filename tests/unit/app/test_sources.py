"""What an output is made of, as OPML, and what of it its readers do not get to see."""

from __future__ import annotations

from pathlib import Path

from aggregator.app.sources import source_keys, sources_of, sources_opml
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.load import load
from aggregator.config.opml import read_opml
from aggregator.model import FeedStatus

TOKEN = "0123456789abcdef" * 4
SECRET = "SECRETPART123456"
CONFIG = f"""
base_url = "https://feeds.example"
[[outputs]]
name = "all"
[[outputs]]
name = "news"
categories = ["News"]
[[outputs]]
name = "mine"
token = "{TOKEN}"
[[feeds]]
url = "https://a.example/feed"
title = "A"
categories = ["News", "Tech"]
tags = ["own"]
[[feeds]]
url = "https://b.example/feed"
[[feeds]]
url = "https://u:{SECRET}@c.example/feed"
category = "News"
title = "Of {SECRET}"
[[feeds]]
url = "https://d.example/feed?token={SECRET}"
category = "News"
share = true
[[feeds]]
url = "https://e.example/{SECRET}"
private = true
share = true
public_url = "https://e.example/about"
"""


def sources(config: Config, name: str) -> list[tuple[str, str, tuple[str, ...]]]:
    feeds = [
        FeedStatus(one.key, one.url, one.title or one.key, categories=one.categories)
        for one in config.feeds
    ]
    output = next(one for one in config.settings.outputs if one.name == name)
    document = sources_opml(config, output, sources_of(config, output, feeds))
    told = {key for key in source_keys(config, output) if key in {one.key for one in feeds}}
    chosen = [one for one in feeds if one.key in told]
    assert sources_opml(config, output, sources_of(config, output, chosen)) == document
    assert SECRET.encode() not in document
    assert TOKEN.encode() not in document
    assert b"own" not in document
    reading = read_opml(document, "x")
    assert reading.said("x") == ()
    return [(one.feed.url, one.feed.title, one.feed.categories) for one in reading.feeds]


def test_readers_get_the_feeds_that_they_could_read_themselves(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(CONFIG)
    config = load(path, {})
    a = ("https://a.example/feed", "A", ("News", "Tech"))
    everything = [a, ("https://b.example/feed", "", ()), ("https://e.example/about", "", ())]
    assert sorted(sources(config, "all")) == everything
    assert sources(config, "news") == [a]
    assert sorted(sources(config, "mine")) == everything
    assert choices.output_title(config.settings, config.settings.outputs[1]) == "News"
