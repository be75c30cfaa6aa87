"""``python -m aggregator``, and the entry point of the ``aggregator`` command.

Imports next to nothing by itself: every worker process imports the main module once more.
"""

import signal
import sys


def main() -> None:
    """Run the command line."""
    if "run" in sys.argv:
        # A reload asked for during the start, which would end the process: the configuration is yet
        # to be read. (systemd takes an end by SIGHUP for a wanted one, and starts nothing again.)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from aggregator.cli.main import main as run_command_line  # noqa: PLC0415 - see above

    run_command_line()


if __name__ == "__main__":
    main()
