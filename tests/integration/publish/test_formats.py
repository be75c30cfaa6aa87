"""One list of output formats: what a new one needs is its line, and everything else follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from lxml import html

from aggregator.app.daemon import Daemon
from aggregator.config.load import load
from aggregator.config.reference import settings_reference
from aggregator.config.settings import OutputSettings
from aggregator.engine.in_process import InProcessEngine
from aggregator.errors import ConfigError
from aggregator.model import OutputFeed, OutputFormat
from aggregator.publish import formatting
from aggregator.publish.files import FilePublisher
from aggregator.publish.formats import FORMATS

CONFIG = """
[server]
port = 0
[database]
url = "sqlite:///{folder}/a.db"
[publish]
directory = "{folder}/public"
[[outputs]]
name = "all"
formats = [{formats}]
[[outputs]]
name = "brief"
formats = ["lines"]
"""


def render_lines(output: OutputFeed) -> bytes:
    lines = [formatting.title(output), formatting.self_link(output, LINES.name)]
    return "".join(f"{line}\n" for line in lines).encode()


LINES = OutputFormat("lines", "One a line", "text/x-lines", render_lines, charset="utf-8")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, LINES.name, LINES)


def written(folder: Path, *formats: str) -> Path:
    path = folder / "c.toml"
    listed = ", ".join(f'"{one}"' for one in formats)
    path.write_text(CONFIG.format(folder=folder, formats=listed), "utf-8")
    return path


@pytest.fixture
async def served(known: None, tmp_path: Path) -> AsyncIterator[tuple[str, Path]]:
    """The daemon with every format, published once: its address, and its public directory."""
    daemon = Daemon(load(written(tmp_path, *FORMATS), {}))
    running = asyncio.create_task(daemon.run())
    await asyncio.wait(
        (running, asyncio.create_task(daemon.ready.wait())), return_when=asyncio.FIRST_COMPLETED
    )
    if running.done():
        running.result()  # why it did not start
    assert daemon.site.parts is not None
    engine = daemon.site.parts.engine
    assert isinstance(engine, InProcessEngine)
    await engine.pipeline.publish()
    yield f"http://127.0.0.1:{daemon.port}", tmp_path / "public"
    daemon.stop()
    await running


async def test_a_new_format_is_on_the_page_at_its_addresses_and_in_files(
    served: tuple[str, Path],
) -> None:
    base, public = served
    async with aiohttp.ClientSession(base) as session:
        async with session.get("/") as answer:
            assert answer.status == 200
            page: Any = html.document_fromstring(await answer.text())
        links = {
            link.get("href"): link.get("type")
            for link in page.xpath("//head/link[@rel='alternate']")
        }
        assert links == {
            **{f"feeds/all.{one.name}": one.media_type for one in FORMATS.values()},
            "feeds/brief.lines": "text/x-lines",
        }
        assert page.xpath("//a[@href='feeds/brief.lines']/text()") == [LINES.label]
        for path, media_type in links.items():
            async with session.get(f"/{path}") as answer:
                assert answer.status == 200, path
                assert answer.content_type == media_type
                body = await answer.read()
                assert (public / path).read_bytes() == body
    assert body == b"Brief\nhttp://127.0.0.1:8080/feeds/brief.lines\n"


def test_the_settings_know_a_new_format(known: None, tmp_path: Path) -> None:
    reference = {setting.name: setting.type for setting in settings_reference()}
    choice = " or ".join(f'"{name}"' for name in FORMATS)
    assert choice.endswith(' or "lines"')
    assert reference["outputs.formats"] == f"list of {choice}"
    with pytest.raises(ConfigError, match=f'= "line": expected {choice}'):
        load(written(tmp_path, "rss", "line"), {})


def test_without_its_line_it_is_no_format(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'"lines": expected "atom" or "rss" or "json"'):
        load(written(tmp_path, "rss"), {})


def test_its_files_go_with_their_outputs_and_strangers_stay(known: None, tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    folder.mkdir()
    for name in ("old.lines", "old.unknown", "all.lines", ".lines", "Old.lines"):
        (folder / name).touch()
    assert FilePublisher(tmp_path).prune({("all", "lines")}) == [folder / "old.lines"]


def test_every_format_is_offered_unless_some_are_named() -> None:
    assert OutputSettings(name="all").formats == tuple(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_is_a_suffix(name: str) -> None:
    assert name.isascii()
    assert name.isalnum()
