"""Expressions over the fields of a story."""

from __future__ import annotations

import string
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ExpressionError
from aggregator.select import expressions
from aggregator.select.expressions import LONGEST, Context, compile_expression
from aggregator.select.refusals import FUNCTIONS
from aggregator.select.story_fields import BY_NAME, FIELDS, Phase, StoryField, StoryFields

STORY = StoryFields(
    title="A sponsored note",
    author="Jane Doe, N. N.",
    url="https://www.example.co.uk/sport/1",
    domain="example.co.uk",
    feed="Example News",
    feed_id="https://example.org/feed",
    categories=("Deals", "Tech"),
    tags=("work",),
    summary="A press release",
    published=datetime(2026, 11, 1, tzinfo=UTC),
    discovered=datetime(2026, 11, 2, tzinfo=UTC),
    enclosures=("audio/mpeg",),
    seconds=400,
    text="On Kubernetes and more",
    words=200,
    language="en",
    sources=2,
)


def holds(text: str, fields: StoryFields = STORY, phase: Phase = Phase.STORY) -> bool | None:
    return compile_expression(text, phase).evaluate(Context(fields)).holds


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_example_of_each_field_reads_it_in_its_phase_and_in_none_before(
    field: StoryField,
) -> None:
    compiled = compile_expression(field.example, field.phase)
    assert field.name in compiled.names
    assert compiled.evaluate(Context(STORY)).holds is True
    for earlier in (phase for phase in Phase if phase < field.phase):
        with pytest.raises(ExpressionError, match=f"`{field.name}` is known only"):
            compile_expression(field.example, earlier)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('!(title.contains("sponsored") || categories.exists(c, c == "Deals"))', False),
        ('"Tech" in categories && words > 150 && language in ["en", "de"]', True),
        ('text.matches("(?i)\\\\bkubernetes\\\\b")', True),
        ("words > 150 ? sources == 1 : true", False),
        ('// a comment\ntitle.startsWith("A")', True),
        ('published.getFullYear("Europe/Berlin") == 2026', True),
        ("enclosures.size() == 1", True),
        ('categories[7] == "x"', None),
        ("1 / (words - 200) == 1", None),
    ],
)
def test_answers(text: str, answer: object) -> None:
    assert holds(text) is answer


def test_what_cannot_be_evaluated_is_neither_lost_nor_a_reason_to_do_something() -> None:
    compiled = compile_expression('categories[7] == "x"', Phase.FEED)
    context = Context(STORY)
    assert compiled.accepts(context)
    assert not compiled.matches(context)
    assert compiled.evaluate(context).fault == "Index error: index=7 size=2"


@pytest.mark.parametrize(
    "text", ["title.matches(text)", "title.matches(title)", "{'a': true}[title]", "int(title) > 1"]
)
def test_a_fault_tells_nothing_of_the_story(text: str) -> None:
    secret = StoryFields(title="secret(", text="(secret")
    outcome = compile_expression(text, Phase.TEXT).evaluate(Context(secret))
    assert outcome.holds is None
    assert outcome.fault
    assert "secret" not in outcome.fault


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel == "x"', "column 1: no field `titel`; did you mean `title`?"),
        ("title ==\n titel", "line 2, column 2: no field `titel`; did you mean `title`?"),
        ('title.contain("x")', "column 7: no function `contain`; did you mean `contains`?"),
        ("title.lowerAscii() == 'x'", "column 7: no function `lowerAscii`; for small and capital"),
        ("words > 1.5", "column 7: `>` does not go with int and double; write whole numbers"),
        ("'Tech' == categories", "`==` does not go with string and list(string)"),
        ("title", "it gives string, where true or false is expected"),
        (" ", "it is empty"),
        ("title.contains(", "column 16: it ends too early; a bracket or quote may be missing"),
        ("title = 'x'", "column 7: `=` is not expected here; write `==`"),
        ("title == 'x' and true", "column 14: `and` is not expected here; write `&&`"),
        ("title == 'x", "column 10: a text that does not end"),
        (
            "title == '' ||\n categories.exists_one(c, c == 'x')",
            "line 2, column 13: no function `exists_one`; of a list: .exists(x, …), .all(x, …)",
        ),
        ("title + title == ''", "column 7: there is no `+` in expressions"),
        ("title.matches('a(')", "column 15: 'a(' is no regular expression as RE2 knows it"),
        ("matches(title, r'\\d(')", "column 16: r'\\d(' is no regular expression"),
        ("discovered - published < duration('7d')", "column 35: '7d' is no duration"),
        ("published > timestamp('2020')", "column 23: '2020' is no time"),
        ("(" * 40 + "true" + ")" * 40, "nested too deeply"),
        ("title == '\x00'", "column 11: a character that cannot be seen (U+0000)"),
        ("title == '\ud800'", "column 11: a character that cannot be seen (U+D800)"),
        ("'x' in [" + "'x'," * LONGEST + "]", "at most 4,000 are read"),
    ],
)  # fmt: skip
def test_refusals_say_where_and_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(text, Phase.STORY)
    assert said in str(refused.value)


def test_without_the_engine_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "_engine", lambda: None)
    compile_expression.cache_clear()
    assert not expressions.is_available()
    with pytest.raises(ExpressionError, match=r"pip install 'aggregator\[expressions\]'"):
        compile_expression("true", Phase.FEED)


def test_loops_within_loops_end_after_a_bounded_number_of_steps() -> None:
    ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 0]"
    nested = "true"
    for depth in range(8):
        nested = f"{ten}.all(v{depth}, {nested})"
    compiled, begun = compile_expression(nested, Phase.FEED), time.process_time()
    outcome = compiled.evaluate(Context(STORY))
    assert outcome.holds is None
    assert "budget" in outcome.fault
    assert time.process_time() - begun < 1


def test_what_no_text_may_hold_does_not_stop_an_expression() -> None:
    broken = StoryFields(
        title="a\ud800b", categories=("\udfff",), published=datetime.min.replace(tzinfo=UTC)
    )
    assert holds('title.startsWith("a")', broken) is True
    assert holds('published < timestamp("1901-01-01T00:00:00Z")', broken) is True
    assert holds("true", StoryFields(published=datetime.max.replace(tzinfo=UTC))) is True


_PIECES = [*BY_NAME, *FUNCTIONS, *string.punctuation, "&&", "||", "==", '"', "'''", "1", "1.5",
           "true", "\n", " ", "\\", "r'", "é", "(?i)", "x{1000}", "in", "[", "]", "(", ")"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
)
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        compiled = compile_expression(text, Phase.STORY)
        assert compiled.evaluate(Context(STORY)).holds in {True, False, None}


_TEXTS = st.text(st.characters(), max_size=50)
_TIMES = st.datetimes(timezones=st.just(UTC))


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        StoryFields,
        title=_TEXTS, author=_TEXTS, url=_TEXTS, domain=_TEXTS, feed=_TEXTS, feed_id=_TEXTS, summary=_TEXTS,
        text=_TEXTS, language=_TEXTS, categories=st.lists(_TEXTS).map(tuple), tags=st.lists(_TEXTS).map(tuple),
        enclosures=st.lists(_TEXTS).map(tuple), published=_TIMES, discovered=_TIMES,
        seconds=st.integers(0, 1 << 70), words=st.integers(0, 1 << 40), sources=st.integers(0, 1 << 20),
    )
)  # fmt: skip
def test_any_story_gets_an_answer(fields: StoryFields) -> None:
    context = Context(fields)
    for field in FIELDS:
        assert compile_expression(field.example, field.phase).evaluate(context).holds is not None
