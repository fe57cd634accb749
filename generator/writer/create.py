"""Create the files of a new project: all of them, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.findings import OetgenError


def create(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create `files`, by their paths in `folder`, which is created if missing and has none of them.

    Raises OetgenError when they cannot be written; nothing is left of them then.
    """
    with _undone(folder) as made:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".oetgen-", dir=folder))
        made.append(stage)
        for path, data in files.items():
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).write_bytes(data)
        for name in sorted(os.listdir(stage)):
            if os.path.lexists(folder / name):
                raise FileExistsError(None, "exists already", str(folder / name))
            (stage / name).rename(folder / name)
            made.append(folder / name)
        stage.rmdir()


@contextmanager
def _undone(folder: Path) -> Iterator[list[Path]]:
    """Remove, after an exception, what the block adds to the list it gets, and the folders it has created."""
    missing = [place for place in (folder, *folder.parents) if not os.path.lexists(place)]
    made: list[Path] = []
    try:
        yield made
    except BaseException as problem:
        for place in reversed(made):
            shutil.rmtree(place, ignore_errors=True)
            with suppress(OSError):
                place.unlink()
        for place in missing:
            with suppress(OSError):
                place.rmdir()
        if isinstance(problem, OSError):
            where, why = problem.filename or folder, problem.strerror
            hint = "nothing was created: fix that, or name another folder"
            raise OetgenError(f"cannot create {where}: {why}", hint) from None
        raise
