"""Marks of readers in a query: left out of a comparison, not of a request."""

import pytest

from aggregator.urls import canonical, story_key
from aggregator.urls.reader_marks import campaigns

NAMED = "https://paper.test/news/2026/03/02/a-tunnel-opens"  # by a day and a title


@pytest.mark.parametrize(
    "query",
    [
        "emci=0a1b2c3d-4e5f-ee11-b004-00224832eb73",
        "attribution_id=65a1b2c3&attribution_type=post",
        "lmd_medium=al&lmd_campaign=app&lmd_creation=ios",
        "x_campaign=a&x_source=b&x_anything=c",
        "gift=AbC_dEf",
        "anything=eyJhbGciOiJIUzI1NiJ9.e30.abc",
        "cid=soc_facebook_paper",
        "page=all",
    ],
)
def test_marks_are_left_out(query: str) -> None:
    assert story_key(f"{NAMED}?{query}") == story_key(NAMED)
    assert canonical(f"{NAMED}?{query}") == f"{NAMED}?{query}"


@pytest.mark.parametrize(
    "query",
    [
        "page=2",
        "seite=2",
        "lang=de",
        "commentId=77",
        "commentID=a7",
        "post_id=a7",
        "block=live-1",
        "variant=red",
        "edition=uk",
        "unknown=2",  # the second page, in some language
        "network=twitter",  # as a guide's tabs are called
        "with=social_rss",
        "e=abc",  # whatever it may be
        "blockref=aa",
    ],
)
def test_parts_and_other_forms_are_kept(query: str) -> None:
    assert story_key(f"{NAMED}?{query}") != story_key(NAMED)


@pytest.mark.parametrize(
    "url",
    [
        "https://site.test/view?whatever=some-value",
        "https://site.test/press-release-details?slug-of=abc",
        "https://site.test/2026/03/02/a-long-title.php?whatever=abc",
        "https://site.test/s?gift=AbC",
        "https://site.test/s?token=eyJhbGciOiJIUzI1NiJ9.e30.abc",
        "https://site.test/a-few-words?x_medium=oil&x_source=b",
    ],
)
def test_where_the_path_does_not_tell_all_the_query_stays(url: str) -> None:
    assert story_key(url) != story_key(url.partition("?")[0])


def test_a_campaign_is_known_by_its_names() -> None:
    assert campaigns(["lmd_campaign=app", "LMD_medium=al", "id=1"]) == ("lmd_",)
    assert campaigns(["ad_campaign=1", "ad_medium=tv"]) == ()  # the page of a campaign
    assert campaigns(["dnd_campaign=a", "id=1"]) == ()
    assert campaigns(["art_medium=oil", "art_source=a"]) == ()


def test_marks_of_one_site_are_that_sites() -> None:
    assert story_key("https://www.businessinsider.com/a?r=US&IR=T") == "businessinsider.com/a"
    assert story_key("https://site.test/a?r=US&IR=T") == "site.test/a?IR=T&r=US"
