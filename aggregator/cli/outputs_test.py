"""``aggregator outputs test``: what an output would keep and drop, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click

from aggregator.app.explaining import try_output
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.config.rule_settings import expression_of
from aggregator.config.values import parse_duration
from aggregator.model import TriedItem
from aggregator.select.story_fields import Phase
from aggregator.text.controls import for_terminal, without_directions

_SHOWN = 100  # stories that are listed
_LONGEST = 200  # characters of a title


@click.command("test")
@click.argument("name")
@click.option(
    "--since", default="7d", show_default=True, metavar="DURATION", help="How far to look back."
)
@click.option(
    "--filter", "expression", metavar="EXPRESSION", help="Try this instead of its `filter`."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all stories.")
@pass_invocation
def test_output(
    invocation: Invocation, name: str, *, since: str, expression: str | None, as_json: bool
) -> None:
    """Tell which stored stories the output NAME keeps and drops, and by which rule.

    Nothing is published or changed. Quotas go by when stories were published.
    """
    try:
        span = parse_duration(since)
    except ValueError as error:
        raise click.BadParameter(f"expected {error}", param_hint="--since") from None
    try:
        tried = expression_of(Phase.STORY)(expression) if expression is not None else None
    except ValueError as error:
        raise click.BadParameter(f"expected {error}", param_hint="--filter") from None
    config = invocation.config()
    if name not in {one.name for one in config.settings.outputs}:
        known = ", ".join(one.name for one in config.settings.outputs)
        raise click.BadParameter(f"there is no output {name!r}; there are: {known}")
    begin = datetime.now(UTC) - span
    found = run_async(try_output(config, name, begin, tried))
    if as_json:
        echo_json({"output": name, "since": begin, "stories": [asdict(one) for one in found]})
        return
    for one in found[:_SHOWN]:
        say(_line(one))
    if len(found) > _SHOWN:
        say(f"… and {len(found) - _SHOWN} more (`--json` has all)")
    say(_sum(name, found, since))


def _line(one: TriedItem) -> str:
    verdict = f"drops ({one.unfit})" if one.unfit is not None else "keeps"
    title, feed = _shortened(one.title), _shortened(one.feed)
    return f"{one.at:%Y-%m-%d %H:%M}  {title!r} of {feed}: {verdict}"


def _shortened(text: str) -> str:
    """``text`` in one line, of a length that a line has."""
    line = " ".join(without_directions(for_terminal(text)).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _sum(name: str, found: Sequence[TriedItem], since: str) -> str:
    dropped = Counter(one.unfit.rule for one in found if one.unfit is not None)
    rules = ", ".join(f"{rule}: {count}" for rule, count in dropped.most_common())
    kept = len(found) - dropped.total()
    return f"output {name} keeps {kept} of {len(found)} stories of {since}" + (
        f"; dropped by {rules}" if rules else ""
    )
