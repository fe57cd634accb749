"""Which rules there are: every module in the folders of `changes/hazards/`, a folder for each topic."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module

from generator.changes.hazards.model import Hazard
from generator.system import System

Rule = Callable[[System, System], Iterator[Hazard]]
_PACKAGE = "generator.changes.hazards"


def rules() -> Mapping[str, Rule]:
    """Return the `find` of every rule by its name, `topic/rule`, sorted."""
    return _rules(tuple(import_module(_PACKAGE).__path__))


@lru_cache
def _rules(folders: tuple[str, ...]) -> Mapping[str, Rule]:
    found: dict[str, Rule] = {}
    for topic in pkgutil.iter_modules(folders, f"{_PACKAGE}."):
        inner = import_module(topic.name).__path__ if topic.ispkg else ()
        for rule in pkgutil.iter_modules(inner, f"{topic.name}."):
            name = "/".join(rule.name.split(".")[-2:]).replace("_", "-")
            found[name] = import_module(rule.name).find
    return dict(sorted(found.items()))
