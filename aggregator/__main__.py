"""``python -m aggregator``, and the entry point of the ``aggregator`` command.

Imports nothing by itself: every worker process imports the main module once more.
"""


def main() -> None:
    """Run the command line."""
    from aggregator.cli.main import main as run_command_line  # noqa: PLC0415 - see above

    run_command_line()


if __name__ == "__main__":
    main()
