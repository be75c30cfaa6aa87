"""``aggregator explain``: why an entry is shown, or not."""

from __future__ import annotations

from dataclasses import asdict

import click

from aggregator.app.explaining import explain_entries
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.errors import StoreError
from aggregator.model import (
    Explained,
    ExplainedMember,
    JoinReason,
    JoinRule,
    LatestLine,
    LineKind,
    OutputVerdict,
)
from aggregator.privacy.masking import masked


@click.command()
@click.argument("what", metavar="URL-OR-ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def explain(invocation: Invocation, what: str, *, as_json: bool) -> None:
    """Explain why each output shows an entry or not: its story, the rule, the text.

    URL-OR-ID is an entry's address in any form, its public id, its guid, an item's id, or the
    number that this command shows.
    """
    found = run_async(explain_entries(invocation.config(), what))
    if as_json:
        echo_json({"entries": [asdict(one) for one in found]})
    if not found:
        raise StoreError(
            f"no entry {masked(what)}",
            hint="it may not have been polled yet, or been removed by [retention]; give its URL, id or number",
        )
    if not as_json:
        say("\n\n".join("\n".join(_lines(one)) for one in found))


def _lines(one: Explained) -> list[str]:
    listed = "" if one.listed else ", which no longer lists it"
    text = f"{one.text.origin}, {one.text.characters} characters"
    return [
        f"entry {one.entry_id}: {one.title!r}",
        f"  address:  {one.url or 'none'}",
        f"  feed:     {one.feed} ({one.feed_url}){listed}",
        f"  id:       {one.public_id}" + (f", guid {one.guid}" if one.guid else ""),
        f"  seen:     {one.first_seen:%Y-%m-%d %H:%M} UTC, sorted under {one.sort_at:%Y-%m-%d %H:%M}",
        f"  state:    {one.state} since {one.state_since:%Y-%m-%d %H:%M}: {one.state_reason}",
        f"  text:     {text}" + (f" ({one.text.note})" if one.text.note else ""),
        *([f"  rules:    {one.ruled}"] if one.ruled else []),
        *_story(one),
        *(_output(verdict) for verdict in one.outputs),
    ]


def _story(one: Explained) -> list[str]:
    if one.story is None or one.joined is None:
        return ["  story:    none" if one.is_dropped else "  story:    none yet"]
    others = [member for member in one.members if member.entry_id != one.entry_id]
    return [
        f"  story:    {one.story}, {len(one.members)} entries",
        f"  why:      {_why(one.joined)}",
        *(f"  with:     {_member(member)}" for member in others),
    ]


def _why(joined: JoinReason) -> str:
    """A join in words, such as ``near entry 12 (overlap 0.83)``."""
    copy = f"entry {joined.copy}" if joined.copy is not None else "another copy"
    words = {
        JoinRule.NEW: "first entry of the story",
        JoinRule.GUID: f"has the same globally unique id as {copy}",
        JoinRule.URL: f"has the same address as {copy}",
        JoinRule.TEXT: f"has the same text as {copy}",
        JoinRule.NEAR: f"is a near copy of {copy}",
        JoinRule.HAND: "placed by `aggregator split` or `merge`",
        JoinRule.OWN: "stays in its story",
        JoinRule.UNKNOWN: "joined before reasons were recorded",
    }[joined.rule]
    if joined.rule is JoinRule.NEW and joined.copy is not None:
        words += f"; nearest: {copy}"
    details = [f"overlap {joined.overlap:.2f}"] if joined.overlap is not None else []
    details += [joined.note] if joined.note else []
    details += ["pinned"] if joined.held and joined.rule is not JoinRule.HAND else []
    return words + (f" ({'; '.join(details)})" if details else "")


def _member(member: ExplainedMember) -> str:
    mark = ", represents the story" if member.represents else ""
    feed, title = member.feed, member.title
    return f"entry {member.entry_id} of {feed}, {title!r}{mark}: {_why(member.joined)}"


def _output(verdict: OutputVerdict) -> str:
    item = f" [{verdict.item_id}]" if verdict.item_id else ""
    shown = "shown" if verdict.shown else "not shown"
    gone = "".join(
        f"; [{one.item_id}] line {one.number}: withdraw ({one.reason}), {one.at:%Y-%m-%d %H:%M}"
        for one in verdict.withdrawn
    )
    return (
        f"  output {verdict.output}: {shown}, {verdict.reason}{item}{_line(verdict.latest)}{gone}"
    )


def _line(latest: LatestLine | None) -> str:
    if latest is None:
        return ""
    what = f"line {latest.number}: {latest.kind} ({latest.reason}), {latest.at:%Y-%m-%d %H:%M}"
    since = "" if latest.kind is LineKind.ENTER else f"; in since {latest.entered:%Y-%m-%d %H:%M}"
    return f"; {what}{since}"
