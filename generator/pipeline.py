"""The steps from a project to what should be on disk, in order. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import writer
from generator.cache import NO_CACHE, Cache, digest
from generator.findings import Finding, Note, Severity, Span, error
from generator.project import OUT, TEMPLATES, Project
from generator.recall import texts_made_before
from generator.tree import Artifact, Tree

if TYPE_CHECKING:  # what renders takes 0.1 s to import; a render of what was rendered before does without it
    from generator.typecheck import Checked
    from generator.values import Layer, Values

Waiting = Callable[[str], None]


def _silent(message: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one environment: a tree where nothing is wrong, findings otherwise."""

    env: str
    values: Values
    tree: Tree | None
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether anything is wrong enough to stop the next step."""
        return has_errors(self.findings)


class Pipeline:
    """The steps for the environments of one project; what they share is read once."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        from generator.engine import Engine
        from generator.schema import load_schema

        self.project = project
        self.engine = Engine(project, cache)
        self.schema = load_schema(project, cache)
        self._cache = cache
        self._leaks: dict[tuple[str, str], list[Finding]] = {}  # of layers looked at before

    def prove(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[Proof]:
        """Read, merge, check and render environments; a step with errors stops the next one."""
        from generator.schema import remember_accepted
        from generator.typecheck import check_templates
        from generator.values import Files, load_values

        files = Files(self.project)
        loaded = [load_values(self.project, name, settings, files) for name in names]
        checked = check_templates(self.engine, self.schema, [values for values, _ in loaded], self._cache)
        shared = [*checked.findings, *self._template_leaks()]
        proofs = [self._prove(values, findings, checked, shared) for values, findings in loaded]
        self.engine.remember()
        remember_accepted(self.schema, self.project, self._cache)
        return proofs

    def _prove(self, values: Values, read: list[Finding], checked: Checked, shared: list[Finding]) -> Proof:
        from generator.render import render_tree
        from generator.schema import validate
        from generator.typecheck import unread_values

        findings = [*read, *(leak for layer in values.layers for leak in self._layer_leaks(layer))]
        if not has_errors(read):
            findings += validate(self.schema, values)
        findings += shared
        if not has_errors(findings):
            findings += unread_values(checked, values)
        if has_errors(findings):
            return Proof(values.env, values, None, tuple(findings))
        known = texts_made_before(self._cache, str(self.project.root), values.env)
        tree, found = render_tree(self.engine, values, known)
        findings += found
        return Proof(values.env, values, None if has_errors(findings) else tree, tuple(findings))

    def _layer_leaks(self, layer: Layer) -> list[Finding]:
        from generator.leaks import leaks

        key = (layer.path, layer.text)
        if key not in self._leaks:
            self._leaks[key] = list(leaks(*key))
        return self._leaks[key]

    def _template_leaks(self) -> list[Finding]:
        from generator.leaks import leaks

        texts = [(f"{TEMPLATES}/{name}", self.engine.source(name)) for name in self.engine.names()]
        key = digest(*(part for text in texts for part in text))
        if self._cache.get("leaks", str(self.project.root), key):
            return []
        found = [leak for path, text in texts for leak in leaks(path, text)]
        if not found:
            self._cache.put("leaks", str(self.project.root), key, True)
        return found


def has_errors(findings: list[Finding] | tuple[Finding, ...]) -> bool:
    """Say whether one of `findings` is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def plan_tree(
    tree: Tree, folder: Path, shown: str, *, overwrite: bool = False, inside: Path | None = None
) -> writer.Plan:
    """Return what it takes to make `folder` hold exactly `tree`; no link below `inside` is followed."""
    files = {artifact.path: file_of(artifact) for artifact in tree.artifacts}
    return writer.plan(folder, shown, files, overwrite=overwrite, inside=inside)


@dataclass(frozen=True, slots=True)
class Committed:
    """How the committed output of an environment stands to what is made now, as data.

    `plan` has the status of each file that is wanted or ours (`plan.states`) and the findings about those in the way;
    `foreign` are the paths of other files there; `unfinished` are what a run that was stopped has left staged.
    """

    env: str
    shown: str
    plan: writer.Plan
    foreign: tuple[str, ...]
    unfinished: tuple[str, ...]


def committed(project: Project, tree: Tree, waiting: Waiting = _silent) -> Committed:
    """Compare the committed output with `tree` while no other oetgen writes to it; `waiting` is told of one."""
    folder, shown = project.out(tree.env), f"{OUT}/{tree.env}"
    with writer.reading(folder, shown, waiting):
        plan = plan_tree(tree, folder, shown, inside=project.root)
        known = [*plan.files, *(status.path for status in plan.states)]
        return Committed(
            tree.env, shown, plan, tuple(writer.foreign(folder, known)), tuple(writer.unfinished(folder))
        )


def stale(project: Project, tree: Tree, waiting: Waiting = _silent) -> list[Finding]:
    """Return a finding for each file of the committed output that is not what `tree` says."""
    found = committed(project, tree, waiting)
    plan = found.plan
    texts = {
        "missing": ("is not there", plan.create),
        "stale": ("is not what the templates and values make now", plan.update),
        "orphaned": ("is made by no template any more", plan.delete),
    }
    hint = f"run: oetgen render {tree.env}"
    findings = [
        error(f"pipeline/{name}", f"{text}", Span(f"{found.shown}/{path}", 1), hint=hint)
        for name, (text, paths) in texts.items()
        for path in paths
    ]
    return [*findings, *_unfinished(found), *plan.findings]


def _unfinished(found: Committed) -> Iterator[Finding]:
    """Yield a finding when a run was stopped before it had put every file into its place."""
    if found.unfinished:
        listed = "\n".join(["what it has left there:", *found.unfinished])
        yield error(
            "pipeline/unfinished",
            "a run was stopped here before it was done",
            Span(f"{found.shown}/{found.unfinished[0]}", 1),
            notes=(Note(listed),),
            hint=f"run: oetgen render {found.env}; it finishes the run, and takes away what is left of it",
        )


def file_of(artifact: Artifact) -> writer.File:
    """Return an artifact as the writer takes it."""
    return writer.File(artifact.text, artifact.executable, artifact.template)
