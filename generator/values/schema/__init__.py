"""Validate the merged values against `environments/schema.json`, with each error at the value's own place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache as once
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, FindingError, OetgenError, Span, error
from generator.findings.suggest import alternatives as others
from generator.project.cache import NO_CACHE, Cache, digest
from generator.project.folder import Project, read
from generator.project.limits import LIMIT
from generator.values.layers import FILE_KEYS, Layer, Values
from generator.values.schema.memo import Form
from generator.values.schema.metaschema import merged
from generator.values.schema.references import pointer
from generator.values.schema.rules import FLATTER, Schema, depth, read_schema
from generator.values.schema.stopped import STOPPING, StoppedError, stopped_finding, stopping
from generator.values.schema.wording import TYPES, display
from generator.values.source import KeyPath

if TYPE_CHECKING:  # 70 ms
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator


_MAX_DEPTH = 100  # levels of the schema; values have 50
_FEW = 5_000  # in a process that stays, where each keystroke makes new ones
_MANY = 50_000  # parts of values; beyond it, those of earlier runs are dropped


def load_schema(project: Project, cache: Cache = NO_CACHE) -> Schema:
    """Read the schema. Raises OetgenError when it is missing or invalid, FindingError when it cannot be read."""
    path = project.folders.schema
    text, unreadable = read(project, path)
    if unreadable and os.path.lexists(project.root / path):
        raise FindingError(unreadable)
    if unreadable:
        raise OetgenError(
            f"{path} does not exist: it declares the values of the project",
            "create it, as a JSON Schema; `oetgen init DIR` creates a whole project in a new folder, as an example",
        )
    known: Schema | None = cache.recall("schema", path, text)
    if known:
        return known
    schema = read_schema(text, path)
    if not cache.get("schema", str(project.root), digest(text)):  # jsonschema takes 0.1 s
        _check(schema)
        cache.put("schema", str(project.root), digest(text), True)
    accepted = frozenset(cache.get("accepted", str(project.root), digest(text)) or ())
    schema = replace(schema, accepted=set(accepted), accepted_before=accepted)
    cache.keep("schema", path, text, schema)
    return schema


def remember_accepted(schema: Schema, project: Project, cache: Cache) -> None:
    """Keep for the next run what jsonschema has accepted: importing it takes a fifth of the time of a render."""
    if cache.keeps_objects and len(schema.accepted) > _FEW:
        schema.accepted.clear()
    new = schema.accepted - schema.accepted_before
    if new:
        kept = schema.accepted if len(schema.accepted) < _MANY else new
        cache.put("accepted", str(project.root), digest(schema.text), kept)


def validate(schema: Schema, values: Values) -> list[Finding]:
    """Return the findings about the merged values, and about each layer by itself.

    A problem of a layer alone is overridden by a higher one: its finding names no environment.
    """
    try:
        return _validated(schema, values)
    except StoppedError as stopped:
        return [replace(stopped_finding(schema, values, stopped), environment=values.env)]


def _validated(schema: Schema, values: Values) -> list[Finding]:
    found = [replace(each, environment=values.env) for each in _findings(schema, values, schema.whole)]
    for layer in values.layers:
        key = bytes.fromhex(digest(layer.path, layer.text))
        if key not in schema.accepted:
            alone = [
                *_findings(schema, Values(values.env, layer.data, (layer,)), schema.layer),
                *_file_findings(schema, layer),
            ]
            found += alone
            schema.accepted.update([] if alone else [key])
    return list({(each.code, each.at, each.message): each for each in reversed(found)}.values())[::-1]


def findings_of(schema: Schema, values: Values) -> Iterator[Finding]:
    """Yield the findings about data that is not merged from layers: every error of the whole schema."""
    validator = _validator(schema.data)
    problems = list(validator.iter_errors(values.data))
    if problems:
        from generator.values.schema.findings import Explainer

        yield from Explainer(schema, validator, values).findings(problems)


def _file_findings(schema: Schema, layer: Layer) -> Iterator[Finding]:
    """Yield the findings about the keys that configure a file and are not values."""
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
        from generator.values.schema.findings import Explainer

        yield from Explainer(schema, validator, Values("", data, (layer,))).findings(problems)


def _findings(schema: Schema, values: Values, form: Form) -> Iterator[Finding]:
    left = form.left(values.data, schema.accepted)
    if left == []:
        return
    if left:
        rules, data = form.question(left)
        if not _problems(_validator(rules), data):
            schema.accepted.update(key for part in left for key in form.keys(part))
            return
    validator = _validator(form.rules)
    problems = _problems(validator, values.data)
    if problems:
        from generator.values.schema.findings import Explainer

        yield from Explainer(schema, validator, values).findings(problems)


def _problems(validator: Validator, data: Any) -> list[ValidationError]:
    return [problem for problem in validator.iter_errors(data) if not _removes(problem)]


def _removes(problem: ValidationError) -> bool:
    """Return whether the value is a null with which a layer removes a key."""
    path = problem.absolute_path
    return problem.instance is None and bool(path) and isinstance(path[-1], str)


def _validator(rules: Mapping[str, Any]) -> Validator:
    validator: Validator = _validator_class()(rules)
    return validator


@once
def _validator_class() -> Any:
    """Return the class of the validator. For it, 3.0 is not an integer, because it is rendered as a float."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    types = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    keywords = {word: stopping(word, Draft202012Validator.VALIDATORS[word]) for word in STOPPING}
    # types-jsonschema has no types for `extend`.
    return extend(Draft202012Validator, keywords, type_checker=types)  # type: ignore[no-untyped-call]


def _check(schema: Schema) -> None:
    from jsonschema import Draft202012Validator, SchemaError

    deepest, levels = depth(schema.data)
    if levels > _MAX_DEPTH:
        at = schema.located.at(deepest[:_MAX_DEPTH]) or Span(schema.path, 1)
        message = f"{schema.path} is nested more than {_MAX_DEPTH} levels deep"
        raise FindingError(error(LIMIT, message, at, hint=FLATTER))
    try:
        checker = Draft202012Validator.FORMAT_CHECKER
        if any(Draft202012Validator(merged(), format_checker=checker).iter_errors(schema.data)):
            Draft202012Validator.check_schema(schema.data)
    except SchemaError as problem:
        path = tuple(problem.absolute_path)
        message = f"found {display(problem.instance)}, {problem.message}"
        if path[-1:] == ("type",):
            message = (
                f"found {display(problem.instance)}, expected one of {others(str(problem.instance), TYPES)}"
            )
        hint = "fix the line; json-schema.org/understanding-json-schema describes each keyword"
        raise OetgenError(f"{_place(schema, path)}: not a JSON Schema: {message}", hint) from None
    for path, target in schema.bad_references():
        raise OetgenError(
            f'{_place(schema, path)}: "$ref" names {target}, which is not in this file or refers back to it',
            'declare the schema below "$defs", and refer to it as "#/$defs/NAME"',
        )


def _place(schema: Schema, path: KeyPath) -> str:
    at = schema.located.at(path)
    return f"{schema.path}:{at.line}:{at.column}" if at else schema.path


__all__ = ["Schema", "findings_of", "load_schema", "pointer", "remember_accepted", "validate"]
