import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from aggregator.deliver.mail_html import for_mail, mail_page
from aggregator.sanitize.html import clean_html
from tests.support.attacks import MARKUP


def test_elements_bear_their_styles() -> None:
    shown = for_mail('<p>A <a href="https://a.example/">link</a></p><ul><li>One</li></ul>')
    assert 'style="margin' in shown
    assert re.search(r'<a href="https://a.example/" style="color:[^"]+">link</a>', shown)


def test_pictures_fit_and_are_linked() -> None:
    shown = for_mail(
        '<img src="https://a.example/p.png" width="1600" height="900" srcset="x 2x" loading="lazy">'
    )
    assert 'src="https://a.example/p.png"' in shown
    assert "max-width:100%" in shown
    for gone in ("1600", "900", "srcset", "loading"):
        assert gone not in shown
    assert 'width="20"' in for_mail('<img src="https://a.example/i.png" width="20" height="20">')


def test_players_and_frames_are_links() -> None:
    shown = for_mail(
        '<p>a</p><video poster="https://a.example/p.png"><source src="https://a.example/v.mp4"></video>tail'
        '<iframe src="https://www.youtube.com/embed/x"></iframe><audio src="javascript:x"></audio>end'
    )
    assert '<a href="https://a.example/v.mp4"' in shown
    assert '<img src="https://a.example/p.png"' in shown
    assert "https://www.youtube.com/embed/x" in shown
    assert "tail" in shown
    assert "end" in shown
    assert not re.search(r"<(video|iframe|audio|source)|javascript", shown)


def test_titles_and_addresses_are_text() -> None:
    page = mail_page('<script>"&', "<p>x</p>", "foot")
    assert "<script" not in page
    assert "<title>&lt;script&gt;&quot;&amp;</title>" in page


@given(st.text() | st.sampled_from(MARKUP))
def test_nothing_that_runs_comes_in(text: str) -> None:
    shown = for_mail(clean_html(text, "https://a.example/"))
    tree = html.fragment_fromstring(shown or " ", create_parent="div")
    for element in tree.iter():
        assert isinstance(element.tag, str)
        assert element.tag not in {"script", "iframe", "style", "object", "embed", "form", "svg"}
        assert not any(name.startswith("on") for name in element.attrib)
        for name in ("href", "src"):
            assert (
                not element.get(name, "").strip().lower().startswith(("javascript:", "vbscript:"))
            )
