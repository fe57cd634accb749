"""Files in memory to files on disk: only what changed, only what is ours, all or nothing.

`.oetgen` in the target folder lists what is ours: lines `sha256  path`, sorted. A path may have several
hashes: old and new ones while files are being replaced, and both sides' after a merge.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from generator.findings import Finding, Note, OetgenError, Span, error

MANIFEST = ".oetgen"
_STAGED = ".oetgen-new"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")

Owned = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class File:
    """A file as it should be; `template` is what made it, relative to `templates/`."""

    text: str
    executable: bool
    template: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a write would do to the files below `folder`. With findings it must not be applied."""

    folder: Path
    files: dict[str, File]
    create: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    owned: Owned = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether applying the plan writes anything."""
        return bool(self.create or self.update or self.delete) or self.owned != self.owned_after()

    def owned_after(self) -> Owned:
        """Return the manifest's content after the plan is applied."""
        others = {
            path: hashes
            for path, hashes in self.owned.items()
            if path not in self.files and path not in self.delete
        }
        gone = {path for path in others if not os.path.lexists(self.folder / path)}
        ours = {path: frozenset([digest(file.text.encode())]) for path, file in self.files.items()}
        return {path: hashes for path, hashes in (others | ours).items() if path not in gone}


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's content, the same for CRLF and LF line endings."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def read_manifest(folder: Path) -> Owned:
    """Return the hashes of each path that is ours. Lines that do not parse, such as conflict markers, are ignored."""
    try:
        lines = (folder / MANIFEST).read_text("utf-8", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as problem:
        raise OetgenError(
            f"cannot read {folder / MANIFEST}: {problem.strerror}", "restore the file or its permissions"
        ) from None
    owned: Owned = {}
    for line in lines:
        found = _LINE.fullmatch(line)
        if found:
            owned[found[2]] = owned.get(found[2], frozenset()) | {found[1]}
    return owned


def plan(
    folder: Path, shown: str, files: dict[str, File], *, prune: bool = True, overwrite: bool = False
) -> Plan:
    """Compare `files` with what is below `folder`, which messages call `shown`.

    With `prune`, files that are ours and no longer wanted are deleted. With `overwrite`, hand-made changes
    and foreign files in the way are replaced; without it they are findings.
    """
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise OetgenError(
            f"cannot write below {shown}: {there} is no folder", "move it away, or name another folder"
        )
    owned = read_manifest(folder)
    steps: dict[str, list[str]] = {"create": [], "update": [], "delete": [], "keep": []}
    findings: list[Finding] = []
    unwanted = [path for path in owned if path not in files] if prune else []
    for path in sorted([*files, *unwanted]):
        file = files.get(path)
        step, finding = _step(folder, shown, path, file, owned.get(path, frozenset()), overwrite)
        if finding:
            findings.append(finding)
        elif step:
            steps[step].append(path)
    return Plan(
        folder,
        files,
        **{name: tuple(paths) for name, paths in steps.items()},
        owned=owned,
        findings=tuple(findings),
    )


def _step(
    folder: Path, shown: str, path: str, file: File | None, hashes: frozenset[str], overwrite: bool
) -> tuple[str, Finding | None]:
    at = Span(f"{shown}/{path}", 1)
    try:
        blocked = _in_the_way(folder, path)
        if blocked:
            what, where = blocked
            hint = "move it away; oetgen follows no links and replaces no folders"
            return "", error(
                "writer/in-the-way", f"{what} is where a file must go", Span(f"{shown}/{where}", 1), hint=hint
            )
        data = (folder / path).read_bytes()
        mode = (folder / path).stat().st_mode
    except FileNotFoundError:
        return ("create" if file else ""), None
    except OSError as problem:
        return "", error(
            "writer/unreadable", f"cannot be read: {problem.strerror}", at, hint="restore its permissions"
        )
    if file and digest(data) == digest(file.text.encode()):
        executable = bool(mode & stat.S_IXUSR)
        return ("keep" if executable == file.executable or os.name == "nt" else "update"), None
    if digest(data) in hashes or overwrite:
        return ("update" if file else "delete"), None
    return "", _edited(at, data, file) if hashes else _foreign(at)


def _in_the_way(folder: Path, path: str) -> tuple[str, str] | None:
    """Return what is there instead of a file or a folder on the way to `path`, and where."""
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        place = "/".join(parts[:end])
        try:
            mode = os.lstat(folder / place).st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            return "a symbolic link", place
        if end < len(parts) and not stat.S_ISDIR(mode):
            return "a file", place
        if end == len(parts) and not stat.S_ISREG(mode):
            return ("a folder" if stat.S_ISDIR(mode) else "a device"), place
    return None


def _edited(at: Span, data: bytes, file: File | None) -> Finding:
    if file is None:
        return error(
            "writer/hand-edited",
            "changed by hand, and no template makes this file any more",
            at,
            hint="move your change into a template, or delete the file, or throw the change away with --overwrite",
        )
    found = data.decode("utf-8", "replace").splitlines()
    diff = list(difflib.unified_diff(file.text.splitlines(), found, "rendered", "on disk", n=1, lineterm=""))
    line = next(
        (int(text.split("+")[1].split(",")[0].split(" ")[0]) for text in diff if text.startswith("@@")), 1
    )
    shown = "\n".join(["what differs, from the rendered file (-) to the one on disk (+):", *diff[2:14]])
    return error(
        "writer/hand-edited",
        "changed by hand since it was rendered",
        Span(at.path, line, 1),
        notes=(Note(shown),),
        hint=f"make the change in templates/{file.template} or in environments/, or throw it away with --overwrite",
    )


def _foreign(at: Span) -> Finding:
    hint = "move it away, or replace it with --overwrite"
    return error(
        "writer/foreign-file",
        "a file that oetgen did not write is where a rendered one must go",
        at,
        hint=hint,
    )


def apply(plan: Plan) -> None:
    """Stage every new file, then replace; raises OetgenError, with every file as it was, when staging fails."""
    if not plan.changes:
        return
    writes = [*plan.create, *plan.update]
    after = plan.owned_after()
    during = {
        path: plan.owned.get(path, frozenset()) | after.get(path, frozenset())
        for path in {*plan.owned, *after}
    }
    made: list[Path] = []
    try:
        for path in writes:
            _stage(plan.folder, path, plan.files[path], made)
        _stage(plan.folder, MANIFEST, File(_manifest_text(during), False, ""), made)
    except OSError as problem:
        for place in reversed(made):
            with suppress(OSError):
                place.rmdir() if place.is_dir() else place.unlink()
        message = f"cannot write below {plan.folder}: {problem.strerror}"
        raise OetgenError(
            message, "no file was changed; make room or mend the permissions, and render again"
        ) from None
    _commit(plan.folder, MANIFEST)
    for path in writes:
        _commit(plan.folder, path)
    for path in plan.delete:
        (plan.folder / path).unlink(missing_ok=True)
        _remove_empty(plan.folder, path)
    if after != during:
        _stage(plan.folder, MANIFEST, File(_manifest_text(after), False, ""), [])
        _commit(plan.folder, MANIFEST)


def _stage(folder: Path, path: str, file: File, made: list[Path]) -> None:
    """Write `file` beside its target; what is made on the way is added to `made`."""
    target = folder / path
    missing = [place for place in [target.parent, *target.parent.parents] if not place.exists()]
    for place in reversed(missing):
        place.mkdir()
        made.append(place)
    staged = target.with_name(target.name + _STAGED)
    made.append(staged)
    with open(staged, "wb") as stream:
        stream.write(file.text.encode())
    os.chmod(staged, 0o755 if file.executable else 0o644)


def _commit(folder: Path, path: str) -> None:
    target = folder / path
    os.replace(target.with_name(target.name + _STAGED), target)


def _remove_empty(folder: Path, path: str) -> None:
    for parent in (folder / path).parents:
        if parent == folder:
            return
        try:
            parent.rmdir()
        except OSError:
            return


def _manifest_text(owned: Owned) -> str:
    lines: Iterable[str] = (f"{found}  {path}" for path, hashes in owned.items() for found in hashes)
    return "".join(f"{line}\n" for line in sorted(lines, key=lambda line: (line[66:], line)))
