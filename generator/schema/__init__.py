"""The merged values against `environments/schema.json`, each error at the value's own place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, OetgenError
from generator.located import KeyPath
from generator.located import alternatives as others
from generator.project import Project, read
from generator.schema.partial import without_demands, without_false
from generator.schema.rules import SCHEMA, Schema, pointer, read_schema
from generator.schema.wording import TYPES, shown
from generator.values import Layer, Values

if TYPE_CHECKING:  # a judge that is loaded only when it is needed: 70 ms
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator


def load_schema(project: Project) -> Schema:
    """Read the schema. Raises OetgenError when it is missing or no schema."""
    text, unreadable = read(project, SCHEMA)
    if unreadable:
        raise OetgenError(f"{SCHEMA} {unreadable.message}", "it says which values there are: restore it")
    schema = read_schema(text)
    _check(schema)
    return schema


def validate(schema: Schema, values: Values) -> list[Finding]:
    """Return what is wrong with the merged values, and with each layer taken by itself.

    What only a layer has wrong is overridden by one above it: it breaks no environment, and names none.
    """
    rules = without_false(schema.data)
    found = [replace(finding, environment=values.env) for finding in _findings(schema, rules, values)]
    partial = without_demands(rules)
    for layer in values.layers:
        found += _findings(schema, partial, _alone(values.env, layer))
    return list({(each.code, each.at, each.message): each for each in reversed(found)}.values())[::-1]


def _alone(env: str, layer: Layer) -> Values:
    return Values(env, layer.data, (layer,))


def _findings(schema: Schema, rules: dict[str, Any], values: Values) -> Iterator[Finding]:
    validator = _validator(rules)
    try:
        problems = [problem for problem in validator.iter_errors(values.data) if not _removes(problem)]
    except RecursionError:
        raise OetgenError(f"{SCHEMA} refers to itself without end", 'look for "$ref" in "allOf"') from None
    if problems:
        from generator.schema.explain import Explainer  # only where something is wrong

        yield from Explainer(schema, validator, values).findings(problems)


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


__all__ = ["SCHEMA", "Schema", "load_schema", "pointer", "validate"]
