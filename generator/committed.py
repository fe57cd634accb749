"""The committed output of an environment: what every file there is, and what to do about those that are not current.

Told apart by the manifest: current, stale, missing, orphaned, hand-edited, foreign. Files of one kind are one
finding, so that twenty stale files are not sixty lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from generator.findings import Finding, Note, Severity, Span, error, warning
from generator.project import OUT, Project
from generator.writer import MANIFEST, Plan

_SHOWN = 8  # files named in one finding
# What Terraform, editors and systems put beside rendered files; none of them is a surprise.
_KNOWN = (".terraform.lock.hcl", ".DS_Store", ".gitignore", ".gitattributes")
_KNOWN_FOLDERS = (".terraform", "release")
_KNOWN_ENDINGS = (".tfstate", ".tfstate.backup", ".swp", "~")


def classify(plan: Plan, env: str) -> Iterator[Finding]:
    """Yield what is wrong with the committed output of `env`; `plan` is what a render would do there."""
    shown = f"{OUT}/{env}"
    render = f"run: oetgen render {env}"
    yield from _group("missing", "is not there", plan.create, shown, render)
    yield from _group("stale", "is not what the templates and values make now", plan.update, shown, render)
    yield from _group("orphaned", "is made by no template any more", plan.delete, shown, render)
    yield from plan.findings
    if not (plan.create or plan.update or plan.delete or plan.findings) and plan.owned != plan.owned_after():
        message = "the manifest does not list what is there, so a later render could not tell whose it is"
        yield error("committed/manifest", message, Span(f"{shown}/{MANIFEST}", 1), hint=render)
    foreign = sorted(_foreign(plan))
    for finding in _group(
        "foreign",
        "is none that oetgen made",
        foreign,
        shown,
        "move it away, or leave it: a render does not touch it",
    ):
        yield Finding(finding.code, Severity.INFO, finding.message, finding.at, finding.notes, finding.hint)


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
    listed = [f"{shown}/{path}" for path in paths[:_SHOWN]]
    listed += [f"and {len(paths) - _SHOWN} more"] if len(paths) > _SHOWN else []
    yield error(
        f"committed/{name}", f"{len(paths)} files {plural}", at, notes=(Note("\n".join(listed)),), hint=hint
    )


def _foreign(plan: Plan) -> Iterator[str]:
    """Yield the files below the folder that nothing makes and the manifest does not know."""
    for folder, folders, files in os.walk(plan.folder):
        folders[:] = sorted(each for each in folders if each not in _KNOWN_FOLDERS)
        for name in files:
            path = (Path(folder) / name).relative_to(plan.folder).as_posix()
            if name in (*_KNOWN, MANIFEST) or name.endswith(_KNOWN_ENDINGS):
                continue
            if path not in plan.files and path not in plan.owned:
                yield path
