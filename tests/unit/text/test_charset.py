"""One decoder: each encoding's known answers, wrong places, and that nothing is raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webencodings.labels import LABELS

from aggregator.extract.page.decode import decode as page_text
from aggregator.parse.encoding import decode as read_feed
from aggregator.text.charset import decode, encoding_named
from tests.support.encodings import OTHERS, SINGLE_BYTES, sample

NAMES = sorted(set(LABELS.values()))


def test_there_is_an_answer_for_each_encoding() -> None:
    assert sorted({*SINGLE_BYTES, *OTHERS, "replacement"}) == NAMES


@pytest.mark.parametrize("name", SINGLE_BYTES)
def test_every_single_byte(name: str) -> None:
    ascii_text = bytes(range(0x80)).decode("ascii")
    assert decode(bytes(range(0x100)), name) == ascii_text + SINGLE_BYTES[name]


@pytest.mark.parametrize("name", OTHERS)
def test_samples_of_what_takes_more_bytes(name: str) -> None:
    body, text = sample(name)
    assert decode(body, name) == text
    assert decode(body + body, name) == text + text


# As Chromium's TextDecoder reads them: an ASCII byte after a wrong one is kept.
@pytest.mark.parametrize(
    ("name", "digits", "text"),
    [
        ("gbk", "ff30 c4", "\ufffd0\ufffd"),
        ("gb18030", "c4e3 8431a530 31 c4", "你\ufffd1\ufffd"),
        ("gb18030", "8130", "\ufffd"),
        ("big5", "ff 8180 40", "\ufffd\ufffd@"),
        ("euc-jp", "fea0 c6", "\ufffd\ufffd"),
        ("euc-jp", "8f41 8f80 a441", "\ufffdA\ufffd\ufffdA"),
        ("shift_jis", "a0 81ad 8141 fd", "\ufffd\ufffd、\ufffd"),
        ("euc-kr", "81ff 41", "\ufffdA"),
        ("utf-8", "c3a9 ff", "é\ufffd"),
        ("iso-2022-jp", "1b2442 222f 1b2842 41 80", "\ufffdA\ufffd"),
    ],
)
def test_wrong_places(name: str, digits: str, text: str) -> None:
    assert decode(bytes.fromhex(digits), name) == text


def test_very_many_wrong_places_are_replaced_as_well() -> None:
    text = decode(b"\xc4\xe3" + b"\xff" * 60_000, "gbk")
    assert text == "你" + "\ufffd" * 60_000


def test_mending_ends_where_it_would_cost_much() -> None:
    assert decode(b"\xad\xa1" * 50_000, "euc-jp") == "①" * 50_000
    # To Python's codec this is one wrong byte and other characters.
    assert decode(b"\xad\xa1" * 50_001, "euc-jp").startswith("\ufffd´´")


def test_what_the_standard_replaces_is_one_replacement_character() -> None:
    assert decode(b"~{VPND~}", "replacement") == "\ufffd"
    assert decode(b"", "replacement") == ""


@pytest.mark.parametrize("label", LABELS)
def test_each_label_of_the_standard_means_its_encoding(label: str) -> None:
    assert encoding_named(label) == LABELS[label]
    assert encoding_named(f" {label.upper()}\n") == LABELS[label]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("latin-1", "windows-1252"),
        ("cp932", "shift_jis"),
        ("eucjp", "euc-jp"),
        ("cp950", "big5"),
        ("mac_roman", "macintosh"),
        ("koi8_u", "koi8-u"),
        ("cp437", "cp437"),
        ("maclatin2", "mac-latin2"),
    ],
)
def test_names_that_the_standard_does_not_list(label: str, name: str) -> None:
    assert encoding_named(label) == name


@pytest.mark.parametrize(
    "label",
    ["", "hex", "base64", "rot13", "unicode_escape", "utf-7", "idna", "punycode", "utf-32", "zip",
     "no such", "\0", "\udc80", "ü", "x" * 1000],
)  # fmt: skip
def test_labels_that_name_no_character_set(label: str) -> None:
    assert encoding_named(label) == ""


def test_a_character_set_outside_the_standard_is_read() -> None:
    assert decode(b"\x80\x9c", "cp437") == "Ç£"


LABEL = st.sampled_from(sorted(LABELS)) | st.text(max_size=20) | st.sampled_from(["cp437", "cp037"])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([*NAMES, "cp437", "cp857", "mac-latin2"]))
def test_any_bytes_in_any_encoding_are_text(body: bytes, name: str) -> None:
    decode(body, name).encode("utf-8")  # no half of a pair is left


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), LABEL)
def test_any_bytes_under_any_label_are_text(body: bytes, label: str) -> None:
    stated = f"text/html; charset={label}"
    declared = f'<?xml encoding="{label}"?>'.encode("utf-8", "replace") + body
    meta = f"<meta charset={label}>".encode("utf-8", "replace") + body
    for text in (
        read_feed(body, stated).text,
        read_feed(declared).text,
        page_text(body, stated),
        page_text(meta, ""),
    ):
        text.encode("utf-8")
