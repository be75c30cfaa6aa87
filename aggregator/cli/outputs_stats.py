"""``aggregator outputs stats``: what readers ask, for how many subscribers, and how late they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta

import click

from aggregator.app.reader_stats import read_reader_stats
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.model import Lateness, OutputStats
from aggregator.text.durations import exact

_AGENTS = 12  # that are listed; JSON has all


@click.command("stats")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def show_stats(invocation: Invocation, name: str | None, *, as_json: bool) -> None:
    """Show what readers ask of the outputs, for how many subscribers, and how late they are told.

    Of the output NAME, or of all. Readers are counted by their programs' names, never by address.
    """
    found = run_async(read_reader_stats(invocation.config(), name))
    if as_json:
        echo_json({"outputs": [{"subscribers": one.subscribers, **asdict(one)} for one in found]})
        return
    for one in found:
        say(f"{one.name}  {one.subscribers} subscribers at services, {one.at_hub} at the hub")
        for line in _lines(one):
            say(f"  {line}")


def _lines(one: OutputStats) -> Iterator[str]:
    if one.audiences:
        services = (f"{own.agent} {own.subscribers} ({own.day:%Y-%m-%d})" for own in one.audiences)
        yield f"services, as they say: {_listed(list(services))}"
    if one.agents:
        programs = [f"{own.agent or 'not told apart'} {own.requests}" for own in one.agents]
        yield f"programs, requests in 7 days: {_listed(programs)}"
    if one.answers:
        answers = (f"{own.kind} {own.status} {own.week} ({own.today})" for own in one.answers)
        yield f"answers in 7 days (today): {', '.join(answers)}"
    for span, late in (("24 hours", one.late_day), ("7 days", one.late_week)):
        if late is not None:
            yield f"late, {span}: {_late(late)}"


def _listed(words: list[str]) -> str:
    more = len(words) - _AGENTS
    return ", ".join(words[:_AGENTS]) + (f" and {more} more" if more > 0 else "")


def _late(late: Lateness) -> str:
    half, most = (exact(timedelta(seconds=round(value))) for value in (late.p50, late.p95))
    return f"half of {late.stories} stories within {half}, 95 % within {most}"
