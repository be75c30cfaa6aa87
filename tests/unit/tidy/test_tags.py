"""Start tags of a text, found in one pass however it is written."""

import pytest

from aggregator.tidy.tags import start_tags


def test_what_stands_in_a_raw_element_is_no_tag() -> None:
    found = start_tags("<p><script>if (a<b) '<i>'</script><iframe>a<b>c")
    assert [(tag.name, tag.is_whole) for tag in found] == [
        ("p", False),
        ("script", True),
        ("iframe", False),
        ("b", False),
    ]


@pytest.mark.parametrize("unit", ["<iframe>", "<script>", "<title></title "])
def test_a_long_text_without_an_end_costs_no_more_than_its_length(unit: str) -> None:
    count = 300_000 // len(unit)
    assert len(start_tags(unit * count)) >= count - 1
