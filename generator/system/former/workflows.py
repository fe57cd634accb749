"""GitHub's workflows: jobs, steps, the shell of each step and the variables that it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from generator.findings import Span
from generator.languages.shell.read import parse as parse_shell
from generator.languages.shell.script import Command, Script
from generator.languages.source import Source
from generator.system.former.nodes import Map

_EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'])*?\}\}")


@dataclass(frozen=True)
class Step:
    """A step: what it uses or runs."""

    job: Job
    data: Map
    number: int

    @property
    def name(self) -> str:
        """What people call it."""
        return self.data.text("name") or self.data.text("uses") or f"step {self.number + 1}"

    @property
    def id(self) -> str:
        return self.data.text("id")

    @property
    def action(self) -> str:
        """The action that it uses, without its reference."""
        return self.data.text("uses").partition("@")[0]

    @property
    def run(self) -> str:
        return self.data.text("run")

    @property
    def folder(self) -> str:
        """The folder that it runs in, relative to the repository, without ./"""
        own = self.data.text("working-directory")
        job = self.job.data.sub("defaults", "run").text("working-directory")
        found = own or job or self.job.workflow.data.sub("defaults", "run").text("working-directory")
        return found.removeprefix("./").rstrip("/") if found not in (".", "./") else ""

    @property
    def is_shell(self) -> bool:
        """Whether it runs in sh or bash: the default of all but Windows."""
        named = self.data.text("shell") or self.job.data.sub("defaults", "run").text("shell")
        return named.split(" ")[0] in ("", "sh", "bash") and "windows" not in self.job.data.text("runs-on")

    @cached_property
    def script(self) -> Script:
        """Its shell code; an expression of GitHub's is a word like any other."""
        text = self.run if self.is_shell else ""
        return parse_shell(_EXPRESSION.sub(lambda found: re.sub("[^\n]", "x", found[0]), text))

    def place(self, offset: int, length: int = 1) -> Span:
        """Return the place of a character of its `run:`."""
        line, column = self.script.place(offset)
        return self.data.line_of("run", line, column, length)

    def given(self) -> Iterator[tuple[str, Map]]:
        """Yield each variable that it is given, with the `env` that it stands in; the nearest first."""
        for holder in (self.data, self.job.data, self.job.workflow.data):
            env = holder.sub("env")
            for name in env:
                yield name, env

    def variable(self, name: str) -> tuple[str, Span] | None:
        """Return the text of a variable that it is given, and its place."""
        found = next((env for each, env in self.given() if each == name), None)
        return (found.text(name), found.at(name)) if found else None

    def filled(self, text: str) -> str:
        """Return a word of its shell code with the variables that it is given filled in."""
        given = {name: env.text(name) for name, env in reversed(list(self.given()))}
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: given.get(found[1] or found[2], found[0]), text)


@dataclass(frozen=True)
class Job:
    """A job of a workflow."""

    workflow: Workflow
    name: str
    data: Map

    @cached_property
    def steps(self) -> list[Step]:
        return [Step(self, data, number) for number, data in enumerate(self.data.each("steps"))]

    @property
    def needs(self) -> list[tuple[str, Span]]:
        """The jobs that it waits for, with their places."""
        single = self.data.text("needs")
        if single:
            return [(single, self.data.at("needs"))]
        return list(self.data.listed("needs").texts())

    @property
    def environment(self) -> tuple[str, Span] | None:
        """The GitHub environment that it belongs to."""
        text = self.data.text("environment")
        if text:
            return text, self.data.at("environment")
        inner = self.data.sub("environment")
        return (inner.text("name"), inner.at("name")) if inner else None

    @property
    def at(self) -> Span:
        return self.workflow.data.sub("jobs").key_at(self.name)

    def permission(self, name: str) -> str:
        """Return what the job may do, by its own `permissions` or else the workflow's."""
        for holder in (self.data, self.workflow.data):
            if "permissions" in holder:
                return holder.sub("permissions").text(name) or holder.text("permissions")
        return ""


@dataclass(frozen=True)
class Workflow:
    """A workflow file."""

    source: Source
    data: Map

    @cached_property
    def jobs(self) -> list[Job]:
        jobs = self.data.sub("jobs")
        return [Job(self, name, jobs.sub(name)) for name in jobs]

    @property
    def steps(self) -> Iterator[Step]:
        for job in self.jobs:
            yield from job.steps

    def trigger(self, event: str) -> Map | None:
        """Return the settings of an event that runs the workflow, or None."""
        found = self.data.get("on")
        if isinstance(found, Map):
            return found.sub(event) if event in found else None
        names = [self.data.text("on"), *(text for text, _ in self.data.listed("on").texts())]
        return Map(self.source) if event in names else None

    def commands(self) -> Iterator[tuple[Step, Command]]:
        """Yield every command of every step."""
        for step in self.steps:
            for command in step.script.commands:
                yield step, command
