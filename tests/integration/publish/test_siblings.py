"""Compressed files beside the plain ones: never an old one beside a new one, wherever we are stopped."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import zstandard

from aggregator.model import OutputFeed
from aggregator.publish.archive_files import ArchivePageFiles
from aggregator.publish.files import FilePublisher
from aggregator.publish.render import pack
from tests.support.patience import wait_until

NOW = datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)
OUTPUT = OutputFeed("all", "All", "", "https://me.example", (), NOW)
OLD = pack("all", "atom", b"<feed>old</feed>" * 90, NOW, all_codings=True)
NEW = pack("all", "atom", b"<feed>new</feed>" * 90, NOW + timedelta(hours=1), all_codings=True)
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".br": brotli.decompress,
    ".zst": lambda body: zstandard.ZstdDecompressor().decompress(body),
}
ALL = ["all.atom", "all.atom.br", "all.atom.gz", "all.atom.zst"]


class Killed(BaseException):
    """The process ends here."""


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if not one.name.endswith(".tmp"))


def assert_paired(plain: Path) -> None:
    for suffix, decode in DECODERS.items():
        sibling = plain.with_name(plain.name + suffix)
        if sibling.exists():
            assert decode(sibling.read_bytes()) == plain.read_bytes()
            assert sibling.stat().st_mtime_ns == plain.stat().st_mtime_ns


def publisher(folder: Path, *, compressed: bool = True) -> FilePublisher:
    return FilePublisher(folder, compressed=compressed)


def test_every_coding_stands_beside_the_file(tmp_path: Path) -> None:
    publisher(tmp_path).publish(OUTPUT, [OLD])
    folder = tmp_path / "feeds"
    assert names(folder) == ALL
    assert_paired(folder / "all.atom")
    assert len({one.stat().st_mode for one in folder.iterdir()}) == 1


@pytest.mark.parametrize("steps", range(12))
def test_no_old_form_stands_beside_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    publisher(tmp_path).publish(OUTPUT, [OLD])
    left = steps

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def step(*given: object, **named: object) -> object:
            nonlocal left
            if not left:
                raise Killed
            left -= 1
            return real(*given, **named)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", dying(Path.unlink))
        patched.setattr(Path, "replace", dying(Path.replace))
        with suppress(Killed):
            publisher(tmp_path).publish(OUTPUT, [NEW])
    plain = tmp_path / "feeds" / "all.atom"
    assert_paired(plain)
    publisher(tmp_path).publish(OUTPUT, [NEW])  # the next start
    publisher(tmp_path).prune({("all", "atom")})
    assert names(plain.parent) == ALL
    assert plain.read_bytes() == NEW.body
    assert_paired(plain)


def test_equal_bytes_are_not_written_again(tmp_path: Path) -> None:
    publisher(tmp_path).publish(OUTPUT, [OLD])
    before = [one.stat().st_ino for one in sorted((tmp_path / "feeds").iterdir())]
    publisher(tmp_path).publish(OUTPUT, [OLD])
    assert [one.stat().st_ino for one in sorted((tmp_path / "feeds").iterdir())] == before


def test_a_form_that_is_missing_is_made_again(tmp_path: Path) -> None:
    publisher(tmp_path).publish(OUTPUT, [OLD])
    (tmp_path / "feeds" / "all.atom.br").unlink()
    publisher(tmp_path).publish(OUTPUT, [OLD])
    assert names(tmp_path / "feeds") == ALL
    publisher(tmp_path).publish(OUTPUT, [replace(OLD, modified=NEW.modified)])
    assert_paired(tmp_path / "feeds" / "all.atom")


def test_they_go_with_the_output_with_the_setting_and_with_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    publisher(tmp_path).publish(OUTPUT, [OLD])
    (folder / "notes.gz").write_bytes(b"mine")
    publisher(tmp_path).prune(set())
    assert names(folder) == ["notes.gz"]
    publisher(tmp_path).publish(OUTPUT, [OLD])
    (folder / "all.atom").unlink()
    publisher(tmp_path).prune({("all", "atom")})
    assert names(folder) == ["notes.gz"]
    publisher(tmp_path).publish(OUTPUT, [OLD])
    publisher(tmp_path, compressed=False).publish(OUTPUT, [OLD])
    assert names(folder) == ["all.atom", "notes.gz"]
    publisher(tmp_path).publish(OUTPUT, [OLD])
    publisher(tmp_path, compressed=False).prune({("all", "atom")})
    assert names(folder) == ["all.atom", "notes.gz"]
    publisher(tmp_path).publish(OUTPUT, [OLD])
    publisher(tmp_path).publish(replace(OUTPUT, tokens=("t" * 32,)), [])
    assert names(folder) == ["notes.gz"]


def test_archive_pages_have_them_too(tmp_path: Path) -> None:
    files = ArchivePageFiles(tmp_path, compressed=True)
    page = "all.1-1.atom"
    files.write_page(OUTPUT, page, "abcdef012345", NOW, OLD.body)
    assert names(tmp_path / "feeds") == [page, *(f"{page}{one}" for one in (".br", ".gz", ".zst"))]
    assert_paired(tmp_path / "feeds" / page)
    files.prune_pages(OUTPUT, {page})
    assert len(names(tmp_path / "feeds")) == 4
    files.prune_pages(OUTPUT, set())
    assert names(tmp_path / "feeds") == []


# ── a real server ───────────────────────────────────────────────────────────────────────────────

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
CONFIG = """
{module}
daemon off; {user} pid {folder}/pid; error_log {folder}/log;
events {{ }}
http {{
  access_log off; gzip_static on; {brotli}
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  types {{ application/atom+xml atom; }}
  server {{ listen 127.0.0.1:{port}; location /feeds/ {{ root {folder}/public; }} }}
}}
"""


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    written = CONFIG.format(
        folder=folder,
        port=port,
        user="user root;" if os.getuid() == 0 else "",
        module=f"load_module {BROTLI};" if BROTLI.exists() else "",
        brotli="brotli_static on;" if BROTLI.exists() else "",
    )
    (folder / "nginx.conf").write_text(written)
    server = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])

    def listens() -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(listens, "nginx listening")
        yield f"http://127.0.0.1:{port}/feeds/all.atom"
    finally:
        server.terminate()
        server.wait()


def asked(url: str, coding: str) -> tuple[str | None, bytes]:
    request = urllib.request.Request(url, headers={"Accept-Encoding": coding})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Encoding"], answer.read()


@pytest.mark.skipif(NGINX is None, reason="there is no nginx")
def test_nginx_sends_what_stands_beside_the_file(tmp_path: Path) -> None:
    with nginx(tmp_path) as url:
        for rendered in (OLD, NEW):
            publisher(tmp_path / "public").publish(OUTPUT, [rendered])
            assert asked(url, "identity") == (None, rendered.body)
            assert asked(url, "gzip") == ("gzip", rendered.gzip)
            if BROTLI.exists():
                assert asked(url, "gzip, br") == ("br", rendered.brotli)
