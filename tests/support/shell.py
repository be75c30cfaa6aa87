"""The command line, as an operator types it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from aggregator.cli.exits import clear_errors
from aggregator.cli.main import cli


@dataclass(frozen=True)
class Shell:
    """Runs commands in a folder of the test's own, beside the internet's event loop."""

    folder: Path

    async def __call__(self, *arguments: str) -> Result:
        def invoke() -> Result:
            # As the entry point does: errors become messages and exit statuses.
            def guarded() -> None:
                with clear_errors():
                    cli(["--config", "mine.toml", *arguments])

            runner = CliRunner()
            with runner.isolation() as (out, err, _):
                status = 0
                try:
                    guarded()
                except SystemExit as end:
                    status = end.code if isinstance(end.code, int) else 1
                return Result(runner, out.getvalue(), err.getvalue(), b"", None, status, None)

        return await asyncio.to_thread(invoke)
