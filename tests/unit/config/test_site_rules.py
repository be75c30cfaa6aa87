"""Site rules in the site-config format: what is read, what is refused, which file belongs to a host."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.feed_options import FeedOptions
from aggregator.config.settings import ExtractSettings, FeedSettings, Settings
from aggregator.config.site_rules import (
    RuleFolder,
    as_xpath,
    parse_site_rule,
    rule_names,
    xpath_fault,
)
from aggregator.model import SiteRule

FILE = """# The Daily
title: //h1[@class='head']
body: //div[@id = "story"]
body: //article
author: substring-after(//p[@class='by'], 'By ')
date: //time/@datetime
strip: //div[@class='box'] # not a comment: part of no XPath
strip_id_or_class: share
strip_id_or_class: "promo"
strip_image_src: /ads/
prune: no
tidy: no
single_page_link: //a[@class='all']
next_page_link: //a[@rel='next']
find_string: <br />
replace_string: <br>
replace_string(<wrong>): <p>
http_header(User-Agent): Robot/1.0
test_url: https://daily.example/1
some_day: x
"""


def test_a_whole_file() -> None:
    read = parse_site_rule(FILE, "daily.example")
    assert read.rule == SiteRule(
        name="daily.example",
        title=("//h1[@class='head']",),
        body=('//div[@id = "story"]', "//article"),
        author=("substring-after(//p[@class='by'], 'By ')",),
        date=("//time/@datetime",),
        strip=(),
        strip_id_or_class=("share", "promo"),
        strip_image_src=("/ads/",),
        single_page_link=("//a[@class='all']",),
        next_page_link=("//a[@rel='next']",),
        replacements=(("<br />", "<br>"), ("<wrong>", "<p>")),
        prune=False,
    )
    assert read.notes == (
        "strip: is no XPath: //div[@class='box'] # not a comment: part of no XPath",
        "http_header is ignored: headers are set per feed, in its options",
        "some_day is unknown",
    )


@pytest.mark.parametrize(
    "expression",
    [
        "//div[@class='story']", "//div[contains(@class, 'a/b')]//p", "(//article)[1]", "//div[.//img and not(.//p)]",
        "//p[preceding-sibling::h2]", "id('story')", "//div[@id='a'] | //div[@id='b']", "string(//h1)", "//a[@href='/x']",
    ],
)  # fmt: skip
def test_xpaths_that_may_be_used(expression: str) -> None:
    assert xpath_fault(expression) == ""


@pytest.mark.parametrize(
    "expression",
    [
        "//div[", "", "//*[count(//*) > 3]", "//a[//b]", "//*[preceding::h2]", "//a[b[c[d[e[f]]]]]", "//*[@x=//@y]",
        "re:test(., 'x')[", "\x00",
    ],
)  # fmt: skip
def test_xpaths_that_may_not(expression: str) -> None:
    assert xpath_fault(expression)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert parse_site_rule(text, "x").rule.name == "x"


def test_names_of_files() -> None:
    assert rule_names("www.News.Example.org") == [
        "news.example.org.txt",
        ".news.example.org.txt",
        ".example.org.txt",
    ]
    assert rule_names("../etc") == []
    assert rule_names("") == []


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "daily.example.txt").write_text("body: //article")
    (tmp_path / ".blogs.example.txt").write_text("body: //main")
    folder = RuleFolder(tmp_path)

    def body(url: str) -> tuple[str, ...] | None:
        read = folder.rule_for(url)
        return read.rule.body if read else None

    assert body("https://www.daily.example/1") == ("//article",)
    assert body("https://jane.blogs.example/1") == ("//main",)
    assert body("https://sub.daily.example/1") is None
    assert body("http://[") is None
    assert RuleFolder(tmp_path / "missing").rule_for("https://daily.example/") is None


def test_faults_are_told_once(tmp_path: Path) -> None:
    (tmp_path / "daily.example.txt").write_text("body: //div[\ntitle: //h1")
    folder = RuleFolder(tmp_path)
    for _ in range(2):
        assert folder.rule_for("https://daily.example/1") is not None
    assert folder.news() == ["daily.example.txt: body: is no XPath: //div["]
    assert folder.news() == []


@pytest.mark.parametrize(
    ("selector", "xpath"),
    [
        ("article", "//article"),
        ("div.story > p", '//div[contains(concat(" ", normalize-space(@class), " "), " story ")]/p'),
        ("#main [data-x]", '//*[@id="main"]//*[@data-x]'),
        ("a[href^=https], b", '//a[starts-with(@href, "https")] | //b'),
        ("//div[@id='x']", "//div[@id='x']"),
    ],
)  # fmt: skip
def test_selectors(selector: str, xpath: str) -> None:
    assert as_xpath(selector) == xpath


@pytest.mark.parametrize(
    "selector", ["", "div >", "a:hover", "//div[", "//a[//b]", "p + p", "x" * 1001]
)
def test_selectors_that_are_none(selector: str) -> None:
    with pytest.raises(ValueError, match=r"selector|XPath"):
        as_xpath(selector)


def test_a_feeds_options_go_before_the_sites_rule(tmp_path: Path) -> None:
    (tmp_path / "daily.example.txt").write_text("body: //article\nstrip: //aside\nprune: no")
    options = FeedOptions(content="#story", strip=(".box",))
    feed = FeedSettings(url="https://daily.example/feed", options=options)
    settings = Settings(extract=ExtractSettings(rules=str(tmp_path)), feeds=(feed,))
    config = Config(settings, feeds=(feed,))
    plain = choices.site_rule(config, "https://daily.example/1", "https://other.example/feed")
    own = choices.site_rule(config, "https://daily.example/1", feed.url)
    elsewhere = choices.site_rule(config, "https://pages.example/1", feed.url)
    assert plain is not None
    assert plain.rule.body == ("//article",)
    assert own is not None
    assert own.rule.body == ('//*[@id="story"]',)
    assert own.rule.strip[0] == "//aside"
    assert len(own.rule.strip) == 2
    assert own.rule.name == "daily.example with the feed's options"
    assert elsewhere is not None
    assert elsewhere.rule.name == "the feed's options"
    assert choices.site_rule(Config(Settings()), "https://daily.example/1", feed.url) is None
