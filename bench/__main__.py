"""``python -m bench [NAME ...]``: run all benches, or those named.

``python -m bench articles FOLDER`` and ``train-extractor FOLDER`` need a folder of annotated pages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench import fidelity, polls, soak

BENCHES: dict[str, Callable[[], None]] = {
    "fidelity": fidelity.main,
    "polls": polls.main,
    "soak": soak.main,
}
# Modules with a ``main`` that takes a folder; training needs a library that nothing else does.
WITH_FOLDER = {"articles": "bench.articles", "train-extractor": "bench.train_extractor"}


def main(names: list[str]) -> int:
    """Run the named benches, or all; exit status 2 for an unknown name."""
    if len(names) == 2 and names[0] in WITH_FOLDER and Path(names[1]).is_dir():
        import_module(WITH_FOLDER[names[0]]).main(Path(names[1]))
        return 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(
            f"no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}, and with a folder {', '.join(WITH_FOLDER)}",
            file=sys.stderr,
        )
        return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
