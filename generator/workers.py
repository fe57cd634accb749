"""Steps that several processes take together, each with its share of the items.

This is only here for speed: with two processes, 1,000 environments take 0.6 of the time. What comes of it, and in
which order, is the same whatever their number.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from generator.findings import OetgenError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_T = TypeVar("_T")
_SHARE = 25  # items that are worth a process: starting one takes as long as rendering five environments


def fitting(items: int, wanted: int | None = None) -> int:
    """Return how many processes to use for so many items: as many as are wanted, else one for each processor.

    Without `os.fork` (Windows) it is one. On macOS, too, unless more are wanted: Python's documentation of
    `multiprocessing` calls a fork unsafe there, for what system libraries may do.
    """
    if not hasattr(os, "fork"):
        return 1
    if wanted:
        return max(1, min(wanted, items))
    if sys.platform != "linux":
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), items // _SHARE))


@contextmanager
def in_steps(
    items: Sequence[_T], steps: Sequence[Callable[[_T], Any]], processes: int
) -> Iterator[list[Iterator[Any]]]:
    """Yield for each step an iterator over what it makes of each item, in the order of the items.

    An item stays in one process, so that what one step keeps is there for the next. No step begins before the first
    of its results is asked for, and what a step raises is raised where its result would be. This process does the
    first share; the others end with the block.
    """
    ends = [len(items) * number // processes for number in range(processes + 1)]
    mine, *others = [items[start:end] for start, end in itertools.pairwise(ends)]
    links: list[Connection] = []
    with ExitStack() as workers:
        for share in others:
            links.append(workers.enter_context(_worker(share, steps, links)))
        yield [_results(mine, step, links) for step in steps]


def _results(items: Sequence[_T], step: Callable[[_T], Any], links: Sequence[Connection]) -> Iterator[Any]:
    for link in links:
        with suppress(OSError):  # that it has ended is told when its results are due
            link.send("next step")
    yield from map(step, items)
    for link in links:
        try:
            results, problem = link.recv()
        except (EOFError, OSError):
            raise OetgenError(
                "a process that did a share of the work was stopped from outside",
                "see that the machine has memory enough, and do it again; --jobs 1 does all in one process",
            ) from None
        yield from results
        if problem is not None:
            raise problem


@contextmanager
def _worker(
    items: Sequence[_T], steps: Sequence[Callable[[_T], Any]], others: Sequence[Connection]
) -> Iterator[Connection]:
    import multiprocessing  # 15 ms

    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    # A fork has these ends open, too, and would never see that this process has closed them.
    process = fork.Process(target=_work, args=(items, steps, theirs, (*others, ours)), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join()


def _work(
    items: Sequence[_T],
    steps: Sequence[Callable[[_T], Any]],
    link: Connection,
    not_ours: Sequence[Connection],
) -> None:
    for other in not_ours:
        other.close()
    with suppress(EOFError, OSError, KeyboardInterrupt):  # the first process wants nothing more
        for step in steps:
            link.recv()
            results: list[Any] = []
            problem = None
            for item in items:
                if link.poll():  # nothing is due now but the end of the first process
                    return
                result, problem = _outcome(step, item)
                if problem is not None:
                    break
                results.append(result)
            link.send((results, problem))


def _outcome(step: Callable[[_T], Any], item: _T) -> tuple[Any, BaseException | None]:
    try:
        return step(item), None
    except (OetgenError, OSError, SystemExit, KeyboardInterrupt) as problem:
        return None, problem
    except Exception:
        import traceback

        return None, RuntimeError(f"in a process that does a share of the work:\n{traceback.format_exc()}")
