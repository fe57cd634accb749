"""Layers of values: what wins, what a null does, and where each value says it comes from."""

from generator.project import Project
from generator.values import Values, load_values, merge
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
