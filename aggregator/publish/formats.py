"""The output formats: the one list from which settings, files, addresses and pages take them.

A new format is a file beside ``rss.py`` that holds its ``FORMAT``, and its line here.
"""

from __future__ import annotations

from aggregator.model import OutputFormat
from aggregator.publish import atom, jsonfeed, rss

FORMATS: dict[str, OutputFormat] = {  # by name, in the order in which people see them
    module.FORMAT.name: module.FORMAT
    for module in (
        atom,
        rss,
        jsonfeed,
    )
}
