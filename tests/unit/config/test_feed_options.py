"""Options of one feed: what is accepted, what it means, and that no secret shows anywhere."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli.main import cli
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.edit import add_feeds, remove_feed
from aggregator.config.feed_id import feed_key
from aggregator.config.load import load
from aggregator.config.settings import FeedSettings, FetchSettings
from aggregator.config.values import NetworkAtPort, parse_network
from aggregator.errors import ConfigError
from aggregator.model import FetchOptions
from aggregator.urls.networks import Allowed

SECRET = "s3cr3t-value"
FEED = '[[feeds]]\nurl = "https://a.example/feed"\n'


def loaded(tmp_path: Path, options: str, env: dict[str, str] | None = None) -> Config:
    path = tmp_path / "c.toml"
    path.write_text(f"{FEED}[feeds.options]\n{options}\n", "utf-8")
    return load(path, env or {})


def options_of(config: Config) -> FetchOptions:
    options = choices.fetch_options(config, "https://a.example/feed", "https://a.example/feed")
    assert options is not None
    return options


def faults(tmp_path: Path, options: str, env: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, options, env)
    return str(caught.value)


def test_a_feed_without_options_has_none(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(FEED)
    assert (
        choices.fetch_options(load(path, {}), "https://a.example/feed", "https://a.example/feed")
        is None
    )


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('username = "me"\npassword = "a:b é"', ("Authorization", "Basic bWU6YTpiIMOp")),
        ('username = "me"', ("Authorization", "Basic bWU6")),
        ('bearer = "abc.def=="', ("Authorization", "Bearer abc.def==")),
        ('cookies = { a = "1", b = "2" }', ("Cookie", "a=1; b=2")),
        ('headers = { X-Key = "k" }', ("X-Key", "k")),
        ('headers = { authorization = "Token k" }', ("authorization", "Token k")),
    ],
)
def test_what_becomes_a_header(tmp_path: Path, written: str, sent: tuple[str, str]) -> None:
    options = options_of(loaded(tmp_path, written))
    assert options.headers == (sent,)
    assert options.home == "https://a.example/"


def test_secrets_come_from_the_environment_and_files(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{SECRET}\n")
    config = loaded(
        tmp_path,
        'username = { env = "WHO" }\npassword = { file = "password" }\n'
        'cookies = { sid = { env = "SID" } }\nheaders = { env = "literal", X-K = { env = "SID" } }\n'
        'proxy = { env = "PROXY" }',
        {"WHO": "me", "SID": SECRET, "PROXY": f"http://u:{SECRET}@proxy.example:3128"},
    )
    options = options_of(config)
    assert dict(options.headers) == {
        "env": "literal",  # a header of that name, not a reference
        "X-K": SECRET,
        "Authorization": "Basic bWU6czNjcjN0LXZhbHVl",
        "Cookie": f"sid={SECRET}",
    }
    assert options.proxy.endswith("@proxy.example:3128")
    for shown in (
        repr(config),
        repr(options),
        str(config.feeds),
        config.feeds[0].model_dump_json(),
    ):
        assert SECRET not in shown
        assert "bWU6" not in shown


def test_user_info_is_basic_authentication_unless_the_options_say_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    url = "https://me:p%40ss@a.example:8443/feed"
    path.write_text(f'[[feeds]]\nurl = "{url}"\n')
    options = choices.fetch_options(load(path, {}), feed_key(url), url)
    assert options == FetchOptions(
        "https://a.example:8443/", (("Authorization", "Basic bWU6cEBzcw=="),)
    )
    path.write_text(f'[[feeds]]\nurl = "{url}"\noptions = {{ bearer = "b" }}\n')
    options = choices.fetch_options(load(path, {}), feed_key(url), url)
    assert options is not None
    assert options.headers == (("Authorization", "Bearer b"),)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (f'headers = {{ Host = "{SECRET}" }}', "`options.headers.Host`: expected another field"),
        (f'headers = {{ Cookie = "{SECRET}" }}', "`cookies` for this"),
        (f'headers = {{ "a b" = "{SECRET}" }}', "names of header fields"),
        (f'headers = {{ X = "{SECRET}\\r\\nY: 1" }}', "one line of text"),
        (f'headers = {{ X = "{SECRET}", x = "1" }}', "each field once"),
        ("headers = { X = 90210 }", "`options.headers.X`: expected text"),
        (f'headers = "{SECRET}"', "`options.headers`: expected"),
        (f'cookies = {{ a = "{SECRET}; b=c" }}', "without spaces, commas and semicolons"),
        (f'password = "{SECRET}"', "`username` beside it"),
        (f'username = "{SECRET}:"', "without colon"),
        (f'bearer = "{SECRET} x"', "a token without spaces"),
        (f'username = "u"\nbearer = "{SECRET}"', "only one of"),
        (f'bearer = "{SECRET}"\nheaders = {{ AUTHORIZATION = "x" }}', "only one of"),
        (f'proxy = "socks4://u:{SECRET}@h:1"', "socks5h://HOST:PORT"),
        (f'proxy = "socks5://u:{SECRET}%C3%BC@h:1"', "255 characters of ASCII"),
        (f'proxy = "socks5h://{"u" * 256}:{SECRET}@h:1"', "255 characters of ASCII"),
        (f'proxy = "http://u:{SECRET}@h:99999"', "an address such as http://HOST:PORT"),
        ('tls = "off"', '`options.tls` = "off": expected "verify" or "insecure"'),
        ('tls = "insecure"\nca_file = "x.pem"', "not both"),
        ('timeout = "0s"', "a duration above zero"),
        ('user_agent = "é"', "one line of ASCII"),
        ('bearer = { env = "NOT_SET" }', "the environment has no variable `NOT_SET`"),
        ('http_version = "2"', "unknown key `http_version`"),
    ],
)
def test_a_fault_names_its_place_and_no_secret(tmp_path: Path, written: str, words: str) -> None:
    said = faults(tmp_path, written)
    assert words in said
    assert said.count("\n") == 0
    assert re.search(r"c\.toml:\d+: ", said)
    assert SECRET not in said
    assert "90210" not in said


def test_a_faulty_list_of_feeds_in_a_variable_shows_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("")
    text = f'[{{url = "https://a/", options = {{ bearer = "{SECRET}" }}'
    with pytest.raises(ConfigError) as caught:
        load(path, {"AGGREGATOR_FEEDS": text})
    assert SECRET not in str(caught.value)


def test_commands_show_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        f'[[feeds]]\nurl = "https://me:{SECRET}@a.example/feed"\n'
        f'[feeds.options]\nbearer = "{SECRET}"\nproxy = "http://u:{SECRET}@p:1"\n'
        f'headers = {{ X-K = "{SECRET}" }}\ncookies = {{ c = "{SECRET}" }}\n'
    )
    for command in (["config", "check"], ["feeds", "list"], ["feeds", "list", "--json"]):
        result = CliRunner().invoke(cli, ["--config", str(path), *command])
        assert result.exit_code == 0, result.output
        assert "a.example" in result.output or command[0] == "config"
        assert SECRET not in result.output


def test_adding_and_removing_feeds_leaves_options_as_they_are_written(tmp_path: Path) -> None:
    path, env = tmp_path / "c.toml", {"TOKEN": SECRET}
    kept = f'{FEED}  # mine\n[feeds.options]\nbearer = {{ env = "TOKEN" }}\n'
    other = '\n[[feeds]]\nurl = "https://b.example/feed"\noptions = { tls = "insecure" }\n'
    path.write_text(kept + other)
    resolved = load(path, env).feeds[0].model_copy(update={"url": "https://c.example/feed"})
    add_feeds(path, [FeedSettings(url="https://d.example/feed"), resolved], env)
    text = path.read_text()
    assert text.startswith(kept + other)
    assert SECRET not in text
    assert "*" not in text
    for url in ("https://b.example/feed", "https://c.example/feed", "https://d.example/feed"):
        remove_feed(path, url, env)
    assert path.read_text().rstrip() == kept.rstrip()


# ── allowed networks ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "network", "port"),
    [
        ("127.0.0.0/8", "127.0.0.0/8", None),
        ("10.0.0.5:8080", "10.0.0.5/32", 8080),
        ("10.0.0.0/8:65535", "10.0.0.0/8", 65535),
        ("[fd00::/8]:8080", "fd00::/8", 8080),
        ("[::1]:1", "::1/128", 1),
        ("fd00::8080", "fd00::8080/128", None),
    ],
)
def test_networks_with_and_without_port(text: str, network: str, port: int | None) -> None:
    parsed = parse_network(text)
    if port is not None:
        assert parse_network(str(parsed)) == parsed == NetworkAtPort(ip_network(network), port)
    given = FetchSettings.model_validate({"allow_networks": (parsed, text)})
    assert given.allowed() == 2 * (Allowed(ip_network(network), port),)
    assert given.allow_networks == (parsed, parsed)


@pytest.mark.parametrize(
    "text",
    ["10.0.0.5:", "10.0.0.5:0", "10.0.0.5:65536", "10.0.0.1/8:80", "[10.0.0.5]:80", "[fd00::/8]",
     "[fd00::1/8]:80", "[]:80", "a.example:80", "10.0.0.5:８０"],
)  # fmt: skip
def test_what_is_no_network_with_a_port(text: str) -> None:
    with pytest.raises(ValueError, match="a network"):
        parse_network(text)
