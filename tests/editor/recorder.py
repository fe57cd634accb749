"""Run a language server, and write every message that passes to a file: `recorder FILE COMMAND …`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock, Thread
from typing import IO, Any


class Recorder:
    """Writes messages to a file, one in a line, with the side that sent it."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._lock = Lock()

    def pass_on(self, side: str, source: IO[bytes], target: IO[bytes]) -> None:
        """Copy messages until the source ends."""
        while frame := _frame(source):
            with self._lock:
                self._log.write(json.dumps([side, json.loads(frame[1])], ensure_ascii=False) + "\n")
                self._log.flush()
            target.write(frame[0] + frame[1])
            target.flush()
        target.close()


def _frame(source: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Return head and content of the next message, or None at the end."""
    head, length = b"", 0
    while line := source.readline():
        head += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
        if not line.strip():
            return head, source.read(length)
    return None


def recorded(log: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the messages of a file, each with its side."""
    return [tuple(json.loads(line)) for line in log.read_text("utf-8").splitlines()]


def main(log: str, *command: str) -> int:
    """Run the server until it ends, and return its exit status."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin and process.stdout
    with Path(log).open("w", encoding="utf-8") as stream:
        recorder = Recorder(stream)
        parts = ("client", sys.stdin.buffer, process.stdin)
        Thread(target=recorder.pass_on, args=parts, daemon=True).start()
        recorder.pass_on("server", process.stdout, sys.stdout.buffer)
    return process.wait()


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))  # the thread still waits for standard input, which Python would wait for
