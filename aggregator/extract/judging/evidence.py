"""Evidence: agreement of an extracted text with the feed's title and summary."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from aggregator.extract.judging.expectation import Expected
from aggregator.model import ArticleHints
from aggregator.text.truncation import is_truncated
from aggregator.text.words import is_unspaced, words

_TELLING_SUMMARY = 5  # words of more than three letters; fewer may be anything
_TELLING_TITLE = 2
_LONG_SUMMARY = 40  # words; from here on a summary is text of its own, not a teaser
_MUCH_SHORTER = 0.7
_HARDLY_LONGER = 1.1
_SAME = 0.9  # share of the page's words that the feed has, too
_MORE_THAN_A_WALL = 80
_FEWEST = 10  # words that any article has
_FEW_LINES = 30  # words
_TOLD = 0.4
_HEADED = 0.6
_HELD = 0.9
_UNCONFIRMED = 0.95  # as sure as a text can be of which a feed says nothing


@dataclass(frozen=True, slots=True)
class Evidence:
    """Shares (0 … 1) of the feed's words that stand on the page; None: the feed said too little."""

    text_words: int
    summary_words: int
    title_found: float | None  # in the text or in what the page calls itself
    summary_found: float | None
    title_told: float | None = None  # in the text alone, in whatever inflection
    headed: bool = False  # the page calls itself what the feed does

    @property
    def tells_title(self) -> bool:
        """True when the text speaks of what the feed's title says; walls only repeat it above."""
        return (self.title_told or 0) >= _TOLD

    @property
    def hardly_more(self) -> bool:
        """True when the text is but a few lines longer than the feed's."""
        return self.text_words <= self.summary_words * 1.5 + _FEW_LINES

    @property
    def confirmed(self) -> bool:
        """True when the feed's title or summary proves that this is the article."""
        if self.summary_found is not None:
            return self.summary_found >= 0.7
        # Walls keep the title of what they stand before; by itself it speaks for a longer text only.
        return (self.title_found or 0) >= 0.8 and self.text_words >= _MORE_THAN_A_WALL

    @property
    def contradicted(self) -> bool:
        """True when nothing of the feed's title and summary stands on the page, and they say enough.

        A title alone says enough about a few lines; beyond them it may be in another language.
        """
        if self.title_found is None:
            return False
        if self.summary_found is None:
            found = self.title_found or self.title_told
            return not found and self.text_words < _FEW_LINES
        return self.summary_found < 0.2 and self.title_found < 0.3


def weigh(hints: ArticleHints, text: str, titles: tuple[str, ...]) -> Evidence:
    """Compare the feed's title and summary with the page's ``text`` and ``titles``."""
    body, title, summary = words(text), words(hints.title), words(hints.summary_text)
    if not title and not summary:  # nothing to compare with
        return Evidence(len(body), 0, None, None)
    found = set(_telling(body))
    headed = found.union(*(_telling(words(t)) for t in titles))
    return Evidence(
        text_words=len(body),
        summary_words=len(summary),
        title_found=_share(_telling(title), headed, _TELLING_TITLE),
        summary_found=_share(_telling(summary), found, _TELLING_SUMMARY),
        title_told=_stems_share(title, body),
        headed=is_headed(hints.title, titles),
    )


def is_headed(title: str, titles: tuple[str, ...]) -> bool:
    """True when one of a page's ``titles`` begins with the feed's ``title`` or has most of its words."""
    wanted = words(title)
    for one in map(words, titles):
        if wanted and one[: len(wanted)] == wanted:
            return True
        if (_stems_share(wanted, one) or 0) >= _HEADED:
            return True
    return False


def is_held(hints: ArticleHints, text: str) -> bool:
    """True when ``text`` holds all of the feed's summary, and that is no teaser by its end."""
    found = weigh(hints, text, ()).summary_found
    return (found or 0) >= _HELD and not is_truncated(hints.summary_text)


def says_enough(hints: ArticleHints) -> bool:
    """True when the feed's title or summary can tell a page's text from another."""
    nothing = weigh(hints, "", ())
    return nothing.title_found is not None or nothing.summary_found is not None


def _stems_share(wanted: list[str], said: list[str]) -> float | None:
    """The share of the telling words ``wanted`` of which ``said`` has some form; None: too few."""
    telling = _telling(wanted)
    begun = {word[:letters] for word in _telling(said) for letters in (4, 5)}
    return _share([word[: 4 if len(word) < 6 else 5] for word in telling], begun, _TELLING_TITLE)


def _telling(said: list[str]) -> list[str]:
    """Those of the words that tell texts apart: pairs of ideographs or kana, no articles and such."""
    pairs = (
        first + second
        for first, second in pairwise(said)
        # Nearly all words of most texts are longer, and need no closer look.
        if len(first) == 1 == len(second) and is_unspaced(first) and is_unspaced(second)
    )
    return [*(word for word in said if len(word) > 3), *pairs]


def shortfall(evidence: Evidence) -> str | None:
    """Reason for which a text is too short to be the article, None when it is not.

    A page that gives less than the feed gave must not replace it: much less than a long feed text
    (the page may rightly lack its link block), anything less than a teaser.
    """
    if evidence.text_words < _FEWEST:
        return f"only {evidence.text_words} words were found on the page"
    long = evidence.summary_words >= _LONG_SUMMARY
    least = evidence.summary_words * (_MUCH_SHORTER if long else 1)
    if evidence.text_words < least:
        return (
            f"the page gave {evidence.text_words} words, "
            f"fewer than the feed's own {evidence.summary_words}"
        )
    return None


def gives_no_more(hints: ArticleHints, text: str) -> bool:
    """True when the page's ``text`` is no more than the feed's, and that is no teaser."""
    own, body = words(hints.summary_text), words(text)
    if len(own) < _LONG_SUMMARY or len(body) > len(own) * _HARDLY_LONGER:
        return False
    if is_truncated(hints.summary_text):
        return False
    said = set(own)
    return sum(word in said for word in body) >= _SAME * len(body)


def confidence(evidence: Evidence, expected: Expected | None = None) -> tuple[float, str]:
    """Confidence that the text is the article (0 … 1, two digits), and the reason in words.

    ``expected`` is what the model expects of it. It counts where the feed has no text to compare with.
    """
    length = f"{evidence.text_words} words"
    reasons = []
    shares: list[tuple[float, float]] = []  # weight, share
    if evidence.summary_found is not None:
        shares.append((2.0, evidence.summary_found))
        reasons.append(f"{evidence.summary_found:.0%} of the feed's summary is in the text")
    if evidence.title_found is not None:
        shares.append((1.0, evidence.title_found))
        reasons.append(f"{evidence.title_found:.0%} of the title's words are on the page")
    chance = 1.0
    if evidence.summary_found is None and expected is not None:
        chance = expected.chance
        reasons.append(f"{expected.right:.0%} of it is expected to be the article's")
    if not shares and expected is None:
        # Only the length speaks: what is long is rarely a wall or an error page.
        return round(0.4 + 0.3 * min(1.0, evidence.text_words / 300), 2), (
            f"{length}; there is nothing to compare it with"
        )
    if not shares:
        reasons.append("there is nothing to compare it with")
    weight = sum(w for w, _ in shares)
    agreement = sum(w * s for w, s in shares) / weight if shares else _UNCONFIRMED
    # The model has seen how long the text is; a feed's title does not say.
    size = min(1.0, evidence.text_words / 100) if shares else 1.0
    return round(agreement * chance * (0.7 + 0.3 * size), 2), f"{length}; " + ", ".join(reasons)


def _share(wanted: list[str], found: set[str], least: int) -> float | None:
    if len(wanted) < least:
        return None
    return sum(word in found for word in wanted) / len(wanted)
