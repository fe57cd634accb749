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

from collections.abc import Iterator

from generator.checks.cycles import cycles
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, error
from generator.findings.suggest import nearest
from generator.system.gitlab import Pipeline, leaves, needed, read, roots

CODE = "checks/gitlab-jobs"
_RUNS = ("script", "run", "trigger")


def check(context: Context) -> Iterator[Finding]:
    found = roots(context.system)
    if not found:
        raise NotApplicableError("there is no pipeline of GitLab")
    for source in found:
        pipeline = read(context.system, source)
        if pipeline is not None:
            yield from _extends(pipeline)
            for name in pipeline.jobs:
                yield from _job(pipeline, name)
            yield from _order(pipeline)


def _extends(pipeline: Pipeline) -> Iterator[Finding]:
    known = list(pipeline.parts)
    for name, part in pipeline.parts.items():
        for leaf in leaves(part, "extends"):
            if leaf.text not in known:
                hint = nearest(leaf.text, known) or f"add {leaf.text}, or remove it here"
                yield error(CODE, f"{name} extends {leaf.text}, which does not exist", leaf.at, hint=hint)
    needs = {name: [leaf.text for leaf in leaves(part, "extends")] for name, part in pipeline.parts.items()}
    for names in cycles(needs):
        at = pipeline.parts[names[0]].at_key("extends")
        message = (
            f"{' and '.join(names)} extend each other" if len(names) > 1 else f"{names[0]} extends itself"
        )
        yield error(CODE, message, at, hint="remove one of the extends")


def _job(pipeline: Pipeline, name: str) -> Iterator[Finding]:
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
    for other, at in needed(job):
        if other not in pipeline.jobs and other.partition(":")[0] not in pipeline.jobs:
            hint = nearest(other, pipeline.jobs) or f"write one of {', '.join(pipeline.jobs)}"
            yield error(CODE, f"{name} needs the job {other}, which does not exist", at, hint=hint)


def _is_unknown(pipeline: Pipeline, name: str) -> bool:
    """Return whether a job extends what does not exist, which is reported there."""
    known = pipeline.parts
    return any(leaf.text not in known for leaf in leaves(known[name], "extends"))


def _order(pipeline: Pipeline) -> Iterator[Finding]:
    """Yield an error for a need of a later stage, and for jobs that wait for each other."""
    needs: dict[str, list[str]] = {}
    for name in pipeline.jobs:
        needs[name] = []
        for other, at in needed(pipeline.parts[name]):
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
