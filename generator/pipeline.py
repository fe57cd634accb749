"""The steps from a project to what should be on disk, in order. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator import writer
from generator.engine import Engine
from generator.findings import Finding, Note, Severity, Span, error
from generator.leaks import Secret, covered, find_secrets
from generator.project import OUT, TEMPLATES, Project
from generator.render import Artifact, Tree, render_tree
from generator.schema import Schema, load_schema, validate
from generator.typecheck import Checked, check_templates, unread_values
from generator.values import Values, load_values

# Files that are used elsewhere than in out/: GitHub and Docker look for them in the repository itself.
_SYNCED = (".github/", "{service}/")


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


@dataclass
class Pipeline:
    """The steps for the environments of one project; what they share is read once."""

    project: Project
    engine: Engine = field(init=False)
    schema: Schema = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.project)
        self.schema = load_schema(self.project)

    def prove(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[Proof]:
        """Read, merge, check and render environments; a step with errors stops the next one."""
        loaded = [load_values(self.project, name, settings) for name in names]
        checked = check_templates(self.engine, self.schema, [values for values, _ in loaded])
        shared = [*checked.findings, *(secret.finding() for secret in self._template_secrets())]
        return [self._prove(values, findings, checked, shared) for values, findings in loaded]

    def _prove(self, values: Values, read: list[Finding], checked: Checked, shared: list[Finding]) -> Proof:
        secrets = [secret for layer in values.layers for secret in find_secrets(layer.path, layer.text)]
        findings = [*read, *(secret.finding() for secret in secrets)]
        if not has_errors(read):
            findings += validate(self.schema, values)
        findings += shared
        if not has_errors(findings):
            findings += unread_values(checked, values)
        if has_errors(findings):
            return Proof(values.env, values, None, tuple(covered(findings, secrets)))
        tree, found = render_tree(self.project, self.engine, values)
        findings += found
        return Proof(values.env, values, None if has_errors(findings) else tree, tuple(findings))

    def _template_secrets(self) -> list[Secret]:
        return [
            secret
            for name in self.engine.names()
            for secret in find_secrets(f"{TEMPLATES}/{name}", self.engine.source(name))
        ]


def has_errors(findings: list[Finding] | tuple[Finding, ...]) -> bool:
    """Say whether one of `findings` is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def plan_tree(tree: Tree, folder: Path, shown: str, *, overwrite: bool = False) -> writer.Plan:
    """Return what it takes to make `folder` hold exactly `tree`."""
    return writer.plan(
        folder, shown, {artifact.path: _file(artifact) for artifact in tree.artifacts}, overwrite=overwrite
    )


def plan_sync(trees: list[Tree], folder: Path, shown: str, *, overwrite: bool = False) -> writer.Plan:
    """Return what it takes to have the files of `trees` in `folder` that are used there."""
    files: dict[str, writer.File] = {}
    makers: dict[str, str] = {}
    findings: list[Finding] = []
    for tree in trees:
        for artifact in tree.artifacts:
            if not artifact.template.startswith(_SYNCED):
                continue
            if artifact.path in files and files[artifact.path].text != artifact.text:
                findings.append(_disagree(artifact.path, makers[artifact.path], tree.env))
            files[artifact.path] = _file(artifact)
            makers[artifact.path] = tree.env
    plan = writer.plan(folder, shown, files, prune=False, overwrite=overwrite)
    return writer.Plan(
        folder, files, plan.create, plan.update, (), plan.keep, plan.owned, (*findings, *plan.findings)
    )


def stale(project: Project, tree: Tree) -> list[Finding]:
    """Return a finding for each file of the committed output that is not what `tree` says."""
    shown = f"{OUT}/{tree.env}"
    plan = plan_tree(tree, project.out(tree.env), shown)
    texts = {
        "missing": ("is not there", plan.create),
        "stale": ("is not what the templates and values make now", plan.update),
        "orphaned": ("is made by no template any more", plan.delete),
    }
    hint = f"run: oetgen render {tree.env}"
    findings = [
        error(f"pipeline/{name}", f"{text}", Span(f"{shown}/{path}", 1), hint=hint)
        for name, (text, paths) in texts.items()
        for path in paths
    ]
    return findings + list(plan.findings)


def _file(artifact: Artifact) -> writer.File:
    return writer.File(artifact.text, artifact.executable, artifact.template)


def _disagree(path: str, first: str, second: str) -> Finding:
    return error(
        "pipeline/sync-conflict",
        f"{first} and {second} make it with different bytes, and both need this one path",
        Span(f"{OUT}/{second}/{path}", 1),
        notes=(Note("the other one", Span(f"{OUT}/{first}/{path}", 1)),),
        hint="give the values that differ the same value in both, or sync only one of them",
    )
