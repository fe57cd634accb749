"""The pipeline and the image must use the same package manager and lock file.

Compared: the `cache` and lock file of the workflow, its install commands, and the files and commands of the
Dockerfile. The tests must run each npm script that a Job or Compose runs.

Why: each package manager has a lock file of its own and ignores the others, so the tested versions are not
the deployed ones. `npm ci` fails without `package-lock.json`, but only during the build.

Bad:

    cache-dependency-path: backend/yarn.lock      # and the Dockerfile runs npm ci

Good:

    cache-dependency-path: backend/package-lock.json
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, warning
from generator.languages.node import Leaf
from generator.languages.shell.script import Script
from generator.system import Component, System
from generator.system.workflows import Step

CODE = "checks/package-manager"
ADVICE = "docs.npmjs.com, npm ci; github.com/actions/setup-node, README: cache"
_LOCK_FILES = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
}
_INSTALLS = {"npm": ("ci", "install", "i"), "pnpm": ("install", "i"), "yarn": ("install", "")}
_GLOBALLY = frozenset(["-g", "--global", "global"])
_WITH_VALUE = frozenset(["-C", "--cwd", "--dir", "--filter", "--prefix", "-w", "--workspace"])
_SCRIPT = re.compile(r"\b(?:npm|pnpm|yarn) run ([\w:-]+)")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.components:
        raise NotApplicableError("there is no component")
    for component in system.components:
        steps = [step for step in system.steps if step.folder == component.name]
        jobs = {id(step.job): step.job for step in steps}
        with_setup = [each for job in jobs.values() for each in job.steps]
        yield from _managers(component, with_setup)
        yield from _scripts(system, component, steps)


def _managers(component: Component, steps: list[Step]) -> Iterator[Finding]:
    image = list(_in_image(component))
    if not image:
        return
    known = {manager for manager, _ in image}
    for manager, what, at in _in_workflow(steps):
        if manager not in known:
            notes = tuple(Note(f"the image uses {each}", place) for each, place in image[:2])
            message = f"{what} is for {manager}, but the image of {component.name} uses {' or '.join(sorted(known))}"
            yield warning(CODE, message, at, notes=notes, hint=f"use {' or '.join(sorted(known))} in both")
    plain = _installs(component, only_always=True)
    for manager, at in plain:
        if manager != plain[0][0]:
            note = Note(f"this uses {plain[0][0]}", plain[0][1])
            message = f"the image installs with {manager} here, but with {plain[0][0]} elsewhere"
            yield warning(CODE, message, at, notes=(note,), hint=f"use {plain[0][0]} in both")
    locks = {_LOCK_FILES[name] for name, _ in _locks(component)}
    for manager, at in _installs(component):
        if locks and manager not in locks:
            notes = tuple(Note(f"{name} is copied", place) for name, place in _locks(component)[:1])
            message = f"the image installs with {manager}, but copies the lock file of {' and '.join(sorted(locks))}"
            yield warning(CODE, message, at, notes=notes, hint=f"copy the lock file of {manager}")


def _in_image(component: Component) -> Iterator[tuple[str, Span]]:
    yield from _installs(component)
    yield from ((_LOCK_FILES[name], at) for name, at in _locks(component))


def _installs(component: Component, *, only_always: bool = False) -> list[tuple[str, Span]]:
    """Return the package managers that install the packages of an image; only those that no test chooses."""
    return [
        (manager, each.source.between(start, end))
        for each in component.dockerfile.all("RUN")
        if not (only_always and any(command.name in ("[", "test") for command in each.script.commands))
        for manager, start, end in _installed(each.script)
    ]


def _installed(script: Script) -> Iterator[tuple[str, int, int]]:
    """Yield each package manager that installs the packages of a project, with where its command is."""
    for command in script.commands:
        words = command.arguments(_WITH_VALUE)
        verb = words[0].text if words else ""
        if verb in _INSTALLS.get(command.name, ()) and not _GLOBALLY & set(command.texts):
            yield command.name, command.offset, (words or command.words)[0].end


def npm_scripts(script: Script) -> list[str]:
    """Return the npm scripts that shell code runs."""
    words = [command.arguments(_WITH_VALUE) for command in script.commands if command.name in _INSTALLS]
    return [each[1].text for each in words if len(each) > 1 and each[0].text in ("run", "run-script")]


def _locks(component: Component) -> list[tuple[str, Span]]:
    return [
        (name, each.where(name))
        for each in component.dockerfile.all("COPY", "ADD")
        for name in _LOCK_FILES
        if any(word.rstrip("*") == name for word in each.texts)
    ]


def _in_workflow(steps: list[Step]) -> Iterator[tuple[str, str, Span]]:
    for step in steps:
        inputs = step.node.map("with")
        if step.action == "actions/setup-node":
            if inputs.text("cache"):
                yield inputs.text("cache"), "the cache of setup-node", inputs.at_key("cache")
            name = inputs.text("cache-dependency-path").rpartition("/")[2]
            if name:
                manager = _LOCK_FILES.get(name, f"no package manager ({name})")
                yield manager, "the lock file of the cache", inputs.at_key("cache-dependency-path")
        for manager, start, end in _installed(step.script):
            yield manager, f'the step "{step.name}"', step.place(start, end - start)


def _scripts(system: System, component: Component, steps: list[Step]) -> Iterator[Finding]:
    """Check that the tests run each npm script that a Job or Compose runs."""
    tested = {name for step in steps for name in npm_scripts(step.script)}
    used: list[tuple[str, Span]] = []
    for container in component.containers:
        used += _named((*container.node.seq("command").leaves(), *container.node.seq("args").leaves()))
    jobs = {name for name, _ in used}
    for name, at in _composed(system, component):
        if jobs and name not in jobs and not tested:
            others = " or ".join(sorted(jobs))
            message = f"Compose runs the npm script {name} of {component.name}, but its Job runs {others}"
            yield warning(
                CODE,
                message,
                at,
                notes=(Note("this is the Job", used[0][1]),),
                hint=f"use {others}",
            )
        used.append((name, at))
    for name, at in used if tested else ():
        if name not in tested:
            first = next(step for step in steps if npm_scripts(step.script))
            note = Note(f"the tests run {', '.join(sorted(tested))}", first.node.at_key("run"))
            message = f"the tests of {component.name} do not run the npm script {name}, which is run here"
            yield warning(
                CODE, message, at, notes=(note,), hint=f"run {name} in the workflow, or fix the name"
            )


def _composed(system: System, component: Component) -> Iterator[tuple[str, Span]]:
    """Yield the npm scripts that Compose runs in the component's image."""
    for file in system.compose:
        for name in file.services:
            own = file.services.map(name)
            if own.text("build", "context").removeprefix("./") == component.name:
                yield from _named(own.seq("command").leaves())


def _named(words: tuple[Leaf, ...]) -> Iterator[tuple[str, Span]]:
    """Yield the npm scripts that a command line runs, each with the place of its name."""
    for script in _SCRIPT.findall(" ".join(word.text for word in words)):
        at = next((word.at for word in words if word.text == script), None)
        if at:
            yield script, at
