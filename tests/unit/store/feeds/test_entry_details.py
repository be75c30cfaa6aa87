"""Details of an entry come back from the database as they went in."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import (
    NO_DETAILS,
    Chapter,
    Details,
    Episode,
    FurtherLink,
    Origin,
    Person,
    Topic,
)
from aggregator.store.feeds.entry_details import dump_details, load_details

texts = st.text(max_size=5)
episodes = st.builds(
    Episode,
    st.none() | st.integers(1, 9),
    st.none() | st.integers(1, 9),
    texts,
    texts,
    st.lists(st.builds(Chapter, st.floats(0, 9), texts, texts), max_size=2).map(tuple),
)
details = st.builds(
    Details,
    *(
        st.lists(st.builds(one, **dict.fromkeys(names, texts)), max_size=2).map(tuple)
        for one, names in (
            (Person, ("email", "url", "name")),
            (Person, ("email", "url", "name")),
            (Topic, ("term", "scheme", "name")),
            (FurtherLink, ("url", "title", "media_type", "language", "ref")),
        )
    ),
    texts,
    st.none() | st.builds(Origin, texts, texts, texts, texts),
    st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    st.none() | episodes,
)


@given(details)
def test_round_trip(given_details: Details) -> None:
    stored = dump_details(given_details)
    again = load_details(json.loads(json.dumps(stored)))
    # What says nothing at all is not kept.
    assert dump_details(again) == stored
    if stored is not None and given_details.origin not in (None, Origin()):
        assert again.origin == given_details.origin


def test_nothing_is_null() -> None:
    assert dump_details(NO_DETAILS) is None
    assert load_details(None) == NO_DETAILS
