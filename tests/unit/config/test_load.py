"""Files and environment become one valid configuration."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.config import describe
from aggregator.config.load import find_config, load, load_with
from aggregator.config.secrets import secrets_of
from aggregator.config.settings import Settings
from aggregator.errors import ConfigError, ConfigFault
from aggregator.publish.formats import FORMATS

OPML = """<opml version="2.0"><body><outline text="Blogs">
<outline text="B" xmlUrl="https://b.example/feed"/></outline></body></opml>"""


def written(folder: Path, text: str, **others: str) -> Path:
    path = folder / "aggregator.toml"
    path.write_text(text, "utf-8")
    for name, content in others.items():
        (folder / name.replace("_", ".")).write_text(content, "utf-8")
    return path


def test_no_file_gives_the_defaults() -> None:
    config = load(None, {})
    assert config.settings == Settings()
    assert config.feeds == ()
    assert config.path is None


def test_toml_feeds_come_first_then_opml(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'feeds_files = ["feeds.opml"]\n[[feeds]]\nurl = "HTTPS://A.example:443"\nevery = "30m"\n',
        feeds_opml=OPML,
    )
    config = load(path, {})
    assert [feed.url for feed in config.feeds] == ["https://a.example/", "https://b.example/feed"]
    assert config.settings.feeds == config.feeds
    second = config.feed("https://b.example/feed")
    assert second is not None
    assert second.category == "Blogs"
    assert config.feeds[0].every == timedelta(minutes=30)
    assert config.feed("https://c.example/") is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'title = "file"\n[server]\nport = 1\nhost = "h"\n')
    secret = tmp_path / "url"
    secret.write_text(" postgres://u:p@h/d\n")
    config = load(
        path,
        {
            "AGGREGATOR_CONFIG": "whatever",
            "AGGREGATOR_TITLE": "7",
            "AGGREGATOR_SERVER__PORT": "9000",
            "AGGREGATOR_SERVER__ENABLED": "no",
            "AGGREGATOR_DATABASE__URL_FILE": str(secret),
            "AGGREGATOR_FETCH__ALLOW_NETWORKS": "10.0.0.0/8, fd00::/8",
            "AGGREGATOR_FETCH__TIMEOUT": "5",
            "AGGREGATOR_FETCH__MAX_FEED_SIZE": "1000",
            "AGGREGATOR_RETENTION__MAX_AGE": "30d",
            "AGGREGATOR_FEEDS": '[{url = "https://x.example/f"}]',
            "OTHER": "x",
        },
    ).settings
    assert config.title == "7"
    assert (config.server.port, config.server.host, config.server.enabled) == (9000, "h", False)
    assert config.database.url == "postgresql+psycopg://u:p@h/d"
    assert config.fetch.allow_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert config.fetch.timeout == timedelta(seconds=5)
    assert config.fetch.max_feed_size == 1000
    assert config.retention.max_age == timedelta(days=30)
    assert [feed.url for feed in config.feeds] == ["https://x.example/f"]


def test_a_reading_list_may_stand_at_a_secret_address(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        '[[opml]]\nurl = { env = "LIST" }\n[[opml]]\nurl = "https://l.example/${env:PART}/b.opml"\n'
    )
    config = load(path, {"LIST": "https://l.example/k3pt9Quiet7xZ2wq/a.opml", "PART": "hu/sh-hush"})
    first, second = config.settings.opml
    assert (first.url, first.name) == ("https://l.example/k3pt9Quiet7xZ2wq/a.opml", "env:LIST")
    assert second.url == "https://l.example/hu%2Fsh-hush/b.opml"
    assert second.name == "https://l.example/${env:PART}/b.opml"
    assert {"k3pt9Quiet7xZ2wq", "hu/sh-hush", "hu%2Fsh-hush", first.url} <= secrets_of(
        config.settings
    )
    assert not any(one in str(config.warnings) for one in ("k3pt9", "hush"))


def test_a_list_from_the_environment_may_be_toml() -> None:
    env = {"AGGREGATOR_FETCH__ALLOW_NETWORKS": '["10.0.0.0/8"]', "AGGREGATOR_FEEDS_FILES": ""}
    assert load(None, env).settings.fetch.allow_networks == (ip_network("10.0.0.0/8"),)


def test_variables_of_kubernetes_services_are_not_settings() -> None:
    env = {
        "AGGREGATOR_SERVICE_HOST": "10.0.0.1",
        "AGGREGATOR_SERVICE_PORT_HTTP": "80",
        "AGGREGATOR_PORT": "tcp://10.0.0.1:80",
        "AGGREGATOR_WEB_PORT_80_TCP_ADDR": "10.0.0.1",
    }
    assert load(None, env).settings == Settings()


def test_values_may_stand_in_files_and_variables(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "db").write_text("postgresql://u:p@h/d\n")
    path = written(
        tmp_path,
        'title = { env = "T" }\n[database]\nurl = { file = "secrets/db" }\n'
        '[[feeds]]\nurl = { env = "FEED" }\n',
    )
    config = load(path, {"T": "from env", "FEED": "https://x.example/?token=1"})
    assert config.settings.title == "from env"
    assert config.settings.database.url == "postgresql+psycopg://u:p@h/d"
    assert config.feeds[0].url == "https://x.example/?token=1"


def test_what_an_output_asks_for_in_vain_is_a_warning(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
[[feeds]]
url = "https://a.example/"
category = "News"
tags = ["x"]
[[feeds]]
url = "https://b.example/"
category = "Tech"
[[outputs]]
name = "one"
categories = ["News", "Techh"]
tags = ["y", "x"]
[[outputs]]
name = "rest"
""",
    )
    config = load(path, {})
    assert config.warnings == (
        "output `one`: no feed has the category `Techh`; did you mean `Tech`?",
        "output `one`: no feed has the tag `y`",
    )


def test_the_description_shows_no_password() -> None:
    lines = describe(load(None, {"AGGREGATOR_DATABASE__URL": "postgres://joe:p/ss/w@db/x"}))
    assert "database: postgresql+psycopg://***@db/x" in lines
    assert "feeds: 0" in lines
    assert f"output all: newest 100 stories as {', '.join(FORMATS)}" in lines


def test_where_the_config_is_looked_for(tmp_path: Path) -> None:
    assert find_config(None, {}, tmp_path) is None
    (tmp_path / "aggregator.toml").touch()
    assert find_config(None, {}, tmp_path) == tmp_path / "aggregator.toml"
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "aggregator.toml").touch()
    assert find_config(None, {}, tmp_path) == tmp_path / "config" / "aggregator.toml"
    assert find_config(None, {"AGGREGATOR_CONFIG": "e.toml"}, tmp_path) == tmp_path / "e.toml"
    assert find_config("x.toml", {"AGGREGATOR_CONFIG": "e"}, tmp_path) == tmp_path / "x.toml"
    assert find_config("x.toml", {}, Path()) == Path("x.toml")


def test_a_command_after_files_that_nobody_writes_is_doubted(tmp_path: Path) -> None:
    path = tmp_path / "aggregator.toml"
    path.write_text('[publish]\ndirectory = ""\nafter = ["sync"]\n', "utf-8")
    assert any("`publish.after` is never run" in one for one in load(path, {}).warnings)
    path.write_text('[publish]\nafter = ["sync"]\n', "utf-8")
    assert not any("publish.after" in one for one in load(path, {}).warnings)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_from_any_editor_loads(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "aggregator.toml"
    path.write_bytes(b"\xef\xbb\xbf" + f'title = "é"{newline}[server]{newline}port = 1'.encode())
    assert load(path, {}).settings.title == "é"


WORDS = st.sampled_from(
    ["[server]", "[[feeds]]", "[[outputs]]", "[feeds]", "url", "name", "port", "=", '"https://x/"',
     "1", "[", "]", "{", "}", '"""', "\n", "\n", "feeds_files", "true", '{ file = "x" }', "1e999"]
)  # fmt: skip


@given(st.one_of(st.lists(WORDS, max_size=20).map(" ".join), st.text(max_size=50)))
def test_any_text_is_a_configuration_or_a_list_of_faults(text: str) -> None:
    def read(path: Path) -> bytes:
        if path.name == "a.toml":
            return text.encode("utf-8", "surrogatepass")
        raise FileNotFoundError(2, "No such file")

    try:
        load_with(Path("a.toml"), {}, read)
        faults: tuple[ConfigFault, ...] = ()
    except ConfigError as error:
        faults = error.faults or (ConfigFault("nowhere", "an error without faults"),)
    assert all(fault.where.startswith("a.toml") for fault in faults)
    assert all("\n" not in fault.message for fault in faults)


def test_feeds_share_the_names_of_their_settings_and_copies_have_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    feeds = ('url = "https://a.example/"', 'url = "https://b.example/"')
    path.write_text("".join(f"[[feeds]]\n{said}\n" for said in feeds), "utf-8")
    one, other = load(path, {}).feeds
    assert one.model_fields_set is other.model_fields_set
    changed = one.model_copy(update={"title": "A"})
    assert (changed.model_fields_set, other.model_fields_set) == ({"url", "title"}, {"url"})
