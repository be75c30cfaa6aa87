"""Requests per CPU second of the server, for a feed of 200 kB: ours beside nginx and bare aiohttp, in one run.

The client is wrk (Debian has it), whose CPU is not counted. Then the memory of ours over very many requests.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import serve_servers
from bench.serve_servers import PATH, Running

_CLIENTS = 64
_TAKES = ["-H", "Accept-Encoding: gzip", "-H", "User-Agent: reader/1.0", "-H", "Accept: */*"]
_ROUNDS = 3
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class _Question:
    """A request that is asked again and again."""

    name: str
    path: str
    conditional: bool = False


_QUESTIONS = (_Question("200", PATH), _Question("304", PATH, conditional=True))
_PAGE = _Question("page", "/read/all")


def main(requests: int = 1_000_000, seconds: int = 4) -> None:
    """Print the table, each figure the median of three rounds of so many seconds, and what memory grew by."""
    wrk = shutil.which("wrk")
    if wrk is None:
        print("serve: there is no wrk, the client; on Debian: apt install wrk")
        return
    with ExitStack() as stack:
        servers = [stack.enter_context(serve_servers.ours())]
        servers.append(stack.enter_context(serve_servers.floor()))
        if Path("/usr/sbin/nginx").exists() or shutil.which("nginx"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder.chmod(0o755)
            servers.append(stack.enter_context(serve_servers.nginx(folder, _free_port())))
        else:
            print("serve: there is no nginx to compare with; on Debian: apt install nginx-light")
        _print_table(servers, seconds)
        _print_memory(servers[0], requests)


def _print_table(servers: list[Running], seconds: int) -> None:
    body = serve_servers.feed()[1]
    print(f"a feed of {len(body.body):,} bytes, {len(body.gzip):,} with gzip; per CPU second")
    for asked in (*_QUESTIONS, _PAGE):
        asking = servers if asked is not _PAGE else servers[:1]
        rates: dict[str, list[float]] = {one.name: [] for one in asking}
        for _ in range(_ROUNDS):  # one after another, so that a busy moment hits all of them
            for one in asking:
                rates[one.name].append(_rate(one, asked, seconds))
        middle = {name: sorted(found)[len(found) // 2] for name, found in rates.items()}
        for name, rate in middle.items():
            share = f"{rate / middle['nginx']:6.2f} of nginx" if "nginx" in middle else ""
            print(f"  {asked.name:5}{name:8}{rate:9,.0f} {share}")


def _rate(server: Running, asked: _Question, seconds: int) -> float:
    before = _cpu(server.pid)
    count = _ask(server, asked, seconds)
    return count / (_cpu(server.pid) - before)


def _print_memory(server: Running, requests: int) -> None:
    done, first, told = 0, 0, 0
    while done < requests:
        for asked in _QUESTIONS:
            done += _ask(server, asked, 5)
        if not first:
            first = _memory(server.pid)
            print(f"  memory {first / _MB:.1f} MB after {done:,} requests")
        told = _memory(server.pid)
    if first:
        print(f"  memory {told / _MB:.1f} MB after {done:,} requests: {(told - first) >> 10:+,} kB")


def _ask(server: Running, asked: _Question, seconds: int) -> int:
    """Requests that were answered, all as expected, in so many seconds."""
    url = f"http://127.0.0.1:{server.port}{asked.path}"
    given = [*_TAKES, *(["-H", f"If-None-Match: {_tag(url)}"] if asked.conditional else [])]
    command = ["wrk", "-t1", f"-c{_CLIENTS}", f"-d{seconds}", *given, url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if wrong := re.search(r"Non-2xx.*|Socket errors.*", said):
        raise RuntimeError(f"{server.name}: {wrong[0]}")
    found = re.search(r"(\d+) requests in", said)
    return int(found[1]) if found else 0


def _tag(url: str) -> str:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"}, method="HEAD")
    with urllib.request.urlopen(request) as answer:
        return str(answer.headers["ETag"])


def _cpu(pid: int) -> float:
    """CPU seconds of all threads of a process, to the nanosecond."""
    told = (one.read_text() for one in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(text.split()[0]) for text in told) / 1e9


def _memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
