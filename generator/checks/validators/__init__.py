"""Programs and packages that others keep, run over the output: each is used where it is installed, and named
where it is not.

A module for each. It says its name, how to install it, and which version there is; `run` yields findings at
places of the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from generator.checks.validators import (
    check_jsonschema,
    docker_parser,
    hadolint,
    hashicorp_hcl,
    kubectl,
    kubernetes_schemas,
    shellcheck,
    terraform_format,
    terraform_validate,
    workflow_parser,
    zizmor,
)
from generator.checks.validators.work import Work
from generator.findings import Finding
from generator.system.former import Parsed


class Validator(Protocol):
    """What a module of this package offers."""

    __doc__: str | None
    NAME: str
    CODES: str
    INSTALL: str
    IN_PROCESS: bool  # a Python package, and no program of its own

    def version(self, work: Work) -> str | None:
        """Return the version that is installed, or None."""

    def run(self, work: Work) -> Iterator[Finding]:
        """Yield what it says of the output of all environments."""


VALIDATORS: Mapping[str, Validator] = {
    each.NAME: each
    for each in (
        check_jsonschema,
        docker_parser,
        hadolint,
        hashicorp_hcl,
        kubectl,
        kubernetes_schemas,
        shellcheck,
        terraform_format,
        terraform_validate,
        workflow_parser,
        zizmor,
    )
}


@dataclass(frozen=True)
class Ran:
    """A validator and its version; None where it is not installed."""

    name: str
    version: str | None
    install: str


def run(trees: Sequence[Parsed], root: Path) -> tuple[list[Ran], list[Finding]]:
    """Run every validator that is installed over the output of these environments.

    `root` is the project's folder. The output is written to a folder of its own, which is gone afterwards.
    """
    with TemporaryDirectory(prefix="oetgen-") as folder:
        work = Work(Path(folder), root, tuple(trees))
        work.write()
        done = _run_all(work)
    return [ran for ran, _ in done.values()], [
        finding for _, findings in done.values() for finding in findings
    ]


def _run_all(work: Work) -> dict[str, tuple[Ran, list[Finding]]]:
    """Run programs side by side, which halves the time; packages in this thread, for not all bear another."""
    with ThreadPoolExecutor() as pool:
        waiting = {
            each.NAME: pool.submit(_run, each, work) for each in VALIDATORS.values() if not each.IN_PROCESS
        }
        ready = {each.NAME: _run(each, work) for each in VALIDATORS.values() if each.IN_PROCESS}
        return {name: ready[name] if name in ready else waiting[name].result() for name in VALIDATORS}


def _run(validator: Validator, work: Work) -> tuple[Ran, list[Finding]]:
    version = validator.version(work)
    findings = list(validator.run(work)) if version is not None else []
    return Ran(validator.NAME, version, validator.INSTALL), findings
