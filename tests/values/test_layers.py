"""Layers of values: what wins, what a null does, and where each value says it comes from."""

from __future__ import annotations

import os

import pytest

from generator.findings import OetgenError
from generator.project.folder import Project
from generator.values.layers import Values, load_values, merge
from generator.values.schema import load_schema, validate
from tests.conftest import Sandbox


def values(project: Sandbox, env: str = "prod", *settings: str) -> Values:
    loaded, findings = load_values(Project(project.root), env, settings)
    assert findings == []
    return loaded


def test_maps_merge_by_key_scalars_and_lists_replace_and_null_removes() -> None:
    lower = {"a": {"x": 1, "y": 2}, "list": [1, 2], "text": "low", "gone": {"deep": 1}}
    upper = {"a": {"y": 3, "z": 4}, "list": [9], "text": "high", "gone": None}
    assert merge(lower, upper) == {"a": {"x": 1, "y": 3, "z": 4}, "list": [9], "text": "high"}


def test_a_null_removes_what_a_lower_layer_never_had() -> None:
    assert merge({}, {"a": None, "b": {"c": None, "d": 1}}) == {"b": {"d": 1}}


def test_merging_changes_neither_layer() -> None:
    lower = {"a": {"x": 1}}
    merge(lower, {"a": {"x": 2}})
    assert lower == {"a": {"x": 1}}


def test_an_environment_may_extend_another(small: Sandbox) -> None:
    loaded = values(small, "test")
    assert [layer.path for layer in loaded.layers] == [
        f"environments/{name}.yaml" for name in ("base", "prod", "test")
    ]
    assert loaded.data["suffix"] == "-test"
    assert loaded.data["regions"] == ["eu-west-1", "us-east-1"]
    assert "worker" not in loaded.data["services"]


def test_extends_and_checks_are_about_the_file_and_no_values(small: Sandbox) -> None:
    small.write("environments/test.yaml", "extends: prod\nchecks: {}\n")
    assert not {"extends", "checks"} & set(values(small, "test").data)


def test_each_value_knows_the_line_that_set_it_and_those_it_overrode(small: Sandbox) -> None:
    found = [(span.path, span.line) for span in values(small).origins(("services", "api", "replicas"))]
    assert found == [("environments/prod.yaml", 8), ("environments/base.yaml", 9)]


def test_a_path_that_nothing_sets_is_at_the_nearest_map_that_holds_it(small: Sandbox) -> None:
    span = values(small).at(("services", "worker", "port"))
    assert span is not None
    assert (span.path, span.text.strip()) == ("environments/prod.yaml", "worker:")


def test_a_setting_overrides_every_file_and_is_read_as_yaml(small: Sandbox) -> None:
    loaded = values(small, "prod", "services.api.replicas=5", "services.api.env.MODE=slow", "labels=null")
    assert loaded.data["services"]["api"]["replicas"] == 5
    assert loaded.data["services"]["api"]["env"]["MODE"] == "slow"
    assert "labels" not in loaded.data


def test_merge_keys_are_merged(small: Sandbox) -> None:
    small.write(
        "environments/prod.yaml",
        "services:\n  one: &one {image: a, replicas: 1}\n  two:\n    <<: *one\n    port: 80\n",
    )
    assert values(small).data["services"]["two"] == {"image": "a", "replicas": 1, "port": 80}


# A --set, and the text that the caret of the only finding stands under.
SETTINGS = [
    ("greeting=5", "5"),
    ("services.api.replicas=many", "many"),
    ("services.api.replica=5", "replica"),
    ("servces.api.replicas=5", "servces"),
    ("services.api={image: a, replicas: 99}", "99"),
    ('regions=["eu-west-1", x]', "x"),
    ("services.api.replicas=012", "012"),
    ("greeting=no", "no"),
    ("greeting=", "greeting="),
    ("greeting=#x", "greeting="),
    ("labels={a: 1, a: 2}", "a"),
    ('greeting="x', '"'),
    ('labels."a.b"=1', "1"),
    ("regions.0=eu-west-1", "regions"),
    ("greeting=\udcff", "?"),
]


@pytest.mark.parametrize(("setting", "marked"), SETTINGS)
def test_a_wrong_setting_is_shown_as_it_was_typed_with_the_caret_at_the_key_or_value(
    small: Sandbox, setting: str, marked: str
) -> None:
    project = Project(small.root)
    loaded, wrong = load_values(project, "prod", (setting,))
    (finding,) = wrong or validate(load_schema(project), loaded)
    at = finding.at
    assert at
    assert (at.path, at.line) == ("--set", 1)
    assert at.text[at.column - 1 : at.column - 1 + at.length] == marked
    assert at.text == setting.replace("\udcff", "?")


def test_a_setting_of_several_lines_is_shown_on_one(small: Sandbox) -> None:
    _, (finding,) = load_values(Project(small.root), "prod", ('greeting="x\ny: z',))
    assert finding.at
    assert finding.at.text == 'greeting="x␊y: z'


@pytest.mark.parametrize(
    "setting", ["greeting", "=x", "a..b=x", "a.=x", 'a."b=x', "extends=prod", "checks.x=y"]
)
def test_what_is_no_setting_stops(small: Sandbox, setting: str) -> None:
    with pytest.raises(OetgenError) as stopped:
        load_values(Project(small.root), "prod", (setting,))
    assert setting in stopped.value.message
    assert stopped.value.hint


def test_a_setting_reaches_keys_with_dots_and_signs(small: Sandbox) -> None:
    loaded, _ = load_values(Project(small.root), "prod", ('labels."app.io/name"=a=b',))
    assert loaded.data["labels"]["app.io/name"] == "a=b"


# The files of environments, and what is wrong with them: code, place, a part of message and hint.
FILES = {
    "extends itself": (
        {"prod": "extends: prod"}, "circular-extends", ("prod", 1, 10), "extends itself", "remove the line",
    ),
    "extends each other": (
        {"prod": "extends: test", "test": "extends: prod"}, "circular-extends", ("prod", 1, 10),
        'extends "test", which leads back to this file', "one of the `extends` lines",
    ),
    "extends a circle": (
        {"prod": "extends: test", "test": "extends: third", "third": "extends: test"}, "circular-extends",
        ("test", 1, 10), 'extends "third"', "one of the `extends` lines",
    ),
    "extends what is not there": (
        {"prod": "extends: tset"}, "unknown-parent", ("prod", 1, 10), "expected one of test", 'mean "test"?'
    ),
    "extends what is like nothing": (
        {"prod": "extends: old", "test": "extends: prod"}, "unknown-parent", ("prod", 1, 10),
        'extends "old", expected one of test', "remove the line, or add environments/old.yaml",
    ),
    "extends base": (
        {"prod": "extends: base"}, "unknown-parent", ("prod", 1, 10), 'extends "base"', "begins with base.yaml"
    ),
    "extends two": (
        {"prod": "extends: [test, x]"}, "unknown-parent", ("prod", 1, 10), "`extends` needs the name", "name one"
    ),
    "base extends": (
        {"base": "extends: prod"}, "base-extends", ("base", 1, 1), "cannot extend another file", "remove the line"
    ),
    "an empty base": ({"base": ""}, "empty", ("base", 1, 1), "the file has no values", "write {} for no defaults"),
    "a base of comments": ({"base": "# nothing\n"}, "empty", ("base", 1, 1), "the file has no values", "write {}"),
    "an empty overlay": ({"prod": "# later\n"}, "empty", ("prod", 1, 1), "equals base.yaml", "{} for nothing"),
    "a list": ({"prod": "- a"}, "not-a-map", ("prod", 1, 1), "found no map", "key: value"),
    "a text": ({"prod": "a"}, "not-a-map", ("prod", 1, 1), "found no map", "key: value"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "code", "place", "message", "hint"), FILES.values(), ids=list(FILES))
def test_a_file_that_cannot_be_a_layer_is_one_finding(
    small: Sandbox, files: dict[str, str], code: str, place: tuple[str, int, int], message: str, hint: str
) -> None:
    for name, text in files.items():
        small.write(f"environments/{name}.yaml", text)
    _, (finding,) = load_values(Project(small.root), "prod")
    assert finding.code == f"values/{code}"
    assert finding.at
    assert (finding.at.path, finding.at.line, finding.at.column) == (
        f"environments/{place[0]}.yaml",
        *place[1:],
    )
    assert message in finding.message
    assert hint in finding.hint


def test_a_circle_is_told_once_however_many_environments_are_in_it(small: Sandbox) -> None:
    small.write("environments/prod.yaml", "extends: test")
    result = small.oetgen("render", "--all")
    assert result.err.count("circular-extends") == 1
    assert "1 error" in result.err


def test_an_overlay_says_that_nothing_differs_with_an_empty_map(small: Sandbox) -> None:
    small.write("environments/prod.yaml", "{}")
    assert load_values(Project(small.root), "prod")[1] == []


# Bytes of a file, and what is wrong with them.
BYTES = [
    (b"greeting: \xff", "not-utf8", 1, 11),
    (b"a: 1\ngreeting: h\xc3\xa9\xe9", "not-utf8", 2, 13),
    ("greeting: x".encode("utf-16"), "not-utf8", 1, 1),
    (b"\xef\xbb\xbfgreeting: x", "byte-order-mark", 1, 1),
    (b"#" * 5_000_000, "too-large", 1, 1),
]


@pytest.mark.parametrize(("content", "code", "line", "column"), BYTES)
def test_a_file_that_is_no_text_is_one_finding(
    small: Sandbox, content: bytes, code: str, line: int, column: int
) -> None:
    (small.root / "environments/prod.yaml").write_bytes(content)
    _, (finding,) = load_values(Project(small.root), "prod")
    assert finding.code == f"project/{code}"
    assert finding.at
    assert (finding.at.line, finding.at.column) == (line, column)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(small: Sandbox) -> None:
    path = small.root / "environments/prod.yaml"
    path.unlink()
    os.mkfifo(path)
    _, (finding,) = load_values(Project(small.root), "prod")
    assert (finding.code, finding.message) == (
        "project/unreadable",
        "found a device or a pipe, expected a regular file",
    )


def test_lines_may_end_as_on_windows(small: Sandbox) -> None:
    (small.root / "environments/prod.yaml").write_bytes(b"greeting: hello\r\nregions: [nowhere]\r\n")
    project = Project(small.root)
    loaded, _ = load_values(project, "prod")
    (finding,) = validate(load_schema(project), loaded)
    assert finding.at
    assert (finding.at.line, finding.at.text) == (2, "regions: [nowhere]")
