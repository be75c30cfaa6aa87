"""Old and embedded addresses with a number in their query."""

import pytest

from aggregator.urls import story_key


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "https://blog.naver.com/PostView.naver?logNo=22371&blogId=ana",
            "https://blog.naver.com/ana/22371",
        ),
        (
            "https://news.naver.com/main/read.naver?oid=001&aid=0014567890&sid1=1",
            "https://n.news.naver.com/article/001/0014567890",
        ),
        (
            "https://www.npr.org/templates/story/story.php?storyId=1234567",
            "https://text.npr.org/1234567",
        ),
        (
            "https://drive.google.com/open?id=1AbCdEfGhIjKlMnOp",
            "https://drive.google.com/file/d/1AbCdEfGhIjKlMnOp/view",
        ),
    ],
)
def test_both_addresses_have_one_key(url: str, shown: str) -> None:
    assert story_key(url) == story_key(shown)


@pytest.mark.parametrize(
    "query", ["", "blogId=ana", "blogId=ana&logNo=", "blogId=ana&logNo=1/2", "blogId=%2F&logNo=1"]
)
def test_without_its_numbers_an_address_stays(query: str) -> None:
    key = story_key(f"https://blog.naver.com/PostView.naver?{query}")
    assert key.startswith("blog.naver.com/PostView.naver")
