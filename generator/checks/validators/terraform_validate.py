"""`terraform validate`: check arguments and types against the provider schemas that `terraform init` has
downloaded.

It runs only with `--project-tools`, and in each folder of the output that is initialised: the providers in its
`.terraform` are programs, which somebody else may have put there. It does not change that folder.

Why: `terraform plan` also reports an unknown argument, but needs credentials.

Bad:

    resource "aws_ecr_repository" "a" { names = "a" }

Good:

    resource "aws_ecr_repository" "a" { name = "a" }
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from generator.checks.validators.terraform_format import terraform_version
from generator.checks.validators.work import Work, finding, unreadable
from generator.findings import Finding, Severity
from generator.project.files import read_bytes
from generator.system import System

NAME = "terraform validate"
CODES = "terraform-validate"
INSTALL = "terraform -chdir=FOLDER init -backend=false in the output, and use --project-tools"
IN_PROCESS = False
READS: tuple[str, ...] | None = None
_LOCK = ".terraform.lock.hcl"


def version(work: Work) -> str | None:
    if not work.project_tools:
        return None
    ready = [system.env for system in work.systems if _folders(work, system)]
    terraform = terraform_version(work)
    return f"{terraform}, of {' and '.join(ready)}" if ready and terraform else None


def _folders(work: Work, system: System) -> list[str]:
    """Return the folders of Terraform in the output of an environment that are initialised."""
    return [each for each in system.terraform.modules if _data(work, system, each).is_dir()]


def _data(work: Work, system: System, folder: str) -> Path:
    return work.root / system.folder / folder / ".terraform"


def run(work: Work) -> Iterator[Finding]:
    work.write()
    for system in work.systems:
        for name in _folders(work, system):
            folder = work.folder / system.folder / name
            lock = _data(work, system, name).parent / _LOCK
            with suppress(OSError):
                text = read_bytes(str(work.root), lock.relative_to(work.root).as_posix())
                (folder / _LOCK).write_bytes(text)
            for each in _diagnostics(work, _data(work, system, name), folder):
                yield _finding(system, name, each)


def _diagnostics(work: Work, data: Path, folder: Path) -> list[dict[str, Any]]:
    command = [work.program("terraform") or "terraform", "validate", "-json", "-no-color"]
    done = work.call(command, {"TF_DATA_DIR": str(data)}, str(folder))
    try:
        diagnostics: list[dict[str, Any]] = json.loads(done.stdout)["diagnostics"]
    except (ValueError, KeyError):
        raise unreadable(NAME, done) from None
    return diagnostics


def _finding(system: System, folder: str, each: dict[str, Any]) -> Finding:
    place = each.get("range") or {}
    source = system.sources.get(posixpath.join(folder, place.get("filename", "main.tf")))
    severity = Severity.ERROR if each["severity"] == "error" else Severity.WARNING
    start = place.get("start", {"line": 1, "column": 1})
    at = (source or next(iter(system.sources.values()))).span(start["line"], start["column"], 1)
    message = f"{each['summary']}: {' '.join(each.get('detail', '').split())}".rstrip(": ")
    hint = "compare it with the provider's documentation"
    return finding(system, "terraform-validate/diagnostic", message, at, hint, severity)
