"""Variables that are compiled into an image must be passed to its build, with the value that the pod declares.

A `NEXT_PUBLIC_…` variable of a pod must be an `ARG` before the build step of the Dockerfile, and a
`--build-arg` with the same value. Every `--build-arg` must match an `ARG`, and every `ARG` without a default
must be passed.

Why: `next build` compiles these variables into the bundle. Setting them only in the pod has no effect, and
the browser calls `undefined/api`. Docker only warns about a build argument that no `ARG` declares.

Bad:

    docker build --build-arg API_URL=https://api.example.com .  # and in the Dockerfile: ARG NEXT_PUBLIC_API_URL

Good:

    docker build --build-arg NEXT_PUBLIC_API_URL=https://api.example.com .
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.checks.rules.across.package_manager import npm_scripts
from generator.findings import Finding, Note, Span, warning
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import Dockerfile, Instruction, pairs
from generator.system import Build, Component, System
from generator.system.workflows import Job

CODE = "checks/build-arguments"
ADVICE = "docs.docker.com, Build variables; nextjs.org, Environment Variables"
_PUBLIC = "NEXT_PUBLIC_"
_PREDEFINED = frozenset(
    "HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY BUILDKIT_INLINE_CACHE SOURCE_DATE_EPOCH".split()
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.components:
        raise NotApplicableError("there is no component")
    for component in system.components:
        yield from _public(component)
        for build in component.builds:
            yield from _given(component.dockerfile, build)
        yield from _tests(system, component)
    for file in system.compose:
        for name in file.services:
            own = file.services.map(name, "build")
            folder = posixpath.normpath(posixpath.join(file.folder, own.text("context")))
            found = [each for each in system.dockerfiles if each.folder == folder]
            dockerfile = found[0] if len(found) == 1 and "dockerfile" not in own else None
            for argument in own.map("args") if dockerfile else ():
                if argument not in {*_arguments(dockerfile), *_PREDEFINED}:
                    yield _unknown(dockerfile, argument, own.map("args").key_place(argument))


def _arguments(dockerfile: Dockerfile | None) -> dict[str, tuple[str, Instruction]]:
    """Return the default of each ARG, and its instruction."""
    instructions = dockerfile.all("ARG") if dockerfile else []
    return {name: (value, each) for each in instructions for name, value in pairs(each)}


def _public(component: Component) -> Iterator[Finding]:
    known = _arguments(component.dockerfile)
    for container in component.serving:
        for name, entry in container.environment.items():
            if not name.startswith(_PUBLIC):
                continue
            at = entry.at_key("value")
            if name not in known:
                note = Note("its Dockerfile", component.dockerfile.source.span(1))
                message = f"{name} is set in the pod, but is not an ARG of the image: the browser does not receive it"
                yield warning(
                    CODE,
                    message,
                    at,
                    notes=(note,),
                    hint=f"add ARG {name} before the build step",
                )
            elif late := _late(component.dockerfile, name):
                note = Note("this is the build step", late.at)
                message = (
                    f"ARG {name} must be declared before the build step that needs it, in the same stage"
                )
                yield warning(
                    CODE, message, known[name][1].at, notes=(note,), hint="move it before the build step"
                )
            for build in component.builds:
                yield from _same(build, name, entry.text("value"), at, component.dockerfile)


def _late(dockerfile: Dockerfile, name: str) -> Instruction | None:
    """Return the build step that runs before an argument or a variable of that name is set, or None."""
    for stage in dockerfile.stages:
        seen = False
        for each in stage.instructions:
            seen |= each.keyword in ("ENV", "ARG") and name in dict(pairs(each))
            if each.keyword == "RUN" and "build" in each.arguments and not seen:
                return each
    return None


def _same(build: Build, name: str, value: str, at: Span, dockerfile: Dockerfile) -> Iterator[Finding]:
    target = build.command.option("--target")
    if target and not _in_stage(dockerfile, target.text, name):
        return
    given = build.arguments.get(name)
    if given is None:
        note = Note("the pod sets it", at)
        message = f"docker build does not pass --build-arg {name}"
        yield warning(CODE, message, build.at, notes=(note,), hint=f'add --build-arg {name}="{value}"')
    elif given[0] != value:
        note = Note(f"the pod sets {value}", at)
        message = f"the image is built with {name}={given[0]}, but the pod sets {value}"
        yield warning(CODE, message, given[1], notes=(note,), hint=f"set {value} in both")


def _in_stage(dockerfile: Dockerfile, target: str, name: str) -> bool:
    stage = next((each for each in dockerfile.stages if each.name == target), None)
    return stage is not None and any(
        name in dict(pairs(each)) for one in dockerfile.lineage(stage) for each in one.all("ARG")
    )


def _given(dockerfile: Dockerfile, build: Build) -> Iterator[Finding]:
    known = _arguments(dockerfile)
    for name, (_, at) in build.arguments.items():
        if name not in known and name not in _PREDEFINED:
            yield _unknown(dockerfile, name, at)
    target = build.command.option("--target")
    for name, (default, each) in known.items():
        if default or name in build.arguments or (target and not _in_stage(dockerfile, target.text, name)):
            continue
        if name.startswith(_PUBLIC):
            continue  # `_same` compares it with the pod
        note = Note("the ARG", each.at)
        message = f"docker build does not pass --build-arg {name}, and ARG {name} has no default"
        yield warning(
            CODE,
            message,
            build.at,
            notes=(note,),
            hint=f"add --build-arg {name}=…, or give the ARG a default",
        )


def _unknown(dockerfile: Dockerfile | None, name: str, at: Span) -> Finding:
    known = _arguments(dockerfile)
    notes = tuple(Note(f"ARG {each} exists", one.at) for each, (_, one) in known.items())
    hint = nearest(name, list(known)) or f"add ARG {name} to the Dockerfile, or remove the argument"
    return warning(
        CODE,
        f"the Dockerfile has no ARG {name}: the build argument has no effect",
        at,
        notes=notes,
        hint=hint,
    )


def _not_in_pod(component: Component, build: Build) -> Iterator[Finding]:
    """Check that the pod sets what the image is built with: the server must render what the browser has."""
    for name, (_, at) in build.arguments.items():
        pods = [each for each in component.serving if name in each.environment]
        if name.startswith(_PUBLIC) and component.serving and not pods:
            container = component.serving[0]
            note = Note("the container", container.node.at_key("name"))
            yield warning(
                CODE,
                f"the image is built with {name}, but {container.what} does not set it",
                at,
                notes=(note,),
                hint=f"add {name} to its env",
            )


def _test_build(component: Component, build: Build, job: Job) -> Iterator[Finding]:
    """Check that a job that builds the application for its tests sets what the image is built with."""
    for step in job.steps:
        if step.folder != component.name or "build" not in npm_scripts(step.script):
            continue
        given = set(step.variables)
        for name, (value, at) in build.arguments.items():
            if name.startswith(_PUBLIC) and name not in given:
                note = Note("the image is built with it", at)
                message = f'the step "{step.name}" builds the application without {name}'
                yield warning(
                    CODE,
                    message,
                    step.node.at_key("run"),
                    notes=(note,),
                    hint=f'add {name}: "{value}" to env of the job',
                )


def _tests(system: System, component: Component) -> Iterator[Finding]:
    """Check that the tests build with the same values as the image."""
    for build in component.builds:
        yield from _not_in_pod(component, build)
        for job in build.step.job.workflow.jobs:
            yield from _test_build(component, build, job)
            env = job.node.map("env")
            for name in env:
                given = build.arguments.get(name)
                if given and name.startswith(_PUBLIC) and env.text(name) != given[0]:
                    note = Note(f"the image is built with {given[0]}", given[1])
                    message = (
                        f"job {job.name} builds with {name}={env.text(name)}, but the image with {given[0]}"
                    )
                    yield warning(
                        CODE, message, env.at_key(name), notes=(note,), hint=f"set {name} to {given[0]}"
                    )
