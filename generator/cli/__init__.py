"""The command line: the only place that prints or exits."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (by default that of the process), and exit with its status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    from generator.cli.quick import nothing_to_do

    if not nothing_to_do(given):
        # Python looks for garbage after every 700 new objects; imports and templates make many, and hardly any
        # garbage. A render takes 0.97 of the time with fewer looks.
        gc.set_threshold(10_000)
        from generator.cli.group import run

        run(given)
