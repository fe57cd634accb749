"""A workflow must run for every change of a file that it tests or deploys.

Its own file, the folder of its component, and each file that its commands read must match `paths`. Both
events must have the same filters. The branch that it deploys must be one whose pushes trigger it. Each
`working-directory` must be the folder of a component.

Why: GitHub silently skips a workflow for files that no filter matches. A changed manifest that does not
trigger the deployment is noticed only when somebody misses the change in the cluster.

Bad:

    on: {push: {paths: ["backend/**"]}}

Good:

    on: {push: {paths: ["backend/**", ".github/workflows/backend.yml", "k8s/**"]}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import lru_cache

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.findings.suggest import nearest
from generator.languages.node import Leaf
from generator.languages.shell.script import Command
from generator.system import Component, System
from generator.system.workflows import Step, Workflow

CODE = "checks/triggers"
ADVICE = "docs.github.com, Workflow syntax: on.<push|pull_request>.paths"
_NEED_A_FOLDER = frozenset(["npm", "pnpm", "yarn"])
_BRANCH = re.compile(r"github\.ref\s*==\s*'refs/heads/([^']+)'|github\.ref_name\s*==\s*'([^']+)'")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.workflows:
        raise NotApplicableError("there are no workflows")
    output = context.repository.folder
    for workflow in system.workflows:
        folders = {step.folder for step in workflow.steps}
        own = [each for each in system.components if each.name in folders]
        yield from _folders(system, workflow, own)
        yield from _same_filters(workflow)
        yield from _branches(workflow)
        for event in ("push", "pull_request"):
            yield from _paths(system, workflow, event, own, output)


def _folders(system: System, workflow: Workflow, own: list[Component]) -> Iterator[Finding]:
    """Yield a finding for a folder that is not a component's, but is written like one or used beside one."""
    known = [each.name for each in system.components]
    if not known:
        return
    for step in workflow.steps:
        near = nearest(step.folder, known) if step.folder and step.folder not in known else ""
        if near and not any(path.startswith(f"{step.folder}/") for path in system.sources):
            notes = tuple(
                Note("this component exists", each.dockerfile.source.span(1)) for each in system.components
            )
            holder = step.node if "working-directory" in step.node else step.job.node
            message = f"the step runs in {step.folder}/, which is not the folder of a component"
            yield warning(CODE, message, holder.at_key("working-directory"), notes=notes, hint=near)
        yield from _lock_file(step)
        if own:
            yield from _root_folder(system, step, known)
    for build in system.builds:
        is_other = build.folder not in known and "$" not in build.folder
        if build.step.job.workflow is workflow and is_other and (own or nearest(build.folder, known)):
            notes = tuple(
                Note("this Dockerfile exists", each.dockerfile.source.span(1)) for each in system.components
            )
            message = f"docker build uses {build.folder or 'the root folder'}, which has no Dockerfile"
            hint = nearest(build.folder, known) or f"build in ./{' or ./'.join(known)}"
            yield warning(CODE, message, build.at, notes=notes, hint=hint)


def _root_folder(system: System, step: Step, known: list[str]) -> Iterator[Finding]:
    """Yield a warning for a step that runs a package manager outside the folder of a component."""
    for command in step.script.commands:
        needs = command.texts[0] in _NEED_A_FOLDER and command.texts[1:2] not in (["--version"], ["-v"])
        if needs and not step.folder and "" not in known:
            message = (
                f'the step "{step.name}" runs {command.texts[0]} in the root folder, which is not a component'
            )
            notes = tuple(
                Note("this component exists", each.dockerfile.source.span(1)) for each in system.components
            )
            hint = f"add working-directory: ./{' or ./'.join(known)}"
            at = step.place(command.offset, len(command.texts[0]))
            yield warning(CODE, message, at, notes=notes, hint=hint)
            return


def _lock_file(step: Step) -> Iterator[Finding]:
    inputs = step.node.map("with")
    text = inputs.text("cache-dependency-path").strip()
    folder, slash, _ = text.rpartition("/") if "\n" not in text else ("", "", "")
    folders = {other.folder for other in step.job.steps if other.folder}
    if slash and "*" not in folder and folder.removeprefix("./") not in folders and folders:
        other = next(each for each in step.job.steps if each.folder)
        message = (
            f"the cache uses the lock file of {folder}/, but the job runs in {', '.join(sorted(folders))}/"
        )
        note = Note("the job runs here", other.node.at_key("working-directory"))
        hint = f"write {other.folder}/ before the name of the lock file"
        yield warning(CODE, message, inputs.at_key("cache-dependency-path"), notes=(note,), hint=hint)


def _same_filters(workflow: Workflow) -> Iterator[Finding]:
    push, request = workflow.trigger("push"), workflow.trigger("pull_request")
    if push is None or request is None or "paths" not in push or "paths" not in request:
        return
    first, second = push.seq("paths").texts(), request.seq("paths").texts()
    for leaf in (*push.seq("paths").leaves(), *request.seq("paths").leaves()):
        text, at = leaf.text, leaf.at
        if (text in first) != (text in second):
            other = (request if text in first else push).key_place("paths")
            message = f"{text} runs the workflow for {'pushes' if text in first else 'pull requests'} only"
            notes = (Note("the other list", other),)
            yield warning(CODE, message, at, notes=notes, hint="add it to the other list")
            return


def _branches(workflow: Workflow) -> Iterator[Finding]:
    push = workflow.trigger("push")
    branches = push.seq("branches").texts() if push is not None else []
    for job in workflow.jobs:
        match = _BRANCH.search(job.node.text("if"))
        branch = (match[1] or match[2]) if match else ""
        events = {*workflow.events}
        if (
            branch
            and branches
            and events <= {"push", "pull_request"}
            and not any(_fits(each, branch) for each in branches)
        ):
            assert push is not None
            yield warning(
                CODE,
                f"job {job.name} runs only on {branch}, but a push to {branch} does not run the workflow",
                job.node.at_key("if"),
                notes=(Note(f"the workflow runs for {', '.join(branches)}", push.key_place("branches")),),
                hint=f"add {branch} to the branches, or use one of them in the condition",
            )


def triggered(patterns: list[str], path: str) -> bool:
    """Return whether GitHub runs a workflow with these filters for a change of `path`: the last match decides."""
    result = False
    for pattern in patterns:
        if _fits(pattern.removeprefix("!"), path):
            result = not pattern.startswith("!")
    return result


def _fits(pattern: str, path: str) -> bool:
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]?"}
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    return re.compile("".join(words.get(part, re.escape(part)) for part in parts))


def _paths(
    system: System, workflow: Workflow, event: str, own: list[Component], output: str
) -> Iterator[Finding]:
    trigger = workflow.trigger(event)
    if trigger is None or "paths" not in trigger:
        return
    patterns = trigger.seq("paths").texts()
    for path, why in _dependencies(system, workflow, own, output):
        if not triggered(patterns, path):
            note = Note("the file", system.sources[_in_output(path, output)].span(1))
            message = f"a change of {path} does not run the workflow ({event}), although this file {why}"
            hint = f'add "{path}" to paths'
            yield warning(CODE, message, trigger.key_place("paths"), notes=(note,), hint=hint)
            return
    prefix = f"{output}/" if output else ""
    paths = {*system.sources, *(f"{prefix}{path}" for path in system.sources)}
    for leaf in trigger.seq("paths").leaves():
        if not _matches_a_file(paths, leaf.text.removeprefix("!")):
            yield from _unmatched(system, leaf, output)


def _dependencies(
    system: System, workflow: Workflow, own: list[Component], output: str
) -> Iterator[tuple[str, str]]:
    """Yield the files that a workflow depends on, by their path in the repository, and why."""
    for component in own:
        yield component.dockerfile.source.path, "belongs to its component"
    if own or workflow.trigger("pull_request") is not None:
        yield workflow.source.path, "is the workflow itself"
    prefix = f"{output}/" if output else ""
    for component in own:
        for container in component.containers:
            yield f"{prefix}{container.workload.source.path}", "is deployed by it"
    for step, command in workflow.commands():
        for word in (*command.options("-f", "--filename"), command.words[0]):
            if _in_output(word.text, output) in system.sources and not step.folder:
                yield word.text, "is run or applied by it"
        for word in command.options("-k", "--kustomize"):
            yield from (
                (f"{prefix}{path}", "is applied by it")
                for path in _applied(system, command, _in_output(word.text, output))
            )


def _applied(system: System, command: Command, folder: str) -> Iterator[str]:
    """Yield the files with an object that `kubectl apply -k` of a folder applies."""
    selector = command.option("-l", "--selector")
    wanted = [part.partition("=")[::2] for part in selector.text.split(",")] if selector else []
    for each in system.manifests:
        if each.source.path.startswith(f"{folder}/") and all(
            each.labels.get(key) == value for key, value in wanted
        ):
            yield each.source.path


def _in_output(path: str, output: str) -> str:
    return path.removeprefix(f"{output}/") if output else path


def _matches_a_file(paths: Set[str], pattern: str) -> bool:
    return pattern in paths or any(_fits(pattern, path) for path in paths)


def _unmatched(system: System, leaf: Leaf, output: str) -> Iterator[Finding]:
    """Yield a warning for a pattern of the output, where all files are known, or one that is written like a file."""
    pattern = leaf.text.removeprefix("!")
    near = nearest(pattern, [*system.sources, *(f"{each.name}/**" for each in system.components)])
    if near or (output and pattern.startswith(f"{output}/")):
        yield warning(CODE, f"{leaf.text} matches no file", leaf.at, hint=near or "fix or remove the path")
