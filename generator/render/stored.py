"""The trees of many environments, each of which is in memory only while it is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from generator.render.tree import Tree
from generator.writer import File


class Store(Protocol):
    """Where trees wait, by environment: a dict, or a file."""

    def __setitem__(self, env: str, tree: Tree, /) -> None: ...

    def __getitem__(self, env: str, /) -> Tree: ...


class StoredTrees(Mapping[str, "Tree | None"]):
    """Trees by environment, None for one with errors. `sizes` is how many files each has."""

    def __init__(self, store: Store, trees: Iterable[tuple[str, Tree | None]] = ()) -> None:
        self._store = store
        self.sizes: dict[str, int | None] = {}
        for env, tree in trees:
            self.add(env, tree)

    def add(self, env: str, tree: Tree | None) -> None:
        """Add an environment."""
        self.sizes[env] = None if tree is None else len(tree.artifacts)
        if tree is not None:
            self._store[env] = tree

    def __getitem__(self, env: str) -> Tree | None:
        return None if self.sizes[env] is None else self._store[env]

    def __iter__(self) -> Iterator[str]:
        return iter(self.sizes)

    def __len__(self) -> int:
        return len(self.sizes)


class StoredFiles(Mapping[str, "dict[str, File] | None"]):
    """The files of the trees of environments, as the writer takes them; None for one with errors."""

    def __init__(self, trees: Mapping[str, Tree | None]) -> None:
        self._trees = trees

    def __getitem__(self, env: str) -> dict[str, File] | None:
        tree = self._trees[env]
        return tree.files if tree else None

    def __iter__(self) -> Iterator[str]:
        return iter(self._trees)

    def __len__(self) -> int:
        return len(self._trees)
