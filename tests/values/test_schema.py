"""What a value that the schema refuses is told: where, what was found, what was expected, who says so, what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generator.findings import Finding, OetgenError
from generator.project.folder import Project
from generator.values.layers import load_values
from generator.values.schema import load_schema, validate
from tests.conftest import Sandbox

Rules = dict[str, Any]


def findings(
    folder: Path, rules: Rules, base: str, prod: str = "{}", more: Rules | None = None, *settings: str
) -> list[Finding]:
    """Return what is wrong with values by a schema whose root has the properties `rules`."""
    schema = {"type": "object", "additionalProperties": False, "properties": rules, **(more or {})}
    (folder / "environments").mkdir()
    (folder / "environments/schema.json").write_text(json.dumps(schema, indent=1))
    (folder / "environments/base.yaml").write_text(base)
    (folder / "environments/prod.yaml").write_text(prod)
    project = Project(folder)
    values, wrong = load_values(project, "prod", settings)
    assert wrong == []
    return validate(load_schema(project), values)


@dataclass(frozen=True)
class Case:
    """A rule for `a`, a value for it, and what the only finding says: code, place, message, hint."""

    rule: Rules
    base: str
    code: str
    place: tuple[int, int]
    message: str
    hint: str


TEXT = {"type": "string"}
SECONDS = {"type": "integer", "minimum": 1, "maximum": 10, "description": "Seconds between two tries."}
IMAGE = {"type": "string", "pattern": "^[a-z0-9-]+$", "examples": ["web"]}

CASES = {
    "a unit in a number": Case(
        SECONDS, "a: 60s", "type", (1, 4), 'found "60s", expected an integer',
        "write a number from 1 to 10; the unit is seconds",
    ),
    "a number in quotes": Case(
        {"type": "integer"}, 'a: "3"', "type", (1, 4), 'found "3", expected an integer', "write 3 without quotes"
    ),
    "a number with a point": Case(
        {"type": "integer"}, "a: 3.0", "type", (1, 4), "found 3.0, expected an integer", "write 3"
    ),
    "a number for text": Case(TEXT, "a: 24", "type", (1, 4), "found 24, expected a string", 'quote it: "24"'),
    "a boolean in quotes": Case(
        {"type": "boolean"}, 'a: "yes"', "type", (1, 4), 'found "yes", expected true or false',
        "write true without quotes",
    ),
    "text for a list": Case(
        {"type": "array", "items": TEXT}, "a: x", "type", (1, 4), 'found "x", expected a list', 'write a list: ["x"]'
    ),
    "a list for text": Case(
        TEXT, "a: [x]", "type", (1, 4), "found a list, expected a string", "without the list around it"
    ),
    "text for a map": Case(
        {"type": "object"}, "a: x", "type", (1, 4), 'found "x", expected a map', "write a map"
    ),
    "one of two types": Case(
        {"type": ["string", "integer"]}, "a: true", "type", (1, 4), "found true, expected a string or an integer",
        'quote it: "true"',
    ),
    "too much": Case(
        SECONDS, "a: 60", "range", (1, 4), "found 60, expected at most 10",
        "write a number from 1 to 10; the unit is seconds",
    ),
    "too little": Case({"minimum": 3}, "a: 2", "range", (1, 4), "found 2, expected at least 3", "write 3 or more"),
    "no more than": Case(
        {"exclusiveMinimum": 3}, "a: 3", "range", (1, 4), "found 3, expected more than 3", "more than 3"
    ),
    "no less than": Case(
        {"exclusiveMaximum": 3}, "a: 3", "range", (1, 4), "found 3, expected less than 3", "less than 3"
    ),
    "not in steps": Case(
        {"multipleOf": 5}, "a: 7", "range", (1, 4), "found 7, expected a multiple of 5", "write 5 or 10"
    ),
    "another form": Case(
        IMAGE, "a: My Image", "pattern", (1, 4), 'found "My Image", expected text of the form ^[a-z0-9-]+$',
        'did you mean "my-image"?',
    ),
    "a form with dots": Case(
        {"pattern": r"^[a-z-]+(\.[a-z-]+)*$"}, "a: api_one.example.com", "pattern", (1, 4),
        'found "api_one.example.com", expected text of the form', 'did you mean "api-one.example.com"?',
    ),
    "quite another form": Case(
        IMAGE, "a: é", "pattern", (1, 4), 'found "é", expected text of the form', 'for example "web"'
    ),
    "none of the texts": Case(
        {"enum": ["small", "medium", "large"]}, "a: mediun", "not-allowed", (1, 4),
        'found "mediun", expected one of "medium", "large", "small"', 'did you mean "medium"?',
    ),
    "none of many numbers": Case(
        {"enum": [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400]}, "a: 31", "not-allowed", (1, 4),
        "expected one of 30, 14, 7, 5, 3, 60, 1, 90, 120 and 4 more", "the nearest is 30",
    ),
    "not the only one": Case({"const": "x"}, "a: z", "not-allowed", (1, 4), 'expected "x"', 'write "x"'),
    "a flag that is off": Case(
        {"const": True}, "a: false", "not-allowed", (1, 4), "found false, expected true",
        "remove the key to disable it; in an overlay, null removes it",
    ),
    "the one that may not be": Case(
        {"not": {"const": "latest"}}, "a: latest", "not-allowed", (1, 4),
        'found "latest", expected anything but "latest"', "another value",
    ),
    "too short": Case(
        {"minLength": 3}, "a: xx", "length", (1, 4), 'found "xx" (2 characters), expected at least 3 characters',
        "write 1 more character",
    ),
    "too long": Case(
        {"maxLength": 2}, "a: xxxx", "length", (1, 4), "(4 characters), expected at most 2 characters",
        "shorten it by 2 characters",
    ),
    "too few items": Case(
        {"minItems": 2}, "a: [x]", "length", (1, 4), "found a list of 1 item, expected at least 2 items", "add 1 item"
    ),
    "too many items": Case(
        {"maxItems": 1}, "a: [x, z]", "length", (1, 4), "a list of 2 items, expected at most 1 item",
        "remove 1 item",
    ),
    "no keys": Case(
        {"minProperties": 1}, "a: {}", "length", (1, 4), "found an empty map, expected at least 1 key", "add 1 key"
    ),
    "too many keys": Case(
        {"maxProperties": 1}, "a: {b: 1, c: 2}", "length", (1, 4), "a map of 2 keys, expected at most 1 key",
        "remove 1 key",
    ),
    "an item is missing": Case(
        {"contains": {"const": "x"}}, "a: [z]", "length", (1, 4), 'expected at least 1 item being "x"', "such an item"
    ),
    "an item too much": Case(
        {"prefixItems": [TEXT], "items": False}, "a: [x, z]", "length", (1, 4), "expected at most 1 item",
        "remove the last ones",
    ),
    "an item twice": Case(
        {"uniqueItems": True}, "a: [x, z, x]", "duplicate", (1, 11), 'found "x" twice in one list',
        "remove one of the two",
    ),
    "a key of another form": Case(
        {"propertyNames": {"pattern": "^[a-z-]+$"}}, "a: {Foo Bar: x}", "key", (1, 5),
        'found the key "Foo Bar", expected text of the form ^[a-z-]+$', 'did you mean "foo-bar"?',
    ),
    "an unknown key": Case(
        {"additionalProperties": False, "properties": {"replicas": {}, "port": {}}}, "a: {replica: 1}", "unknown-key",
        (1, 5), 'found "replica", expected one of replicas, port', 'did you mean "replicas"?',
    ),
    "an unknown key among patterns": Case(
        {"additionalProperties": False, "patternProperties": {"^x-": {}}}, "a: {x-1: z, c: z}",
        "unknown-key", (1, 13), 'found "c", expected no keys here', "remove it",
    ),
    "a key that no part allows": Case(
        {"allOf": [{"properties": {"b": {}}}], "unevaluatedProperties": False}, "a: {b: 1, c: 2}", "unknown-key",
        (1, 11), 'found "c", expected b', "remove it",
    ),
    "a missing key": Case(
        {"required": ["b"], "properties": {"b": {"examples": ["x"]}}}, "a: {c: 1}", "missing-key", (1, 1),
        'missing "b"', 'add a.b to environments/base.yaml, for example b: "x"',
    ),
    "missing keys": Case(
        {"required": ["b", "c", "d"]}, "a: {c: 1}", "missing-key", (1, 1), 'missing "b" and "d"', "add a.b, a.d to"
    ),
    "a key that another needs": Case(
        {"dependentRequired": {"host": ["port"], "probe": ["port"]}}, "a: {host: x, probe: z}", "missing-key", (1, 5),
        'missing "port", which "host" requires', "add a.port, or remove host and probe",
    ),
    "a key that a condition needs": Case(
        {"if": {"properties": {"b": {"const": 1}}}, "then": {"required": ["c"]}}, "a: {b: 1}", "missing-key", (1, 1),
        'missing "c"', "add a.c",
    ),
    "a key that a condition forbids": Case(
        {"if": {"properties": {"b": {"const": 1}}}, "else": {"properties": {"c": False}}}, "a: {b: 2, c: 3}",
        "not-allowed", (1, 14), "found 3, expected no value here", "remove it",
    ),
    "a schema that another key brings": Case(
        {"dependentSchemas": {"b": {"properties": {"c": {"type": "integer"}}}}}, "a: {b: 1, c: x}", "type", (1, 14),
        'found "x", expected an integer', "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_each_rule_of_json_schema_has_words_of_its_own(tmp_path: Path, case: Case) -> None:
    (finding,) = findings(tmp_path, {"a": case.rule}, case.base)
    assert finding.code == f"schema/{case.code}"
    assert finding.at
    assert (finding.at.path, finding.at.line, finding.at.column) == ("environments/base.yaml", *case.place)
    assert case.message in finding.message
    assert case.hint in finding.hint
    assert finding.hint
    assert finding.notes[0].message.startswith("environments/schema.json:")


def test_every_keyword_that_can_fail_is_in_these_cases() -> None:
    annotations = {
        "$ref",
        "$dynamicRef",
        "if",
        "allOf",
        "properties",
        "patternProperties",
        "format",
    }  # fail in parts
    tested = {"oneOf", "anyOf", "unevaluatedItems"}  # below; the last is worded like items
    names = {keyword for case in CASES.values() for keyword in case.rule}
    assert set(Draft202012Validator.VALIDATORS) - annotations - tested - names == set()


SERVER = {
    "type": "object",
    "required": ["host"],
    "additionalProperties": False,
    "properties": {"host": TEXT, "port": SECONDS},
}
TCP = {
    "title": "a TCP check",
    "type": "object",
    "required": ["kind", "port"],
    "additionalProperties": False,
    "properties": {"kind": {"const": "tcp"}, "port": SECONDS},
}
HTTP = {
    "title": "an HTTP check", "type": "object", "required": ["kind", "path"], "additionalProperties": False,
    "properties": {"kind": {"const": "http"}, "path": TEXT},
}  # fmt: skip
AUTO = {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["auto", "none"]}]}

CHOICES = [
    (
        {"oneOf": [TEXT, SERVER]},
        "a: {hots: x}",
        'unknown-key found "hots", expected one of host, port',
        "a map with host",
    ),
    (
        {"oneOf": [TEXT, SERVER]},
        "a: {host: x, port: 60}",
        "range found 60, expected at most 10",
        "a map with host",
    ),
    (
        {"oneOf": [IMAGE, SERVER]},
        "a: A b",
        'pattern found "A b", expected text of the form',
        "read as text of the form",
    ),
    ({"oneOf": [TCP, HTTP]}, "a: {kind: tcp}", 'missing-key missing "port"', "read as a TCP check"),
    (
        {"oneOf": [TCP, HTTP]},
        "a: {kind: http, path: 1}",
        "type found 1, expected a string",
        "read as an HTTP check",
    ),
    (
        {"oneOf": [TCP, HTTP]},
        "a: {kind: htp}",
        'not-allowed found "htp", expected one of "http", "tcp"',
        "declares the forms of a",
    ),
    (
        {"oneOf": [TCP, HTTP]},
        "a: {}",
        "no-choice found an empty map, expected a TCP check or an HTTP check",
        "declares the forms of a",
    ),
    (
        {"oneOf": [TCP, HTTP]},
        "a: x",
        'no-choice found "x", expected a TCP check or an HTTP check',
        "declares the forms of a",
    ),
    (AUTO, "a: 0", "range found 0, expected at least 1", "read as an integer"),
    (
        AUTO,
        "a: auot",
        'not-allowed found "auot", expected one of "auto", "none"',
        'read as one of "auto", "none"',
    ),
    (
        AUTO,
        "a: 1.5",
        'no-choice found 1.5, expected an integer or one of "auto", "none"',
        "declares the forms of a",
    ),
    (
        {"oneOf": [{"type": "integer", "title": "a port"}, {"minimum": 3, "title": "a big number"}]},
        "a: 5",
        "no-choice found 5, which is a port and a big number, expected only one of them",
        "declares the forms of a",
    ),
    (
        {"anyOf": [{"oneOf": [TCP, HTTP]}, {"type": "integer"}]},
        "a: {kind: tcp}",
        'missing-key missing "port"',
        "a TCP check",
    ),
]


@pytest.mark.parametrize(("rule", "base", "said", "note"), CHOICES)
def test_of_several_forms_the_one_that_was_meant_is_named(
    tmp_path: Path, rule: Rules, base: str, said: str, note: str
) -> None:
    (finding,) = findings(tmp_path, {"a": rule}, base)
    assert f"{finding.code.removeprefix('schema/')} {finding.message}".startswith(said)
    assert any(note in each.message for each in finding.notes)
    assert len(finding.message) < 120


def test_the_schemas_line_is_named_also_behind_a_reference(tmp_path: Path) -> None:
    port = {"$ref": "#/$defs/port", "description": "Where it listens."}
    defs = {"$defs": {"port": {"type": "integer", "description": "A TCP port."}}}
    (finding,) = findings(tmp_path, {"a": port}, "a: x", more=defs)
    lines = (tmp_path / "environments/schema.json").read_text().split("\n")
    line = int(finding.notes[0].message.split(":")[1].split()[0])
    assert lines[line - 1].strip() == '"type": "integer",'
    assert finding.notes[0].message.endswith("declares a: Where it listens. A TCP port.")


def test_the_condition_is_named(tmp_path: Path) -> None:
    rule = {"if": {"properties": {"b": {"const": 1}}}, "then": {"required": ["c"]}}
    (finding,) = findings(tmp_path, {"a": rule}, "a: {b: 1}")
    assert "is the condition: it applies because the values meet it" in finding.notes[1].message


# The layer to blame: base.yaml, prod.yaml, the line, and the environment that breaks ("" for none).
LAYERS = [
    ("a: 1\nb: x", "b: z", "environments/base.yaml", 1, "prod"),  # inherited
    ("a: x", "a: 1", "environments/prod.yaml", 1, "prod"),  # its own
    ("a: 1", "a: x", "environments/base.yaml", 1, ""),  # overridden
    ("a: x", "c: null", "environments/prod.yaml", 1, ""),  # a null that takes away what cannot be there
    ("m: {b: x}\na: x", "m: {b: 1}", "environments/prod.yaml", 1, "prod"),  # inside of a map of two layers
    ("a: x\nm: {b: x}", "a: null", "environments/prod.yaml", 1, "prod"),  # taken away, and needed
    ("b: x", "m: {b: x}", "environments/base.yaml", 1, "prod"),  # a map that only base.yaml can complete
]


@pytest.mark.parametrize(("base", "prod", "path", "line", "environment"), LAYERS)
def test_the_right_layer_is_blamed(
    tmp_path: Path, base: str, prod: str, path: str, line: int, environment: str
) -> None:
    rules = {"a": TEXT, "b": TEXT, "m": {"type": "object", "properties": {"b": TEXT}}}
    (finding,) = findings(tmp_path, rules, base, prod, {"required": ["a"]})
    assert finding.at
    assert (finding.at.path, finding.at.line, finding.environment) == (path, line, environment)


# Values of which one mistake would make several errors, and the only findings.
FOLLOWING = [
    ("replica: 3", ["unknown-key"]),  # and not also that replicas is missing
    ("replicas: x", ["type"]),  # and nothing of its range
    ("replicas: 99", ["not-allowed"]),  # and nothing of its range
    ("replicas: 1\nsevrer: {port: 1}\nserver: {host: x}", ["unknown-key"]),
    ("replicas: 1\nserver: {hosts: x}", ["unknown-key"]),
]


@pytest.mark.parametrize(("base", "codes"), FOLLOWING)
def test_what_only_follows_from_another_mistake_is_not_said(
    tmp_path: Path, base: str, codes: list[str]
) -> None:
    rules = {"replicas": {"type": "integer", "enum": [1, 2], "maximum": 9}, "server": SERVER}
    found = findings(tmp_path, rules, base, more={"required": ["replicas"]})
    assert [finding.code for finding in found] == [f"schema/{code}" for code in codes]


def test_a_misspelled_key_of_base_makes_no_findings_in_the_overlays(tmp_path: Path) -> None:
    found = findings(tmp_path, {"server": SERVER}, "sevrer: {host: x}", "server: {port: 5}")
    assert [(finding.code, finding.at and finding.at.path) for finding in found] == [
        ("schema/unknown-key", "environments/base.yaml")
    ]


def test_a_key_may_have_the_name_of_a_rule(tmp_path: Path) -> None:
    names = dict.fromkeys(("required", "if", "not", "oneOf", "properties", "$ref", "enum"), TEXT)
    assert findings(tmp_path, names, "\n".join(f"{name}: x" for name in names)) == []


# What is wrong with a schema, its text, and the place and a part of the message.
SCHEMAS = [
    ("{", "1:2: not JSON"),
    ("[]", "1:1: "),
    ("true", "1:1: not a JSON Schema: expected an object"),
    ('{"type": "strin"}', '1:2: not a JSON Schema: found "strin", expected one of string, array'),
    ('{"properties": {\n"a": {"pattern": "("}}}', "2:7: not a JSON Schema"),
    ('{"a": 1,\n"a": 2}', '2:1: found "a" twice'),
    ('{"properties": {\n"a": {"$ref": "#/$defs/b"}}}', '2:7: "$ref" names #/$defs/b'),
    ('{"properties": {"a": {"$ref": "https://example.com/x"}}}', '"$ref" names https://example.com/x'),
    ('{"properties": {"a": {"$ref": "#/properties/a"}}}', "refers back to it"),
    ('{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}', "refers back to it"),
    ("[" * 5000, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), SCHEMAS)
def test_a_schema_that_is_none_stops_at_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/schema.json").write_text(text)
    with pytest.raises(OetgenError) as stopped:
        load_schema(Project(tmp_path))
    assert message in stopped.value.message
    assert "environments/schema.json" in stopped.value.message
    assert stopped.value.hint


def test_a_schema_without_an_end_stops(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, {"a": {"allOf": [{"$ref": "#/properties/a"}]}}, "a: 1")
    assert "endlessly" in finding.message
    assert finding.at
    assert finding.at.line == 1


def test_a_schema_may_hold_any_character(tmp_path: Path) -> None:
    rule = {"type": "string", "description": "Smile \U0001f600.", "pattern": "^x$"}
    (finding,) = findings(tmp_path, {"a": rule}, "a: z")  # json.dumps writes it as two escapes
    assert finding.notes[0].message.startswith("environments/schema.json:8 declares a: Smile \U0001f600.")


@pytest.mark.parametrize(("key", "meant"), [("extnds", "extends"), ("cheks", "checks"), ("label", "labels")])
def test_a_key_of_every_values_file_is_suggested_too(small: Sandbox, key: str, meant: str) -> None:
    small.write("environments/prod.yaml", f"{key}: x\n")
    found = small.oetgen("render", "prod").err
    assert f'found "{key}", expected one of ' in found
    assert f'hint: did you mean "{meant}"?' in found
