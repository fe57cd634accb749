"""kubernetes-validate: validate each object strictly against the API schema of its cluster's Kubernetes version.

Why: the API server drops an unknown field, at best with a warning: `replica: 3` runs one replica.

Bad:

    spec: {replica: 3}

Good:

    spec: {replicas: 3}
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from generator.checks.rules.kubernetes.served_versions import cluster_version
from generator.checks.validators.places import deepest_error, location_of
from generator.checks.validators.work import EXTRA, Work, finding, package_version
from generator.findings import Finding
from generator.languages.node import plain
from generator.system import System
from generator.system.kubernetes import Object

NAME = "kubernetes-validate"
CODES = "kubernetes-validate"
INSTALL = EXTRA
IN_PROCESS = True
READS: tuple[str, ...] | None = ()
_FOLDER = re.compile(r"v(\d+\.\d+)\.\d+-local-strict")


def version(work: Work) -> str | None:
    if _folder() is None:
        return None
    used = sorted({_schemas_for(system)[0] for system in work.systems if system.manifests})
    return f"{package_version(NAME)}, schemas of {' and '.join(used)}" if used else package_version(NAME)


def run(work: Work) -> Iterator[Finding]:
    for system in work.systems:
        name, folder = _schemas_for(system)
        for each in system.manifests:
            data = plain(each.node)
            if work.clean.has(name, repr(data)):
                continue
            found = list(_validate(system, each, data, name, folder))
            if not found:
                work.clean.add(name, repr(data))
            yield from found


def _folder() -> Path | None:
    spec = importlib.util.find_spec("kubernetes_validate")
    folder = Path(spec.origin).parent / "kubernetes-json-schema" if spec and spec.origin else None
    return folder if folder and folder.is_dir() else None


def _schemas_for(system: System) -> tuple[str, Path]:
    """Return the version and the folder of the newest schemas that are not newer than the cluster."""
    folder = _folder()
    assert folder is not None
    known = {match[1]: each for each in folder.iterdir() if (match := _FOLDER.fullmatch(each.name))}
    ordered = sorted(known, key=_number)
    cluster = cluster_version(system)
    fitting = [name for name in ordered if cluster and _number(name) <= _number(cluster[0])]
    name = fitting[-1] if fitting else ordered[0] if cluster else ordered[-1]
    return name, known[name]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _validate(system: System, each: Object, data: Any, name: str, folder: Path) -> Iterator[Finding]:
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", each.version)
    path = folder / f"{each.kind.lower()}-{group}.json"
    if not path.is_file():
        return  # the rule served-versions reports unknown versions; resources of operators have no schema here
    for problem in _validator(path).iter_errors(data):
        inner = deepest_error(problem)
        message = f"{inner.message[:160]} (Kubernetes {name})"
        at = location_of(each.node, list(inner.absolute_path))
        hint = f"run kubectl explain {each.kind.lower()} for the list of fields"
        yield finding(system, "kubernetes-validate/schema", message, at, hint)


@lru_cache(maxsize=64)
def _validator(path: Path) -> Any:
    """Return the validator for one kind of object, cached because creating it takes longer than using it."""
    from jsonschema.validators import Draft202012Validator

    schema = json.loads(path.read_text("utf-8"))
    return Draft202012Validator(schema, registry=_registry(path.parent))


@lru_cache(maxsize=8)
def _registry(folder: Path) -> Any:
    from referencing import Registry, Resource

    definitions = json.loads((folder / "_definitions.json").read_text("utf-8"))
    return Resource.from_contents(definitions) @ Registry()
