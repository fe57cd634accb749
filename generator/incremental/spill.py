"""Spill rendered trees to a temporary file until every environment is validated, to bound the memory they take."""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Generic, TypeVar

from generator.findings import OetgenError

_T = TypeVar("_T")


class Spill(Generic[_T]):
    """Items by name: `limit` of them in memory, the others in a file, as the plain data that `pack` returns."""

    def __init__(self, limit: int, pack: Callable[[_T], Any], unpack: Callable[[str, Any], _T]) -> None:
        self._limit, self._pack, self._unpack = limit, pack, unpack
        self._items: dict[str, _T] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._file: IO[bytes] | None = None
        self._open = ExitStack()

    def __setitem__(self, name: str, item: _T) -> None:
        """Keep an item. Raises OetgenError when there is no room for it."""
        if len(self._items) < self._limit:
            self._items[name] = item
            return
        with _room():
            if self._file is None:
                import tempfile  # 10 ms

                with ExitStack() as stack:
                    self._file = stack.enter_context(tempfile.TemporaryFile())
                    self._open = stack.pop_all()
            data = marshal.dumps(self._pack(item))
            self._places[name] = (self._file.seek(0, 2), len(data))
            self._file.write(data)
            self._file.flush()

    def __getitem__(self, name: str) -> _T:
        """Return an item. Raises OetgenError when it cannot be read."""
        if name in self._items or self._file is None:
            return self._items[name]
        place, length = self._places[name]
        with _room():
            if hasattr(os, "pread"):  # the processes that check share the place in the file
                data = os.pread(self._file.fileno(), length, place)
            else:
                self._file.seek(place)
                data = self._file.read(length)
            return self._unpack(name, marshal.loads(data))

    def __enter__(self) -> Spill[_T]:
        return self

    def __exit__(self, *problem: Any) -> None:
        self._open.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OetgenError(
            f"cannot keep rendered trees in a temporary file: {problem.strerror}",
            "free some space, set TMPDIR to another folder, or render fewer environments at once with --shard",
        ) from None
