"""Options of one feed on the wire: what is sent where, and what never leaves its origin."""

from __future__ import annotations

import asyncio
import io
import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from aggregator import errors
from aggregator.config.feed_options import FeedOptions, fetch_options
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.logs import configure_logs
from aggregator.model import FetchOptions, Request, Validators
from tests.support.asked import asked
from tests.support.names import Names
from tests.support.patience import PATIENCE_S
from tests.support.polling import open_house, rss
from tests.support.proxy import Proxy
from tests.support.running import call
from tests.support.servers import RawServer, reply, server_tls

SECRET = "s3cr3t-value"
TLS = Path(__file__).parents[2] / "data" / "tls"
GIVEN = {
    "username": "me",
    "password": SECRET,
    "headers": {"X-Key": SECRET, "Accept": "text/x-mine"},
    "cookies": {"sid": SECRET},
}
SECRET_FIELDS = (b"authorization:", b"x-key:", b"cookie:", b"text/x-mine")


def fetcher(*allowed: str, names: Any = None, **settings: Any) -> HttpFetcher:
    given = {
        "allow_networks": allowed or ("127.0.0.0/8",),
        "host_gap": 0,
        "timeout": PATIENCE_S,
        **settings,
    }
    chosen = FetchSettings.model_validate(given)
    return HttpFetcher(chosen, base_url="http://feeds.example", resolver=names)


def asking(url: str, **options: Any) -> Request:
    """A request with ``options``, as they are for the feed at ``url``."""
    return asked(url, options=fetch_options(url, FeedOptions.model_validate(options)))


def carried(head: bytes) -> list[bytes]:
    """Which of the feed's own fields are in ``head``."""
    return [field for field in SECRET_FIELDS if field in head.lower()]


def redirect(to: str) -> bytes:
    return reply("302 Found", headers={"Location": to})


# ── what is sent, and where ──────────────────────────────────────────────────────────────────


async def test_headers_credentials_cookies_and_user_agent_are_sent() -> None:
    async with RawServer(reply(body=b"x")) as server, fetcher() as client:
        await client.fetch(asking(server.url + "/feed", user_agent="mine/1", **GIVEN))
        await client.fetch(asked(server.url + "/other"))
    first, second = server.requests
    for line in (
        b"Authorization: Basic bWU6czNjcjN0LXZhbHVl\r\n",
        b"X-Key: s3cr3t-value\r\n",
        b"Cookie: sid=s3cr3t-value\r\n",
        b"Accept: text/x-mine\r\n",
        b"User-Agent: mine/1\r\n",
    ):
        assert line in first
    assert first.lower().count(b"accept: ") == 1
    assert carried(second) == []  # another request to the same host has none of it
    assert b"mine/1" not in second


async def test_a_bearer_token_is_sent() -> None:
    async with RawServer(reply(body=b"x")) as server, fetcher() as client:
        await client.fetch(asking(server.url + "/", bearer="tok"))
    assert b"Authorization: Bearer tok\r\n" in server.requests[0]


@pytest.mark.parametrize("same_host", [True, False])
async def test_nothing_of_the_feed_follows_a_redirect_to_another_origin(same_host: bool) -> None:
    """Another port of the same address, and another address."""
    async with RawServer(reply(body=b"x"), host="0.0.0.0") as other:
        place = f"http://{'127.0.0.1' if same_host else '127.0.0.9'}:{other.port}/x"
        async with RawServer(redirect(place)) as first, fetcher() as client:
            response = await client.fetch(asking(first.url + "/", user_agent="mine/1", **GIVEN))
    assert response.url == place
    assert len(carried(first.requests[0])) == len(SECRET_FIELDS)
    assert carried(other.requests[0]) == []
    assert b"User-Agent: mine/1" in other.requests[0]


async def test_they_follow_a_redirect_within_the_origin_and_come_back_to_it() -> None:
    async with RawServer(b"") as away, RawServer(b"") as home, fetcher() as client:
        away._answer = redirect(home.url + "/end")

        async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
            path = head.split(b" ")[1]
            to = {b"/": "/two", b"/two": away.url + "/"}.get(path)
            writer.write(reply(body=b"end") if to is None else redirect(to))

        home._answer = answer
        await client.fetch(asking(home.url + "/", **GIVEN))
    assert [len(carried(head)) for head in home.requests] == [4, 4, 4]
    assert [len(carried(head)) for head in away.requests] == [0]


async def test_they_are_not_sent_from_https_down_to_http() -> None:
    async with (
        RawServer(reply(body=b"x")) as plain,
        RawServer(redirect(plain.url + "/"), tls=server_tls()) as secure,
        fetcher() as client,
    ):
        ca_file = str(TLS / "cert.pem")
        await client.fetch(asking(secure.url + "/", ca_file=ca_file, **GIVEN))
    assert len(carried(secure.requests[0])) == 4
    assert carried(plain.requests[0]) == []


async def test_a_feed_whose_adopted_address_is_another_origin_sends_them_nowhere() -> None:
    async with RawServer(reply(body=b"x")) as now, fetcher() as client:
        options = fetch_options("http://was.example/feed", FeedOptions.model_validate(GIVEN))
        await client.fetch(asked(now.url + "/", options=options))
    assert carried(now.requests[0]) == []


async def test_user_info_is_sent_to_its_origin_alone() -> None:
    async with (
        RawServer(reply(body=b"x")) as other,
        RawServer(redirect(other.url + "/")) as first,
        fetcher() as client,
    ):
        url = f"http://me:{SECRET}@127.0.0.1:{first.port}/"
        response = await client.fetch(asked(url, options=fetch_options(url, None)))
    assert b"Authorization: Basic bWU6czNjcjN0LXZhbHVl\r\n" in first.requests[0]
    assert carried(other.requests[0]) == []
    assert SECRET not in repr((response.url, response.hops[1:]))


async def test_a_feed_may_have_a_deadline_of_its_own() -> None:
    async def never(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with RawServer(never) as server, fetcher(timeout=100) as client:
        with pytest.raises(errors.TimedOut, match=r"within 0\.05 s"):
            await client.fetch(asking(server.url + "/", timeout=timedelta(milliseconds=50)))


# ── certificates ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("options", [{"tls": "insecure"}, {"ca_file": str(TLS / "cert.pem")}])
async def test_a_certificate_is_accepted_for_the_feed_that_says_so_alone(
    options: dict[str, str],
) -> None:
    async with RawServer(reply(body=b"x"), tls=server_tls()) as server, fetcher() as client:
        assert (await client.fetch(asking(server.url + "/", **options))).status == 200
        with pytest.raises(errors.TlsFailed, match=r"options\.ca_file or options\.tls"):
            await client.fetch(asked(server.url + "/"))
        with pytest.raises(errors.TlsFailed):
            await client.fetch(asking(server.url + "/", bearer="x"))
    assert len(server.requests) == 1


async def test_a_ca_file_still_checks_the_name() -> None:
    async with RawServer(reply(body=b"x"), host="127.0.0.7", tls=server_tls()) as server:
        url = f"https://127.0.0.7:{server.port}/"
        async with fetcher() as client:
            with pytest.raises(errors.TlsFailed):
                await client.fetch(asking(url, ca_file=str(TLS / "cert.pem")))
            assert (await client.fetch(asking(url, tls="insecure"))).status == 200


async def test_an_override_does_not_follow_a_redirect_to_another_host() -> None:
    async with RawServer(reply(body=b"x"), host="127.0.0.7", tls=server_tls()) as other:
        to = f"https://127.0.0.7:{other.port}/"
        async with RawServer(redirect(to), tls=server_tls()) as first, fetcher() as client:
            with pytest.raises(errors.TlsFailed):
                await client.fetch(asking(first.url + "/", tls="insecure"))
    assert other.requests == []


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_ca_file_that_cannot_be_used_is_an_error(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    async with RawServer(reply(body=b"x"), tls=server_tls()) as server, fetcher() as client:
        with pytest.raises(errors.TlsFailed, match=r"ca\.pem.*options\.ca_file"):
            await client.fetch(asking(server.url + "/", ca_file=str(file)))
    assert server.requests == []


# ── proxies ──────────────────────────────────────────────────────────────────────────────────


async def test_a_proxy_is_used_for_the_feed_that_names_it_alone() -> None:
    async with Proxy() as proxy, RawServer(reply(body=b"x")) as server, fetcher() as client:
        via = f"http://u:{SECRET}@127.0.0.1:{proxy.port}"
        response = await client.fetch(asking(server.url + "/feed?a=1", proxy=via))
        await client.fetch(asked(server.url + "/direct"))
    assert response.body == b"x"
    assert len(proxy.requests) == 1
    assert proxy.requests[0].startswith(f"GET {server.url}/feed?a=1 HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dTpzM2NyM3QtdmFsdWU=\r\n" in proxy.requests[0]
    assert b"proxy-" not in server.requests[0].lower()


async def test_through_a_tunnel_the_proxy_sees_no_field_of_the_feed_and_the_feed_none_of_the_proxy() -> (
    None
):
    async with (
        Proxy() as proxy,
        RawServer(reply(body=b"x"), tls=server_tls()) as server,
        fetcher() as client,
    ):
        via = f"http://u:{SECRET}@127.0.0.1:{proxy.port}"
        ca_file = str(TLS / "cert.pem")
        answer = await client.fetch(asking(server.url + "/", proxy=via, ca_file=ca_file, **GIVEN))
        with pytest.raises(errors.TlsFailed):
            await client.fetch(asking(server.url + "/", proxy=via))
    assert (answer.url, answer.body) == (server.url + "/", b"x")
    connect = f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode()
    assert all(head.startswith(connect) for head in proxy.requests)
    assert b"\r\nAuthorization:" not in proxy.requests[0]
    assert b"Proxy-Authorization: Basic dTpz" in proxy.requests[0]
    assert len(carried(server.requests[0])) == 4
    assert b"proxy-authorization" not in server.requests[0].lower()


async def test_in_a_tunnel_a_name_is_told_to_the_proxy_and_proven_by_its_certificate() -> None:
    # The proxy resolves the name itself; the tunnel's other end must prove that it is that name.
    async with (
        Proxy() as proxy,
        RawServer(reply(body=b"x"), tls=server_tls()) as server,
        fetcher("10.9.9.9/32", names=Names(["93.184.215.14"])) as client,
    ):
        ca_file = str(TLS / "cert.pem")
        for host in ("feeds.test", "other.test"):
            asked = asking(f"https://{host}:{server.port}/f", proxy=proxy.url, ca_file=ca_file)
            if host == "feeds.test":
                assert (await client.fetch(asked)).body == b"x"
            else:
                with pytest.raises(errors.TlsFailed, match="certificate"):
                    await client.fetch(asked)
    assert [head.split()[:2] for head in proxy.requests] == [
        [b"CONNECT", f"{host}:{server.port}".encode()] for host in ("feeds.test", "other.test")
    ]
    assert [head.split()[:2] for head in server.requests] == [[b"GET", b"/f"]]


async def test_conditional_requests_and_redirects_go_through_the_tunnel() -> None:
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        if b"GET /old" in head:
            writer.write(reply("302 Found", headers={"Location": "/new"}))
        else:
            writer.write(reply("304 Not Modified"))

    async with (
        Proxy() as proxy,
        RawServer(answer, tls=server_tls()) as server,
        fetcher() as client,
    ):
        asked = asking(server.url + "/old", proxy=proxy.url, ca_file=str(TLS / "cert.pem"))
        stored = Validators(server.url + "/new", '"1"')
        response = await client.fetch(replace(asked, validators=stored))
    assert (response.status, response.url) == (304, server.url + "/new")
    assert [b"If-None-Match" in head for head in server.requests] == [False, True]
    assert all(head.startswith(b"CONNECT ") for head in proxy.requests)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("127.0.0.1", []),
        ("[::1]", []),
        ("169.254.169.254", []),
        ("feeds.test", ["10.0.0.1"]),
        ("feeds.test", ["93.184.215.14", "127.0.0.1"]),  # one of several is enough
    ],
)
async def test_a_proxy_opens_no_hole_in_the_guard(
    scheme: str, host: str, answers: list[str]
) -> None:
    # The proxy itself stands in a network that is not allowed: its address was written down.
    async with (
        Proxy() as proxy,
        RawServer(reply(body=b"secret")) as inside,
        fetcher("10.9.9.9/32", names=Names(answers)) as client,
    ):
        url = f"{scheme}://{host}:{inside.port}/"
        with pytest.raises(errors.AddressRefused, match=r"fetch\.allow_networks"):
            await client.fetch(asking(url, proxy=proxy.url))
    assert proxy.connections == 0
    assert inside.connections == 0


async def test_a_redirect_is_judged_before_the_proxy_is_asked_for_it() -> None:
    async with Proxy() as proxy, RawServer(reply(body=b"secret")) as inside:
        there = RawServer(redirect(f"http://127.0.0.1:{inside.port}/"))
        async with there, fetcher("93.184.215.14/32", names=Names(["93.184.215.14"])) as client:
            with pytest.raises(errors.AddressRefused):
                await client.fetch(asking(f"http://feeds.test:{there.port}/", proxy=proxy.url))
    assert len(proxy.requests) == 1
    assert inside.connections == 0


async def test_a_proxy_needs_no_permission_and_gives_none() -> None:
    async with (
        Proxy() as proxy,
        RawServer(reply(body=b"x")) as server,
        fetcher("10.9.9.9/32", names=Names(["93.184.215.14"])) as client,
    ):
        url = f"http://feeds.test:{server.port}/"
        assert (await client.fetch(asking(url, proxy=proxy.url))).body == b"x"
        with pytest.raises(errors.AddressRefused):
            await client.fetch(asked(proxy.url + "/"))
    assert proxy.connections == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_refuses_or_is_away_is_named_without_its_secret(scheme: str) -> None:
    answer = reply("407 Proxy Authentication Required")
    async with Proxy(refusal=answer) as proxy, fetcher() as client:
        via = f"http://u:{SECRET}@127.0.0.1:{proxy.port}"
        with pytest.raises(errors.FetchError, match=r"options\.proxy") as caught:
            await client.fetch(asking(f"{scheme}://127.0.0.1:9/", proxy=via))
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    async with fetcher() as client:
        with pytest.raises(errors.ConnectFailed, match=r"proxy.*options\.proxy") as caught:
            await client.fetch(asking(f"{scheme}://127.0.0.1:9/", proxy=via))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


# ── allowed networks with a port ─────────────────────────────────────────────────────────────


async def test_an_allowed_network_with_a_port_opens_that_port_alone() -> None:
    async with (
        RawServer(reply(body=b"x")) as open_one,
        RawServer(reply(body=b"x")) as other,
        fetcher(f"127.0.0.0/8:{open_one.port}") as client,
    ):
        assert (await client.fetch(asked(open_one.url + "/"))).status == 200
        with pytest.raises(errors.AddressRefused):
            await client.fetch(asked(other.url + "/"))
    assert other.connections == 0


# ── secrets ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        reply("401 Unauthorized"),
        reply("302 Found", headers={"Location": "ftp://x/"}),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"not HTTP\r\n\r\n",
        b"",
    ],
)
async def test_no_error_and_no_log_line_holds_a_secret(answer: bytes) -> None:
    out = io.StringIO()
    configure_logs("debug", "text", out)
    try:
        async with RawServer(answer) as server, fetcher() as client:
            url = f"http://who:{SECRET}@127.0.0.1:{server.port}/"
            request = asked(url, options=fetch_options(url, FeedOptions.model_validate(GIVEN)))
            with pytest.raises(errors.FetchError) as caught:
                await client.fetch(request)
        error = caught.value
        structlog.get_logger("x").error("x", exc_info=error, options=request.options)
    finally:
        structlog.reset_defaults()
    said = out.getvalue() + str(error) + repr(error) + "".join(traceback.format_exception(error))
    assert "Traceback" in said
    assert SECRET not in said
    assert "bWU6" not in said


def test_the_repr_of_options_shows_no_secret() -> None:
    options = fetch_options(
        "http://h/", FeedOptions.model_validate({**GIVEN, "proxy": "http://u:p@h"})
    )
    assert isinstance(options, FetchOptions)
    assert repr(options).count("'") == 6  # home, user agent, CA file
    assert SECRET not in repr(options)


# ── the whole way ────────────────────────────────────────────────────────────────────────────


async def test_a_poll_carries_the_options_of_its_feed_and_its_page_none(tmp_path: Path) -> None:
    async with RawServer(b"") as server:
        link = f"<item><title>t</title><link>{server.url}/page</link></item></channel></rss>"
        feed = rss("one", end=link)

        async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
            is_feed = head.startswith(b"GET /feed ")
            writer.write(reply(body=feed) if is_feed else reply("404 Not Found"))

        server._answer = answer
        url = f"http://me:{SECRET}@127.0.0.1:{server.port}/feed"
        options = {"headers": GIVEN["headers"], "cookies": GIVEN["cookies"]}
        database = f"sqlite:///{tmp_path / 'a.db'}"
        async with open_house(
            database, url, feed={"options": options}, mode="always", robots=False
        ) as house:
            await house.poll()
            assert (await house.status()).feeds[0].error is None
    by_path = {head.split(b" ")[1]: head for head in server.requests}
    assert len(carried(by_path[b"/feed"])) == len(SECRET_FIELDS)
    assert carried(by_path[b"/page"]) == []


async def test_polling_and_status_show_no_secret(tmp_path: Path) -> None:
    (tmp_path / "aggregator.toml").write_text(
        f'[database]\nurl = "sqlite:///{tmp_path / "a.db"}"\n[publish]\ndirectory = ""\n'
        f'[[feeds]]\nurl = "http://me:{SECRET}@127.0.0.1:9/feed"\n'
        f'[feeds.options]\nheaders = {{ X-Key = "{SECRET}" }}\n'
    )
    for command in (["once"], ["once", "--all"], ["status"], ["status", "--json"]):
        _, out, err = await call(tmp_path, *command)
        said = out + err
        assert SECRET not in said
        assert "127.0.0.1" in said or command == ["status"]
        assert "Traceback" not in said
