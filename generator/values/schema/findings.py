"""Turn errors of jsonschema into findings: at the value's own place, in the terms of the values file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import alternatives, closest, nearest
from generator.values.layers import FILE_KEYS, Values
from generator.values.schema import wording
from generator.values.schema.branches import discriminator, intended, known_keys, relevant, unknown_keys
from generator.values.schema.places import map_place, removal, value_place
from generator.values.schema.rules import Schema
from generator.values.source import KeyPath, format_path

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

KEYWORD_CODES = {
    **dict.fromkeys(("enum", "const", "not"), "not-allowed"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "range"),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "items", "unevaluatedItems"), "length"
    ),
    **dict.fromkeys(("minProperties", "maxProperties", "contains"), "length"),
    "type": "type",
    "pattern": "pattern",
}


class Explainer:
    """Explains the errors of one validation; `values` are those that were validated."""

    def __init__(self, schema: Schema, validator: Validator, values: Values) -> None:
        self._schema = schema
        self._validator = validator
        self._values = values
        self._or_declare = "" if schema.is_own else f", or declare it in {schema.path}"
        self._misspelled: list[KeyPath] = []  # paths of keys that are present under a wrong name
        self._handlers: dict[str, Callable[[ValidationError], Iterator[Finding]]] = {
            "additionalProperties": self._unknown_keys,
            "unevaluatedProperties": self._unevaluated_keys,
            "required": self._missing_keys,
            "dependentRequired": self._needed_keys,
            "uniqueItems": self._twice,
            "oneOf": self._choice,
            "anyOf": self._choice,
        }

    def findings(self, problems: Iterable[ValidationError]) -> Iterator[Finding]:
        """Yield the findings for `problems`, without those that follow from another."""
        found = list(relevant(problems))
        self._misspelled += [path for problem in found for path in _misspelled(problem)]
        for problem in found:
            if "propertyNames" in problem.absolute_schema_path:
                yield self._key(problem)
            elif not self._follows(problem):
                yield from self._handlers.get(str(problem.validator), self._value)(problem)

    def _follows(self, problem: ValidationError) -> bool:
        """Return whether something is missing in a map only because its key is misspelled in some layer."""
        path = _path(problem)
        is_missing = problem.validator in ("required", "dependentRequired", "minProperties", "oneOf", "anyOf")
        return is_missing and any(path[: len(each)] == each for each in self._misspelled)

    def _value(self, problem: ValidationError) -> Iterator[Finding]:
        """Yield the finding for a value that violates one keyword."""
        keyword = str(problem.validator)
        path, rule = _path(problem), _rule(problem)
        at, description = self._schema.rule(tuple(problem.absolute_schema_path))
        found = wording.size(keyword, problem.instance)
        hint = wording.hints(rule, keyword, problem.instance, description, self._fits(rule))
        yield error(
            f"schema/{KEYWORD_CODES.get(keyword, 'not-allowed')}",
            f"found {found}, expected {wording.expectation(rule, keyword, problem.instance)}",
            value_place(self._values, path),
            notes=self._notes(problem, f"declares {format_path(path) or 'the values'}", description, at),
            hint=hint
            or "fix the value" + ("" if self._schema.is_own else ", or the schema if the rule is wrong"),
        )

    def _key(self, problem: ValidationError) -> Finding:
        """Return the finding for a key that violates `propertyNames`."""
        keyword, key = str(problem.validator), str(problem.instance)
        path, rule = _path(problem), _rule(problem)
        at, description = self._schema.rule(tuple(problem.absolute_schema_path))
        return error(
            "schema/key",
            f'found the key "{key}", expected {wording.expectation(rule, keyword, key)}',
            self._values.at((*path, key)),
            notes=self._notes(
                problem, f"declares the keys of {format_path(path) or 'the values'}", description, at
            ),
            hint=wording.hints(rule, keyword, key, description, self._fits(rule)) or "rename the key",
        )

    def _unknown_keys(self, problem: ValidationError) -> Iterator[Finding]:
        rule = _rule(problem)
        yield from self._unknown(problem, unknown_keys(rule, problem.instance), known_keys(rule))

    def _unevaluated_keys(self, problem: ValidationError) -> Iterator[Finding]:
        """Yield a finding for each key that no part of a rule allows; jsonschema does not report which they are."""
        rule = _rule(problem)
        instance: Any = problem.instance
        known = self._declared(rule)
        maybe = [key for key in unknown_keys(rule, instance) if key not in known] or list(instance)
        yield from self._unknown(problem, maybe, known)

    def _declared(self, rule: Any, depth: int = 0) -> list[str]:
        """Return the keys that a rule or a part of it declares."""
        rule = self._schema.resolved(rule)
        if not isinstance(rule, dict) or depth > 9:
            return []
        parts = [part for keyword in ("allOf", "anyOf", "oneOf") for part in rule.get(keyword, [])]
        parts += [rule[keyword] for keyword in ("then", "else") if keyword in rule]
        parts += rule.get("dependentSchemas", {}).values()
        return known_keys(rule) + [key for part in parts for key in self._declared(part, depth + 1)]

    def _unknown(self, problem: ValidationError, keys: list[str], known: list[str]) -> Iterator[Finding]:
        path = _path(problem)
        at, _ = self._schema.rule((*tuple(problem.absolute_schema_path)[:-1], "properties"))
        notes = self._notes(problem, f"declares the keys of {format_path(path) or 'the values'}", "", at)
        in_every_file = () if path or self._schema.is_own else FILE_KEYS
        for key in keys:
            several = "one of " if len(known) > 1 else ""
            wanted = several + alternatives(key, known) if known else "no keys here"
            yield error(
                "schema/unknown-key",
                f'found "{key}", expected {wanted}',
                self._values.at((*path, key)),
                notes=notes,
                hint=nearest(key, [*known, *in_every_file]) or f"remove it{self._or_declare}",
            )

    def _missing_keys(self, problem: ValidationError) -> Iterator[Finding]:
        path, rule = _path(problem), _rule(problem)
        instance: Any = problem.instance
        at, _ = self._schema.rule(tuple(problem.absolute_schema_path))
        notes = self._notes(problem, f"requires it of {format_path(path) or 'every environment'}", "", at)
        keys = [
            key for key in rule["required"] if key not in instance and (*path, key) not in self._misspelled
        ]
        gone = {key: place for key in keys if (place := removal(self._values, (*path, key)))}
        for key, place in gone.items():
            message, hint = f'"{key}" is required, and removed here', "remove the null"
            yield error("schema/missing-key", message, place, notes=notes, hint=hint)
        lacking = [key for key in keys if key not in gone]
        if lacking:
            map_at = map_place(self._values, path)
            missing = " and ".join(
                filter(None, (", ".join(map(_quoted, lacking[:-1])), _quoted(lacking[-1])))
            )
            hint = f"add {', '.join(format_path((*path, key)) for key in lacking)} to {map_at.path}"
            hint += self._example(rule, lacking[0]) if len(lacking) == 1 else ""
            yield error("schema/missing-key", f"missing {missing}", map_at, notes=notes, hint=hint)

    def _needed_keys(self, problem: ValidationError) -> Iterator[Finding]:
        """Yield a finding for each missing key that others require, at the first of those."""
        path, rule = _path(problem), _rule(problem)
        instance: Any = problem.instance
        at, _ = self._schema.rule(tuple(problem.absolute_schema_path))
        missing: dict[str, list[str]] = defaultdict(list)
        for key in instance:
            for need in rule["dependentRequired"].get(key, ()):
                missing[need] += [key] if need not in instance else []
        for need, keys in missing.items():
            if not keys:
                continue
            gone = removal(self._values, (*path, need))
            what = f'requires "{need}" with {" and ".join(keys)}'
            yield error(
                "schema/missing-key",
                f'missing "{need}", which "{keys[0]}" requires',
                gone or self._values.at((*path, keys[0])),
                notes=self._notes(problem, what, "", at),
                hint=f"add {format_path((*path, need))}{self._example(rule, need)}, or remove {' and '.join(keys)}",
            )

    def _twice(self, problem: ValidationError) -> Iterator[Finding]:
        path = _path(problem)
        at, description = self._schema.rule(tuple(problem.absolute_schema_path))
        notes = self._notes(problem, f"requires items of {format_path(path)} that differ", description, at)
        items: Any = problem.instance
        for index, item in enumerate(items):
            first = items.index(item)
            if first < index:
                there = Note("the first one is here", value_place(self._values, (*path, first)))
                found = f"found {wording.display(item)} twice in one list"
                place = value_place(self._values, (*path, index))
                yield error(
                    "schema/duplicate", found, place, notes=(*notes, there), hint="remove one of the two"
                )

    def _choice(self, problem: ValidationError) -> Iterator[Finding]:
        """Yield the findings for a value that may have one of several forms."""
        forms = [self._summary(form) for form in _rule(problem)[str(problem.validator)]]
        path = _path(problem)
        at, description = self._schema.rule(tuple(problem.absolute_schema_path))
        named = discriminator(problem)
        form = intended(problem)
        if named:
            yield self._no_form(named, at)
        elif form:
            others = _either(each for index, each in enumerate(forms) if index != form[0])
            place = format_path(path) or "the file"
            note = self._rule_note(
                at, f"also allows {others} for {place}; this is read as {forms[form[0]]}", ""
            )
            for finding in self.findings(form[1]):
                yield replace(finding, notes=(*finding.notes, note))
        else:
            yield self._no_choice(problem, forms, description, at)

    def _no_form(self, problems: list[ValidationError], at: Span | None) -> Finding:
        """Return the finding for a key that should select the form of a map, and selects none."""
        first = problems[0]
        path = _path(first)
        allowed: list[Any] = []
        for problem in problems:
            wanted: Any = problem.validator_value
            allowed += wanted if problem.validator == "enum" else [wanted]
        rule = {"enum": allowed}
        return error(
            "schema/not-allowed",
            f"found {wording.display(first.instance)}, expected {wording.expectation(rule, 'enum', first.instance)}",
            value_place(self._values, path),
            notes=self._notes(first, f"declares the forms of {format_path(path[:-1]) or 'the file'}", "", at),
            hint=wording.hints(rule, "enum", first.instance, "", lambda value: value in allowed)
            or f"name the intended form: {path[-1]} decides which other keys are allowed",
        )

    def _no_choice(
        self, problem: ValidationError, forms: list[str], description: str, at: Span | None
    ) -> Finding:
        """Return the finding for a value that has none of the forms, or several where only one is allowed."""
        rule, path = _rule(problem), _path(problem)
        branches = rule[str(problem.validator)]
        fitting = [
            name for name, form in zip(forms, branches, strict=True) if self._fits(form)(problem.instance)
        ]
        found = wording.display(problem.instance)
        if fitting:
            message = f"found {found}, which is {' and '.join(fitting)}, expected only one of them"
            hint = "remove what belongs to the other form"
        else:
            message = f"found {found}, expected {_either(forms)}"
            hint = wording.hints(
                rule, str(problem.validator), problem.instance, description, self._fits(rule)
            )
        return error(
            "schema/no-choice",
            message,
            value_place(self._values, path),
            notes=self._notes(
                problem, f"declares the forms of {format_path(path) or 'a file'}", description, at
            ),
            hint=hint or "write it in one of these forms",
        )

    def _notes(
        self, problem: ValidationError, what: str, description: str, at: Span | None
    ) -> tuple[Note, ...]:
        """Return the notes with the line of the rule, and the conditions that it depends on."""
        notes = [self._rule_note(at, what, description)]
        path = tuple(problem.absolute_schema_path)
        for index, part in enumerate(path):
            if part in ("then", "else", "dependentSchemas"):
                keyword = "if" if part in ("then", "else") else part
                condition, _ = self._schema.rule((*path[:index], keyword))
                which = "because the values meet" if part != "else" else "because the values do not meet"
                notes.append(self._rule_note(condition, f"is the condition: it applies {which} it", ""))
        return tuple(notes)

    def _rule_note(self, at: Span | None, what: str, description: str) -> Note:
        """Return the note with a line of the schema, what it declares, and the description of the value."""
        place = f"{at.path}:{at.line}" if at and not self._schema.is_own else self._schema.path
        return Note(f"{place} {what}" + (f": {description}" if description else ""))

    def _summary(self, form: Any) -> str:
        return wording.summary(self._schema.resolved(form))

    def _example(self, rule: Any, key: str) -> str:
        """Return an example of the value of a key for a hint, or nothing."""
        inner = self._schema.resolved(rule.get("properties", {}).get(key, {}))
        inner = inner if isinstance(inner, dict) else {}
        examples = (
            inner.get("examples") or inner.get("enum") or ([inner["const"]] if "const" in inner else [])
        )
        return f", for example {key}: {wording.display(examples[0])}" if examples else ""

    def _fits(self, rule: Any) -> wording.Fits:
        validator = self._validator.evolve(schema=rule)
        return lambda value: bool(validator.is_valid(value))


def _path(problem: ValidationError) -> KeyPath:
    return tuple(problem.absolute_path)


def _misspelled(problem: ValidationError) -> Iterator[KeyPath]:
    """Yield the paths of the keys that unknown ones are probably misspellings of."""
    if problem.validator == "additionalProperties":
        known = known_keys(_rule(problem))
        for key in unknown_keys(_rule(problem), problem.instance):
            if nearest(key, known):
                yield (*_path(problem), closest(key, known)[0])


def _quoted(key: str) -> str:
    return f'"{key}"'


def _rule(problem: ValidationError) -> dict[str, Any]:
    rule: Any = problem.schema
    return rule if isinstance(rule, dict) else {}


def _either(forms: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(forms))
