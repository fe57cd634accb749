"""`plan` refuses what an API server refuses, and nothing else: the edits of api_server.txt, with its answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from generator.changes.hazards import Effect
from generator.changes.hazards.kubernetes import immutable, refused
from generator.system import System

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
FOLDER = Path(__file__).parent
# The claim of the table is not bound, which files cannot say; a bound one may grow and change its attributes.
UNBOUND = ("PersistentVolumeClaim/data", ["1000Gi", "x"])


class Edit(NamedTuple):
    is_refused: bool
    sign: str
    path: list[Any]
    value: Any

    def applied(self, base: Any) -> Any:
        """Return a copy of an object with this edit."""
        changed = copy.deepcopy(base)
        holder = changed
        *way, last = self.path
        for key in way:
            holder = holder[key]
        if self.sign == "-":
            del holder[last]
        elif self.sign == "+":
            holder.append(self.value)
        else:
            holder[last] = self.value
        return changed


def edits() -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    base = ""
    for line in (FOLDER / "api_server.txt").read_text("utf-8").splitlines():
        verdict, _, rest = line.partition(" ")
        if not rest:
            base = line or base
        elif verdict != "#":
            sign, path = rest.split(maxsplit=1)
            keys, end = json.JSONDecoder().raw_decode(path)
            value = json.loads(path[end:] or "null")
            found.setdefault(base, []).append(Edit(verdict == "refused", sign, keys, value))
    return found


def bases() -> dict[str, Any]:
    objects = yaml.safe_load((FOLDER / "api_server.yaml").read_text("utf-8"))
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in objects}


def system(content: Any) -> System:
    return System.of_files({"k8s/a.yaml": yaml.dump(content, Dumper=DUMPER)})


def refusals(old: System, new: System) -> Iterator[str]:
    for rule in (immutable.find, refused.find):
        yield from (each.message for each in rule(old, new) if each.effect is Effect.REFUSED)


EDITS, BASES = edits(), bases()


def test_every_object_has_edits() -> None:
    assert set(EDITS) == set(BASES)
    assert sum(map(len, EDITS.values())) == 731


@pytest.mark.parametrize("name", EDITS)
def test_verdicts(name: str) -> None:
    old = system(BASES[name])
    assert not list(refusals(System([]), old)), "the object is accepted"
    wrong = []
    for edit in EDITS[name]:
        found = list(refusals(old, system(edit.applied(BASES[name]))))
        if bool(found) != edit.is_refused and not (name == UNBOUND[0] and edit.value in UNBOUND[1]):
            wrong.append((edit, found))
    assert wrong == []
