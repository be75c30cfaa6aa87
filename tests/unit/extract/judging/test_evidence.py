"""confidence: without a feed's text what the model expects decides, with one what the feed says."""

from aggregator.extract.judging.evidence import Expected, confidence, left_out, weigh
from aggregator.extract.page.blocks import blocks_of
from aggregator.extract.page.tree import parse_page
from aggregator.model import ArticleHints

TEXT = "The bridge across the river opened on Monday after ten years of work. " * 30


def test_without_a_feed_s_text_what_is_expected_to_be_right_decides() -> None:
    nothing = weigh(ArticleHints(), TEXT, ())
    sure = [confidence(nothing, Expected(right))[0] for right in (0.3, 0.5, 0.8, 0.9, 0.97, 1.0)]
    assert sure == sorted(set(sure))
    assert sure[0] < 0.3
    assert sure[1] < 0.5
    assert sure[-1] > 0.9
    titled = weigh(ArticleHints("The bridge across the river"), TEXT, ())
    assert confidence(titled, Expected(0.5))[0] < 0.5 < confidence(titled, Expected(0.95))[0]


def test_a_summary_that_stands_in_the_text_needs_no_guess() -> None:
    told = weigh(ArticleHints("The bridge", TEXT[:140]), TEXT, ())
    assert confidence(told, Expected(0.3)) == confidence(told, None)


def test_prose_that_is_left_out_and_a_price_make_less_sure() -> None:
    nothing = weigh(ArticleHints(), TEXT, ())
    sure = confidence(nothing, Expected(0.9))[0]
    assert confidence(nothing, Expected(0.9, left_out=0.5))[0] < sure
    assert confidence(nothing, Expected(0.9, is_free=False))[0] < sure


def test_how_much_prose_is_left_out() -> None:
    body = f"<p>{TEXT}</p><p>{TEXT}</p><p>Short.</p><p><a href='/x'>{TEXT}</a></p>"
    blocks = blocks_of(parse_page(f"<html><body>{body}</body></html>"))
    assert left_out(blocks, [True, False, False, False]) == 0.5
    assert left_out(blocks, [True, True, False, False]) == 0.0
    assert left_out([], []) == 0.0
