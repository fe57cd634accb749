"""External programs and packages that check the output. A report lists those that are not installed.

Each module declares the name of its tool, the command that installs it, and its version; `run` yields findings with
locations in the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Protocol, cast

from generator.checks.remembered import Clean, Remembered, content, rule_set
from generator.checks.validators.work import Work
from generator.findings import Finding, OetgenError
from generator.findings.record import record
from generator.project.cache import digest
from generator.project.limits import EXCEEDED, Limits, reason
from generator.render.tree import Tree
from generator.system import System


class Validator(Protocol):
    """The interface of the modules of this package."""

    __doc__: str | None
    NAME: str
    CODES: str
    INSTALL: str
    IN_PROCESS: bool  # a Python package, not a program
    # The languages of the files that decide what it finds in an environment, each file by itself; without any, all
    # files together do. None when more than the files decides it, so that it runs each time.
    READS: tuple[str, ...] | None

    def version(self, work: Work) -> str | None:
        """Return the installed version, or None."""

    def run(self, work: Work) -> Iterator[Finding]:
        """Yield the findings about the output of all environments."""


def _validators() -> Iterator[Validator]:
    """Yield the modules of this package that are validators, by name."""
    for each in iter_modules(__path__):
        module: ModuleType = import_module(f"{__name__}.{each.name}")
        if hasattr(module, "INSTALL"):
            yield cast(Validator, module)


VALIDATORS: Mapping[str, Validator] = {each.NAME: each for each in _validators()}


@record
class ToolRun:
    """A validator, its version (None if it is not installed), and the reason why it failed, if it did."""

    name: str
    version: str | None
    install: str
    failure: OetgenError | None = None


def run(
    checked: Sequence[tuple[System, Tree]],
    root: Path,
    remembered: Remembered,
    limits: Limits,
    *,
    project_tools: bool = False,
    jobs: int | None = None,
) -> tuple[list[ToolRun], list[Finding]]:
    """Run every installed validator on the output of these environments, unless it is remembered.

    `root` is the project's folder. The output is written to a temporary folder; with `project_tools`, programs and
    packages inside the project are run, too.
    """
    from tempfile import TemporaryDirectory  # 10 ms, which a check without tools does not need

    with TemporaryDirectory(prefix="oetgen-") as folder:
        systems = tuple(system for system, _ in checked)
        work = Work(Path(folder), root, systems, project_tools, remembered, Clean())
        results = _run_all(work, {tree.env: tree for _, tree in checked}, limits, jobs)
    return [ran for ran, _ in results.values()], [
        finding for _, findings in results.values() for finding in findings
    ]


def _run_all(
    work: Work, trees: Mapping[str, Tree], limits: Limits, jobs: int | None
) -> dict[str, tuple[ToolRun, list[Finding]]]:
    """Run programs in parallel, which halves the time, and packages in this thread, as some are not thread-safe."""
    from concurrent.futures import ThreadPoolExecutor  # 20 ms, likewise

    with ThreadPoolExecutor(jobs) as pool:
        waiting = {
            each.NAME: pool.submit(_run, each, work, trees)
            for each in VALIDATORS.values()
            if not each.IN_PROCESS
        }
        ready = {
            each.NAME: _held(each, work, trees, limits) for each in VALIDATORS.values() if each.IN_PROCESS
        }
        return {name: ready[name] if name in ready else waiting[name].result() for name in VALIDATORS}


def _held(
    validator: Validator, work: Work, trees: Mapping[str, Tree], limits: Limits
) -> tuple[ToolRun, list[Finding]]:
    """Run a package of this process within the limits of the time; programs would inherit those of the memory."""
    try:
        with limits.hold(memory=False):
            return _run(validator, work, trees)
    except EXCEEDED as problem:
        failure = OetgenError(f"{validator.NAME}: {reason(problem)}")
        return ToolRun(validator.NAME, "unknown", validator.INSTALL, failure), []


def _run(validator: Validator, work: Work, trees: Mapping[str, Tree]) -> tuple[ToolRun, list[Finding]]:
    """Run one validator. When it fails, only what it would have found later is missing."""
    version: str | None = None
    findings: list[Finding] = []
    failure = None
    try:
        version = validator.version(work)
        if version is not None:
            findings.extend(_found(validator, version, work, trees))  # keeps what was found before a failure
    except OetgenError as problem:
        version, failure = version or "unknown", problem
    return ToolRun(validator.NAME, version, validator.INSTALL, failure), findings


def _found(validator: Validator, version: str, work: Work, trees: Mapping[str, Tree]) -> Iterator[Finding]:
    """Yield what a validator finds: first what is remembered, then what it finds in the other environments."""
    work = replace(work, folder=work.folder / validator.CODES)
    work.folder.mkdir()
    if validator.READS is None:
        yield from validator.run(work)
        return
    code = digest(rule_set(), version)
    keys: dict[str, str] = {}
    for system in work.systems:
        key = digest(code, content(trees[system.env], validator.READS))
        earlier = work.remembered.tool(validator.NAME, system.env, key)
        if earlier is None:
            keys[system.env] = key
        else:
            yield from earlier
    if not keys:
        return
    systems = tuple(system for system in work.systems if system.env in keys)
    others = replace(work, systems=systems, clean=work.remembered.clean(validator.NAME, code))
    found: dict[str, list[Finding]] = {env: [] for env in keys}
    for each in validator.run(others):
        found[each.environment].append(each)
        yield each
    for env, key in keys.items():
        work.remembered.keep_tool(validator.NAME, env, key, found[env])
    others.examined(validator.READS, (each for findings in found.values() for each in findings))
    work.remembered.keep_clean(validator.NAME, code, others.clean)
