"""The folders of a project, and the files in them, read safely."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from generator.findings import Finding, OetgenError, Span, error
from generator.project import BASE, ENVIRONMENTS, OUT, SUFFIX, TEMPLATES, find_root

_MAX_BYTES = 4_000_000  # of one file


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with `environments/` and `templates/`."""

    root: Path

    def environment_names(self) -> list[str]:
        """Return the name of every environment, sorted, without `base`, which holds the defaults."""
        folder = self.root / ENVIRONMENTS
        return sorted(path.stem for path in folder.glob("*.yaml") if path.stem != BASE)

    def template_names(self) -> list[str]:
        """Return the path of every template below `templates/`, partials too, sorted, with forward slashes."""
        names: list[str] = []
        top = self.root / TEMPLATES
        for folder, folders, files in os.walk(top, onerror=_unlisted):
            folders.sort()
            inside = Path(folder).relative_to(top)
            names += [(inside / name).as_posix() for name in files if name.endswith(SUFFIX)]
        return sorted(names)

    def out(self, environment: str) -> Path:
        """Return the folder that holds the committed output of `environment`."""
        return self.root / OUT / environment


def _unlisted(problem: OSError) -> None:
    """Raise OetgenError for an unreadable folder: the output of its templates would be deleted otherwise."""
    if isinstance(problem, FileNotFoundError):
        return  # without templates; reported elsewhere
    raise OetgenError(f"cannot list {problem.filename}: {problem.strerror}", "restore its permissions")


def find(start: Path) -> Project:
    """Return the project that holds `start`: the nearest folder upwards with environments and templates.

    Raises OetgenError when there is none.
    """
    root = find_root(str(start))
    if root:
        return Project(Path(root))
    start = start.absolute()
    missing = [name for name in (ENVIRONMENTS, TEMPLATES) if not (start / name).is_dir()]
    raise OetgenError(
        f"no project here: {start} and the folders above it lack {' and '.join(f'{name}/' for name in missing)}",
        "go to the folder that holds environments/ and templates/, or name it with -C DIR",
    )


def read(project: Project, path: str) -> tuple[str, Finding | None]:
    """Return the text of the file at `path` (relative to the project), or the finding that it cannot be read."""
    file = project.root / path
    try:
        if file.exists() and not file.is_file():  # a pipe or a device might never end
            hint = "restore the file, or delete what is at its path"
            return "", error("project/unreadable", "not a regular file", Span(path, 1), hint=hint)
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as problem:
        message = f"cannot be read: {problem.strerror}"
        return "", error(
            "project/unreadable", message, Span(path, 1), hint="restore the file, or its permissions"
        )
    if len(data) > _MAX_BYTES:
        message = f"the file has more than {_MAX_BYTES:,} bytes"
        hint = "values and templates are short: move the data of a program to that program"
        return "", error("project/too-large", message, Span(path, 1), hint=hint)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return "", _not_utf8(path, data, problem.start)
    if text.startswith("\ufeff"):
        message = "the file begins with a byte-order mark"
        at = Span(path, 1, 1, 1, text[1:].partition("\n")[0])
        return "", error("project/byte-order-mark", message, at, hint="save the file as UTF-8 without it")
    return text.replace("\r\n", "\n"), None


def _not_utf8(path: str, data: bytes, position: int) -> Finding:
    start = data.rfind(b"\n", 0, position) + 1
    column = len(data[start:position].decode("utf-8")) + 1
    line = data[start:].partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    at = Span(path, data.count(b"\n", 0, position) + 1, column, 1, line)
    message = f"not UTF-8: byte 0x{data[position]:02x}"
    return error("project/not-utf8", message, at, hint="save the file as UTF-8")
