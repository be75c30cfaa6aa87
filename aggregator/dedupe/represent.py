"""Choice of a story's representative among its copies."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model import StoryMember

# Copies whose texts differ by less are equally complete: a byline more or less must not make the
# representative change back and forth.
_AS_COMPLETE = 0.9


def best(members: Sequence[StoryMember]) -> int:
    """The index of the copy that represents the story.

    Not one that stands back, if there is another. The most complete text wins; among those within
    10 % of the longest the feed of the best rank, then the earliest, then the first in the sequence.
    Raises ``ValueError`` for no members.
    """
    if not members:
        raise ValueError("a story has at least one member")
    asked = [i for i, m in enumerate(members) if not m.stands_back] or list(range(len(members)))
    longest = max(members[i].text_length for i in asked)
    complete = [i for i in asked if members[i].text_length > longest * _AS_COMPLETE]
    # With no text at all, every copy is as complete as the next.
    return min(
        complete or asked,
        key=lambda i: (members[i].rank, members[i].first_seen, i),
    )
