"""The schema of one values file for an editor: silent on every layer of valid values, and not on mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from generator.project.folder import Project
from generator.values.schema import Schema, load_schema
from generator.values.schema.layer_schema import editor_schema, editor_text
from tests.conftest import ROOT, SMALL, Sandbox

FORMS = {"2020-12": (Draft202012Validator, False), "draft-07": (Draft7Validator, True)}
LAYERS = [
    (folder, path.name)
    for folder in (ROOT, SMALL)
    for path in sorted((folder / "environments").glob("*.yaml"))
]
# A change of staging's values, and the words of the error.
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown key": ({"replica": 3}, "'replica' was unexpected"),
    "an unknown key, deep": (
        {"services": {"backend": {"replica": 3}}},
        "'replica' was unexpected",
    ),
    "a wrong type": ({"region": 5}, "5 is not of type 'string', 'null'"),
    "a value out of a list": ({"node": {"package_manager": "nmp"}}, "'nmp' is not one of"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("folder", "name"), LAYERS, ids=lambda each: each if isinstance(each, str) else each.name
)
def test_no_layer_of_valid_values_has_an_error(form: str, folder: Path, name: str) -> None:
    errors = list(
        _validator(form, folder).iter_errors(
            yaml.load((folder / "environments" / name).read_text(), yaml.CSafeLoader)
        )
    )
    assert errors == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_has_an_error(form: str, case: str) -> None:
    values, words = MISTAKES[case]
    (error,) = _validator(form, ROOT).iter_errors(values)
    assert words in error.message


@pytest.mark.parametrize("form", FORMS)
def test_null_may_remove_any_value(form: str) -> None:
    validator = _validator(form, ROOT)
    assert validator.is_valid({"region": None, "services": {"backend": None, "frontend": {"replicas": None}}})


@pytest.mark.parametrize("form", FORMS)
def test_what_keys_may_be_called_is_kept(form: str) -> None:
    named = {"propertyNames": {"$ref": "#/$defs/name"}, "$defs": {"name": {"type": "string", "enum": ["a"]}}}
    keys = {"propertyNames": {"enum": ["a"]}}
    for rule in (named, keys):
        text = json.dumps(rule)
        schema = editor_schema(Schema(rule, text), draft_07=FORMS[form][1])
        assert FORMS[form][0](schema).is_valid({"a": None})
        assert not FORMS[form][0](schema).is_valid({"b": 1})


@pytest.mark.parametrize("form", FORMS)
def test_the_command_prints_a_valid_schema(project: Sandbox, form: str) -> None:
    validator, draft_07 = FORMS[form]
    result = project.oetgen("schema", "--editor", *(["--draft-07"] if draft_07 else []))
    validator.check_schema(json.loads(result.out))


def test_the_schema_that_the_values_files_name_is_current() -> None:
    text = (ROOT / "environments" / "editor.schema.json").read_text("utf-8")
    assert text == editor_text(load_schema(Project(ROOT))), (
        "run: oetgen schema --editor > environments/editor.schema.json"
    )


def _validator(form: str, folder: Path) -> Any:
    validator, draft_07 = FORMS[form]
    return validator(editor_schema(load_schema(Project(folder)), draft_07=draft_07))
