"""Run the steps of many items in several processes, each with its share of the items.

It is only there for speed: with two processes, 1,000 environments take 0.62 of the time. The number of processes
changes neither results nor their order.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from generator.findings import OetgenError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_T = TypeVar("_T")
_SHARE = 25  # fewest items per process: starting one takes as long as rendering five environments
# Most processes: each takes some 40 MB, and the work that only the first one does limits what more would gain.
_MANY = 8
# Seconds for another process to end: it does so after an item, unless it waits for a lock.
_PATIENCE = 2


def fitting(items: int, wanted: int | None = None) -> int:
    """Return how many processes to use for so many items: `wanted`, or else one for each processor.

    It is one without `os.fork` (Windows), and outside Linux unless more are wanted: the documentation of
    `multiprocessing` calls a fork unsafe on macOS, because of system libraries.
    """
    if not hasattr(os, "fork"):
        return 1
    if wanted:
        return max(1, min(wanted, items))
    if sys.platform != "linux":
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), items // _SHARE, _MANY))


@contextmanager
def in_steps(
    items: Sequence[_T], steps: Sequence[Callable[[_T], Any]], processes: int
) -> Iterator[list[Iterator[Any]]]:
    """Yield for each step an iterator over its results, in the order of the items.

    An item stays in one process, so that a step finds what the one before it kept; this process does the first share,
    and the others end with the block. A step begins when its first result is requested, after all results of the one
    before. An exception of a step is raised after the results before it; in this process it stops the others before
    their next item, as does Ctrl-C, which only this process handles. When the system refuses more processes, fewer do
    the work.
    """
    links: list[Connection] = []
    with ExitStack() as workers:
        with suppress(OSError):
            for _ in range(1, processes):
                links.append(workers.enter_context(_worker(items, steps, links)))
        try:
            yield [_results(items, step, links) for step in steps]
        finally:
            for link in links:
                link.close()


def _results(items: Sequence[_T], step: Callable[[_T], Any], links: Sequence[Connection]) -> Iterator[Any]:
    count = len(links) + 1
    ends = [len(items) * number // count for number in range(count + 1)]
    for number, link in enumerate(links, start=1):
        _send(link, (ends[number], ends[number + 1]))
    problem: BaseException | None = None
    try:
        for item in items[: ends[1]]:
            yield step(item)
    except GeneratorExit:
        raise
    except BaseException as raised:
        problem = raised
    for link in links:
        results, problem = _received(link, problem)
        yield from results
    if problem:
        raise problem


def _received(link: Connection, problem: BaseException | None) -> tuple[list[Any], BaseException | None]:
    """Return the results of another process, and the first problem; with one, stop that process."""
    try:
        if problem is None:
            link.poll(None)
    except KeyboardInterrupt as interrupt:
        problem = interrupt
    if problem:
        _send(link, None)
        if not link.poll(_PATIENCE):
            return [], problem
    try:
        results, other = link.recv()
    except (EOFError, OSError):
        results, other = [], _stopped()
    return results, problem or other


def _send(link: Connection, message: tuple[int, int] | None) -> None:
    with suppress(OSError):  # a process that has ended is reported when its results are due
        link.send(message)


def _stopped() -> OetgenError:
    return OetgenError(
        "a worker process was killed",
        "check free memory, and run it again; --jobs 1 uses one process only",
    )


@contextmanager
def _worker(
    items: Sequence[_T], steps: Sequence[Callable[[_T], Any]], others: Sequence[Connection]
) -> Iterator[Connection]:
    import multiprocessing  # 15 ms

    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    with ours:
        with theirs:
            # A fork inherits these ends, and would never notice that this process has closed them.
            process = fork.Process(target=_work, args=(items, steps, theirs, (*others, ours)), daemon=True)
            process.start()
        try:
            yield ours
        finally:
            ours.close()
            process.join(_PATIENCE)
            process.terminate()
            process.join()


def _work(
    items: Sequence[_T],
    steps: Sequence[Callable[[_T], Any]],
    link: Connection,
    not_ours: Sequence[Connection],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in not_ours:
        other.close()
    with suppress(EOFError, OSError):  # the first process has ended, or needs no more results
        for step in steps:
            share = link.recv()
            if share is None:
                return
            results: list[Any] = []
            problem = None
            for item in items[slice(*share)]:
                if link.poll() and link.recv() is None:  # the first process has a problem
                    break
                result, problem = _outcome(step, item)
                if problem:
                    break
                results.append(result)
            link.send((results, problem))


def _outcome(step: Callable[[_T], Any], item: _T) -> tuple[Any, BaseException | None]:
    try:
        return step(item), None
    except (OetgenError, OSError, SystemExit) as problem:
        return None, problem
    except Exception:
        import traceback

        return None, RuntimeError(f"in a worker process:\n{traceback.format_exc()}")
