"""The command line: the only place that prints or exits."""

from __future__ import annotations

import atexit
import gc
import sys

from generator.cli import streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (by default that of the process), and exit with its status."""
    streams.prepare()
    try:
        try:
            _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            if not sys.stdout.closed:  # as the language server leaves it
                sys.stdout.flush()
    except (OSError, KeyboardInterrupt) as problem:
        streams.fail(problem)


def _run(given: list[str]) -> None:
    from generator.cli.speed import summary_if_unchanged

    summary = summary_if_unchanged(given)
    if summary:
        print(summary)
    if summary is None:
        # By default Python collects garbage after every 700 new objects, and all of it when it ends; a command makes
        # many objects and hardly any garbage. Hardly any collections take 0.96 of the time, no last one 0.92.
        gc.set_threshold(200_000)
        atexit.register(gc.freeze)
        from generator.cli.group import run

        run(given)
