"""narrow: what a site's rule leaves of a page."""

from lxml import html

from aggregator.extract.page.narrow import link_of, narrow, replaced
from aggregator.extract.page.tree import parse_page
from aggregator.model import SiteRule

LONG = "The bridge across the river opened on Monday in the rain. " * 5
PAGE = (
    "<html><head><title>T</title></head><body><nav>Home</nav><h1>Bridge</h1><p class='by'>By Jane Doe</p>"
    f"<div id='story' class='x'><p>{LONG}</p><div class='share-box'>Share</div><aside>Read on</aside>"
    "<img src='/ads/1.gif'><img src='/i/1.jpg'></div><a class='next' href='/2'>2</a><footer>Imprint</footer></body></html>"
)


def body_of(rule: SiteRule) -> str | None:
    narrowed = narrow(parse_page(PAGE), rule)
    return (
        None if narrowed is None else html.tostring(narrowed.tree.find("body"), encoding="unicode")
    )


def test_only_the_body_is_left_without_what_is_stripped() -> None:
    rule = SiteRule(
        body=("//section", "//div[@id='story']"), strip=("//aside",), strip_id_or_class=("share",), strip_image_src=("/ads/",)
    )  # fmt: skip
    assert body_of(rule) == (
        f'<body><div id="story" class="x"><p>{LONG}</p><img src="/i/1.jpg"></div></body>'
    )


def test_a_rule_that_no_longer_matches_is_dropped() -> None:
    assert body_of(SiteRule(body=("//div[@id='gone']",))) is None
    assert body_of(SiteRule(body=("//h1",))) is None
    assert body_of(SiteRule(body=("//div[@id='story']",), strip=("//p",))) is None


def test_stripping_alone_narrows_too() -> None:
    left = body_of(SiteRule(strip=("//nav", "//footer", "//body", "broken[")))
    assert left is not None
    assert "Home" not in left
    assert "Imprint" not in left
    assert "Bridge" in left


def test_bodies_within_each_other_are_one() -> None:
    left = body_of(SiteRule(body=("//div[@id='story'] | //div[@id='story']/p | //footer",)))
    assert left is not None
    assert left.count("opened on Monday") == 5
    assert "Imprint" in left


def test_what_a_rule_says_of_the_article() -> None:
    rule = SiteRule(
        title=("//h2", "//h1"),
        author=("substring-after(//p[@class='by'], 'By ')",),
        date=("//time",),
    )
    narrowed = narrow(parse_page(PAGE), rule)
    assert narrowed is not None
    assert (narrowed.title, narrowed.authors, narrowed.date) == ("Bridge", ("Jane Doe",), "")


def test_the_given_tree_is_not_changed() -> None:
    tree = parse_page(PAGE)
    before = html.tostring(tree)
    narrow(tree, SiteRule(body=("//div[@id='story']",), strip=("//p",)))
    assert html.tostring(tree) == before


def test_links() -> None:
    tree = parse_page(PAGE)
    assert link_of(tree, ("//a[@class='x']", "//a[@class='next']")) == "/2"
    assert link_of(tree, ("//a/@href",)) == "/2"
    assert link_of(tree, ("string(//a/@href)",)) == "/2"
    assert link_of(tree, ("count(//a)",)) == ""


def test_replacements_are_literal_and_bounded() -> None:
    assert replaced("a.b", SiteRule(replacements=((".", "-"), ("x", "y")))) == "a-b"
    assert replaced("aaaa", SiteRule(replacements=(("a", "b" * 100),))) == "aaaa"
