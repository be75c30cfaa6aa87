"""confidence: without a feed's text what the model expects decides, with one what the feed says."""

from aggregator.extract.judging.evidence import confidence, weigh
from aggregator.extract.judging.expectation import Expected
from aggregator.model import ArticleHints

TEXT = "The bridge across the river opened on Monday after ten years of work. " * 30


def test_without_a_feed_s_text_what_is_expected_to_be_right_decides() -> None:
    nothing = weigh(ArticleHints(), TEXT, ())
    sure = [
        confidence(nothing, Expected(right, right))[0] for right in (0.3, 0.5, 0.8, 0.9, 0.97, 1.0)
    ]
    assert sure == sorted(set(sure))
    assert sure[0] < 0.3
    assert sure[1] < 0.5
    assert sure[-1] > 0.9
    titled = weigh(ArticleHints("The bridge across the river"), TEXT, ())
    assert (
        confidence(titled, Expected(0.5, 0.1))[0]
        < 0.5
        < confidence(titled, Expected(0.95, 0.95))[0]
    )


def test_a_summary_that_stands_in_the_text_needs_no_guess() -> None:
    told = weigh(ArticleHints("The bridge", TEXT[:140]), TEXT, ())
    assert confidence(told, Expected(0.3, 0.3)) == confidence(told, None)
