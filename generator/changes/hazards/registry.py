"""Which rules there are: every module in the folders of `changes/hazards/`, a folder for each topic."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from generator.changes.hazards.model import Hazard
from generator.system import System

Rule = Callable[[System, System], Iterator[Hazard]]
_PACKAGE = "generator.changes.hazards"


def rules() -> Mapping[str, Rule]:
    """Return the `find` of every rule by its name, `topic/rule`, sorted."""
    found: dict[str, Rule] = {}
    for topic in _modules(_PACKAGE):
        for rule in _modules(topic.name) if topic.ispkg else ():
            name = "/".join(rule.name.split(".")[-2:]).replace("_", "-")
            found[name] = import_module(rule.name).find
    return dict(sorted(found.items()))


def _modules(package: str) -> Iterator[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(import_module(package).__path__, f"{package}.")
