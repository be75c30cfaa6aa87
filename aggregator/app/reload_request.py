"""A reload of the daemons that run, asked for by whoever has changed their files."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.app.daemon_line import line_to_daemons
from aggregator.config.config import Config
from aggregator.control.messages import Reload, Reply


@dataclass(frozen=True, slots=True)
class ReloadAnswers:
    """Answers of the daemons that run; ``busy``: the process that has the database and takes no requests."""

    replies: tuple[Reply, ...]
    busy: str | None


async def ask_for_reload(config: Config) -> ReloadAnswers:
    """Have the daemons on the database of ``config`` read their files.

    Raises :class:`~aggregator.errors.ControlError` when one that runs does not answer.
    """
    async with line_to_daemons(config) as line:
        return ReloadAnswers(tuple(await line.ask(Reload())), line.busy)
