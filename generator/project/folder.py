"""The folders of a project, and the files in them, read safely."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

from generator.findings import Finding, FindingError, OetgenError, Span, error, warning
from generator.findings.record import record
from generator.project import BASE, ENVIRONMENTS, OUT, SCHEMA, SUFFIX, TEMPLATES, files, find_root
from generator.project.files import NotRegularError, TooLargeError
from generator.project.names import environment_problems

_MAX_BYTES = 4_000_000  # of one file
_MAX_COPIED = 32_000_000
# What editors and systems leave in a folder beside the files of the author.
_LEFT_BY_EDITORS = ("~", ".swp", ".swo", ".DS_Store", "Thumbs.db", "desktop.ini")
_COPY = "oetgen follows no links in a project: put a copy here, or share it in a Python package"


Entries = list[tuple[str, str]]
"""The path and the kind of each entry of a folder."""


class Variant(NamedTuple):
    """An environment by a matrix: the environment whose file it has, and the path of the entry for each word."""

    file: str
    entries: tuple[tuple[str, tuple[str | int, ...]], ...]


class Folders(NamedTuple):
    """Where values and templates are, relative to the project."""

    environments: str = ENVIRONMENTS
    templates: str = TEMPLATES

    @property
    def base(self) -> str:
        """The file of the defaults."""
        return self.values(BASE)

    @property
    def schema(self) -> str:
        """The file that declares the values."""
        return f"{self.environments}/{SCHEMA}"

    def values(self, name: str) -> str:
        """Return the values file of an environment, or of `base`."""
        return f"{self.environments}/{name}.yaml"

    def is_values(self, path: str) -> bool:
        """Return whether the file at a path is a values file."""
        return path.startswith(f"{self.environments}/") and path.endswith(".yaml")

    def environment(self, path: str) -> str:
        """Return the name of the environment, or `base`, whose values file is at a path."""
        return path.removeprefix(f"{self.environments}/").removesuffix(".yaml")

    def template(self, path: str) -> str:
        """Return the name of the template at a path."""
        return path.removeprefix(f"{self.templates}/")


FOLDERS = Folders()


class Shared(NamedTuple):
    """Templates outside of the project: in `folder` below `root`; messages call the folder `label`."""

    root: str
    folder: str
    label: str


@record
class Project:
    """A folder with values and templates, in the `folders` that `oetgen.yaml` names: `environments` and `templates`.

    `unsaved` has texts that count instead of what is in the files at these paths: those that an editor has open,
    or a command is going to write. `variants` are the environments by a matrix (`generator.values.matrix`), `shared`
    the folders with further templates (`generator.values.shared`), of which the first comes first.
    """

    root: Path
    unsaved: Mapping[str, str] = field(default_factory=dict, compare=False, kw_only=True)
    variants: Mapping[str, Variant] = field(default_factory=dict, compare=False, kw_only=True)
    shared: tuple[Shared, ...] = field(default=(), compare=False, kw_only=True)
    folders: Folders = field(default=FOLDERS, compare=False, kw_only=True)

    def has(self, path: str) -> bool:
        """Return whether there is a file, or anything else, at a path."""
        return path in self.unsaved or os.path.lexists(self.root / path)

    def environment_names(self) -> list[str]:
        """Return the name of every environment, sorted, without `base`, which holds the defaults.

        Raises FindingError when the folder of environments is a link.
        """
        names = self._environment_files()
        problems = environment_problems(names)
        several = {each.file for each in self.variants.values()}
        return sorted(
            [*(name for name in names if name not in problems and name not in several), *self.variants]
        )

    def misnamed(self) -> dict[str, Finding]:
        """Return a finding for each values file whose name an environment cannot have, by that name."""
        problems = environment_problems(self._environment_files())
        hint = "rename the file: an environment is also a folder in out/"
        return {
            name: error("project/environment-name", reason, Span(self.folders.values(name), 1), hint=hint)
            for name, reason in problems.items()
        }

    def template_names(self) -> list[str]:
        """Return the path of every template in the folder of templates, partials too, sorted, with forward slashes.

        Raises FindingError when that folder is a link.
        """
        return self.listed()[0]

    def listed(self, entries: Entries | None = None) -> tuple[list[str], list[str]]:
        """Return the paths of all templates, and of the files beside them that are copied, both sorted.

        `entries` are those of the folder, where they are known. Raises FindingError when it is a link.
        """
        found = self.entries() if entries is None else entries
        shared = self.shared_names()
        names = {path for path, _ in found if path.endswith(SUFFIX) and _is_text(path)}
        names.update(path for path in shared if path.endswith(SUFFIX))
        copied = {path for path, kind in found if kind == files.FILE and _is_copied(path)}
        return sorted(names), sorted(copied.union(filter(_is_copied, shared)))

    def shared_names(self) -> dict[str, Shared]:
        """Return the path of every shared file that the project itself does not have, and where it is.

        Raises OetgenError when a folder cannot be listed.
        """
        if not self.shared:
            return {}
        own = {path for path, _ in self.entries()}
        found: dict[str, Shared] = {}
        for each in reversed(self.shared):
            try:
                listed = list(files.walk(each.root, each.folder))
            except OSError as problem:
                raise _unlisted(each.label, problem) from None
            found |= {
                path: each
                for path, kind in listed
                if kind == files.FILE and _is_text(path) and path not in own
            }
        return found

    def strays(self, found: Entries) -> list[Finding]:
        """Return a finding for each link, device or undecodable name among the templates, or if there are none."""
        findings = [] if found else [self._no_templates()]
        for path, kind in found:
            at = Span(f"{self.folders.templates}/{path}", 1)
            if not _is_text(path):
                hint = "rename the file: the names of generated files are UTF-8"
                findings.append(error("project/not-utf8", "the name of the file is not UTF-8", at, hint=hint))
            elif kind != files.FILE and not path.endswith(SUFFIX):
                findings.append(unreadable(at.path, NotRegularError(kind, path)))
        return findings

    def place_of(self, path: str) -> tuple[str, str]:
        """Return where a file is read that messages call `path`: the folder, and the path below it."""
        for each in self.shared:
            if path.startswith(f"{each.label}/"):
                return each.root, f"{each.folder}{path[len(each.label) :]}"
        return str(self.root), path

    def _no_templates(self) -> Finding:
        folder = self.folders.templates
        example = f"create a file there: {folder}/config/app.yaml{SUFFIX} becomes {OUT}/ENV/config/app.yaml"
        message = f"{folder}/ has no template, so nothing is generated"
        return warning("project/no-templates", message, Span(folder, 1), hint=example)

    def template_of(self, path: str) -> str:
        """Return the name of the template, shared or not, that messages call `path`; "" for another file."""
        tops = (self.folders.templates, *(each.label for each in self.shared))
        return next((path.removeprefix(f"{top}/") for top in tops if path.startswith(f"{top}/")), "")

    def label_of(self, path: Path) -> str | None:
        """Return what messages call the file at a path; None for one that is neither in the project nor shared."""
        places = [
            (self.root, ""),
            *((Path(each.root, each.folder), f"{each.label}/") for each in self.shared),
        ]
        found = ((top, label) for top, label in places if path.is_relative_to(top))
        return next((f"{label}{path.relative_to(top).as_posix()}" for top, label in found), None)

    def _environment_files(self) -> list[str]:
        folder = self.folders.environments
        try:
            entries = files.list_folder(str(self.root), folder)
        except FileNotFoundError:
            return []
        except OSError as problem:
            raise _unlisted(folder, problem) from None
        new = [Path(path) for path in self.unsaved]
        files_there = {
            *(name for name, _ in entries),
            *(path.name for path in new if path.parent == Path(folder)),
        }
        names = [name.removesuffix(".yaml") for name in files_there if name.endswith(".yaml")]
        return sorted(name for name in names if name != BASE)

    def entries(self) -> Entries:
        """Return path and kind of everything in the folder of templates, with what is not saved yet.

        Raises FindingError when that folder is a link.
        """
        try:
            found = list(files.walk(str(self.root), self.folders.templates))
        except FileNotFoundError:
            found = []  # without templates; reported elsewhere
        except OSError as problem:
            raise _unlisted(self.folders.templates, problem) from None
        top = f"{self.folders.templates}/"
        unsaved = {path.removeprefix(top) for path in self.unsaved if path.startswith(top)}
        return [*found, *((path, files.FILE) for path in sorted(unsaved - {path for path, _ in found}))]


def _is_text(path: str) -> bool:
    """Return whether the system could decode the name of a file."""
    return path.isascii() or not any("\ud800" <= each <= "\udfff" for each in path)


def _is_copied(path: str) -> bool:
    return not path.endswith((SUFFIX, *_LEFT_BY_EDITORS)) and _is_text(path)


def _unlisted(folder: str, problem: OSError) -> OetgenError:
    """Return the error for an unreadable folder: the output of its templates would be deleted otherwise."""
    if isinstance(problem, NotRegularError):
        return FindingError(unreadable(problem.filename, problem))
    return OetgenError(
        f"cannot list {problem.filename or folder}: {problem.strerror}", "restore its permissions"
    )


def find(start: Path) -> Project:
    """Return the project that holds `start`: the nearest folder upwards that is one.

    Raises OetgenError when there is none.
    """
    root = find_root(str(start))
    if root:
        return Project(Path(root))
    start = start.resolve()
    missing = [name for name in (ENVIRONMENTS, TEMPLATES) if not (start / name).is_dir()]
    lacking = " and ".join(f"{name}/" for name in missing)
    if len(missing) == 1:
        hint = f"create {lacking}; `oetgen init DIR` creates a whole project in a new folder, as an example"
    else:
        hint = (
            "run `oetgen init` in an empty folder to create a project; or name the folder of one with -C DIR"
        )
    raise OetgenError(f"no project here: {start} and the folders above it lack {lacking}", hint)


def read(project: Project, path: str) -> tuple[str, Finding | None]:
    """Return the text of the file at `path` (relative to the project), or the finding that it cannot be read."""
    text, _, problem = read_with_state(project, path)
    return text.replace("\r\n", "\n"), problem


def read_with_state(project: Project, path: str) -> tuple[str, bool, Finding | None]:
    """Return the text of a file with its own line ends, whether it is executable, or the finding."""
    if path in project.unsaved:
        return project.unsaved[path], False, None
    try:
        data, state = files.read_file(*project.place_of(path), _MAX_BYTES)
    except OSError as problem:
        return "", False, unreadable(path, problem)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return "", False, _not_utf8(path, data, problem.start)
    if text.startswith("\ufeff"):
        message = "the file begins with a byte-order mark"
        at = Span(path, 1, 1, 1, text[1:].partition("\n")[0])
        return (
            "",
            False,
            error("project/byte-order-mark", message, at, hint="save the file as UTF-8 without it"),
        )
    return text, files.is_executable(state), None


def read_copied(project: Project, path: str) -> tuple[bytes, bool, Finding | None]:
    """Return the content of a file and whether it is executable, or the finding that it cannot be read."""
    try:
        data, state = files.read_file(*project.place_of(path), _MAX_COPIED)
    except OSError as problem:
        return b"", False, unreadable(path, problem)
    return data, files.is_executable(state), None


def unreadable(path: str, problem: OSError) -> Finding:
    """Return the finding for a file that `generator.project.files` does not read."""
    at = Span(path, 1)
    if isinstance(problem, TooLargeError):
        hint = "values and templates are short: move the data of a program to that program"
        return error("project/too-large", problem.strerror or "", at, hint=hint)
    if isinstance(problem, NotRegularError):
        where = f"{problem.filename}: " if problem.filename not in (path, path.partition("/")[2]) else ""
        hint = _COPY if problem.found == files.LINK else "restore the file, or delete what is at its path"
        return error("project/unreadable", f"{where}{problem.strerror}", at, hint=hint)
    hint = "restore its permissions"
    if isinstance(problem, FileNotFoundError):
        hint = "create the file; `oetgen init DIR` creates a whole project in a new folder, as an example"
    return error("project/unreadable", f"cannot be read: {problem.strerror}", at, hint=hint)


def _not_utf8(path: str, data: bytes, position: int) -> Finding:
    start = data.rfind(b"\n", 0, position) + 1
    column = len(data[start:position].decode("utf-8")) + 1
    line = data[start:].partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    at = Span(path, data.count(b"\n", 0, position) + 1, column, 1, line)
    message = f"not UTF-8: byte 0x{data[position]:02x}"
    return error("project/not-utf8", message, at, hint="save the file as UTF-8")
