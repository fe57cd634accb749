"""The environment of all measurements: tools, clock, and new folders."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.files import read_tree
from benchmarks.measure import Command, Meter
from benchmarks.pieces import Example, parameters
from benchmarks.projects import ROOT, Copy, copy_project
from benchmarks.tools import Tools


@dataclass(frozen=True)
class Bench:
    """How to run oetgen and other tools; `many` and `some` are the numbers of environments of large projects."""

    scratch: Path
    tools: Tools
    meter: Meter
    python: str
    oetgen: tuple[str, ...]
    many: int
    some: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new(self, name: str) -> Path:
        """Return the path of a folder that has never existed."""
        return self.scratch / f"{next(self._numbers):04}-{name}"

    def project(self, environments: int | None = None, templates: int = 1) -> Copy:
        """Return a new copy of the project."""
        return copy_project(self.new("project"), environments, templates)

    def run(self, project: Copy, *arguments: str, cache: Path | None = None, expects: str = "") -> Command:
        """Return the command that runs oetgen in a project, by default with an empty cache."""
        return Command((*self.oetgen, *arguments), project.root, cache or self.new("cache"), expects)

    def nothing(self) -> Command:
        """Return the command that only starts Python."""
        return Command((self.python, "-c", "pass"), self.scratch, self.scratch)

    def rendered(self, environments: int | None = None) -> Copy:
        """Return a new copy of the project that is already rendered."""
        project = self.project(environments)
        self.meter(self.run(project, "render", "--all"))
        return project


def make_bench(scratch: Path, tools: Tools, many: int, some: int) -> Bench:
    """Install oetgen, or use the one of this Python if nothing shall be installed."""
    if tools.install:
        programs = tools.oetgen()
        python, oetgen = str(programs / "python"), (str(programs / "oetgen"),)
        return Bench(scratch, tools, Meter(scratch), python, oetgen, many, some)
    python = sys.executable
    meter = Meter(scratch, (("PYTHONPATH", str(ROOT)),))
    return Bench(scratch, tools, meter, python, (python, "-m", "generator"), many, some)


def examples(project: Copy, *, all_files: bool) -> list[Example]:
    """Return the expected output of other tools: all files of each rendered environment, or only its manifests."""
    from generator.project.folder import Project
    from generator.values.layers import load_values

    found = []
    for env in project.environments():
        values, _ = load_values(Project(project.root), env)
        files = project.files(env) if all_files else manifests(project.root / "out" / env / "k8s")
        found.append(Example(env, parameters(values.data), files))
    return found


def manifests(folder: Path) -> dict[str, str]:
    """Return the text of each resource file of a kustomization."""
    import yaml

    names = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))["resources"]
    return {name: text for name, text in read_tree(folder).items() if name in names}
