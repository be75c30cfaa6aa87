"""``aggregator split`` and ``merge``: what an operator knows better."""

from __future__ import annotations

import click

from aggregator.app.explaining import merge_stories, split_story
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, pass_invocation, run_async

_SOON = "A running daemon shows it at its next rendering."


@click.command()
@click.argument("entry")
@click.argument("other", required=False)
@pass_invocation
def split(invocation: Invocation, entry: str, other: str | None) -> None:
    """Take ENTRY out of its story for good; with OTHER, only if both are in one story.

    An entry is given by its number, or as for `aggregator explain`.
    """
    done = run_async(split_story(invocation.config(), entry, other))
    say(f"{_entries(done.moved)} from story {done.kept} to a new story, {done.other}. {_SOON}")


@click.command()
@click.argument("first")
@click.argument("second")
@pass_invocation
def merge(invocation: Invocation, first: str, second: str) -> None:
    """Join the stories of two entries for good.

    An entry is given by its number, or as for `aggregator explain`.
    """
    done = run_async(merge_stories(invocation.config(), first, second))
    say(f"{_entries(done.moved)} to story {done.kept}; {done.other} was removed. {_SOON}")


def _entries(ids: tuple[int, ...]) -> str:
    return f"{'entry' if len(ids) == 1 else 'entries'} {', '.join(map(str, ids))} moved"
