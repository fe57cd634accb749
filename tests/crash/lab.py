"""Runs of oetgen in processes of their own that are killed, fail or stop before the n-th call that touches a file.

`Lab` starts this module as a process that has everything imported and does one thing: it forks, for each run, a child
in which the calls are counted. So a run costs milliseconds, the kill is a real SIGKILL, and what the system keeps
about a process (its locks) goes with it. The two speak in lines of JSON.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import fcntl
import io
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest import mock

ROOT = Path(__file__).parents[2]

# What touches files, by module; whatever oetgen and pathlib call goes through these names.
_CALLS: tuple[tuple[Any, str], ...] = (
    *(
        (os, name)
        for name in "access chmod close fchmod fstat fsync link listdir lstat mkdir open read readlink remove rename "
        "replace rmdir scandir stat symlink truncate unlink utime write".split()
    ),
    (io, "open"),
    (builtins, "open"),
    (fcntl, "flock"),
)
ERRORS = ("ENOSPC", "EACCES", "EIO")
KILL, STOP, SHORT, TORN = "kill", "stop", "short", "torn"


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit status (negative: the signal), what it printed, and the calls that it made."""

    status: int
    out: str
    err: str
    calls: list[str]


class Lab:
    """The other process, seen from a test."""

    def __enter__(self) -> Lab:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.lab"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()

    def warm(self, *arguments: str) -> None:
        """Run oetgen once, so that later runs are fast."""
        self._ask("warm", arguments, 0, "")

    def freeze(self, root: Path, env: str) -> None:
        """Prove and render the environment once; runs from here on take that, and only write or compare."""
        self._ask("freeze", (str(root), env), 0, "")

    def run(self, *arguments: str, at: int = 0, how: str = "") -> Outcome:
        """Run oetgen; before call number `at`, do what `how` says."""
        return Outcome(**self._ask("run", arguments, at, how))

    def pause(self, *arguments: str, at: int) -> bool:
        """Start oetgen, stopped before call number `at`; say whether it got there."""
        return bool(self._ask("pause", arguments, at, STOP)["stopped"])

    def second(self, *arguments: str) -> bool:
        """Start oetgen beside the one that is stopped; say whether it waits for that one (or else it has ended)."""
        return bool(self._ask("second", arguments, 0, "")["waits"])

    def resume(self) -> tuple[Outcome, Outcome]:
        """Let the one that is stopped go on, and return how both end."""
        answer = self._ask("resume", (), 0, "")
        return Outcome(**answer["first"]), Outcome(**answer["second"])

    def _ask(self, what: str, arguments: tuple[str, ...], at: int, how: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([what, arguments, at, how]) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


class _Child:
    """A forked run, seen from the process that forks."""

    def __init__(self, arguments: list[str], at: int, how: str) -> None:
        self._out = tempfile.TemporaryFile()  # noqa: SIM115, `outcome` closes it
        self._err_read, err = os.pipe()
        self._count_read, count = os.pipe()
        self._err = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(self._out.fileno(), 1)
            os.dup2(err, 2)
            sys.stdin = io.TextIOWrapper(io.FileIO(os.devnull))
            _run(arguments, at, how, count)
        os.close(err)
        os.close(count)

    def stopped(self) -> bool:
        """Wait until the run is stopped, or over."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        self._status = status
        return os.WIFSTOPPED(status)

    def waits(self) -> bool:
        """Wait until the run says that it waits for another one, or is over."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._err_read, selectors.EVENT_READ)
            while b"waiting for another oetgen" not in self._err:
                selector.select()
                data = os.read(self._err_read, 65536)
                if not data:
                    return False
                self._err += data
        return True

    def outcome(self, *, reaped: bool = False) -> dict[str, Any]:
        """Wait for the end of the run, and return what an Outcome is made of."""
        while data := os.read(self._err_read, 65536):
            self._err += data
        if not reaped:
            _, self._status = os.waitpid(self.pid, 0)
        count = b""
        while data := os.read(self._count_read, 65536):
            count += data
        self._out.seek(0)
        out = self._out.read().decode()
        self._out.close()
        os.close(self._err_read)
        os.close(self._count_read)
        status = os.waitstatus_to_exitcode(self._status)
        calls = count.decode().split()
        return {"status": status, "out": out, "err": self._err.decode(), "calls": calls}


def _run(arguments: list[str], at: int, how: str, count: int) -> None:
    """Run oetgen in this process, which is a child of its own, and end it."""
    from generator.cli import main

    counter: list[str] = []
    record = io.TextIOWrapper(io.FileIO(count, "w"), encoding="utf-8")
    for module, name in _CALLS:
        setattr(module, name, _counted(getattr(module, name), counter, at, how))
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8", write_through=True)
    status = 4
    try:
        main(arguments)
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        record.write(" ".join(counter))
        record.flush()
        os._exit(status)


def _counted(call: Callable[..., Any], calls: list[str], at: int, how: str) -> Callable[..., Any]:
    """Return `call`, noted in `calls`, and with what `how` says in the place of number `at`."""

    def counted(*arguments: Any, **named: Any) -> Any:
        calls.append(call.__name__)
        if len(calls) != at:
            return call(*arguments, **named)
        if how in (KILL, STOP):
            os.kill(os.getpid(), signal.SIGKILL if how == KILL else signal.SIGSTOP)
            return call(*arguments, **named)
        if how in (SHORT, TORN) and call.__name__ == "write":
            descriptor, data = arguments
            written = call(descriptor, data[: max(len(data) // 2, 1)])
            if how == SHORT:
                return written
        if how == SHORT:
            return call(*arguments, **named)
        if call.__name__ == "access":
            return False  # it never raises
        if call.__name__ == "close":
            call(*arguments)  # a descriptor is closed also when closing it fails
        code = getattr(errno, "ENOSPC" if how == TORN else how)
        name = arguments[0] if arguments and isinstance(arguments[0], str | os.PathLike) else None
        raise OSError(code, os.strerror(code), *([os.fspath(name)] if name else []))

    return counted


def _warm(arguments: list[str]) -> None:
    """Run oetgen in this process, so that its children find every import done and every cache filled."""
    from generator.cli import main

    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(arguments)


def _freeze(root: str, env: str) -> None:
    from generator import pipeline
    from generator.project.folder import Project

    steps = pipeline.Pipeline(Project(Path(root)))
    (validated,) = steps.validate([env])
    result = steps.render(validated)
    mock.patch.object(pipeline.Pipeline, "validate", lambda *_, **options: [validated]).start()
    mock.patch.object(pipeline.Pipeline, "render", lambda *_, **options: result).start()


def _serve() -> None:
    children: list[_Child] = []
    for line in sys.stdin:
        what, arguments, at, how = json.loads(line)
        answer: dict[str, Any]
        if what == "warm":
            _warm(arguments)
            answer = {}
        elif what == "freeze":
            _freeze(*arguments)
            answer = {}
        elif what == "run":
            answer = _Child(arguments, at, how).outcome()
        elif what == "pause":
            children = [_Child(arguments, at, how)]
            answer = {"stopped": children[0].stopped()}
        elif what == "second":
            children.append(_Child(arguments, at, how))
            answer = {"waits": children[1].waits()}
        else:
            first, second = children
            reaped = not os.WIFSTOPPED(first._status)
            if not reaped:
                os.kill(first.pid, signal.SIGCONT)
            answer = {"first": first.outcome(reaped=reaped), "second": second.outcome()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
