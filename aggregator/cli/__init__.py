"""How is it started, asked and changed? The ``aggregator`` command."""

from aggregator.cli.main import main

__all__ = ["main"]
