"""The merged values against `environments/schema.json`, each error at the value's own place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from generator.cache import NO_CACHE, Cache, digest
from generator.findings import Finding, Note, OetgenError, Span, error
from generator.located import KeyPath, Located, format_path, load, nearest
from generator.project import ENVIRONMENTS, Project, read
from generator.values import Values

SCHEMA = f"{ENVIRONMENTS}/schema.json"


_MANY = 50_000  # parts of values; then those of former runs are forgotten
# Rules that only the merged values can meet.
_DEMANDS = ("required", "minProperties", "dependentRequired", "oneOf", "anyOf", "if", "then", "else")


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema, and where its lines are; `accepted` has layers and parts of values that jsonschema has accepted,
    `accepted_before` those of them that other runs have shown to it."""

    located: Located
    text: str = ""
    accepted: set[tuple[str, ...]] = field(default_factory=set)
    accepted_before: frozenset[tuple[str, ...]] = frozenset()

    @property
    def data(self) -> dict[str, Any]:
        """The schema as jsonschema takes it."""
        data: dict[str, Any] = self.located.data
        return data


def load_schema(project: Project, cache: Cache = NO_CACHE) -> Schema:
    """Read the schema. Raises OetgenError when it is missing or no schema."""
    text, unreadable = read(project, SCHEMA)
    if unreadable:
        raise OetgenError(f"{SCHEMA} {unreadable.message}", "it says which values there are: restore it")
    try:
        json.loads(text)
    except json.JSONDecodeError as problem:
        raise OetgenError(
            f"{SCHEMA}:{problem.lineno}:{problem.colno}: not JSON: {problem.msg}", "mend the file"
        ) from None
    located = load(text, SCHEMA)
    if not cache.get("schema", str(project.root), digest(text)):  # asking jsonschema takes 0.1 s
        _check(located.data)
        cache.put("schema", str(project.root), digest(text), True)
    accepted = frozenset(cache.get("accepted", str(project.root), digest(text)) or ())
    return Schema(located, text, set(accepted), accepted)


def remember_accepted(schema: Schema, project: Project, cache: Cache) -> None:
    """Keep what jsonschema has accepted for the next run: importing it takes a fifth of the time of a render."""
    new = schema.accepted - schema.accepted_before
    if new:
        kept = schema.accepted if len(schema.accepted) < _MANY else new
        cache.put("accepted", str(project.root), digest(schema.text), kept)


def validate(schema: Schema, values: Values) -> list[Finding]:
    """Return what is wrong with the merged values, and with each layer taken by itself."""
    findings = list(_findings(schema, values.data, values, whole=True))
    for layer in values.layers:
        if (layer.path, layer.text) not in schema.accepted:
            alone = Values(values.env, _without_null(layer.data), (layer,))
            found = list(_findings(schema, alone.data, alone, whole=False))
            findings += found
            schema.accepted.update([] if found else [(layer.path, layer.text)])
    seen: dict[tuple[str, Span | None], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.at), finding)
    return list(seen.values())


def _findings(schema: Schema, data: Any, values: Values, *, whole: bool) -> Iterator[Finding]:
    for problem in _judge(schema, data, whole):
        for finding in _explain(schema, _meant(problem), values):
            yield replace(finding, environment=values.env)


# With only these, what the root of a schema says of one key does not depend on the others.
_BY_KEY = {
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
}


def _judge(schema: Schema, data: Any, whole: bool) -> list[Any]:
    """Return what jsonschema has against `data`. A part that it has accepted is not shown to it again: environments
    share most of them, and it takes longer than all the rest of a render."""
    rules = schema.data if whole else _without_required(schema.data)
    parts: dict[str, tuple[str, ...]] = {}
    if isinstance(data, dict) and set(rules) <= _BY_KEY:
        kind = "whole" if whole else "layer"
        known = rules.get("properties", {})
        parts = {key: (kind, key, json.dumps(value)) for key, value in data.items() if key in known}
    left = (
        {key: value for key, value in data.items() if parts.get(key) not in schema.accepted}
        if parts
        else data
    )
    if parts and whole:
        rules = {
            **rules,
            "required": [key for key in rules.get("required", ()) if key not in data or key in left],
        }
    if parts and not left and not rules.get("required"):
        return []
    problems = list(_validator(rules).iter_errors(left))
    if not problems:
        schema.accepted.update(parts.values())
    return problems


def _check(rules: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator, SchemaError  # 70 ms: only when something is judged

    try:
        Draft202012Validator.check_schema(rules)
    except SchemaError as problem:
        where = "/".join(str(part) for part in problem.absolute_path)
        raise OetgenError(
            f"{SCHEMA} is no JSON Schema: at {where}: {problem.message}", "mend the file"
        ) from None


def _validator(rules: dict[str, Any]) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(rules)


def _meant(problem: Any) -> Any:
    """Return, of a failed choice between several schemas, the failure of the branch that fits best."""
    while problem.validator in ("oneOf", "anyOf") and problem.context:
        problem = min(problem.context, key=_distance)
    return problem


def _distance(problem: Any) -> tuple[int, bool]:
    """Rank the failures of a choice: the one deepest in the values comes first, a wrong kind of value last."""
    return -len(problem.absolute_path), problem.validator in ("type", "const", "enum")


def _explain(schema: Schema, problem: Any, values: Values) -> Iterator[Finding]:
    path: KeyPath = tuple(problem.absolute_path)
    rule = tuple(problem.absolute_schema_path)
    kind = problem.validator
    if kind == "additionalProperties":
        yield from _unknown_keys(schema, problem, values, path, rule)
    elif kind == "required":
        yield from _missing_keys(schema, problem, values, path, rule)
    elif kind == "propertyNames" or "propertyNames" in rule:
        key = problem.instance
        wanted = _expected(problem)
        note = _who_says(schema, rule, "says how a key must look")
        yield error(
            "schema/key", f'found the key "{key}", expected {wanted}', values.at((*path, key)), notes=(note,)
        )
    else:
        at = _value_span(values, path)
        note = _who_says(schema, rule, f"declares {format_path(path) or 'the values'}")
        message = f"found {_shown(problem.instance)}, expected {_expected(problem)}"
        yield error(
            f"schema/{_CODES.get(kind, 'value')}",
            message,
            at,
            notes=(note,),
            hint=_hint(schema, problem, rule),
        )


def _unknown_keys(
    schema: Schema, problem: Any, values: Values, path: KeyPath, rule: KeyPath
) -> Iterator[Finding]:
    known = list(problem.schema.get("properties", {}))
    note = _who_says(
        schema, (*rule[:-1], "properties"), f"declares the keys of {format_path(path) or 'the file'}"
    )
    for key in problem.instance:
        if key not in known:
            wanted = f"one of {', '.join(sorted(known))}" if known else "no key at all"
            yield error(
                "schema/unknown-key",
                f'found "{key}", expected {wanted}',
                values.at((*path, key)),
                notes=(note,),
                hint=nearest(str(key), known),
            )


def _missing_keys(
    schema: Schema, problem: Any, values: Values, path: KeyPath, rule: KeyPath
) -> Iterator[Finding]:
    note = _who_says(schema, rule, f"requires it of {format_path(path) or 'every environment'}")
    for key in problem.validator_value:
        if key not in problem.instance:
            place = format_path((*path, key))
            hint = f"add {place} to this file, or to environments/base.yaml when every environment has it"
            yield error("schema/missing-key", f'missing "{key}"', values.at(path), notes=(note,), hint=hint)


_CODES = {
    "type": "type",
    "enum": "not-allowed",
    "const": "not-allowed",
    "pattern": "pattern",
    "minimum": "range",
    "maximum": "range",
    "minLength": "length",
    "maxLength": "length",
    "minItems": "length",
    "maxItems": "length",
    "minProperties": "length",
    "uniqueItems": "duplicate",
}


def _expected(problem: Any) -> str:
    wanted = problem.validator_value
    described = problem.schema.get("description", "")
    texts: dict[str, Callable[[], str]] = {
        "type": lambda: " or ".join(wanted) if isinstance(wanted, list) else f"{_article(wanted)} {wanted}",
        "enum": lambda: f"one of {', '.join(_shown(choice) for choice in wanted)}",
        "const": lambda: _shown(wanted),
        "pattern": lambda: f"{_first_sentence(described)} (pattern {wanted})",
        "minimum": lambda: f"at least {wanted}",
        "maximum": lambda: f"at most {wanted}",
        "minLength": lambda: f"at least {wanted} characters",
        "maxLength": lambda: f"at most {wanted} characters",
        "minItems": lambda: f"at least {wanted} items",
        "maxItems": lambda: f"at most {wanted} items",
        "minProperties": lambda: f"at least {wanted} keys",
        "uniqueItems": lambda: "items that differ",
    }
    return texts.get(problem.validator, lambda: f"something that meets {problem.validator}: {wanted}")()


def _hint(schema: Schema, problem: Any, rule: KeyPath) -> str:
    if problem.validator == "enum" and isinstance(problem.instance, str):
        return nearest(problem.instance, [str(choice) for choice in problem.validator_value])
    examples = problem.schema.get("examples", [])
    return f"for example {_shown(examples[0])}" if examples else ""


def _value_span(values: Values, path: KeyPath) -> Span | None:
    """Return the place of the value itself, not of its key; of a map or list, that of its key."""
    for layer in reversed(values.layers):
        span = layer.located.values.get(path)
        if span:
            key = layer.located.keys.get(path)
            return key if key and span.line != key.line else span
    return values.at(path)


def _who_says(schema: Schema, rule: KeyPath, what: str) -> Note:
    """Return the note with the schema's line for the rule at `rule`; jsonschema leaves `$ref` out of its paths."""
    at: Span | None = None
    path: KeyPath = ()
    node: Any = schema.data
    for part in rule:
        if isinstance(node, dict) and "$ref" in node and part not in node:
            path = tuple(node["$ref"].removeprefix("#/").split("/"))
            node = _follow(schema.data, path)
        if isinstance(node, dict) and part not in node:
            break
        path, node = (*path, part), node[part]
        at = schema.located.keys.get(path) or schema.located.values.get(path) or at
    return Note(f"{at.path}:{at.line} {what}" if at else what)


def _follow(data: Any, path: KeyPath) -> Any:
    for part in path:
        data = data[part]
    return data


def _without_required(rules: Any) -> Any:
    """Return a copy of a schema that demands no key, for the values of one layer."""
    if isinstance(rules, list):
        return [_without_required(item) for item in rules]
    if not isinstance(rules, dict):
        return rules
    return {key: _without_required(value) for key, value in rules.items() if key not in _DEMANDS}


def _without_null(data: Any) -> Any:
    """Return `data` without the keys that a layer only removes."""
    if not isinstance(data, dict):
        return data
    return {key: _without_null(value) for key, value in data.items() if value is not None}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _article(word: str) -> str:
    return "an" if word[:1] in "aeio" else "a"


def _first_sentence(text: str) -> str:
    sentence = text.split(". ")[0].strip().rstrip(".")
    return sentence[:1].lower() + sentence[1:] if sentence else "other text"
