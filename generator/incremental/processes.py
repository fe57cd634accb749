"""Steps that several processes take together, each with its share of the items.

This is only here for speed: with two processes, 1,000 environments take 0.62 of the time. What comes of it, and in
which order, is the same whatever their number.
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
_SHARE = 25  # items that are worth a process: starting one takes as long as rendering five environments
# Processes: each has some 40 MB, and what the first one does for all of them limits what more could gain.
_MANY = 8
# Seconds for another process to end: it does so after an item, unless it waits for somebody's lock.
_PATIENCE = 2


def fitting(items: int, wanted: int | None = None) -> int:
    """Return how many processes to use for so many items: as many as are wanted, else one for each processor.

    Without `os.fork` (Windows) it is one. Elsewhere than on Linux, too, unless more are wanted: the documentation of
    `multiprocessing` calls a fork unsafe on macOS, for what system libraries may do.
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
    """Yield for each step an iterator over what it makes of each item, in the order of the items.

    An item stays in one process, so that what one step keeps is there for the next; this process does the first
    share, and the others end with the block. A step begins when its first result is asked for, and the results of
    the one before must all have been taken by then. What a step raises is raised behind the results that there are;
    in this process, it stops the others before their next item, as does Ctrl-C, which they leave to this one. Where
    the system has no more processes, there are fewer.
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
    """Return the results of another process, and the first problem that there was; with one, it is to stop."""
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
    with suppress(OSError):  # that a process has ended is told when its results are due
        link.send(message)


def _stopped() -> OetgenError:
    return OetgenError(
        "a process that did a share of the work was stopped from outside",
        "see that the machine has memory enough, and do it again; --jobs 1 does all in one process",
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
            # A fork has these ends open, too, and would never see that this process has closed them.
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
    for other in not_ours:
        other.close()
    with suppress(EOFError, OSError):  # the first process has ended, or wants nothing more
        for step in steps:
            share = link.recv()
            if share is None:
                return
            results: list[Any] = []
            problem = None
            for item in items[slice(*share)]:
                if link.poll() and link.recv() is None:  # the first process has met a problem
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

        return None, RuntimeError(f"in a process that does a share of the work:\n{traceback.format_exc()}")
