"""A configuration with a canary in every place where a secret may stand, and the hosts it is for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from tests.support.canaries import Canaries
from tests.support.canary_origin import MOVED_TO, Internet, Origin, told_off

Behave = Callable[[web.Request], web.Response]

# Every place where a secret may stand, and the setting that it is. A new setting that holds a secret
# belongs here and into `configured`; a test fails where one of the settings' model is missing.
PLACES = {
    "user info": "feeds.url",
    "user info, unescaped": "feeds.url",
    "user info, percent-encoded": "feeds.url",
    "user info, no password": "feeds.url",
    "query token": "feeds.url",
    "query auth": "feeds.url",
    "query key": "feeds.url",
    "path token": "feeds.url",
    "whole by env": "feeds.url",
    "whole by file": "feeds.url",
    "part by env": "feeds.url",
    "part by file": "feeds.url",
    "basic": "feeds.options.password",
    "user name": "feeds.options.username",
    "bearer": "feeds.options.bearer",
    "header": "feeds.options.headers",
    "cookie": "feeds.options.cookies",
    "proxy": "feeds.options.proxy",
    "feed with id": "feeds.url",
    "pushed": "feeds.url",
    "pushed, secret topic": "feeds.url",
    "crashing": "feeds.url",
    "opml": "feeds_files",
    "reading list": "opml.url",
    "reading list by env": "opml.url",
    "part of a reading list": "opml.url",
    **{f"redirect {status}": "feeds.url" for status in (301, 302, 307, 308)},
    "redirect loop": "feeds.url",
    "redirect nowhere": "feeds.url",
    "redirect to credentials": "feeds.url",
    **{f"error {status}": "feeds.url" for status in (401, 403, 404, 410, 429, 500)},
    "not a feed": "feeds.url",
    "output token": "outputs.token",
    "output token, second": "outputs.token",
    "output token by file": "outputs.token",
    "webhook address": "webhooks.url",
    "webhook secret": "webhooks.secret",
    "notification address": "notifications.url",
    "mail user": "smtp.user",
    "mail password": "smtp.password",
    "database": "database.url",
    "database query": "database.url",
    "database by env": "database.url",
    "database by file": "database.url",
    "feeds by env": "feeds.url",
    "faulty": "feeds.url",
    "command line": "feeds.url",
    "rotated": "feeds.url",
}


ROADS = frozenset({"webhook address", "notification address"})
"""Places whose hosts are told of stories."""


@dataclass(slots=True)
class Setup:
    """The configuration's parts; ``at`` maps a host to the labels that it may be told."""

    canaries: Canaries
    internet: Internet
    folder: Path
    feeds: list[str] = field(default_factory=list)  # TOML tables
    urls: dict[str, str] = field(default_factory=dict)  # label → address with its secrets
    environment: dict[str, str] = field(default_factory=dict)
    at: dict[str, set[str]] = field(default_factory=dict)
    opml: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)  # TOML tables
    tokens: dict[str, str] = field(default_factory=dict)
    roads: str = ""  # TOML tables

    def host(self, label: str) -> str:
        """A host of the label's own; it may know the label's secrets."""
        host = f"127.0.10.{len(self.internet.origins) + 1}"
        self.at.setdefault(host, set()).add(label)
        return host

    def private(
        self,
        label: str,
        address: str,
        *,
        told: tuple[str, ...],
        user: tuple[str, str] | None = None,
        fields: dict[str, str] | None = None,
        answer: Behave | None = None,
        written: str = "",
        more: str = "",
        hub: str = "",
        opml: bool = False,
    ) -> Origin:
        """Subscribe to ``address`` (``{at}`` stands for host and port) at a host that checks."""
        host = self.host(label)
        at = f"{host}:{self.internet.port}"
        url = address.replace("{at}", at)
        target = "/" + url.partition("://")[2].rpartition(at)[2].lstrip("/")
        expected = {name.lower(): value for name, value in (fields or {}).items()}
        if user is not None:
            expected["authorization"] = basic(*user)

        def knows(request: web.Request) -> bool:
            sent = {name.lower(): value for name, value in request.headers.items()}
            path = request.raw_path
            return path == target and all(sent.get(n) == value for n, value in expected.items())

        origin = Origin(host, told, knows, answer, hub)
        self.internet.origins[host] = origin
        self.urls[label] = url
        if opml:
            self.opml.append(f'<outline type="rss" text="T" xmlUrl="{url.replace("&", "&amp;")}"/>')
        else:
            value = written or json.dumps(address)
            self.feeds.append(f"[[feeds]]\nurl = {value.replace('{at}', at)}\n{more}")
        return origin


def basic(user: str, password: str) -> str:
    """The field of basic authentication (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def configured(setup: Setup, *, hub: str, proxy: str) -> None:
    """Put a canary into every place of ``setup``."""
    _in_addresses(setup)
    _from_elsewhere(setup)
    _in_options(setup, proxy)
    _redirecting(setup)
    _failing(setup)
    _on_roads(setup)
    make = setup.canaries.make
    for label, topic in (("pushed", "/topic"), ("pushed, secret topic", "")):
        token = make(label)
        address = f"http://{{at}}/feed?token={token}"
        setup.private(label, address, told=(token,), hub=hub).topic = topic
    user, password = make("crashing"), make("crashing")
    setup.private(
        "crashing", f"http://{user}:{password}@{{at}}/feed", told=(password,), user=(user, password)
    )
    setup.tokens = {
        label: make(label)
        for label in ("output token", "output token, second", "output token by file")
    }
    (setup.folder / "output-token").write_text(setup.tokens["output token by file"] + "\n")


def _on_roads(setup: Setup) -> None:
    """Webhooks and notifications that reach a host and are refused there, and mail that reaches none."""
    make = setup.canaries.make

    def road(label: str, scheme: str) -> str:
        host, token = setup.host(label), make(label)

        def refuse(request: web.Request) -> web.Response:
            return told_off(500, request, (token,))

        def knows(request: web.Request) -> bool:
            return request.path.startswith(f"/{token}")

        setup.internet.origins[host] = Origin(host, (token,), knows, refuse)
        return f"{scheme}://{host}:{setup.internet.port}/{token}/x"

    user, password = make("mail user"), make("mail password")
    setup.roads = f"""
[[webhooks]]
name = "ops"
url = "{road("webhook address", "http")}"
secret = ["whsec_{make("webhook secret", "{}{}")}", "whsec_{make("webhook secret", "{}{}")}"]
output = ["all", "mine"]
batch = 5
[[notifications]]
name = "phones"
url = "{road("notification address", "json")}"
output = ["all", "mine"]
alarms = true
max_age = 0
[[mails]]
name = "me"
to = "ann@example.com"
alarms = true
[smtp]
host = "127.0.0.1"
port = 1
sender = "news@example.com"
user = "{user}"
password = "{password}"
[alarms]
disk_free = "1000000GB"
"""


def _in_addresses(setup: Setup) -> None:
    make = setup.canaries.make
    label = "user info"
    user, password = make(label), make(label)
    setup.private(
        label,
        f"http://{user}:{password}@{{at}}/feed",
        told=(user, password),
        user=(user, password),
    )
    label = "user info, unescaped"
    user, password = make(label), make(label, "{}@{}:{}&{}<")
    setup.private(
        label,
        f"http://{user}:{password}@{{at}}/feed?page=1",
        told=(user, password),
        user=(user, password),
    )
    label = "user info, percent-encoded"
    user, password = make(label), make(label, "{}/{}?{}#{}@{}:{}\"<'")
    setup.private(
        label,
        f"http://{user}:{quote(password, safe='')}@{{at}}/feed",
        told=(user, password),
        user=(user, password),
    )
    label = "user info, no password"
    user = make(label)
    setup.private(label, f"http://{user}@{{at}}/feed", told=(user,), user=(user, ""))
    for label, query in (
        ("query token", "show=1&token={}"),
        ("query auth", "auth={}&lang=en"),
        ("query key", "key={}"),
    ):
        token = make(label)
        setup.private(label, f"http://{{at}}/feed?{query.format(token)}", told=(token,))
    label = "path token"
    token = make(label)
    setup.private(label, f"http://{{at}}/feed/private/{token}/all.xml", told=(token,))
    label = "feed with id"
    user, password = make(label), make(label)
    setup.private(
        label,
        f"http://{user}:{password}@{{at}}/feed",
        told=(user, password),
        user=(user, password),
        more='id = "named"\nprivate = true\npublic_url = "https://public.example/"\nshare = true\n',
    )
    label = "opml"
    user, password, token = make(label), make(label), make(label)
    setup.private(
        label,
        f"http://{user}:{password}@{{at}}/feed?token={token}&a=1",
        told=(user, password, token),
        user=(user, password),
        opml=True,
    )
    user, password, token = (make("reading list") for _ in range(3))
    address = f"http://{user}:{password}@127.0.0.1:1/list.opml?token={token}"
    setup.lists.append(f'[[opml]]\nurl = "{address}"\n')


def _from_elsewhere(setup: Setup) -> None:
    make, folder = setup.canaries.make, setup.folder
    for label, reference in (
        ("whole by env", '{ env = "CANARY_URL" }'),
        ("whole by file", '{ file = "canary-url" }'),
    ):
        first, second = make(label), make(label)
        address = f"http://{{at}}/w/{first}/feed?plain={second}"
        setup.private(label, address, told=(first, second), written=reference)
    setup.environment["CANARY_URL"] = setup.urls["whole by env"]
    (folder / "canary-url").write_text(setup.urls["whole by file"] + "\n")
    label = "part by env"
    part = make(label, "{}/{}")
    setup.environment["CANARY_PART"] = part
    setup.private(
        label,
        f"http://{{at}}/feed?who={quote(part, safe='')}",
        told=(part,),
        written='"http://{at}/feed?who=${env:CANARY_PART}"',
    )
    label = "part by file"
    part = make(label)
    (folder / "canary-part").write_text(part + "\n")
    setup.private(
        label,
        f"http://{{at}}/of/{part}/feed",
        told=(part,),
        written='"http://{at}/of/${file:canary-part}/feed"',
        more='every = "1s"\n',
    )
    setup.environment["CANARY_LIST"] = f"http://127.0.0.1:1/{make('reading list by env')}/list.opml"
    setup.environment["CANARY_OF_LIST"] = make("part of a reading list")
    setup.lists.append('[[opml]]\nurl = { env = "CANARY_LIST" }\n')
    setup.lists.append('[[opml]]\nurl = "http://127.0.0.1:1/${env:CANARY_OF_LIST}/list.opml"\n')


def _in_options(setup: Setup, proxy: str) -> None:
    make = setup.canaries.make

    def options(label: str, fields: dict[str, str], text: str, *told: str) -> None:
        setup.private(
            label,
            f"http://{{at}}/feed?of={label.replace(' ', '-')}",
            told=told,
            fields=fields,
            more=f"[feeds.options]\n{text}\n",
        )

    user, password = make("user name"), make("basic", "{}/{}")
    host = "127.0.10." + str(len(setup.internet.origins) + 1)
    setup.at[host] = {"user name"}
    text = f'username = "{user}"\npassword = "{password}"'
    options("basic", {"Authorization": basic(user, password)}, text, user, password)
    token = make("bearer")
    options("bearer", {"Authorization": f"Bearer {token}"}, f'bearer = "{token}"', token)
    key = make("header", "{} {}")
    options("header", {"X-Api-Key": key}, f'headers = {{ X-Api-Key = "{key}" }}', key)
    session = make("cookie")
    options("cookie", {"Cookie": f"sid={session}"}, f'cookies = {{ sid = "{session}" }}', session)
    user, password = make("proxy"), make("proxy")
    options("proxy", {}, f'proxy = "http://{user}:{password}@{proxy}"')


def _redirecting(setup: Setup) -> None:
    make, port = setup.canaries.make, setup.internet.port

    def redirect(label: str, status: int, location: str) -> None:
        token, user = make(label), make(label)
        there = location.format(*(make(f"location of {label}") for _ in range(4)))
        setup.at.setdefault(MOVED_TO, set()).add(f"location of {label}")

        def answer(request: web.Request) -> web.Response:
            to = there or str(request.rel_url)
            return web.Response(status=status, headers={"Location": to}, text=f"{token} {to}")

        setup.private(
            label,
            f"http://{user}:pw@{{at}}/feed?token={token}",
            told=(token, user),
            user=(user, "pw"),
            answer=answer,
        )

    for status in (301, 302, 307, 308):
        place = f"http://{MOVED_TO}:{port}/feed/{status}"
        redirect(f"redirect {status}", status, place + "?token={}&signature={}")
    redirect("redirect loop", 302, "")
    redirect("redirect nowhere", 302, "//[{}?token={}")
    redirect("redirect to credentials", 302, f"http://{{}}:{{}}@{MOVED_TO}:{port}/feed?auth={{}}")


def _failing(setup: Setup) -> None:
    make = setup.canaries.make
    for status in (401, 403, 404, 410, 429, 500):
        label = f"error {status}"
        user, token = make(label), make(label)

        def answer(
            request: web.Request, status: int = status, told: tuple[str, ...] = (user, token)
        ) -> web.Response:
            return told_off(status, request, told)

        setup.private(
            label,
            f"http://{user}:pw@{{at}}/feed?token={token}",
            told=(user, token),
            user=(user, "pw"),
            answer=answer,
        )
    label = "not a feed"
    token = make(label)

    def page(request: web.Request) -> web.Response:
        return web.Response(
            text=f"<html><title>{request.url}</title><link rel=alternate type=application/rss+xml "
            f"href='/{token}/feed?token={token}' title='{token}'>{token}</html>",
            content_type="text/html",
        )

    setup.private(label, f"http://{{at}}/feed?token={token}", told=(token,), answer=page)


def config_text(setup: Setup, port: int, *, base_url: str, log: str, push: bool) -> str:
    """The whole file."""
    tokens = setup.tokens
    outputs = f"""
[[outputs]]
name = "all"
also_at = "Also at"
[[outputs]]
name = "mine"
aliases = ["former"]
dedupe = "off"
token = ["{tokens["output token"]}", "{tokens["output token, second"]}"]
files = "private-files"
[[outputs]]
name = "other"
token = {{ file = "output-token" }}
[[outputs]]
name = "morning"
digest = "0 0 * * *"
[[outputs]]
name = "brief"
digest = "0 0 * * *"
token = {{ file = "output-token" }}
files = "private-files"
"""
    return f"""
base_url = "{base_url}"
feeds_files = ["feeds.opml"]
{"".join(setup.lists)}
[database]
url = "sqlite:///data/aggregator.db"
[server]
port = {port}
metrics = "local"
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
[publish]
directory = "public"
min_interval = "100ms"
[log]
level = "debug"
format = "{log}"
[extract]
workers = 1
max_wait = "30s"
[websub]
enabled = {str(push).lower()}
{outputs}
{setup.roads}
{"".join(setup.feeds)}"""


def opml_text(setup: Setup) -> str:
    """The OPML file that the configuration names."""
    return f'<opml version="2.0"><head/><body>{"".join(setup.opml)}</body></opml>'
