"""The identity of a feed, what of it is private, and where its secrets are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.edit import remove_feed
from aggregator.config.feed_id import feed_key
from aggregator.config.load import load
from aggregator.config.opml import read_opml
from aggregator.config.secrets import secrets_of
from aggregator.config.settings import FeedSettings
from aggregator.errors import ConfigError

ENV = {
    "WHOLE": "https://me:pw@pod.example/s3cr3tpath12ab34cd/feed?x=longvalue",
    "T": "s3/cr et?&%41",
}


def loaded(tmp_path: Path, feeds: str, env: dict[str, str] = ENV) -> Config:
    path = tmp_path / "c.toml"
    path.write_text(feeds)
    (tmp_path / "token").write_text("fromfile\n")
    return load(path, env)


def one(tmp_path: Path, feed: str, env: dict[str, str] = ENV) -> FeedSettings:
    return loaded(tmp_path, f"[[feeds]]\n{feed}\n", env).feeds[0]


def faults(tmp_path: Path, feeds: str, env: dict[str, str] = ENV) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, feeds, env)
    return [f"{Path(f.where).name}: {f.message}" for f in caught.value.faults]


@pytest.mark.parametrize(
    ("feed", "key", "url"),
    [
        ('url = "https://a.example/feed?x=1"', "https://a.example/feed?x=1", None),
        ('url = "https://me:pw@a.example/feed"', "https://***@a.example/feed", None),
        ('url = "https://a.example/feed?token=abc&x=1"', "https://a.example/feed?token=***&x=1", None),
        ('url = { env = "WHOLE" }', "env:WHOLE", ENV["WHOLE"]),
        (
            'url = "https://a.example/feed?t=${env:T}"',
            "https://a.example/feed?t=${env:T}",
            "https://a.example/feed?t=s3%2Fcr%20et%3F%26%41",
        ),
        (
            'url = "https://me:${file:token}@A.example/feed?token=${env:T}&key=1"',
            "https://${file:token}@a.example/feed?token=${env:T}&key=1",
            "https://me:fromfile@a.example/feed?token=s3%2Fcr%20et%3F%26%41&key=1",
        ),
        ('url = "https://me:pw@a.example/feed"\nid = "mine"', "mine", None),
    ],
)  # fmt: skip
def test_the_key_holds_no_secret(tmp_path: Path, feed: str, key: str, url: str | None) -> None:
    found = one(tmp_path, feed)
    assert found.key == key
    assert url is None or found.url == url


def test_another_secret_is_the_same_feed(tmp_path: Path) -> None:
    for feed in ('url = { env = "WHOLE" }', 'url = "https://u:${env:T}@a.example/?auth=${env:T}"'):
        before = one(tmp_path, feed)
        after = one(tmp_path, feed, {"WHOLE": "https://other.example/", "T": "rotated"})
        assert before.key == after.key
        assert before.url != after.url


def test_a_feed_says_under_what_else_it_may_be_stored(tmp_path: Path) -> None:
    url = "https://me:pw@a.example/feed"
    assert one(tmp_path, f'url = "{url}"').former_keys == (url,)
    named = one(tmp_path, f'url = "{url}"\nid = "mine"')
    assert named.former_keys == ("https://***@a.example/feed", url)
    assert one(tmp_path, 'url = "https://a.example/"').former_keys == ()


def test_feeds_that_differ_in_secrets_alone_need_an_id(tmp_path: Path) -> None:
    two = '[[feeds]]\nurl = "https://me:pw1pw1@a.example/"\n[[feeds]]\nurl = "https://you:pw2pw2@a.example/"\n'
    (fault,) = faults(tmp_path, two)
    assert fault.startswith("c.toml:4: this feed differs from the one at ")
    assert "c.toml:2 in nothing but secrets" in fault
    assert 'id = "…"' in fault
    assert "pw" not in fault
    assert len(loaded(tmp_path, two + 'id = "yours"\n').feeds) == 2


def test_an_id_is_given_once(tmp_path: Path) -> None:
    feed = '[[feeds]]\nid = "x"\nurl = "https://{}.example/"\n'
    (fault,) = faults(tmp_path, feed.format("a") + feed.format("b"))
    assert "has the `id` x, too" in fault


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://a.example/?t=${env:NONE}", "the environment has no variable `NONE`"),
        ("https://a.example/?t=${file:none}", "cannot be read: No such file or directory"),
        ("ftp://a.example/?t=${env:T}", "feed 1: `url`: expected an address that starts with http"),
    ],
)
def test_references_that_cannot_be_followed_are_faults(
    tmp_path: Path, url: str, message: str
) -> None:
    (fault,) = faults(tmp_path, f'[[feeds]]\ntitle = "x"\nurl = "{url}"\n')
    assert fault.startswith("c.toml:3: ")
    assert message in fault
    assert "s3" not in fault


def test_an_opml_file_reads_nothing_of_ours() -> None:
    reading = read_opml(
        b'<opml><body><outline xmlUrl="https://x.example/?a=${env:HOME}"/></body></opml>', "f"
    )
    (fault,) = reading.faults
    assert "references such as" in fault.message
    assert "/root" not in fault.message
    assert reading.feeds == ()


@pytest.mark.parametrize(
    ("feed", "private"),
    [
        ('url = "https://a.example/feed"', False),
        ('url = "https://me@a.example/feed"', True),
        ('url = "https://a.example/feed?token=abc"', True),
        ('url = "https://a.example/feed?t=${env:T}"', True),
        ('url = { env = "WHOLE" }', True),
        ('url = "https://a.example/feed"\noptions = { bearer = "abc" }', True),
        ('url = "https://a.example/feed"\noptions = { username = "abc" }', True),
        ('url = "https://a.example/feed"\noptions = { cookies = { a = "b" } }', True),
        ('url = "https://a.example/feed"\noptions = { headers = { X-Key = "b" } }', True),
        ('url = "https://a.example/feed"\noptions = { headers = { Accept-Language = "de" } }', False),
        ('url = "https://a.example/feed"\noptions = { timeout = "3s" }', False),
        ('url = "https://a.example/feed"\nprivate = true', True),
        ('url = "https://a.example/feed?token=abc"\nprivate = false', False),
    ],
)  # fmt: skip
def test_what_is_private_by_itself(tmp_path: Path, feed: str, private: bool) -> None:
    config = loaded(tmp_path, f"[[feeds]]\n{feed}\n")
    assert choices.is_private(config.feeds[0]) is private
    assert (config.feeds[0].key in choices.disclosures(config)) is private


def test_a_public_address_is_one(tmp_path: Path) -> None:
    config = loaded(
        tmp_path, '[[feeds]]\nurl = "https://a.example/"\npublic_url = "https://b.example"\n'
    )
    (shown,) = choices.disclosures(config).values()
    assert (shown.private, shown.public_url) == (False, "https://b.example/")
    for bad in ("https://u:p@b.example/", "https://b.example/?token=x", "b.example"):
        (fault,) = faults(
            tmp_path, f'[[feeds]]\nurl = "https://a.example/"\npublic_url = "{bad}"\n'
        )
        assert "feed 1: `public_url`" in fault
        assert "u:p" not in fault


def test_the_secrets_of_a_feed_are_known(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        '[[feeds]]\nurl = { env = "WHOLE" }\n[[feeds]]\nurl = "https://u%41:p@b.example/?token=to%2Fken"\n'
        'options = { proxy = "http://pu:pp@p.example:1", headers = { X-K = "head" } }\n'
        '[database]\nurl = "postgresql://agg:s3cr/et?pw@h/d?password=hunter2"\n',
    )
    whole, parts = choices.disclosures(config).values()
    assert {"pw", ENV["WHOLE"], "s3cr3tpath12ab34cd", "longvalue"} <= whole.secrets
    assert "me" not in whole.secrets  # a word beside a password: masked by its place alone
    assert {"u%41", "uA", "p", "to%2Fken", "to/ken", "head", "pp"} <= parts.secrets
    found = secrets_of(config.settings)
    assert whole.secrets | parts.secrets | {"s3cr/et?pw", "hunter2"} <= found


def test_no_repr_of_a_feed_shows_its_secrets(tmp_path: Path) -> None:
    for feed in ('url = "https://a.example/?t=${env:T}"', 'url = "https://me:s3cret@a.example/"'):
        assert "s3" not in repr(one(tmp_path, feed))


def test_a_feed_is_removed_by_its_id_its_key_or_its_address(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    for named in ("mine", "https://me:pw@a.example/"):
        loaded(tmp_path, '[[feeds]]\nid = "mine"\nurl = "https://me:pw@a.example/"\n')
        remove_feed(path, named, {})
        assert load(path, {}).feeds == ()
    loaded(tmp_path, '[[feeds]]\nurl = "https://me:pw@a.example/"\n')
    remove_feed(path, "https://***@a.example/", {})
    assert load(path, {}).feeds == ()


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=30))
def test_the_key_of_an_address_holds_neither_user_nor_token(secret: str) -> None:
    host = secret.translate({ord(c): "x" for c in "/?#@:[]&=;%${}"})
    for url in (f"https://{host}:{host}@a.example/", f"https://a.example/?token={host}"):
        assert host not in feed_key(url)
