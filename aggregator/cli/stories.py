"""``aggregator split`` and ``merge``: what an operator knows better."""

from __future__ import annotations

import click

from aggregator.app.explaining import merge_stories, split_story
from aggregator.cli.context import Invocation, pass_invocation, run_async
from aggregator.cli.exits import say

_SOON = "A running daemon shows it at its next rendering."


@click.command()
@click.argument("entry")
@click.argument("other", required=False)
@pass_invocation
def split(invocation: Invocation, entry: str, other: str | None) -> None:
    """Take ENTRY out of its story for good; with OTHER, only if the two are in one.

    Each is a number or anything else by which `aggregator explain` finds one entry.
    """
    done = run_async(split_story(invocation.config(), entry, other))
    say(
        f"{_entries(done.moved)} out of story {done.kept} into a story of their own, {done.other}. {_SOON}"
    )


@click.command()
@click.argument("first")
@click.argument("second")
@pass_invocation
def merge(invocation: Invocation, first: str, second: str) -> None:
    """Make the stories of two entries one, for good.

    Each is a number or anything else by which `aggregator explain` finds one entry.
    """
    done = run_async(merge_stories(invocation.config(), first, second))
    say(f"{_entries(done.moved)} into story {done.kept}; {done.other} is no more. {_SOON}")


def _entries(ids: tuple[int, ...]) -> str:
    return f"{'entry' if len(ids) == 1 else 'entries'} {', '.join(map(str, ids))} moved"
