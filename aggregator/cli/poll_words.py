"""The end of a poll in the words of commands."""

from __future__ import annotations

from aggregator.model import PollResult
from aggregator.text.named_failures import without_address

_ENDS = {
    PollResult.UNCHANGED: "nothing new",
    PollResult.NOT_MODIFIED: "nothing new",
    PollResult.OFFLINE: "no host answers at present; no feed is blamed for it",
}


def poll_words(result: PollResult, url: str, *, new_entries: int, error: str | None) -> str:
    """``updated, 2 new entries``, ``nothing new``, or what went wrong with the feed at ``url``."""
    if result is PollResult.UPDATED:
        return f"updated, {new_entries} new {'entry' if new_entries == 1 else 'entries'}"
    return _ENDS.get(result) or without_address(error or result.value, url)


def named(title: str, url: str) -> str:
    """A feed by its title, where it has one, and its address."""
    return f"{title} ({url})" if title else url
