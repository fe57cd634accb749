"""`plan` refuses what an API server refuses, and nothing else.

api_server.txt has the answers of a server, api_server_more.txt those that its validation source gives.
"""

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
from tests.conftest import rows

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
            holder = holder.setdefault(key, {}) if isinstance(holder, dict) else holder[key]
        if self.sign == "-":
            del holder[last]
        elif self.sign == "+":
            holder.append(self.value)
        else:
            holder[last] = self.value
        return changed


def edits(name: str) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    base = ""
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        verdict, _, rest = line.partition(" ")
        if not rest:
            base = line or base
        elif verdict != "#":
            sign, path = rest.split(maxsplit=1)
            keys, end = json.JSONDecoder().raw_decode(path)
            value = json.loads(path[end:] or "null")
            found.setdefault(base, []).append(Edit(verdict == "refused", sign, keys, value))
    return found


def bases(name: str) -> dict[str, Any]:
    objects = yaml.load((FOLDER / name).read_text("utf-8"), yaml.CSafeLoader)
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in objects}


def system(content: Any) -> System:
    return System.of_files({"k8s/a.yaml": yaml.dump(content, Dumper=DUMPER)})


def refusals(old: System, new: System) -> Iterator[str]:
    for rule in (immutable.find, refused.find):
        yield from (each.message for each in rule(old, new) if each.effect is Effect.REFUSED)


EDITS, BASES = edits("api_server.txt"), bases("api_server.yaml")
MORE, OTHERS = edits("api_server_more.txt"), bases("api_server_more.yaml")


def test_every_object_has_edits() -> None:
    assert set(EDITS) == set(BASES)
    assert sum(map(len, EDITS.values())) == 731


@pytest.mark.parametrize("name", EDITS)
def test_verdicts(name: str) -> None:
    is_unbound = name == UNBOUND[0]
    assert (
        wrong(BASES[name], [each for each in EDITS[name] if not (is_unbound and each.value in UNBOUND[1])])
        == []
    )


@rows("name", MORE)
def test_verdicts_of_the_source(name: str) -> None:
    assert wrong({**BASES, **OTHERS}[name], MORE[name]) == []


def wrong(base: Any, of: list[Edit]) -> list[tuple[Edit, list[str]]]:
    old = system(base)
    assert not list(refusals(System([]), old)), "the object is accepted"
    answers = [(edit, list(refusals(old, system(edit.applied(base))))) for edit in of]
    return [(edit, found) for edit, found in answers if bool(found) != edit.is_refused]
