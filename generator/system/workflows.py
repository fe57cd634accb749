"""GitHub workflows: jobs, steps, the shell code of each step and the variables that it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from generator.findings import Span
from generator.findings.record import record
from generator.languages.embedded import step_shell
from generator.languages.node import Leaf, Map, leaves
from generator.languages.shell.options import is_shell
from generator.languages.shell.read import parse as parse_shell
from generator.languages.shell.script import Command, Script
from generator.languages.source import Source

_EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'])*?\}\}")
HIDDEN = "x" * len("${{ a }}")  # what a script has in place of the shortest expression
OWN_SECRETS = (
    "github_token",
    "actions_step_debug",
    "actions_runner_debug",
)  # known to GitHub without being set
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")

_TEST_CLUSTER = re.compile(r"(?:^|[/_-])(?:kind|k3d|k3s|minikube|microk8s)(?:$|[/_-])")


@record
class Step:
    """A step: an action that it uses, or shell code that it runs."""

    job: Job
    node: Map
    number: int

    @property
    def name(self) -> str:
        """The name that GitHub shows."""
        return self.node.text("name") or self.node.text("uses") or f"step {self.number + 1}"

    @property
    def id(self) -> str:
        return self.node.text("id")

    @property
    def action(self) -> str:
        """The action that it uses, without its reference."""
        return self.node.text("uses").partition("@")[0]

    @property
    def run(self) -> str:
        return self.node.text("run")

    @property
    def folder(self) -> str:
        """The folder that it runs in, relative to the repository, without `./`."""
        folder = self.node.text("working-directory") or self.default("working-directory")
        return folder.removeprefix("./").rstrip("/") if folder not in (".", "./") else ""

    @property
    def is_shell(self) -> bool:
        """Whether it is known to run in sh or bash."""
        named = self.node.text("shell") or self.default("shell")
        return is_shell(step_shell(named, self.job.labels, self.job.machines))

    def default(self, key: str) -> str:
        """Return a setting of the `defaults` of its job or workflow."""
        job, workflow = self.job.node, self.job.workflow.node
        return job.text("defaults", "run", key) or workflow.text("defaults", "run", key)

    @cached_property
    def script(self) -> Script:
        """Its shell code; an expression of GitHub is a word like any other."""
        text = self.run if self.is_shell else ""
        return parse_shell(_EXPRESSION.sub(lambda expression: re.sub("[^\n]", "x", expression[0]), text))

    def place(self, offset: int, length: int = 1) -> Span:
        """Return the place of a character of its `run:`."""
        run = self.node.leaf("run")
        return run.place(offset, length) if run else self.node.at

    @cached_property
    def variables(self) -> dict[str, Leaf]:
        """The variables that it is given: of two with one name, the nearest."""
        holders = (self.job.workflow.node, self.job.node, self.node)
        entries = (entry for holder in holders for entry in holder.map("env").entries.items())
        return {name: value for name, value in entries if isinstance(value, Leaf)}

    def expanded(self, text: str) -> str:
        """Return a word of its shell code with the variables that it is given expanded."""

        def value(variable: re.Match[str]) -> str:
            given = self.variables.get(variable[1] or variable[2])
            return given.text if given else variable[0]

        return _VARIABLE.sub(value, text)


@record
class Job:
    """A job of a workflow."""

    workflow: Workflow
    name: str
    node: Map

    @cached_property
    def steps(self) -> list[Step]:
        return [Step(self, node, number) for number, node in enumerate(self.node.maps("steps"))]

    @property
    def needs(self) -> tuple[Leaf, ...]:
        """The names of the jobs that it waits for."""
        single = self.node.leaf("needs")
        return (single,) if single else self.node.seq("needs").leaves()

    @property
    def labels(self) -> list[str]:
        """The labels of the machine that runs it."""
        places = (("runs-on",), ("runs-on", "labels"))
        return [text for where in places for text in (self.node.text(*where), *self.node.seq(*where).texts())]

    @property
    def machines(self) -> list[str]:
        """The texts of its matrix, which may name the machine."""
        return [leaf.text for leaf in leaves(self.node.get("strategy", "matrix"))]

    @cached_property
    def makes_cluster(self) -> bool:
        """Whether it makes a cluster of its own, for tests: what it deploys there is gone with it."""
        return any(
            _TEST_CLUSTER.search(step.action) or (command and _TEST_CLUSTER.search(command.name))
            for step in self.steps
            for command in (None, *step.script.commands)
        )

    @property
    def environment(self) -> Leaf | None:
        """The name of the GitHub environment that it belongs to."""
        return self.node.leaf("environment") or self.node.leaf("environment", "name")

    @property
    def at(self) -> Span:
        return self.node.key_at

    def permission(self, name: str) -> str:
        """Return what the job may do, by its own `permissions` or else those of the workflow."""
        for holder in (self.node, self.workflow.node):
            if "permissions" in holder:
                return holder.text("permissions", name) or holder.text("permissions")
        return ""


@record
class Workflow:
    """A workflow file."""

    source: Source
    node: Map

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def jobs(self) -> list[Job]:
        jobs = self.node.map("jobs")
        return [Job(self, name, jobs.map(name)) for name in jobs]

    @property
    def steps(self) -> Iterator[Step]:
        for job in self.jobs:
            yield from job.steps

    @property
    def events(self) -> list[str]:
        """The names of the events that run it."""
        triggers = self.node.get("on")
        if isinstance(triggers, Map):
            return list(triggers)
        return [self.node.text("on")] if isinstance(triggers, Leaf) else self.node.seq("on").texts()

    def trigger(self, event: str) -> Map | None:
        """Return the settings of an event that runs the workflow, or None."""
        triggers = self.node.get("on")
        if isinstance(triggers, Map):
            return triggers.map(event) if event in triggers else None
        return Map(source=self.source) if event in self.events else None

    def commands(self) -> Iterator[tuple[Step, Command]]:
        """Yield every command of every step."""
        for step in self.steps:
            for command in step.script.commands:
                yield step, command


def of_action(source: Source, node: Map) -> Workflow | None:
    """Return a composite action as a workflow of one job, `runs`, called with its inputs; None for other actions."""
    runs, outputs = node.map("runs"), node.map("outputs")
    if runs.text("using") != "composite":
        return None
    values = {name: value for name in outputs if (value := outputs.map(name).get("value"))}
    inputs = {name: Map(source=source) for name in node.map("inputs")}
    called = Map({"workflow_call": Map({"inputs": Map(inputs, source=source)}, source=source)}, source=source)
    job = replace(runs, entries={**runs.entries, "outputs": replace(outputs, entries=values)})
    return Workflow(source, Map({"on": called, "jobs": Map({"runs": job}, source=source)}, source=source))
