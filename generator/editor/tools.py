"""Run the outside tools in a process of their own, which ends when what they find is no longer wanted.

Some tools are packages that live in the process that asks them: they cannot be stopped, and one in Go ends the whole
process when the limit of an analysis leaves it no memory.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.checks.runner import Reported, ask_tools
from generator.findings import OetgenError
from generator.project.cache import Cache
from generator.render.tree import Tree

_POLL = 0.2  # seconds, after which it is asked again whether the result is wanted
_COMMAND = (sys.executable, "-P", "-m", __name__)  # -P: nothing is imported from the current folder


class _Kept(Cache):
    """What the tools found, by content; it goes with each question to the other process, and comes back."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], tuple[str, Any]] = {}

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        kept_with, value = self.records.get((kind, place), ("", None))
        return value if key in (None, kept_with) else None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        self.records[kind, place] = key, value


class Tools:
    """Asks the outside tools; the process is started while `starting` is held."""

    def __init__(self, starting: AbstractContextManager[object]) -> None:
        self._starting = starting
        self._kept = _Kept()

    def ask(self, trees: Sequence[Tree], root: Path, is_stale: Callable[[], bool]) -> Reported | None:
        """Return what the tools find in trees; None when that is no longer wanted. Raises OetgenError."""
        question = pickle.dumps((list(trees), root, self._kept.records))
        with TemporaryDirectory(prefix="oetgen-") as folder:  # for what a process that is stopped leaves
            variables = {**os.environ, "TMPDIR": folder}
            with self._starting:
                process = subprocess.Popen(
                    _COMMAND,
                    env=variables,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                )
            with process:
                answer = _answer(process, question, is_stale)
        if answer is None:
            return None
        if process.returncode:
            raise OetgenError(f"the process of the outside tools ended with status {process.returncode}")
        reported, self._kept.records = pickle.loads(answer)
        return Reported(*reported)


def _answer(process: subprocess.Popen[bytes], question: bytes, is_stale: Callable[[], bool]) -> bytes | None:
    """Return what the process writes; None when it was stopped, with the programs that it runs."""
    given: bytes | None = question
    while not is_stale():
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(given, timeout=_POLL)[0]
        given = None
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    return None


def main() -> None:
    """Answer the question on standard input, on standard output."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what packages print is no part of the answer
        trees, root, records = pickle.load(sys.stdin.buffer)
        kept = _Kept()
        kept.records = records
        reported = ask_tools(trees, root, kept)
        pickle.dump(((reported.tools, reported.findings), kept.records), answer)


if __name__ == "__main__":
    main()
