import re

from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.notify_templates import filled
from aggregator.deliver.notify_text import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Template,
    alarm_text,
    one_event,
    summary_of,
)
from aggregator.model import EventKind
from tests.support.roads import event

TEMPLATE = Template("{title}", "{summary}\n{source}\n{url}", "Tech news")
STEERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
CALLS = re.compile(r"@\w|<[!@#]")
STRANGE = st.text() | st.text(alphabet="@<!#{}title \n\r\x00\u202e\ud800ab", max_size=60)


def test_a_template_is_filled() -> None:
    said = one_event(event(1), TEMPLATE)
    assert said.title == "Story 1"
    assert said.body == "Summary of 1\nThe Site\nhttps://site.example/1"


def test_what_a_field_holds_is_no_template() -> None:
    assert filled("{title}", {"title": "{url} {0.__class__}", "url": "x"}) == "{url} {0.__class__}"
    assert filled("{title} {0} {{x}} {", {"title": "a"}) == "a {0} {} {"


@given(STRANGE, STRANGE)
def test_strangers_call_nobody_and_break_no_line(title: str, summary: str) -> None:
    said = one_event(event(1, title=title, summary=summary, authors=(title,)), TEMPLATE)
    assert not CALLS.search(said.title)
    assert not CALLS.search(said.body)
    assert "\n" not in said.title
    assert not STEERS.search(said.title + said.body.replace("\n", ""))
    assert len(said.title) <= LONGEST_TITLE
    assert len(said.body) <= LONGEST_BODY
    assert said.body


def test_a_summary_names_the_first_and_counts_the_rest() -> None:
    said = summary_of([event(n) for n in range(1, 26)], TEMPLATE, beyond=9_975)
    assert said.title == "Tech news: 10,000 new"
    assert said.body.startswith("• Story 1\n  https://site.example/1\n• Story 2")
    assert said.body.endswith("and 9,980 more")
    assert len(said.body) <= LONGEST_BODY


@given(st.lists(STRANGE, min_size=2, max_size=30))
def test_a_summary_is_bounded_and_calls_nobody(titles: list[str]) -> None:
    events = [event(n, title=title * 40) for n, title in enumerate(titles, start=1)]
    said = summary_of(events, TEMPLATE)
    assert len(said.body) <= LONGEST_BODY
    assert not CALLS.search(said.body)


def test_alarms_are_told_together() -> None:
    one, over = event(1, EventKind.ALARM), event(2, EventKind.OVER)
    assert alarm_text([one]).title == "Alarm 1"
    assert alarm_text([one, over]).title == "1 alarm, 1 over"
    assert one_event(one, TEMPLATE) == alarm_text([one])
    assert summary_of([one, over], TEMPLATE) == alarm_text([one, over])
