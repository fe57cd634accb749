"""Write files that people own: those of a new project, and edited values files. All of them are written, or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from generator.findings import OetgenError
from generator.project.files import read_bytes


def create(folder: Path, files: Mapping[str, bytes], executable: Collection[str] = ()) -> None:
    """Create `files`, by their paths in `folder`, which is created if missing and has none of them.

    Those at the paths in `executable` are programs. Raises OetgenError when the files cannot be written; nothing is
    left of them then.
    """
    with _undone(folder) as made:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".oetgen-", dir=folder))
        made.append(stage)
        for path, data in files.items():
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).write_bytes(data)
            if path in executable:
                (stage / path).chmod(0o755)
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


def rewrite(root: Path, files: Mapping[str, tuple[bytes | None, bytes]]) -> None:
    """Replace the content of files below `root`: by path, what is there now (None: no file), and what is to be there.

    Raises OetgenError when one has changed meanwhile, or cannot be written; then none is changed, unless the system
    fails between two replacements.
    """
    staged: dict[Path, Path] = {}
    try:
        for path, (before, after) in files.items():
            target = root / path
            now = read_bytes(str(root), path) if os.path.lexists(target) else None
            if now != before:
                raise OetgenError(
                    f"{path} changed while oetgen was running", "nothing was written; run it again"
                )
            descriptor, name = tempfile.mkstemp(prefix=".oetgen-", dir=target.parent)
            staged[Path(name)] = target
            with open(descriptor, "wb") as file:
                file.write(after)
            mode = target.stat().st_mode & 0o777 if before is not None else 0o666 & ~_umask()
            os.chmod(name, mode)
        for place, target in staged.items():
            place.replace(target)
    except OSError as problem:
        hint = "fix that, and run it again"
        raise OetgenError(f"cannot write {problem.filename or root}: {problem.strerror}", hint) from None
    finally:
        for place in staged:
            place.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
