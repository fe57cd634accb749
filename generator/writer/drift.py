"""The committed output of an environment: what every file there is, and what to do about those that are not current.

Told apart by the manifest: current, stale, missing, orphaned, hand-edited, foreign. Files of one kind are one
finding, so that twenty stale files are not sixty lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from generator.findings import Finding, Note, Severity, Span, error, warning
from generator.pipeline import Committed, Waiting, committed
from generator.project import OUT
from generator.project.folder import Project
from generator.render.tree import Tree
from generator.writer import MANIFEST

# What Terraform, editors and systems put beside rendered files; none of them is a surprise.
_KNOWN = (".terraform.lock.hcl", ".DS_Store", ".gitignore", ".gitattributes")
_KNOWN_FOLDERS = (".terraform", "release")
_KNOWN_ENDINGS = (".tfstate", ".tfstate.backup", ".swp", "~")


def compare(project: Project, tree: Tree, waiting: Waiting) -> Iterator[Finding]:
    """Yield how the committed output of an environment differs from `tree`, as findings."""
    found = committed(project, tree, waiting)
    plan, shown, render = found.plan, found.shown, f"run: oetgen render {tree.env}"
    yield from _group("missing", "is not there", plan.create, shown, render)
    yield from _group("stale", "is not what the templates and values make now", plan.update, shown, render)
    yield from _group("orphaned", "is made by no template any more", plan.delete, shown, render)
    yield from _unfinished(found)
    yield from plan.findings
    if plan.changes and not (plan.create or plan.update or plan.delete or plan.findings or found.unfinished):
        message = "the manifest does not list what is there, so a later render could not tell whose it is"
        yield error("committed/manifest", message, Span(f"{shown}/{MANIFEST}", 1), hint=render)
    yield from _foreign(found)


def abandoned(project: Project) -> Iterator[Finding]:
    """Yield a warning for each folder of `out/` that is of no environment any more."""
    top = project.root / OUT
    known = project.environment_names()
    for folder in sorted(top.iterdir()) if top.is_dir() else ():
        if (folder / MANIFEST).is_file() and folder.name not in known:
            at = Span(f"{OUT}/{folder.name}/{MANIFEST}", 1)
            message = f"{OUT}/{folder.name} is the output of an environment that is not there any more"
            hint = f"delete the folder, or restore environments/{folder.name}.yaml"
            yield warning("committed/abandoned", message, at, hint=hint)


def _group(
    name: str, text: str, paths: tuple[str, ...] | list[str], shown: str, hint: str
) -> Iterator[Finding]:
    if not paths:
        return
    first, *others = paths
    at = Span(f"{shown}/{first}", 1)
    if not others:
        yield error(f"committed/{name}", text, at, hint=hint)
        return
    plural = text.replace("is ", "are ", 1) if text.startswith("is ") else text
    listed = [f"{shown}/{path}" for path in paths]
    yield error(
        f"committed/{name}", f"{len(paths)} files {plural}", at, notes=(Note("\n".join(listed)),), hint=hint
    )


def _unfinished(found: Committed) -> Iterator[Finding]:
    """Yield a finding when a run was stopped before it had put every file into its place."""
    if found.unfinished:
        listed = "\n".join(["what it has left there:", *found.unfinished])
        yield error(
            "committed/unfinished",
            "a run was stopped here before it was done",
            Span(f"{found.shown}/{found.unfinished[0]}", 1),
            notes=(Note(listed),),
            hint=f"run: oetgen render {found.env}; it finishes the run, and takes away what is left of it",
        )


def _foreign(found: Committed) -> Iterator[Finding]:
    """Yield a remark about the files that nothing makes and the manifest does not know."""
    paths = tuple(path for path in found.foreign if not _is_usual(PurePosixPath(path)))
    hint = "move it away, or leave it: a render does not touch it"
    for finding in _group("foreign", "is none that oetgen made", paths, found.shown, hint):
        yield replace(finding, severity=Severity.INFO)


def _is_usual(path: PurePosixPath) -> bool:
    known = path.name in _KNOWN or path.name.endswith(_KNOWN_ENDINGS)
    return known or any(folder in _KNOWN_FOLDERS for folder in path.parts[:-1])
