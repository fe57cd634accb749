"""The steps from a project to what should be on disk, in order. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator import writer
from generator.findings import Finding, Severity
from generator.project import OUT, TEMPLATES
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.folder import Project
from generator.render.tree import Artifact, Tree

if TYPE_CHECKING:  # what renders takes 0.1 s to import; a render of what was rendered before does without it
    from generator.checks.runner import Examination
    from generator.checks.runner import Plan as ExaminationPlan
    from generator.provenance.trace import Trace, Tracer
    from generator.render.typecheck import Checked as CheckedTemplates
    from generator.values.layers import Layer, Values
    from generator.values.secrets import Secret

Waiting = Callable[[str], None]


def _silent(message: str) -> None:
    """Say nothing."""


def _none(env: str) -> Mapping[str, str]:
    """Return no text of an earlier run."""
    return {}


@dataclass(frozen=True, slots=True)
class Judged:
    """The values of one environment, what is wrong with them and with the templates, and what the latter read."""

    values: Values
    findings: tuple[Finding, ...]
    templates: CheckedTemplates


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


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that is wrong with these environments, and how it was found out."""

    trees: Mapping[str, Tree | None]  # by environment; None where there are errors
    findings: tuple[Finding, ...]
    examination: Examination

    @property
    def files(self) -> int:
        """How many files were looked at."""
        return sum(len(tree.artifacts) for tree in self.trees.values() if tree)

    def fails(self, *, strict: bool) -> bool:
        """Say whether a run fails: on an error, and when it is strict, on a warning that no reason accepts."""
        severities = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        return any(finding.severity in severities for finding in self.findings)


class Pipeline:
    """The steps for the environments of one project; what they share is read once."""

    def __init__(
        self, project: Project, cache: Cache = NO_CACHE, earlier: Callable[[str], Mapping[str, str]] = _none
    ) -> None:
        """Prepare the steps; `earlier` returns texts of an environment's files, by what each was made from."""
        from generator.render.engine import Engine
        from generator.values.schema import load_schema

        self.project = project
        self.engine = Engine(project, cache)
        self.schema = load_schema(project, cache)
        self._cache = cache
        self._earlier = earlier
        self._tracer: Tracer | None = None
        self._secrets: dict[tuple[str, str], list[Secret]] = {}  # of layers looked at before

    def prove(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[Proof]:
        """Read, merge, check and render environments; a step with errors stops the next one."""
        proofs = [self.render(judged) for judged in self.judge(names, settings)]
        self.remember()
        return proofs

    def judge(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[Judged]:
        """Read and merge environments, and hold their values and the templates to the schema."""
        from generator.render.typecheck import check_templates
        from generator.values.layers import Files, load_values
        from generator.values.secrets import covered

        files = Files(self.project)
        loaded = [load_values(self.project, name, settings, files) for name in names]
        judged = [(values, self._judge(values, found)) for values, found in loaded]
        right = [values for values, found in judged if not has_errors(found)]
        checked = check_templates(self.engine, self.schema, right, self._cache)
        secrets = self._template_secrets()
        shared = covered([*checked.findings, *(secret.finding() for secret in secrets)], secrets)
        return [Judged(values, (*found, *shared), checked) for values, found in judged]

    def render(self, judged: Judged) -> Proof:
        """Render an environment whose values were judged, when nothing was wrong with them."""
        from generator.render.outputs import render_tree
        from generator.render.typecheck import unread_values

        values, findings = judged.values, list(judged.findings)
        if has_errors(findings):
            return Proof(values.env, values, None, tuple(findings))
        findings += unread_values(judged.templates, values)
        tree, found = render_tree(self.engine, values, self._earlier(values.env))
        findings += found
        return Proof(values.env, values, None if has_errors(findings) else tree, tuple(findings))

    def remember(self) -> None:
        """Keep what was found out about the schema, the values and the templates for the next run."""
        from generator.values.schema import remember_accepted

        self.engine.remember()
        remember_accepted(self.schema, self.project, self._cache)

    def check(self, names: Sequence[str], plan: ExaminationPlan, *, coverage: bool = False) -> Checked:
        """Prove environments, and hold their output to the rules; `coverage` is what none of them tries."""
        from generator.checks.runner import examine

        proofs = self.prove(names)
        proven = [(proof.tree, proof.values) for proof in proofs if proof.tree]
        examination = examine(proven, self.trace, self.project.root, plan)
        findings = [finding for proof in proofs for finding in proof.findings]
        if coverage and not has_errors(findings):
            findings += self._untried(proofs)
        trees = {proof.env: proof.tree for proof in proofs}
        return Checked(trees, (*findings, *examination.findings), examination)

    def trace(self, values: Values) -> Trace:
        """Return the map from the output of an environment to its templates and values; `values` are proved."""
        from generator.provenance.trace import Tracer

        self._tracer = self._tracer or Tracer(self.project, self.engine, self._cache)
        return self._tracer.trace(values)

    def _untried(self, proofs: Sequence[Proof]) -> list[Finding]:
        """Return what none of these environments tries; they have no errors, and are all that there are."""
        from generator.provenance.coverage import coverage, coverage_findings

        return list(coverage_findings(coverage(self.engine, [self.trace(proof.values) for proof in proofs])))

    def _judge(self, values: Values, read: list[Finding]) -> list[Finding]:
        """Return what is wrong with the values of an environment; `read` is what was wrong when they were read."""
        from generator.values.schema import validate
        from generator.values.secrets import covered

        secrets = [secret for layer in values.layers for secret in self._layer_secrets(layer)]
        findings = [*read, *(secret.finding() for secret in secrets)]
        if not has_errors(read):
            findings += validate(self.schema, values)
        return covered(findings, secrets)

    def _layer_secrets(self, layer: Layer) -> list[Secret]:
        from generator.values.secrets import find_secrets

        key = (layer.path, layer.text)
        if key not in self._secrets:
            self._secrets[key] = find_secrets(*key)
        return self._secrets[key]

    def _template_secrets(self) -> list[Secret]:
        from generator.values.secrets import find_secrets

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


def file_of(artifact: Artifact) -> writer.File:
    """Return an artifact as the writer takes it."""
    return writer.File(artifact.text, artifact.executable, artifact.template)
