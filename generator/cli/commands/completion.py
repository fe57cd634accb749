"""`oetgen completion`: the script that completes commands, environments, values and files in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(oetgen completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(oetgen completion zsh)"    # in ~/.zshrc, after compinit',
    "fish": "oetgen completion fish | source    # in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(_HOW.values()))
@click.argument("shell", type=click.Choice(list(_HOW)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, environments, values and files in SHELL."""
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(context.find_root().command, {}, "oetgen", "_OETGEN_COMPLETE").source())
