"""Tokens of outputs: where they come from, how strong they are, and that no message shows one."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.access import LEAST_BITS, bits
from aggregator.config.choices import tokens
from aggregator.config.config import Config, describe
from aggregator.config.load import load
from aggregator.errors import ConfigError

GOOD, OTHER = sha256(b"good").hexdigest(), "Xk-3_" + sha256(b"other").hexdigest()


def _load(folder: Path, output: str, top: str = "", **env: str) -> Config:
    path = folder / "c.toml"
    path.write_text(f'{top}\n[[outputs]]\nname = "mine"\n{output}\n', "utf-8")
    return load(path, env)


def _tokens(folder: Path, output: str, **env: str) -> tuple[str, ...]:
    (only,) = _load(folder, output, **env).settings.outputs
    return tokens(only)


def test_one_or_several_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "t").write_text(GOOD + "\n")
    assert _tokens(tmp_path, "") == ()
    assert _tokens(tmp_path, f'token = "{GOOD}"') == (GOOD,)
    assert _tokens(tmp_path, 'token = { file = "t" }') == (GOOD,)
    assert _tokens(tmp_path, 'token = [{ file = "t" }, { env = "T" }]', T=OTHER) == (GOOD, OTHER)
    assert _tokens(tmp_path, 'token = [{ file = "t" }, { file = "t" }]') == (GOOD,)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("short", "128 bits"),
        ("0123456789abcdef" + "0123", "128 bits"),  # 80 bits in hexadecimal digits
        ("a" * 64, "128 bits"),
        ("1234567890" * 3, "128 bits"),
        ("with space " + GOOD, "letters, digits"),
        ("with/slash" + GOOD, "letters, digits"),
        ("é" + GOOD, "letters, digits"),
        (GOOD * 20, "letters, digits"),
    ],
)
def test_a_weak_token_is_refused_by_its_place_and_never_shown(
    tmp_path: Path, token: str, expected: str
) -> None:
    for output in (f'token = "{token}"', f'token = ["{OTHER}", "{token}"]'):
        with pytest.raises(ConfigError) as raised:
            _load(tmp_path, output)
        (fault,) = raised.value.faults
        assert fault.where == f"{tmp_path}/c.toml:4"
        assert expected in fault.message
        assert "openssl rand -hex 32" in fault.message
        assert token not in str(raised.value)
        assert OTHER not in str(raised.value)
    with pytest.raises(ConfigError) as raised:
        load(None, {"AGGREGATOR_OUTPUTS": f'[{{name = "mine", token = "{token}", x = 1}}]'})
    assert token not in str(raised.value)


def test_what_the_generators_make_is_strong_enough() -> None:
    for _ in range(200):
        assert bits(secrets.token_hex(16)) >= LEAST_BITS
        assert bits(secrets.token_urlsafe(16)) >= LEAST_BITS


@given(st.text("0123456789abcdef", max_size=31))
def test_fewer_than_32_hexadecimal_digits_are_too_few(text: str) -> None:
    assert bits(text) < LEAST_BITS


def test_files_of_a_private_output_stand_outside_of_the_public_folder(tmp_path: Path) -> None:
    token = f'token = "{GOOD}"\n'
    top = f'[publish]\ndirectory = "{tmp_path}/public"'
    for inside in ("public", "public/feeds", "x/../public"):
        with pytest.raises(ConfigError, match=re.escape("outside of `publish.directory`")):
            _load(tmp_path, f'{token}files = "{tmp_path}/{inside}"', top)
    (tmp_path / "link").symlink_to(tmp_path / "public")
    with pytest.raises(ConfigError, match=re.escape("outside of `publish.directory`")):
        _load(tmp_path, f'{token}files = "{tmp_path}/link"', top)
    (only,) = _load(tmp_path, f'{token}files = "{tmp_path}/publicly"', top).settings.outputs
    assert only.files == f"{tmp_path}/publicly"
    with pytest.raises(ConfigError, match="a `token` beside it"):
        _load(tmp_path, f'files = "{tmp_path}/own"', top)


def test_nothing_shows_a_token(tmp_path: Path) -> None:
    config = _load(tmp_path, f'token = "{GOOD}"')
    assert GOOD not in repr(config)
    assert GOOD not in config.settings.model_dump_json()
    assert GOOD not in "\n".join(describe(config))
