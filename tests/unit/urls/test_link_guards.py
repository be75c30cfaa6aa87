"""Link guards of mail filters: what they lead to is read from their addresses, whatever these hold."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import canonical, story_key

PAGE = "https://journal.test/a_b-c?id=1"
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def masked(url: str) -> str:
    """``url`` as Proofpoint writes it: what it takes for special masked, runs of it with their length."""
    text, letters, run = "", "", ""
    for letter in [*url, ""]:
        if letter and not (letter.isascii() and (letter.isalnum() or letter in "-._~:/?=&%")):
            run += letter
            continue
        if run:
            text += "*" if len(run) == 1 else f"**{_RUNS[len(run) - 2]}"
        letters, run, text = letters + run, "", text + letter
    token = base64.urlsafe_b64encode(letters.encode()).decode().rstrip("=")
    return f"https://urldefense.com/v3/__{text}__;{token}!!AbC!x-Y$"


@given(st.text(alphabet="abz09-._~*+!$'(),;@é€😀", max_size=30), st.booleans())
def test_what_proofpoint_masked_is_found(text: str, in_query: bool) -> None:
    url = f"https://journal.test/x{'?q=' if in_query else '/'}y{text}z"
    assert story_key(masked(url)) == story_key(url)


@given(st.sampled_from(["a?x=1&y=2", "a%2Fb", "a-b_c?d=%25#part", "a/?u=http://b.test/"]))
def test_what_proofpoint_wrote_before_is_found(rest: str) -> None:
    url = f"https://journal.test/{rest}"
    written = re.sub(r"[^\w./]|_", lambda found: f"-{ord(found[0]):02X}", url).replace("/", "_")
    guard = f"https://urldefense.proofpoint.com/v2/url?u={written}&d=DwMF&c=x"
    assert story_key(guard) == story_key(url)


def test_a_letter_of_substack_leads_to_its_target() -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"e": PAGE, "p": 1}).encode()).decode()
    guard = f"https://substack.com/redirect/2/{payload.rstrip('=')}.c2lnbmVk?r=1a2b"
    assert story_key(guard) == story_key(PAGE)


@pytest.mark.parametrize(
    "url",
    [
        "https://urldefense.com/v3/__https://journal.test/a?utm_source=b&x=*__;Kg!!AbC!xyz$",
        "https://url.avanan.click/v2/___https://journal.test/a?utm_source=b___.YXAzOmE",
    ],
)
def test_what_a_guard_holds_bare_is_asked_for_as_it_is(url: str) -> None:
    assert canonical(url) == url


_PLACES = st.sampled_from(
    [
        "urldefense.com/v3/", "urldefense.com/v3/__", "urldefense.proofpoint.com/v2/url?u=",
        "substack.com/redirect/2/", "x.protection.sophos.com/?u=", "secure-web.cisco.com/1/http",
        "url.avanan.click/v2/___", "linkprotect.cudasvc.com/url?a=", "medium.com/r/?url=",
        "github.com/", "en.wikipedia.org/w/index.php?title=", "www.amazon.de/dp/", "doi.org/10.1000/",
        "link.springer.com/article/10.1000/", "a.test/@a/", "t.me/s/", "a.substack.com/p/", "arxiv.org/abs/",
    ]
)  # fmt: skip


@given(_PLACES, st.text(alphabet="ahtp:/._-*;!?=&#%2{}[]@\\é\ud800\x00", max_size=40))
def test_nothing_that_is_written_there_raises(place: str, rest: str) -> None:
    url = f"https://{place}{rest}"
    assert story_key(canonical(url)) == story_key(url)
    assert canonical(canonical(url)) == canonical(url)
