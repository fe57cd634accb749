"""Where the things of a project are, and reading them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from generator.findings import Finding, OetgenError, Span, error

ENVIRONMENTS = "environments"
TEMPLATES = "templates"
OUT = "out"
BASE = "base"
SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with `environments/` and `templates/`."""

    root: Path

    def environment_names(self) -> list[str]:
        """Return the name of every environment, sorted; `base` holds defaults and is none."""
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
    """Refuse to go on without the files of a folder: what they make would be taken for deleted."""
    if isinstance(problem, FileNotFoundError):
        return  # there are no templates at all, which is said elsewhere
    raise OetgenError(f"cannot list {problem.filename}: {problem.strerror}", "restore its permissions")


def is_partial(name: str) -> bool:
    """Say whether the template `name` is only for use by others: it, or a folder it is in, begins with `_`."""
    return any(part.startswith("_") for part in name.split("/"))


def find(start: Path) -> Project:
    """Return the project that holds `start`: the nearest folder upwards with environments and templates.

    Raises OetgenError when there is none.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / ENVIRONMENTS).is_dir() and (folder / TEMPLATES).is_dir():
            return Project(folder)
    missing = [name for name in (ENVIRONMENTS, TEMPLATES) if not (start / name).is_dir()]
    raise OetgenError(
        f"no project here: {start} and the folders above it lack {' and '.join(f'{name}/' for name in missing)}",
        "go to the folder that holds environments/ and templates/, or name it with -C DIR",
    )


def read(project: Project, path: str) -> tuple[str, Finding | None]:
    """Return the text of the file at `path` (relative to the project), or a finding that says why not."""
    try:
        data = (project.root / path).read_bytes()
    except OSError as problem:
        message = f"cannot be read: {problem.strerror}"
        return "", error(
            "project/unreadable", message, Span(path, 1), hint="restore the file, or its permissions"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        message = f"not UTF-8: byte 0x{data[problem.start]:02x}"
        return "", error("project/not-utf8", message, Span(path, line), hint="save the file as UTF-8")
    if text.startswith("\ufeff"):
        message = "begins with a byte-order mark, which is no part of the text"
        at = Span(path, 1, 1, 1, text[1:].partition("\n")[0])
        return "", error("project/byte-order-mark", message, at, hint="save the file as UTF-8 without it")
    return text.replace("\r\n", "\n"), None
