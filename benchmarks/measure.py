"""Measure whole processes in alternation, A B A B …, so that other load on the machine affects all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_STOPWATCH = Path(__file__).with_name("stopwatch.py")


class BenchmarkError(Exception):
    """A command failed, or did not do what is measured."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The cost of one run: seconds, CPU seconds, and KiB of peak memory."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Command:
    """A process to run in `folder`; its output must contain `expects`."""

    arguments: tuple[str, ...]
    folder: Path
    cache: Path
    expects: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A measurement: `prepare` sets up round N and returns its command; the setup is not timed."""

    name: str
    prepare: Callable[[int], Command]


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median, the smallest and the largest ratio of all rounds."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Meter:
    """Runs commands with a minimal environment, so that the environment of the shell does not affect them."""

    scratch: Path
    extra: tuple[tuple[str, str], ...] = ()

    def __call__(self, command: Command) -> Sample:
        """Run a command. Raise BenchmarkError if it fails or does not print the expected text."""
        report, log = self.scratch / "report", self.scratch / "log"
        home = self.scratch / "home"
        home.mkdir(parents=True, exist_ok=True)
        # No PYTHONDONTWRITEBYTECODE: the first round, which is discarded, writes compiled code for the others.
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **dict(self.extra)}
        environment["XDG_CACHE_HOME"] = str(command.cache)
        subprocess.run(
            [sys.executable, "-I", "-S", str(_STOPWATCH), str(report), str(log), *command.arguments],
            cwd=command.folder,
            env=environment,
            check=True,
        )
        wall, cpu, peak, status = report.read_text().split()
        output = log.read_text("utf-8", errors="replace")
        if status != "0" or command.expects not in output:
            expected = f", expected {command.expects!r} in the output" if command.expects else ""
            line = " ".join(command.arguments)
            raise BenchmarkError(f"{line}: exit status {status}{expected}\n{output[-2000:]}")
        return Sample(float(wall), float(cpu), int(peak))


def interleave(
    works: Sequence[Work], rounds: int, measure: Callable[[Command], Sample]
) -> list[list[Sample]]:
    """Return the samples of each work without round 0, which fills the caches of the operating system."""
    samples: list[list[Sample]] = [[] for _ in works]
    for number in range(rounds + 1):
        for work, taken in zip(works, samples, strict=True):
            sample = measure(work.prepare(number))
            if number:
                taken.append(sample)
    return samples


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Return the ratio of `ours` to `theirs`, round by round."""
    each = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))
