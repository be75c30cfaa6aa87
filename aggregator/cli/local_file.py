"""The file that a command writes or reads: a path, and never an address by mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class LocalFile(click.Path):
    """A path of a file. An address, whose password a path's text would show, is refused unseen."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """``value`` as a path."""
        if "://" in str(value):
            self.fail("an address is no file; give a path", param, ctx)
        return super().convert(value, param, ctx)
