"""``python -m bench [NAME ...]``: run all benches, or those named."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench import fidelity, polls, soak

BENCHES: dict[str, Callable[[], None]] = {
    "fidelity": fidelity.main,
    "polls": polls.main,
    "soak": soak.main,
}


def main(names: list[str]) -> int:
    """Run the named benches, or all; exit status 2 for an unknown name."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    for name in names or BENCHES:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
