"""check-jsonschema: validate workflows, actions and Compose files against their published JSON Schemas.

Why: GitHub rejects the whole workflow for one unknown key; Compose rejects the whole file.

Bad:

    jobs: {test: {run-on: ubuntu-latest}}

Good:

    jobs: {test: {runs-on: ubuntu-latest}}
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from generator.checks.validators.places import deepest_error, location_of
from generator.checks.validators.work import EXTRA, Work, finding, package_version
from generator.findings import Finding
from generator.languages.github import is_action
from generator.languages.node import Map, plain
from generator.system import System

NAME = "check-jsonschema"
CODES = "check-jsonschema"
INSTALL = EXTRA
IN_PROCESS = True
READS = ("compose", "github")

# The language and the schema of files, and which of the files are meant.
_SCHEMAS: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    ("github", "github-workflows", lambda path: not is_action(path)),
    ("github", "github-actions", is_action),
    ("compose", "compose-spec", lambda path: True),
)


def version(work: Work) -> str | None:
    return package_version(NAME) if _folder() else None


def _folder() -> Path | None:
    """Return the folder of the schemas, without importing the package."""
    spec = importlib.util.find_spec("check_jsonschema")
    folder = Path(spec.origin).parent / "builtin_schemas" / "vendor" if spec and spec.origin else None
    return folder if folder and folder.is_dir() else None


def run(work: Work) -> Iterator[Finding]:
    for kind, name, is_meant in _SCHEMAS:
        documents = [
            (system, document)
            for system, source in work.files(kind)
            if is_meant(source.path) and (document := system.first_map(source))
        ]
        if documents:
            yield from _validate(name, documents)


def _validate(name: str, documents: list[tuple[System, Map]]) -> Iterator[Finding]:
    from jsonschema.validators import validator_for

    folder = _folder()
    assert folder is not None
    schema: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    validator = validator_for(schema)(schema)
    for system, document in documents:
        for problem in validator.iter_errors(plain(document)):
            inner = deepest_error(problem)
            message = f"{_shortened(inner.message)} (schema {name})"
            at = location_of(document, list(inner.absolute_path))
            yield finding(
                system, f"check-jsonschema/{name}", message, at, "compare it with the schema's documentation"
            )


def _shortened(message: str) -> str:
    return message if len(message) <= 160 else f"{message[:157]}…"
