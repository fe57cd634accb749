"""The steps from a project to what should be on disk, in order. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import writer
from generator.cache import NO_CACHE, Cache, digest
from generator.findings import Finding, Note, Severity, Span, error
from generator.project import OUT, TEMPLATES, Project
from generator.tree import Artifact, Tree

if TYPE_CHECKING:  # what renders takes 0.1 s to import; a render of what was rendered before does without it
    from generator.leaks import Secret
    from generator.typecheck import Checked
    from generator.values import Layer, Values

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


class Pipeline:
    """The steps for the environments of one project; what they share is read once."""

    def __init__(self, project: Project, cache: Cache = NO_CACHE) -> None:
        from generator.engine import Engine
        from generator.schema import load_schema

        self.project = project
        self.engine = Engine(project, cache)
        self.schema = load_schema(project, cache)
        self._cache = cache
        self._secrets: dict[tuple[str, str], list[Secret]] = {}  # of layers looked at before

    def prove(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[Proof]:
        """Read, merge, check and render environments; a step with errors stops the next one."""
        from generator.leaks import covered
        from generator.typecheck import check_templates
        from generator.values import Files, load_values

        files = Files(self.project)
        loaded = [load_values(self.project, name, settings, files) for name in names]
        judged = [(values, self._judge(values, found)) for values, found in loaded]
        right = [values for values, found in judged if not has_errors(found)]
        checked = check_templates(self.engine, self.schema, right, self._cache)
        secrets = self._template_secrets()
        shared = covered([*checked.findings, *(secret.finding() for secret in secrets)], secrets)
        proofs = [self._prove(values, findings, checked, shared) for values, findings in judged]
        self.engine.remember()
        return proofs

    def _judge(self, values: Values, read: list[Finding]) -> list[Finding]:
        """Return what is wrong with the values of an environment; `read` is what was wrong when they were read."""
        from generator.leaks import covered
        from generator.schema import validate

        secrets = [secret for layer in values.layers for secret in self._layer_secrets(layer)]
        findings = [*read, *(secret.finding() for secret in secrets)]
        if not has_errors(read):
            findings += validate(self.schema, values)
        return covered(findings, secrets)

    def _prove(self, values: Values, found: list[Finding], checked: Checked, shared: list[Finding]) -> Proof:
        from generator.render import render_tree
        from generator.typecheck import unread_values

        findings = [*found, *shared]
        if has_errors(findings):
            return Proof(values.env, values, None, tuple(findings))
        findings += unread_values(checked, values)
        tree, found = render_tree(self.project, self.engine, values)
        findings += found
        return Proof(values.env, values, None if has_errors(findings) else tree, tuple(findings))

    def _layer_secrets(self, layer: Layer) -> list[Secret]:
        from generator.leaks import find_secrets

        key = (layer.path, layer.text)
        if key not in self._secrets:
            self._secrets[key] = find_secrets(*key)
        return self._secrets[key]

    def _template_secrets(self) -> list[Secret]:
        from generator.leaks import find_secrets

        texts = [(f"{TEMPLATES}/{name}", self.engine.source(name)) for name in self.engine.names()]
        key = digest(*(part for text in texts for part in text))
        if self._cache.get("leaks", str(self.project.root), key):
            return []
        found = [secret for text in texts for secret in find_secrets(*text)]
        if not found:
            self._cache.put("leaks", str(self.project.root), key, True)
        return found


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
