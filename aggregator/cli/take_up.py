"""Lines of a command on running daemons, once it has changed their files."""

from __future__ import annotations

from pathlib import Path

from aggregator.cli.exits import say
from aggregator.cli.invocation import load_to_work, run_async
from aggregator.control.messages import Refused, Reloaded, Reply
from aggregator.errors import AggregatorError
from aggregator.privacy.masking import masked


def tell_daemons(path: Path, *, without: str) -> None:
    """Have running daemons take up the changed file at ``path``, and say so; ``without`` any, say that, too.

    The change itself is made: whatever goes wrong here is only told.
    """
    from aggregator.app.reload_request import ask_for_reload  # noqa: PLC0415 - help needs no database

    config = load_to_work(path)
    try:
        answers = run_async(ask_for_reload(config))
    except AggregatorError as error:
        say(f"the daemon was not told of it: {error}", err=True)
        return
    if not answers.replies:
        database = masked(config.settings.database.url, is_url=True)
        say(busy_line(answers.busy) or f"no daemon runs on {database}: {without}", err=True)
    for reply in answers.replies:
        for line in taken_up(reply, path):
            say(line, err=True)


def busy_line(process: str | None) -> str | None:
    """Line on a ``process`` that works on the database and takes no requests; None: there is none."""
    if process is None:
        return None
    return (
        f"process {process} works on the database and takes no requests, as `once` and a daemon "
        "that starts or stops; nothing was asked of it"
    )


def taken_up(reply: Reply, path: Path | None) -> list[str]:
    """Lines on what a daemon made of its files; ``path`` is the file that was changed, if one was."""
    if isinstance(reply, Refused):
        return [f"the daemon refused: {reply.reason}"]
    if not isinstance(reply, Reloaded):
        return ["the daemon gave an answer to something else"]
    if reply.faults:
        kept = [f"{fault.where}: {fault.message}" for fault in reply.faults]
        return ["the daemon keeps its former configuration:", *kept]
    if path is not None and not _is_same(reply.config, path):
        return [f"the daemon on this database reads {reply.config}, and not {path}"]
    counts = ", ".join(f"{count} {name}" for name, count in reply.changes.items())
    lines = [f"the daemon has read its files again{f': feeds {counts}' if counts else ''}"]
    if reply.restart:
        lines.append(f"restart it to apply {', '.join(reply.restart)}")
    return lines


def _is_same(config: str, path: Path) -> bool:
    """True for the same file: by its name, or through links."""
    if config == str(path.absolute()):
        return True
    try:
        return path.samefile(config)
    except OSError:
        return False
