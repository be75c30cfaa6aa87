"""``aggregator completion``: the script by which a shell completes our commands."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of SHELL, which is to read it at its start.

    \b
    bash  aggregator completion bash > ~/.local/share/bash-completion/completions/aggregator
    zsh   aggregator completion zsh > a file `_aggregator` in a folder of $fpath
    fish  aggregator completion fish > ~/.config/fish/completions/aggregator.fish
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    script = found(context.find_root().command, {}, "aggregator", "_AGGREGATOR_COMPLETE")
    # The class for bash starts one to ask for its version, which this machine may not have.
    click.echo(ShellComplete.source(script), nl=False)
