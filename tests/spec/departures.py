"""The declared departures, held against those that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import yaml

from .compare import Difference

KINDS = ("cannot-work", "unsafe", "superseded")
FIELDS = ("file", "place", "document", "rendered", "kind", "reason")
MOST = 40


@dataclass(frozen=True)
class Departure:
    difference: Difference
    kind: str
    reason: str


class FormError(ValueError):
    """An entry is not written as an entry has to be."""


def load(text: str) -> list[Departure]:
    try:
        entries = yaml.load(text, yaml.CSafeLoader) or []
    except yaml.YAMLError as error:
        raise FormError(str(error)) from error
    if not isinstance(entries, list):
        raise FormError("expected a list of entries")
    return [_departure(number, entry) for number, entry in enumerate(entries, start=1)]


def _departure(number: int, entry: object) -> Departure:
    if not isinstance(entry, Mapping) or set(entry) != set(FIELDS):
        raise FormError(f"entry {number}: expected exactly the fields {', '.join(FIELDS)}")
    for field in FIELDS:
        if not isinstance(entry[field], str):
            raise FormError(f"entry {number}: {field} is no text, put it in quotes")
    difference = Difference(*(entry[field] for field in FIELDS[:4]))
    return Departure(difference, entry["kind"], entry["reason"])


def faults(departures: Sequence[Departure]) -> list[str]:
    """What is wrong with the entries themselves."""
    found = [fault for departure in departures for fault in _entry_faults(departure)]
    seen: set[Difference] = set()
    for each in departures:
        if each.difference in seen:
            found.append(f"{_address(each.difference)}: declared twice")
        seen.add(each.difference)
    if len(departures) > MOST:
        found.append(f"{len(departures)} entries, expected at most {MOST}")
    return found


def _entry_faults(departure: Departure) -> list[str]:
    address = _address(departure.difference)
    found = []
    if departure.kind not in KINDS:
        found.append(f"{address}: kind {departure.kind!r}, expected one of {', '.join(KINDS)}")
    if not departure.reason.strip():
        found.append(f"{address}: the reason is empty")
    return found


def undeclared(departures: Sequence[Departure], found: Sequence[Difference]) -> list[Difference]:
    declared = {each.difference for each in departures}
    return [each for each in found if each not in declared]


def outdated(departures: Sequence[Departure], found: Sequence[Difference]) -> list[str]:
    """Entries of which the rendered tree knows nothing, each with what it has instead."""
    return [
        f"{_address(each.difference)}: {_instead(each.difference, found)}"
        for each in departures
        if each.difference not in found
    ]


def _instead(declared: Difference, found: Sequence[Difference]) -> str:
    here = [each for each in found if _address(each) == _address(declared)]
    if not here:
        return "departs no more, drop the entry"
    return "; ".join(
        f"the entry says {declared.document!r} -> {declared.rendered!r}, "
        f"the rendered tree {each.document!r} -> {each.rendered!r}"
        for each in here
    )


def as_entries(differences: Sequence[Difference]) -> str:
    """YAML to paste; the empty kind and reason do not pass until someone fills them in."""
    entries = [asdict(each) | {"kind": "", "reason": ""} for each in differences]
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=100)


def _address(difference: Difference) -> str:
    return f"{difference.file} at {difference.place}"
