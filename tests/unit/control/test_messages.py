"""Messages between commands and the daemon: they come back as they were, and nothing else does."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.control import messages
from aggregator.control.frames import HEAD, framed, length_of
from aggregator.control.messages import (
    LARGEST,
    Asked,
    Poll,
    Refused,
    Reload,
    Reloaded,
    read_reply,
    read_request,
    write,
)
from aggregator.errors import ConfigFault, ControlError
from aggregator.model import AskedPoll

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=8,
)


@pytest.mark.parametrize("request_", [Poll(("a", "é" * 3)), Poll(()), Reload()])
def test_a_request_comes_back(request_: messages.Request) -> None:
    assert read_request(write(request_)) == request_


@given(
    st.dictionaries(WORDS, st.sampled_from(AskedPoll)),
    st.booleans(),
    st.dictionaries(WORDS, st.integers(0, 10**6)),
)
def test_an_answer_comes_back(
    states: dict[str, AskedPoll], down: bool, changes: dict[str, int]
) -> None:
    for reply in (
        Asked(states, down),
        Reloaded("a.toml", changes, ("fetch",), (ConfigFault("a.toml:1", "wrong"),)),
        Refused("no"),
    ):
        assert read_reply(write(reply)) == reply


@given(JSON)
def test_what_is_no_message_is_refused(value: object) -> None:
    shaped = {"kind": "poll", "keys": value, "feeds": value, "faults": value, "changes": value}
    for body in (json.dumps(value), *(json.dumps(shaped | {"kind": kind}) for kind in KINDS)):
        for read in (read_request, read_reply):
            with suppress(ControlError):
                assert isinstance(read(body), messages.Request | messages.Reply)


KINDS = ("poll", "asked", "reloaded", "refused", "else")


@given(st.binary(max_size=60))
def test_strange_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(ControlError):
        read_request(body)


def test_what_is_nested_deeply_is_refused() -> None:
    with pytest.raises(ControlError):
        read_request(b'{"kind":' + b"[" * 100_000)


def test_no_secret_is_told() -> None:
    fault = ConfigFault("a.toml:3", "https://user:hunter22@host.example/ is no feed")
    for reply in (Reloaded("a.toml", faults=(fault,)), Refused(fault.message)):
        assert b"hunter22" not in write(reply)


def test_of_many_faults_some_are_told() -> None:
    many = Reloaded("a.toml", faults=tuple(ConfigFault(f"a:{n}", "x" * 5000) for n in range(999)))
    told = read_reply(write(many))
    assert isinstance(told, Reloaded)
    assert len(told.faults) == 21
    assert told.faults[-1].message.startswith("and 979 more")


def test_many_feeds_are_asked_for_in_several_messages_that_fit() -> None:
    keys = [f"https://host.example/{n}/{'é' * 400}" for n in range(1000)]
    parts = list(messages.polls(keys))
    assert [key for part in parts for key in part.keys] == keys
    assert len(parts) > 1
    for part in parts:
        assert len(write(part)) <= LARGEST
        assert len(write(Asked(dict.fromkeys(part.keys, AskedPoll.UNDER_WAY)))) <= LARGEST
    assert list(messages.polls([])) == []


def test_a_message_that_is_too_large_is_not_written() -> None:
    with pytest.raises(ControlError, match="too large"):
        write(Poll(("x" * LARGEST,)))


@pytest.mark.parametrize("length", [0, LARGEST + 1, 1 << 30, (1 << 32) - 1])
def test_a_frame_out_of_bounds_is_refused_by_its_head(length: int) -> None:
    with pytest.raises(ControlError, match="bytes"):
        length_of(length.to_bytes(HEAD))


def test_a_frame_says_its_length() -> None:
    assert length_of(framed(b"abc")[:HEAD]) == 3
    assert framed(b"abc")[HEAD:] == b"abc"
