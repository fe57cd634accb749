"""Sort the errors of jsonschema: which are relevant, and which branch of `oneOf` or `anyOf` was intended."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError

_KINDS = ("type", "const", "enum")


def relevant(problems: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Yield the errors that do not follow from another: for a value of the wrong type, only that one."""
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


def intended(problem: ValidationError) -> tuple[int, list[ValidationError]] | None:
    """Return the index of the branch that a value was probably intended for, and its errors.

    It is the one that fits best; None when two fit equally well, or when the value has none of the types.
    """
    branches = _branches(problem)
    ranked = sorted((_misfit(problem.instance, errors), index) for index, errors in branches.items())
    if not ranked or ranked[0][0][0] or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1], branches[ranked[0][1]]


def discriminator(problem: ValidationError) -> list[ValidationError]:
    """Return the errors of the key whose value selects the branch, when it has the value of no branch."""
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
    """Return the keys that a rule declares."""
    return list(rule.get("properties", {}))


def unknown_keys(rule: Any, instance: Any) -> list[str]:
    """Return the keys of a map that a rule neither declares nor has a pattern for."""
    patterns = rule.get("patternProperties", {})
    return [
        key
        for key in instance
        if key not in rule.get("properties", {}) and not any(re.search(each, key) for each in patterns)
    ]


def _key(problem: ValidationError) -> str:
    """Return the key that an error of `propertyNames` is about."""
    return str(problem.instance) if "propertyNames" in problem.absolute_schema_path else ""


def _branches(problem: ValidationError) -> dict[int, list[ValidationError]]:
    branches: dict[int, list[ValidationError]] = defaultdict(list)
    for error in problem.context or ():
        branches[int(error.relative_schema_path[0])].append(error)
    return branches


def _misfit(value: Any, errors: list[ValidationError]) -> tuple[bool, int, int, int]:
    """Rank a branch: by type, by the keys that select a branch, by other keys, by the number of errors."""
    here = [error for error in errors if not error.relative_path]
    other = any(error.validator == "type" or _is_other_kind(error, value) for error in here)
    selecting = sum(
        len(error.relative_path) == 1 and error.validator in ("const", "enum") for error in errors
    )
    keys = sum(error.validator in ("required", "additionalProperties", "propertyNames") for error in here)
    return other, selecting, keys, len(errors)


def _is_other_kind(error: ValidationError, value: Any) -> bool:
    """Return whether a branch allows only certain values, all of another type."""
    allowed: Any = error.validator_value
    choices = {"enum": allowed, "const": [allowed]}.get(str(error.validator), [value])
    return not any(type(choice) is type(value) for choice in choices)
