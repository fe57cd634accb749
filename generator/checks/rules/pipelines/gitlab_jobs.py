"""The jobs of GitLab's pipeline must name stages, jobs and templates that exist, and have something to run.

Checked: `stage`, `needs`, `dependencies`, `extends` and the script of each job of `.gitlab-ci.yml`, with the local
files that it includes. Where it includes others, nothing is reported.

Why: GitLab rejects the whole pipeline ("chosen stage does not exist", "undefined need", "unknown keys in extends",
"should implement the script:, run:, or trigger: keyword"), and nothing runs. Source: docs.gitlab.com, "CI/CD YAML
syntax reference"; gitlab-org/gitlab, lib/gitlab/ci/yaml_processor.rb.

Bad:

    stages: [build, test]
    deploy: {stage: deploy, needs: [biuld], script: [make deploy]}

Good:

    stages: [build, test, deploy]
    deploy: {stage: deploy, needs: [build], script: [make deploy]}
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from generator.checks.cycles import cycles
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, error
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.languages.node import Leaf, Map, Node, Seq
from generator.languages.source import Source
from generator.system import System

CODE = "checks/gitlab-jobs"
_GLOBAL = frozenset(
    "after_script before_script cache default image include services spec stages types variables workflow".split()
)
_STAGES = ("build", "test", "deploy")
_RUNS = ("script", "run", "trigger")
_INPUT = "$[["  # an input of a component, which is put in before the file is read


def check(context: Context) -> Iterator[Finding]:
    roots = [
        each
        for each in context.system.of_language("gitlab")
        if posixpath.basename(each.path) == ".gitlab-ci.yml" and _INPUT not in each.text
    ]
    if not roots:
        raise NotApplicableError("there is no pipeline of GitLab")
    included = {
        path for each in context.system.of_language("gitlab") for path in _paths(context.system, each)
    }
    for source in (each for each in roots if each.path not in included):
        pipeline = _read(context.system, source)
        if pipeline is not None:
            yield from _extends(pipeline)
            for name in pipeline.jobs:
                yield from _job(pipeline, name)
            yield from _order(pipeline)


@record
class _Pipeline:
    """The jobs and templates of a pipeline, those of included files first, and its stages in order."""

    parts: Mapping[str, Map]
    stages: tuple[str, ...]

    @property
    def jobs(self) -> list[str]:
        return [name for name in self.parts if not name.startswith(".")]

    def get(self, name: str, key: str, seen: frozenset[str] = frozenset()) -> Node | None:
        """Return a key of a job: its own, or that of the last template that it extends."""
        own = self.parts.get(name)
        if own is None or key in own or name in seen:
            return own.get(key) if own is not None else None
        found = (self.get(leaf.text, key, seen | {name}) for leaf in reversed(_leaves(own, "extends")))
        return next((each for each in found if each is not None), None)

    def stage(self, name: str) -> str:
        node = self.get(name, "stage")
        return node.text if isinstance(node, Leaf) else "test" if node is None else ""


def _read(system: System, root: Source) -> _Pipeline | None:
    """Return the pipeline of a file, or None where it includes what the tree does not have."""
    parts: dict[str, Map] = {}
    stages: tuple[str, ...] = _STAGES
    folder, pending, seen = posixpath.dirname(root.path), [root.path], set()
    order = []
    while pending:
        path = pending.pop()
        result = system.read(path) if path in system.sources and path not in seen else None
        if path in seen:
            continue
        documents = result.node if result and not result.problems else None
        maps = documents.maps() if isinstance(documents, Seq) else ()
        if not maps or system.sources[path].language != "gitlab":
            return None
        seen.add(path)
        order.append(maps[-1])
        included = _included(maps[-1])
        if included is None:
            return None
        pending += [posixpath.normpath(posixpath.join(folder, each.lstrip("/"))) for each in included]
    for node in reversed(order):
        stages = tuple(node.seq("stages").texts()) or stages
        for name in node:
            if name not in _GLOBAL and isinstance(node.get(name), Map):
                parts[name] = node.map(name)
    return _Pipeline(parts, (".pre", *stages, ".post"))


def _paths(system: System, source: Source) -> list[str]:
    """Return the paths of the local files that a file includes, from the root of the tree on."""
    node = system.first_map(source)
    return [each.lstrip("/") for each in (_included(node) or ())] if node else []


def _included(node: Map) -> list[str] | None:
    """Return the local files that a pipeline includes; None where it includes others, or some that are not named."""
    found = []
    own = node.get("include")
    for each in own.items if isinstance(own, Seq) else [own] if own is not None else []:
        text = each.text("local") if isinstance(each, Map) else each.text if isinstance(each, Leaf) else ""
        if not text or "://" in text or set("*$") & set(text):
            return None
        found.append(text)
    return found


def _leaves(node: Map, key: str) -> list[Leaf]:
    own = node.get(key)
    leaves = [own] if isinstance(own, Leaf) else own.leaves() if isinstance(own, Seq) else ()
    return [each for each in leaves if each.text]


def _extends(pipeline: _Pipeline) -> Iterator[Finding]:
    known = list(pipeline.parts)
    for name, part in pipeline.parts.items():
        for leaf in _leaves(part, "extends"):
            if leaf.text not in known:
                hint = nearest(leaf.text, known) or f"add {leaf.text}, or remove it here"
                yield error(CODE, f"{name} extends {leaf.text}, which does not exist", leaf.at, hint=hint)
    needs = {name: [leaf.text for leaf in _leaves(part, "extends")] for name, part in pipeline.parts.items()}
    for names in cycles(needs):
        at = pipeline.parts[names[0]].at_key("extends")
        message = (
            f"{' and '.join(names)} extend each other" if len(names) > 1 else f"{names[0]} extends itself"
        )
        yield error(CODE, message, at, hint="remove one of the extends")


def _job(pipeline: _Pipeline, name: str) -> Iterator[Finding]:
    job = pipeline.parts[name]
    if _is_unknown(pipeline, name):
        return
    if all(pipeline.get(name, key) is None for key in _RUNS):
        hint = "add script, or a dot before the name of a template"
        yield error(CODE, f"the job {name} has neither script nor run nor trigger", job.key_at, hint=hint)
    stage = pipeline.stage(name)
    if stage and stage not in pipeline.stages:
        at = job.at_key("stage") if "stage" in job else job.key_at
        message = f"the stage of {name} is {stage}, which is not one of {', '.join(pipeline.stages)}"
        hint = nearest(stage, list(pipeline.stages)) or f"add {stage} to stages"
        yield error(CODE, message, at, hint=hint)
    for other, at in _needed(job):
        if other not in pipeline.jobs and other.partition(":")[0] not in pipeline.jobs:
            hint = nearest(other, pipeline.jobs) or f"write one of {', '.join(pipeline.jobs)}"
            yield error(CODE, f"{name} needs the job {other}, which does not exist", at, hint=hint)


def _is_unknown(pipeline: _Pipeline, name: str) -> bool:
    """Return whether a job extends what does not exist, which is reported there."""
    known = pipeline.parts
    return any(leaf.text not in known for leaf in _leaves(known[name], "extends"))


def _needed(job: Map) -> Iterator[tuple[str, Span]]:
    """Yield the jobs of the same pipeline that a job needs; of a `!reference [.template, needs]`, none."""
    for key in ("needs", "dependencies"):
        leaves = job.seq(key).leaves()
        if not any(leaf.text.startswith(".") for leaf in leaves):
            yield from ((leaf.text, leaf.at) for leaf in leaves)
    for each in job.seq("needs").maps():
        is_elsewhere = "pipeline" in each or "project" in each or each.value("optional") is True
        if each.text("job") and not is_elsewhere:
            yield each.text("job"), each.at_key("job")


def _order(pipeline: _Pipeline) -> Iterator[Finding]:
    """Yield an error for a need of a later stage, and for jobs that wait for each other."""
    needs: dict[str, list[str]] = {}
    for name in pipeline.jobs:
        needs[name] = []
        for other, at in _needed(pipeline.parts[name]):
            if other not in pipeline.jobs:
                continue
            needs[name].append(other)
            own, its = pipeline.stage(name), pipeline.stage(other)
            known = pipeline.stages
            if own in known and its in known and known.index(its) > known.index(own):
                message = f"{name} of the stage {own} needs {other} of the later stage {its}"
                yield error(CODE, message, at, hint=f"move {name} to the stage {its} or a later one")
    for names in cycles(needs):
        if len({pipeline.stage(name) for name in names}) == 1:
            at = pipeline.parts[names[0]].at_key("needs")
            message = f"the jobs {', '.join(names)} wait for each other"
            yield error(CODE, message, at, hint="remove one of the needs")
