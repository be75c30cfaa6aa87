"""The command line's root: which commands there are, and where.

Nothing that a command needs is imported here, so that ``--help`` and ``--version`` are quick.
"""

from __future__ import annotations

import click

from aggregator import __version__
from aggregator.cli.exits import clear_errors
from aggregator.cli.lazy import Later, LazyGroup
from aggregator.privacy.crashes import mask_crashes

_EPILOG = """\b
Exit status: 0 all went well; 1 something failed, or `once` met a feed that failed;
2 the configuration or the command line is wrong, and nothing was started.
"""


def _at(name: str, place: str, help: str) -> Later:  # noqa: A002 - click's name
    return Later(name, f"aggregator.cli.{place}", help)


@click.group(
    cls=LazyGroup,
    commands=[
        _at("run", "running:run", "Poll, extract, deduplicate and publish until stopped."),
        _at(
            "once",
            "running:once",
            "Poll what is due, run every stage to the end, publish, print a summary.",
        ),
        _at("demo", "running:demo", "Watch it work without a network."),
        _at(
            "discover",
            "discovery:discover",
            "Say which feeds URL leads to: a feed, a page that links to one, or a site that has one.",
        ),
        _at(
            "status",
            "status:status",
            "Show each feed's last poll, result, next poll and errors; entries and backlog.",
        ),
        _at(
            "preview",
            "preview:preview",
            "Show what URL would give: a feed's entries and its first article, or a page's article.",
        ),
        _at(
            "explain",
            "explain:explain",
            "Say why an entry is shown in each output or not: which story, by which rule, whose text.",
        ),
        _at(
            "split",
            "stories:split",
            "Take ENTRY out of its story for good; with OTHER, only if the two are in one.",
        ),
        _at("merge", "stories:merge", "Make the stories of two entries one, for good."),
        _at(
            "migrate",
            "migrate:migrate",
            "Bring the database to the present shape (`run` and `once` do so by themselves).",
        ),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="aggregator")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    help="The config file. Default: $AGGREGATOR_CONFIG, config/aggregator.toml, aggregator.toml.",
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
            "Say what is wrong with the configuration, or what it means. Starts nothing.",
        ),
    ],
)
def config() -> None:
    """Look at the configuration."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at("add", "feeds_add:add", "Subscribe to URL: a feed, or a page or site that has one."),
        _at("remove", "feeds_edit:remove", "Unsubscribe from URL, in whichever file it stands."),
        _at("list", "feeds:list_feeds", "List the subscriptions."),
        _at("import", "feeds_edit:import_opml", "Subscribe to every feed of an OPML FILE."),
        _at(
            "export",
            "feeds:export",
            "Write the subscriptions as OPML 2.0, to standard output or a file.",
        ),
    ],
)
def feeds() -> None:
    """Add, remove, list, import and export subscriptions."""


@cli.group(
    cls=LazyGroup,
    commands=[
        _at(
            "test",
            "dedupe:test",
            "Score labelled sets: NAME.jsonl or NAME.jsonl.gz, each with NAME.pairs.json beside it.",
        ),
    ],
)
def dedupe() -> None:
    """Look at what is taken for one story."""


def main() -> None:
    """The entry point of the ``aggregator`` command."""
    mask_crashes()
    with clear_errors():
        cli()
