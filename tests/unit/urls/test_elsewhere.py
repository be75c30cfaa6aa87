"""Pages that only lead to another site, at any host."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import story_key

PAGE = "https://journal.test/a-page?id=7"


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "url",
    [
        "https://tracking.letter.com/CL0/https:%2F%2Fjournal.com%2Fa-page%3Fid=7/1/0100-00/sig=1",
        "https://blog.site.org/out?url=https%3A%2F%2Fjournal.com%2Fa-page%3Fid%3D7",
        "https://site.org/wp/redirect.php?to=https%3A%2F%2Fjournal.com%2Fa-page%3Fid%3D7&x=1",
        f"https://click.letter.com/a/b/{written('https://journal.com/a-page?id=7')}",
        f"https://links.gov.org/l/eyJh.{written(json.dumps({'url': 'https://journal.com/a-page?id=7'}))}.sig",
        "https://12ft.io/https://journal.com/a-page?id=7",
        "https://r.jina.ai/https://journal.com/a-page?id=7",
        "https://anonym.to/?https://journal.com/a-page?id=7",
        "https://journal-com.translate.goog/a-page?id=7&_x_tr_sl=de&_x_tr_tl=en",
    ],
)
def test_the_other_site_is_found(url: str) -> None:
    assert story_key(url) == "journal.com/a-page?id=7"


@pytest.mark.parametrize(
    "url",
    [
        "https://site.org/share?url=https://journal.com/a",  # a page about it
        "https://site.org/login?next=https://journal.com/a",
        "https://site.org/redirect?url=https://www.site.org/a",  # within the site, perhaps after a log-in
        "https://site.org/redirect?url=/a",
        "https://site.org/redirect?url=https://journal.com:99999/a",
        "https://localhost/redirect?url=https://journal.com/a",
        f"https://site.org/l/eyJh.{written('[1]')}.sig",
        "https://site.org/l/eyJh.eyJ_____.sig",
        f"https://site.org/{written('https://a.site.org/')}",
        "https://12ft.io/about",
    ],
)
def test_what_is_a_page_of_its_own(url: str) -> None:
    assert story_key(url).startswith(url.split("/")[2].partition(":")[0])


@given(st.text(), st.text(alphabet="aHR0ceyJ.-_=/", max_size=40))
def test_nothing_raises(text: str, path: str) -> None:
    for url in (
        f"https://site.org/out?url={text}",
        f"https://site.org/{path}/aHR0c{text}",
        f"https://a.io/{path}",
    ):
        story_key(url)
