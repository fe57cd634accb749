"""The only module that knows whether `generator.incremental` is there. Without it, commands compute everything.

It is loaded before everything else, so each function imports what it needs.
"""

from __future__ import annotations

from generator.project.cache import NO_CACHE, NO_RECORDS, Cache, Records

try:
    import generator.incremental  # noqa: F401
except ModuleNotFoundError:
    _IS_THERE = False
else:
    _IS_THERE = True

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, TypeVar

    from generator.incremental.spill import Spill
    from generator.render.tree import Tree

    _T = TypeVar("_T")

MANY = 100  # plans that stay in memory: 11 MB where an environment has 100 KB
FEW = 16  # trees that do
_FILES = 20  # files of one environment that take as long as a small environment


def summary_if_unchanged(arguments: list[str]) -> str | None:
    """Return what a render with `arguments` would print if it would write nothing; None when that is unknown."""
    if not _IS_THERE:
        return None
    from generator.incremental import unchanged

    return unchanged.summary_if_unchanged(arguments)


def default_cache() -> Cache:
    """Return the cache of the user."""
    if not _IS_THERE:
        return NO_CACHE
    from generator.incremental import cache

    return cache.default_cache()


def records(cache: Cache, root: str, folders: tuple[str, str]) -> Records:
    """Return the records of earlier runs for the project at `root`, with its values and templates in `folders`."""
    if not _IS_THERE or cache is NO_CACHE:
        return NO_RECORDS
    from generator.incremental.inputs import CachedRecords

    return CachedRecords(cache, root, folders)


def store() -> AbstractContextManager[Spill[Tree] | dict[str, Tree]]:
    """Return where rendered trees wait until every environment is validated."""
    if _IS_THERE:
        from generator.incremental.spill import Spill
        from generator.render.tree import Tree

        return Spill(
            FEW,
            lambda tree: (tree.out, tree.packed()),
            lambda env, packed: Tree.unpacked(env, packed[1], packed[0]),
        )
    from contextlib import nullcontext

    return nullcontext({})


def fitting(files: int) -> int:
    """Return how many processes to use for few environments that have so many files."""
    if not _IS_THERE:
        return 1
    from generator.incremental import processes

    return processes.fitting(files // _FILES)


def in_steps(
    items: Sequence[_T], steps: Sequence[Callable[[_T], Any]], jobs: int | None
) -> AbstractContextManager[list[Iterator[Any]]]:
    """Yield for each step an iterator over its results for `items`, in their order; `jobs` is how many processes."""
    if _IS_THERE:
        from generator.incremental import processes

        return processes.in_steps(items, steps, processes.fitting(len(items), jobs))
    from contextlib import nullcontext

    return nullcontext([map(step, items) for step in steps])
