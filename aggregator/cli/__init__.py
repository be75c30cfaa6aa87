"""The ``aggregator`` command: starts, asks and changes."""
