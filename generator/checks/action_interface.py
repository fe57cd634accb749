"""What an action takes and returns: by the data file for public ones, by its own file for those of the same tree."""

from __future__ import annotations

from typing import NamedTuple

from generator.checks.data import table, words
from generator.languages.node import Map
from generator.system import System
from generator.system.workflows import Step


class Interface(NamedTuple):
    """The names of the inputs, required inputs and outputs of an action, in lower case, and where they are from."""

    inputs: frozenset[str]
    required: frozenset[str]
    outputs: frozenset[str]
    any_output: str  # how the names of further outputs begin; "" for none
    source: str


def interface(step: Step, system: System) -> Interface | None:
    """Return the interface of the action that a step uses, or None when it is not known."""
    entry = table("actions").get(step.action)
    if entry:
        inputs, required, outputs = (words(entry[key].lower()) for key in ("inputs", "required", "outputs"))
        return Interface(inputs, required, outputs, entry.get("any_output", ""), entry["read"])
    folder = step.node.text("uses")
    return _local(folder.removeprefix("./").strip("/"), system) if folder.startswith("./") else None


def _local(folder: str, system: System) -> Interface | None:
    paths = [f"{folder}/{name}".lstrip("/") for name in ("action.yml", "action.yaml")]
    path = next((each for each in paths if each in system.sources), "")
    node = system.first_map(system.sources[path]) if path else None
    if node is None:
        return None
    inputs = node.map("inputs")
    required = frozenset(name.lower() for name in inputs if _is_required(inputs.map(name)))
    names = (frozenset(name.lower() for name in node.map(key)) for key in ("inputs", "outputs"))
    taken, returned = names
    return Interface(taken, required, returned, "", f"in {path}")


def _is_required(settings: Map) -> bool:
    return settings.text("required").lower() == "true" and "default" not in settings
