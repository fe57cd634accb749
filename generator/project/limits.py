"""Limits on the time and memory that reading, rendering and examining a project may take.

They hold for whatever a project computes, as a regular expression of its schema or a filter of its templates does, so
that a mistake, or a stranger's project, does not use up the machine. They grow with the project. Time is that of the
processor, so a busy machine does not change the result.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType

from generator.findings import Finding, OetgenError, Span, error

SECONDS = 5.0  # this project takes 0.6 from an empty cache
SECONDS_BY_ENVIRONMENT = 0.2  # 0.04
SECONDS_BY_TEMPLATE = 0.05  # 0.007
SECONDS_BY_ENTRY = 0.01  # a file for each entry of a map; 0.001
SECONDS_BY_FILE = 0.1  # of a trace; 0.02
SECONDS_TO_EXAMINE = 1.5  # what is rendered: check, diff, plan, graph, report; 0.2 without their files
SECONDS_BY_OUTPUT = 0.02  # to examine one file; 0.004
MEMORY = 512 << 20  # bytes; 1,000 environments take 50 MiB
_AGAIN = 1.0  # seconds until the next signal, should a library swallow the exception of the first one
LIMIT = "project/limit"  # the code of the finding
_HINT = "simplify it, or split the project if it is as large as that on purpose"


class LimitError(OetgenError):
    """A project computes too much."""

    def __init__(self, message: str, hint: str = _HINT) -> None:
        super().__init__(message, hint)


class TimeLimitError(LimitError):
    """A run takes too long; nothing of it can go on."""


EXCEEDED = (LimitError, MemoryError, RecursionError)


class Limits:
    """The time and memory that one run may still take.

    The time is not limited on Windows and in a thread, and the memory only on Linux.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._first = self._seconds = self._left = seconds
        self._memory = memory
        self._is_active = False
        self.is_exceeded = False  # whether the time is over; nothing more may be computed then

    def renew(self) -> None:
        """Allow the time of another run."""
        self._seconds = self._left = self._first
        self.is_exceeded = False

    def grant(self, seconds: float) -> None:
        """Allow more time, for something that the run is to compute."""
        self._seconds += seconds
        self._left += seconds

    @contextmanager
    def hold(self, *, memory: bool = True) -> Iterator[None]:
        """Raise LimitError or MemoryError in this block, or before it, when the run takes too much.

        Programs that the block runs would inherit the limit of the memory.
        """
        if self.is_exceeded:
            raise self._error()
        if self._is_active:
            yield
            return
        started = time.process_time()
        with _memory(self._memory) if memory else nullcontext(), self._time():
            try:
                yield
            finally:
                self._left -= time.process_time() - started

    @contextmanager
    def _time(self) -> Iterator[None]:
        try:
            before = signal.signal(signal.SIGPROF, self._stop)
        except (AttributeError, ValueError):  # on Windows; in a thread
            yield
            return
        self._is_active = True
        signal.setitimer(signal.ITIMER_PROF, max(self._left, 0.001), _AGAIN)
        try:
            yield
        finally:
            self._is_active = False  # a signal may still be on its way
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._is_active:
            self.is_exceeded = True
            raise self._error()

    def _error(self) -> TimeLimitError:
        return TimeLimitError(f"it takes more than {self._seconds:.3g} seconds of processor time")


@contextmanager
def _memory(most: int) -> Iterator[None]:
    """Limit the memory that this process may take in addition to what it has."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as stream:
            has = int(stream.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > has + most:
        resource.setrlimit(resource.RLIMIT_AS, (has + most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def reason(problem: Exception) -> str:
    """Return in words which limit stopped a run."""
    if isinstance(problem, MemoryError):
        return f"it takes more than {MEMORY >> 20} MiB of memory"
    if isinstance(problem, RecursionError):
        return "it is nested too deeply, or refers to itself endlessly"
    return str(problem)


def limit_finding(problem: Exception, at: Span | None, what: str = "") -> Finding:
    """Return the finding for one of EXCEEDED, at the place that was being read; `what` is the subject."""
    message = f"{what}: {reason(problem)}" if what else reason(problem)
    return error(LIMIT, message, at, hint=getattr(problem, "hint", _HINT))
