"""The merged values against `environments/schema.json`, each error at the value's own place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.cache import NO_CACHE, Cache, digest
from generator.findings import Finding, OetgenError
from generator.located import KeyPath
from generator.located import alternatives as others
from generator.project import Project, read
from generator.schema.partial import without_demands, without_false
from generator.schema.rules import SCHEMA, Schema, pointer, read_schema
from generator.schema.wording import TYPES, shown
from generator.values import FILE_KEYS, Layer, Values

if TYPE_CHECKING:  # a judge that is loaded only when it is needed: 70 ms
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator


_MANY = 50_000  # parts of values; then those of former runs are forgotten


def load_schema(project: Project, cache: Cache = NO_CACHE) -> Schema:
    """Read the schema. Raises OetgenError when it is missing or no schema."""
    text, unreadable = read(project, SCHEMA)
    if unreadable:
        raise OetgenError(f"{SCHEMA} {unreadable.message}", "it says which values there are: restore it")
    schema = read_schema(text)
    if not cache.get("schema", str(project.root), digest(text)):  # asking jsonschema takes 0.1 s
        _check(schema)
        cache.put("schema", str(project.root), digest(text), True)
    accepted = frozenset(cache.get("accepted", str(project.root), digest(text)) or ())
    return replace(schema, text=text, accepted=set(accepted), accepted_before=accepted)


def remember_accepted(schema: Schema, project: Project, cache: Cache) -> None:
    """Keep what jsonschema has accepted for the next run: importing it takes a fifth of the time of a render."""
    new = schema.accepted - schema.accepted_before
    if new:
        kept = schema.accepted if len(schema.accepted) < _MANY else new
        cache.put("accepted", str(project.root), digest(schema.text), kept)


def validate(schema: Schema, values: Values) -> list[Finding]:
    """Return what is wrong with the merged values, and with each layer taken by itself.

    What only a layer has wrong is overridden by one above it: it breaks no environment, and names none.
    """
    found = [replace(each, environment=values.env) for each in _findings(schema, values, whole=True)]
    for layer in values.layers:
        if (layer.path, layer.text) not in schema.accepted:
            alone = [
                *_findings(schema, _alone(values.env, layer), whole=False),
                *_file_findings(schema, layer),
            ]
            found += alone
            schema.accepted.update([] if alone else [(layer.path, layer.text)])
    return list({(each.code, each.at, each.message): each for each in reversed(found)}.values())[::-1]


def _file_findings(schema: Schema, layer: Layer) -> Iterator[Finding]:
    """Yield what is wrong with the keys that are about a file and no values."""
    data = {key: layer.located.data[key] for key in FILE_KEYS if key in layer.located.data}
    if not data:
        return
    known = schema.data.get("properties", {})
    rules = {
        "properties": {key: known[key] for key in data if key in known},
        "$defs": schema.data.get("$defs", {}),
    }
    validator = _validator(rules)
    problems = list(validator.iter_errors(data))
    if problems:
        from generator.schema.explain import Explainer

        yield from Explainer(schema, validator, Values("", data, (layer,))).findings(problems)


def _alone(env: str, layer: Layer) -> Values:
    return Values(env, layer.data, (layer,))


def _findings(schema: Schema, values: Values, *, whole: bool) -> Iterator[Finding]:
    rules, data, parts = _left(schema, values.data, whole)
    if parts and not data and not rules.get("required"):
        return
    validator = _validator(rules)
    try:
        problems = [problem for problem in validator.iter_errors(data) if not _removes(problem)]
    except RecursionError:
        raise OetgenError(f"{SCHEMA} refers to itself without end", 'look for "$ref" in "allOf"') from None
    if problems:
        from generator.schema.explain import Explainer  # only where something is wrong

        yield from Explainer(schema, validator, values).findings(problems)
    else:
        schema.accepted.update(parts)


# With only these, what the root of a schema says of one key does not depend on the others.
_BY_KEY = frozenset(
    "$schema $id $defs title description type properties required additionalProperties".split()
)


def _left(schema: Schema, data: Any, whole: bool) -> tuple[Any, Any, Iterable[tuple[str, ...]]]:
    """Return the rules and the part of `data` that jsonschema has to judge, and what it accepts by accepting them.

    A part that it has accepted is not shown to it again: environments share most of them, and it takes longer than
    all the rest of a render.
    """
    rules = without_false(schema.data) if whole else without_demands(without_false(schema.data))
    if not set(rules) <= _BY_KEY:
        return rules, data, ()
    kind = "whole" if whole else "layer"
    known = rules.get("properties", {})
    parts = {key: (kind, key, json.dumps(value)) for key, value in data.items() if key in known}
    left = {key: value for key, value in data.items() if parts.get(key) not in schema.accepted}
    if "required" in rules:
        asked = [key for key in rules["required"] if key not in data or key in left]
        rules = {**rules, "required": asked}
    return rules, left, parts.values()


def _removes(problem: ValidationError) -> bool:
    """Say whether the value is a null by which a layer takes a key away."""
    path = problem.absolute_path
    return problem.instance is None and bool(path) and isinstance(path[-1], str)


def _validator(rules: dict[str, Any]) -> Validator:
    """Return the judge. To it, 3.0 is no integer: what is written as a float is rendered as a float."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    # types-jsonschema says nothing about what `extend` takes and returns.
    judge: Validator = extend(Draft202012Validator, type_checker=types)(rules)  # type: ignore[no-untyped-call]
    return judge


def _check(schema: Schema) -> None:
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema.data)
    except SchemaError as problem:
        path = tuple(problem.absolute_path)
        message = f"found {shown(problem.instance)}, {problem.message}"
        if path[-1:] == ("type",):
            message = (
                f"found {shown(problem.instance)}, expected one of {others(str(problem.instance), TYPES)}"
            )
        hint = "mend the line; json-schema.org/understanding-json-schema says what each word takes"
        raise OetgenError(f"{_place(schema, path)}: no JSON Schema: {message}", hint) from None
    for path, target in schema.bad_references():
        raise OetgenError(
            f'{_place(schema, path)}: "$ref" names {target}, which is not in this file or leads back here',
            'put a schema below "$defs", and name it "#/$defs/NAME"',
        )


def _place(schema: Schema, path: KeyPath) -> str:
    at = schema.located.at(path)
    return f"{SCHEMA}:{at.line}:{at.column}" if at else SCHEMA


__all__ = ["SCHEMA", "Schema", "load_schema", "pointer", "remember_accepted", "validate"]
