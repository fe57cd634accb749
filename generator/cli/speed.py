"""The only module that knows whether `generator.incremental` is there. Without it, commands compute everything.

It is loaded before everything else, so each function imports what it needs.
"""

from __future__ import annotations

from generator.project.cache import NO_CACHE, Cache

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
    from typing import Any, Protocol, TypeVar

    from generator.pipeline import Earlier
    from generator.render.tree import Tree

    _T = TypeVar("_T")

    class Store(Protocol):
        """Trees by environment."""

        def __setitem__(self, env: str, tree: Tree, /) -> None: ...
        def __getitem__(self, env: str, /) -> Tree: ...


MANY = 100  # trees or plans that stay in memory: 11 MB where an environment has 100 KB


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


def earlier(cache: Cache, root: str) -> Earlier:
    """Return the results of earlier runs for the project at `root`."""
    if not _IS_THERE or cache is NO_CACHE:
        from generator.pipeline import NONE_EARLIER

        return NONE_EARLIER
    from generator.cli.recorded import Recorded

    return Recorded(cache, root)


def store() -> AbstractContextManager[Store]:
    """Return where rendered trees wait until every environment is validated."""
    if _IS_THERE:
        from generator.cli.recorded import packed, unpacked
        from generator.incremental.spill import Spill

        return Spill(MANY, packed, unpacked)
    from contextlib import nullcontext

    return nullcontext({})


def in_steps(
    items: Sequence[_T], steps: Sequence[Callable[[_T], Any]], jobs: int | None
) -> AbstractContextManager[list[Iterator[Any]]]:
    """Yield for each step an iterator over its results for `items`, in their order; `jobs` is how many processes."""
    if _IS_THERE:
        from generator.incremental import processes

        return processes.in_steps(items, steps, processes.fitting(len(items), jobs))
    from contextlib import nullcontext

    return nullcontext([map(step, items) for step in steps])
