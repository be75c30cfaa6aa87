"""The configuration of a daemon over a made store."""

from __future__ import annotations

from pathlib import Path

from bench.made_rows import FEW
from bench.made_store import Made


def write_config(
    path: Path, made: Made, url: str, web: int = 0, more: str = "", metrics: str = "off"
) -> None:
    """Write to ``path`` what a daemon over ``made`` in the database at ``url`` reads; ``more`` are sections."""
    top = (
        f'[database]\nurl = "{url}"\n\n[server]\nport = {web}\nmetrics = "{metrics}"\n\n[publish]\ndirectory = ""\n\n'
        '[log]\nformat = "json"\n\n[fetch]\nallow_networks = ["127.0.0.0/8"]\n\n'
        f'{more}[[outputs]]\nname = "all"\n\n[[outputs]]\nname = "few"\ncategories = ["Few"]\n\n'
    )
    feeds = (
        f'[[feeds]]\nurl = "{made.feed_url(n)}"\n' + ('category = "Few"\n' if n % FEW == 1 else "")
        for n in range(1, made.feeds + 1)
    )
    path.write_text(top + "\n".join(feeds), "utf-8")
