"""The command line's root: which commands there are, and where.

Nothing that a command needs is imported here, so that ``--help`` and ``--version`` are quick.
"""

from __future__ import annotations

import click

from aggregator import __version__
from aggregator.cli.exits import clear_errors, open_streams
from aggregator.cli.lazy import Later, LazyGroup
from aggregator.privacy.crashes import mask_crashes

_EPILOG = """\b
Exit status: 0 success; 1 something failed (with `once`: a feed);
2 the configuration or the command line is wrong, and nothing was started;
3 a later release has changed the database, and this one is too old for it.
"""


def _at(name: str, place: str, help: str) -> Later:  # noqa: A002 - click's name
    return Later(name, f"aggregator.cli.{place}", help)


@click.group(
    cls=LazyGroup,
    commands=[
        _at("init", "init:init", "Write a first configuration file."),
        _at("run", "running:run", "Poll, extract, deduplicate and publish until stopped."),
        _at(
            "once",
            "running:once",
            "Poll due feeds once, process and publish everything, print a summary.",
        ),
        _at(
            "worker",
            "working:worker",
            "Work for the daemons on the same PostgreSQL, on this machine, until stopped.",
        ),
        _at("demo", "running:demo", "Run a demonstration that needs no network."),
        _at(
            "discover",
            "discover:discover",
            "Find the feeds of URL: a feed, a page that links to one, or a site that has one.",
        ),
        _at(
            "status",
            "status:status",
            "Show each feed's last poll, result, next poll and error, then totals.",
        ),
        _at(
            "plan",
            "plan:plan",
            "Show the polls to be expected, from what is stored of feeds; with settings, what they would change.",
        ),
        _at("health", "health:health", "Ask the daemon of this configuration whether it works."),
        _at(
            "reload",
            "reload_config:reload_config",
            "Have running daemons read their configuration again, as by SIGHUP.",
        ),
        _at(
            "doctor",
            "doctor:doctor",
            "Examine this machine, the configuration, the database and the network; change nothing.",
        ),
        _at(
            "preview",
            "preview:preview",
            "Show the entries and first article of the feed at URL, or the article of a page.",
        ),
        _at(
            "explain",
            "explain:explain",
            "Explain why each output shows an entry or not: its story, the rule, the text.",
        ),
        _at(
            "split",
            "edits:split",
            "Take ENTRY out of its story for good; with OTHER, only if both are in one story.",
        ),
        _at("merge", "edits:merge", "Join the stories of two entries for good."),
        _at(
            "migrate",
            "migrate:migrate",
            "Upgrade the database to this release (`run` and `once` do so by themselves).",
        ),
        _at(
            "backup",
            "backup:backup",
            "Write the database and the configuration's files to FILE, while a daemon runs or not.",
        ),
        _at("restore", "restore:restore", "Put the database of the backup FILE in place of ours."),
        _at(
            "systemd",
            "systemd:systemd",
            "Print a hardened unit for systemd, with the paths of this installation.",
        ),
        _at(
            "completion",
            "completion:completion",
            "Print the completion script of SHELL, which is to read it at its start.",
        ),
        _at("man", "man:man", "Print the manual page, of what `--help` says of each command."),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="aggregator")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(),
    help="Configuration file. Default: $AGGREGATOR_CONFIG, config/aggregator.toml, aggregator.toml.",
)
@click.pass_context
def cli(context: click.Context, config_file: str | None) -> None:
    """Turn any number of RSS, Atom and JSON feeds into one feed worth subscribing to."""
    context.obj = config_file  # see pass_invocation


@cli.group(
    cls=LazyGroup,
    commands=[
        _at(
            "check",
            "check:check",
            "Check the configuration: print its faults, or a summary. Starts nothing.",
        ),
    ],
)
def config() -> None:
    """Check the configuration."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at("add", "feeds_add:add", "Subscribe to URL: a feed, or a page or site that has one."),
        _at("remove", "feeds_edit:remove", "Unsubscribe from URL, in the file that lists it."),
        _at("list", "feeds_list:list_feeds", "List the subscriptions."),
        _at(
            "edit",
            "feeds_change:edit",
            "Change settings of the feed at URL, in the file that lists it; all else stays as it is there.",
        ),
        _at(
            "pause",
            "feeds_change:pause",
            "Poll the feeds at URL no more, until they are resumed; their entries stay.",
        ),
        _at(
            "resume",
            "feeds_change:resume",
            "Poll the paused feeds at URL again, at once where a daemon runs.",
        ),
        _at(
            "poll",
            "feeds_poll:poll",
            "Poll feeds now: those at URL, of a category, or those that fail.",
        ),
        _at(
            "lists",
            "feeds_lists:show_lists",
            "List the reading lists: OPML at an address, with the state of each.",
        ),
        _at(
            "accept",
            "feeds_lists:accept_list",
            "Take what the reading list at URL says now, though it lacks much of what it said before.",
        ),
        _at("import", "feeds_edit:import_opml", "Subscribe to every feed of an OPML FILE."),
        _at(
            "export",
            "feeds_list:export",
            "Write the subscriptions as OPML 2.0, to standard output or a file.",
        ),
    ],
)
def feeds() -> None:
    """Add, remove, list, import and export subscriptions; edit, pause and poll feeds."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at(
            "list",
            "outputs_list:list_outputs",
            "List the outputs: what each shows, and the latest line of its log.",
        ),
        _at(
            "stats",
            "outputs_stats:show_stats",
            "Show what readers ask of the outputs, for how many subscribers, and how late they are told.",
        ),
        _at(
            "test",
            "outputs_test:test_output",
            "Tell which stored stories the output NAME keeps and drops, and by which rule.",
        ),
        _at(
            "purge",
            "outputs_purge:purge",
            "Take items out of the closed archive pages and the editions of the output NAME, for good.",
        ),
    ],
)
def outputs() -> None:
    """Show what outputs hold and take; take items out of archive pages."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at(
            "list",
            "deliver_list:list_deliveries",
            "List webhooks, notifications and mail: what each has told, what waits, what was given up.",
        ),
        _at(
            "retry",
            "deliver_retry:retry",
            "Try again what was given up on the road NAME, and turn it on if it is off.",
        ),
    ],
)
def deliver() -> None:
    """Show how webhooks, notifications and mail fare; try again what was given up."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at(
            "test",
            "dedupe:test",
            "Score deduplication on labelled sets: NAME.jsonl[.gz] with NAME.pairs.json beside it.",
        ),
    ],
)
def dedupe() -> None:
    """Measure deduplication."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at(
            "copy",
            "db_copy:copy",
            "Copy all of the database FROM to the empty database TO, SQLite or PostgreSQL.",
        ),
    ],
)
def db() -> None:
    """Move the database."""


def main() -> None:
    """The entry point of the ``aggregator`` command."""
    open_streams()
    mask_crashes()
    with clear_errors():
        cli()
