"""The contract: no module but ``aggregator.fetch`` opens a connection to somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import aggregator

PACKAGE = Path(aggregator.__file__).parent
# Modules that exist to ask other machines something.
CLIENT_MODULES = frozenset(
    {"ftplib", "http.client", "httpx", "niquests", "pycurl", "requests", "telnetlib", "urllib.request",
     "urllib3", "xmlrpc.client", "aiodns", "websockets", "smtplib"}
)  # fmt: skip
# What opens a connection or fetches a URL when it is called.
CLIENT_CALLS = frozenset(
    {"ClientSession", "TCPConnector", "create_connection", "fetch_response", "fetch_url",
     "open_connection", "start_connection", "urlopen", "ws_connect", "getaddrinfo"}
)  # fmt: skip
# A module in which none of them is written needs no closer look.
NAMED = re.compile(
    "|".join(sorted(re.escape(one.rpartition(".")[2]) for one in CLIENT_MODULES | CLIENT_CALLS))
)


def doors(tree: ast.AST) -> Iterator[str]:
    """What in ``tree`` would open a connection."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in CLIENT_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = {f"{node.module}.{each.name}" for each in node.names} | {node.module}
            yield from names & CLIENT_MODULES
            yield from {each.name for each in node.names} & CLIENT_CALLS
        elif isinstance(node, ast.Attribute | ast.Name):  # called, or handed to who calls it
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name in CLIENT_CALLS:
                yield name


def test_only_the_fetch_package_opens_connections() -> None:
    found = {
        str(path.relative_to(PACKAGE)): sorted(set(doors(ast.parse(text))))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "fetch"
        and NAMED.search(text := path.read_text("utf-8"))
    }
    # The address to listen on is the operator's, and nothing is sent there.
    listening = {"web/listening.py": ["getaddrinfo"]}
    # The mail server is the operator's, too.
    mailing = {"engine/mail_smtp.py": ["smtplib"], "engine/smtp_login.py": ["smtplib"]}
    assert {path: names for path, names in found.items() if names} == listening | mailing


def test_the_check_sees_a_door() -> None:
    for name, door in {"client.py": "ClientSession", "transport.py": "TCPConnector"}.items():
        assert door in set(doors(ast.parse((PACKAGE / "fetch" / name).read_text("utf-8"))))
    for text in (
        "import urllib.request",
        "from http import client",
        "from urllib.request import urlopen",
        "import trafilatura\ntrafilatura.fetch_url(x)",
        "import asyncio\nasyncio.open_connection(h, 80)",
    ):
        assert list(doors(ast.parse(text)))
