"""The daemon with private feeds and private outputs: what each reader gets, and what is on the disk."""

from __future__ import annotations

import asyncio
import signal
import stat
from collections.abc import AsyncIterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S, until
from tests.support.polling import Site, ok, open_site, rss
from tests.support.running import Running, call, free_port, patient, started

SECRET = "canary-0123456789abcdef"
ONE, TWO = (sha256(name).hexdigest() for name in (b"one", b"two"))
KINDS = ("atom", "rss", "json")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as one:
        one.answers["/open"] = ok(rss("open story"))
        one.answers["/pod"] = ok(rss("private story", body=f"holds {SECRET} itself"))
        yield one


class Place:
    """A folder with a configuration and its secrets."""

    def __init__(self, folder: Path, site: Site) -> None:
        self.folder, self.site, self.port = folder, site, free_port()
        self.config = folder / "aggregator.toml"
        (folder / "pod").write_text(SECRET)

    def write(self, *tokens: str, base_url: str = "", share: bool = False, all_: str = "") -> None:
        base = base_url or f"http://127.0.0.1:{self.port}"
        given = ", ".join(f'"{token}"' for token in tokens)
        mine = f'[[outputs]]\nname = "mine"\ntoken = [{given}]\nfiles = "own"\n' if tokens else ""
        text = f"""
base_url = "{base}"
[server]
port = {self.port}
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
[publish]
min_interval = "50ms"
[extract]
mode = "never"
workers = 1
[websub]
enabled = false
[[outputs]]
name = "all"
{all_}
{mine}
[[feeds]]
url = "{self.site.url("/open")}"
[[feeds]]
url = "{self.site.url("/pod")}?token=${{file:pod}}"
share = {str(share).lower()}
"""
        self.config.write_text(patient(text))

    def running(self) -> Any:
        return started(self.config, self.port, self.folder)

    @property
    def public(self) -> Path:
        return self.folder / "data/public/feeds"


async def _until(
    daemon: Running, path: str, status: int, text: str = "", *, file: Path | None = None
) -> bytes:
    """The body at ``path``, once it is so and, where one is given, ``file`` holds the same bytes.

    A file follows what is served, and the next rendering may come in between.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                got, _, body = await daemon.get(path)
                if got == status and text.encode() in body and _is_in(file, body):
                    return body
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{path}: {got} {body!r}\n{daemon.said()}") from None


def _is_in(file: Path | None, body: bytes) -> bool:
    return file is None or (file.is_file() and file.read_bytes() == body)


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and text.encode() in file.read_bytes()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_where_only_this_machine_reads_everything_is_shown_but_no_secret(
    tmp_path: Path, site: Site
) -> None:
    place = Place(tmp_path, site)
    place.write()
    async with place.running() as daemon:
        for kind in KINDS:
            file = place.public / f"all.{kind}"
            body = await _until(daemon, f"/feeds/all.{kind}", 200, "private story", file=file)
            assert SECRET.encode() not in body
            assert _mode(file) == 0o600
        page = await _until(daemon, "/", 200, "2 feeds")
        assert SECRET.encode() not in page
        assert SECRET not in daemon.said()


async def test_what_others_may_read_holds_private_feeds_back(tmp_path: Path, site: Site) -> None:
    place = Place(tmp_path, site)
    place.write(ONE, base_url="https://feeds.example.org")
    async with place.running() as daemon:
        await _until(daemon, f"/feeds/{ONE}/mine.atom", 200, "private story")
        for kind in KINDS:
            file = place.public / f"all.{kind}"
            body = await _until(daemon, f"/feeds/all.{kind}", 200, "open story", file=file)
            assert b"private story" not in body
            assert _mode(file) & 0o044  # as the umask of the tests says
        page = await _until(daemon, "/", 200, "1 feed gathered")
        assert b"/pod" not in page
        assert b"In store" not in page
        assert "holds back a private feed" in daemon.said()
        code, out, err = await call(tmp_path, "--config", str(place.config), "config", "check")
        assert code == 0
        assert "`share = true`" in err
        assert "/pod?token=" in err  # named by its address, without the secret
        for text in (out, err, daemon.said()):
            assert SECRET not in text
            assert ONE not in text
        place.write(ONE, base_url="https://feeds.example.org", share=True)
        daemon.process.send_signal(signal.SIGHUP)
        for kind in KINDS:
            body = await _until(daemon, f"/feeds/all.{kind}", 200, "private story")
            assert SECRET.encode() not in body


async def test_tokens_are_given_and_taken_back_by_reload(tmp_path: Path, site: Site) -> None:
    place = Place(tmp_path, site)
    place.write(ONE)
    async with place.running() as daemon:
        for kind in KINDS:
            body = await _until(daemon, f"/feeds/{ONE}/mine.{kind}", 200, "private story")
            assert f"/feeds/{ONE}/mine.{kind}".encode() in body
            own = tmp_path / "own" / f"mine.{kind}"
            await until(partial(_holds, own, "private story"), f"the file of {kind}")
            assert (_mode(own), ONE.encode() in own.read_bytes()) == (0o600, False)
        assert _mode(tmp_path / "own") == 0o700
        assert not list(place.public.glob("mine.*"))
        assert (await daemon.get(f"/feeds/{TWO}/mine.atom"))[0] == 404
        place.write(TWO, all_=f'token = "{TWO}"')
        daemon.process.send_signal(signal.SIGHUP)
        for name in ("mine", "all"):
            for kind in KINDS:
                body = await _until(daemon, f"/feeds/{TWO}/{name}.{kind}", 200, "private story")
                assert f"/feeds/{TWO}/{name}.{kind}".encode() in body
        for path in (f"/feeds/{ONE}/mine.atom", "/feeds/all.atom", "/feeds/mine.atom"):
            assert (await daemon.get(path))[0] == 404
        await until(lambda: not list(place.public.iterdir()), "the end of what has a token now")
        agent = {"User-Agent": f"Feedly/1.0 (+http://x/{TWO}; 12 subscribers; feed-id={TWO})"}
        assert (await daemon.get(f"/feeds/{TWO}/mine.atom", agent))[0] == 200
        assert ONE not in daemon.said()
        assert TWO not in daemon.said()
        assert await daemon.stop() == 0
    # What was counted last is written as the daemon ends.
    _, stats, _ = await call(tmp_path, "--config", str(place.config), "outputs", "stats", "mine")
    assert stats.startswith("mine  12 subscribers at services")
    database = (tmp_path / "data" / "aggregator.db").read_bytes()
    assert b"Feedly" in database
    for token in (ONE, TWO):
        assert token not in stats
        assert token.encode() not in database


async def test_what_an_older_release_wrote_goes_before_anything_is_served(
    tmp_path: Path, site: Site
) -> None:
    place = Place(tmp_path, site)
    place.write(base_url="https://feeds.example.org")
    place.public.mkdir(parents=True)
    leaky = f"<id>{site.url('/pod')}?token={SECRET}</id>".encode()
    (place.public / "all.atom").write_bytes(leaky)
    (place.public / "all.rss").write_bytes(b"told nothing")
    async with place.running() as daemon:
        said = daemon.said()
        assert "old output file removed" in said
        assert "all.atom" in said
        assert "all.rss" not in said
        await _until(daemon, "/feeds/all.atom", 200, "open story", file=place.public / "all.atom")
        assert SECRET.encode() not in (place.public / "all.atom").read_bytes()
        assert SECRET not in daemon.said()


@pytest.mark.parametrize("left", ["another token", "no such feed"])
async def test_what_was_secret_before_this_configuration_goes_from_old_files(
    tmp_path: Path, site: Site, left: str
) -> None:
    place = Place(tmp_path, site)
    place.write()
    former = "former-0123456789abcdef"
    literal = place.config.read_text().replace("${file:pod}", former)
    place.config.write_text(literal)
    told = place.public / "all.atom"
    async with place.running() as daemon:
        await _until(daemon, "/feeds/all.atom", 200, "private story", file=told)
    told.write_text(f"<id>{site.url('/pod')}?token={former}</id>")
    if left == "another token":
        literal = literal.replace(former, "another-fedcba9876543210")
    else:
        literal = literal.partition(f'[[feeds]]\nurl = "{site.url("/pod")}')[0]
    place.config.write_text(f'title = "Changed"\n{literal}')
    async with place.running() as daemon:
        assert "old output file removed" in daemon.said()
        assert former not in daemon.said()
        await _until(daemon, "/feeds/all.atom", 200, "open story", file=told)
        assert former not in told.read_text()
