"""Errors of jsonschema, sorted out: which of them tell something, and which form of several was meant."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError

_KINDS = ("type", "const", "enum")


def telling(problems: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield the errors that do not only follow from another: of a value of the wrong type, nothing else is said."""
    by_place: dict[Any, list[ValidationError]] = defaultdict(list)
    for problem in problems:
        by_place[tuple(problem.absolute_path), _key(problem)].append(problem)
    for group in by_place.values():
        decisive = next((kind for kind in _KINDS if any(each.validator == kind for each in group)), None)
        kept = [each for each in group if decisive in (None, each.validator)]
        seen = set()
        for problem in kept[:1] if decisive else kept:
            what = (problem.validator, repr(problem.validator_value))
            if what not in seen:
                seen.add(what)
                yield problem


def meant(problem: ValidationError) -> tuple[int, list[ValidationError]] | None:
    """Return which of the forms that a failed choice allows was meant, and what is wrong with the value then.

    It is the one that fits best; None when two fit equally well, or when the value is of none of the types.
    """
    branches = _branches(problem)
    ranked = sorted((_misfit(problem.instance, errors), index) for index, errors in branches.items())
    if not ranked or ranked[0][0][0] or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1], branches[ranked[0][1]]


def discriminator(problem: ValidationError) -> list[ValidationError]:
    """Return, where every form names another value for one key and the key has none of them, those errors."""
    branches = list(_branches(problem).values())
    paths = [
        {
            tuple(error.relative_path)
            for error in errors
            if error.relative_path and error.validator in ("const", "enum")
        }
        for errors in branches
    ]
    common = set.intersection(*paths) if paths else set()
    if not common or len(branches) < 2:
        return []
    path = min(common, key=lambda each: (len(each), str(each)))
    return [
        error
        for errors in branches
        for error in errors
        if tuple(error.relative_path) == path and error.validator in ("const", "enum")
    ]


def known_keys(rule: Any) -> list[str]:
    """Return the keys that a rule names."""
    return list(rule.get("properties", {}))


def unknown_keys(rule: Any, instance: Any) -> list[str]:
    """Return the keys of a map that a rule neither names nor has a pattern for."""
    patterns = rule.get("patternProperties", {})
    return [
        key
        for key in instance
        if key not in rule.get("properties", {}) and not any(re.search(each, key) for each in patterns)
    ]


def _key(problem: ValidationError) -> str:
    """Return the key that an error is about which is not about its value."""
    return str(problem.instance) if "propertyNames" in problem.absolute_schema_path else ""


def _branches(problem: ValidationError) -> dict[int, list[ValidationError]]:
    branches: dict[int, list[ValidationError]] = defaultdict(list)
    for error in problem.context or ():
        branches[int(error.relative_schema_path[0])].append(error)
    return branches


def _misfit(value: Any, errors: list[ValidationError]) -> tuple[bool, int, int, int]:
    """Rank a form: of another type; by the keys that say which form it is; by other keys; by all that is wrong."""
    here = [error for error in errors if not error.relative_path]
    other = any(error.validator == "type" or _is_other_kind(error, value) for error in here)
    said = sum(len(error.relative_path) == 1 and error.validator in ("const", "enum") for error in errors)
    keys = sum(error.validator in ("required", "additionalProperties", "propertyNames") for error in here)
    return other, said, keys, len(errors)


def _is_other_kind(error: ValidationError, value: Any) -> bool:
    """Say whether a form allows only certain values, and all of them are of another type."""
    allowed: Any = error.validator_value
    choices = {"enum": allowed, "const": [allowed]}.get(str(error.validator), [value])
    return not any(type(choice) is type(value) for choice in choices)
