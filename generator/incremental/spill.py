"""Trees that wait until all environments are proved, without taking the memory that they take together."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from generator.findings import OetgenError
from generator.incremental.inputs import packed, unpacked
from generator.render.tree import Tree

FEW = 100  # trees that may stay in the memory of one process: 11 MB where an environment has 100 KB


class Shelf:
    """The trees of environments by name; all but a few in a file."""

    def __init__(self) -> None:
        self._trees: dict[str, Tree] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._file: IO[bytes] | None = None
        self._open = ExitStack()

    def put(self, tree: Tree) -> None:
        """Keep a tree. Raises OetgenError when there is no room for it."""
        if len(self._trees) < FEW:
            self._trees[tree.env] = tree
            return
        with _room():
            if self._file is None:
                import tempfile  # 10 ms

                with ExitStack() as stack:
                    self._file = stack.enter_context(tempfile.TemporaryFile())
                    self._open = stack.pop_all()
            data = marshal.dumps(packed(tree))
            self._places[tree.env] = (self._file.seek(0, 2), len(data))
            self._file.write(data)

    def take(self, env: str) -> Tree:
        """Return the tree of `env`, which stays here. Raises OetgenError when it cannot be read."""
        if env in self._trees or self._file is None:
            return self._trees[env]
        place, length = self._places[env]
        with _room():
            self._file.seek(place)
            return unpacked(env, marshal.loads(self._file.read(length)))

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *problem: Any) -> None:
        self._open.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OetgenError(
            f"cannot keep what was rendered in a temporary file: {problem.strerror}",
            "make room there, set TMPDIR to another folder, or render fewer environments at once with --shard",
        ) from None
