"""Measuring whole processes in turn, A B A B …, so that what else the machine does hits all of them alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_STOPWATCH = Path(__file__).with_name("stopwatch.py")


class Broken(Exception):
    """A command failed, or did something else than it was measured for."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run took: seconds, seconds of all processors, and KiB of memory at its peak."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Command:
    """A process to run in `folder`; `says` is what its output must hold, else it did something else."""

    arguments: tuple[str, ...]
    folder: Path
    cache: Path
    says: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """Something to measure: `prepare` makes ready for round N, which takes no part in the time."""

    name: str
    prepare: Callable[[int], Command]


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of the ratios of the rounds, and the smallest and the largest of them."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Meter:
    """Runs commands with nothing of this shell's environment that could change what they take."""

    scratch: Path
    extra: tuple[tuple[str, str], ...] = ()

    def __call__(self, command: Command) -> Sample:
        """Run a command. Raises Broken when it fails, or does not say what it should."""
        report, log = self.scratch / "report", self.scratch / "log"
        home = self.scratch / "home"
        home.mkdir(parents=True, exist_ok=True)
        # No PYTHONDONTWRITEBYTECODE: the first round, which does not count, leaves compiled code for the others.
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **dict(self.extra)}
        environment["XDG_CACHE_HOME"] = str(command.cache)
        subprocess.run(
            [sys.executable, "-I", "-S", str(_STOPWATCH), str(report), str(log), *command.arguments],
            cwd=command.folder,
            env=environment,
            check=True,
        )
        wall, cpu, peak, status = report.read_text().split()
        said = log.read_text("utf-8", errors="replace")
        if status != "0" or command.says not in said:
            wanted = f", expected it to say {command.says!r}" if command.says else ""
            raise Broken(f"{' '.join(command.arguments)}: exit status {status}{wanted}\n{said[-2000:]}")
        return Sample(float(wall), float(cpu), int(peak))


def interleave(
    works: Sequence[Work], rounds: int, measure: Callable[[Command], Sample]
) -> list[list[Sample]]:
    """Return the samples of each work. Round 0, which fills the caches of the operating system, does not count."""
    samples: list[list[Sample]] = [[] for _ in works]
    for number in range(rounds + 1):
        for work, taken in zip(works, samples, strict=True):
            sample = measure(work.prepare(number))
            if number:
                taken.append(sample)
    return samples


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Return how `ours` compares with `theirs`, round by round."""
    each = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))
