"""Cells of tables on the terminal."""

from __future__ import annotations

from rich.text import Text

from aggregator.privacy.masking import masked
from aggregator.text.controls import for_terminal


def cell(text: str, *, style: str = "") -> Text:
    """``text`` as a cell: no markup of rich, no secret, nothing that would steer the terminal."""
    return Text(for_terminal(masked(text)), style=style)
