"""Defaults for the entries of a map: `services.*` in a values file."""

from __future__ import annotations

import json

from generator.project.folder import Project
from generator.values.layers import Values, load_values
from generator.values.origins import history
from generator.values.schema import load_schema, validate
from generator.values.source import KeyPath
from tests.conftest import Sandbox

DEFAULTS = "services.*:\n  replicas: 2\n  env: {MODE: slow, LEVEL: info}\n"


def values(project: Sandbox, env: str = "prod") -> Values:
    loaded, findings = load_values(Project(project.root), env)
    assert findings == []
    return loaded


def with_defaults(project: Sandbox, text: str = DEFAULTS) -> None:
    """Add defaults to base.yaml, and declare them in the schema."""
    project.write("environments/base.yaml", text + project.read("environments/base.yaml"))
    schema = json.loads(project.read("environments/schema.json"))
    schema["properties"]["services.*"] = schema["properties"]["services"]["additionalProperties"]
    project.write("environments/schema.json", json.dumps(schema, indent=2))


def places(found: Values, path: KeyPath) -> list[tuple[str, int]]:
    return [(span.path, span.line) for span in found.origins(path)]


def test_each_entry_has_the_defaults_that_it_does_not_override(small: Sandbox) -> None:
    with_defaults(small)
    services = values(small).data["services"]
    assert services["worker"] == {
        "image": "example/worker:1",
        "replicas": 1,
        "env": {"MODE": "slow", "LEVEL": "info"},
    }
    assert services["api"]["replicas"] == 3
    assert services["api"]["env"] == {"MESSAGE": "$(HOME) costs 5$", "MODE": "slow", "LEVEL": "info"}


def test_the_key_of_the_defaults_is_no_value(small: Sandbox) -> None:
    with_defaults(small)
    assert list(values(small).data) == ["suffix", "greeting", "labels", "regions", "services"]


def test_a_null_in_an_entry_restores_the_default(small: Sandbox) -> None:
    with_defaults(small)
    small.write("environments/prod.yaml", "services: {api: {replicas: null, env: {MODE: null}}}")
    api = values(small).data["services"]["api"]
    assert (api["replicas"], api["env"]["MODE"]) == (2, "slow")


def test_an_overlay_overrides_defaults_but_not_what_an_entry_sets(small: Sandbox) -> None:
    with_defaults(small)
    small.write(
        "environments/prod.yaml", "services.*: {replicas: 7, port: 9000}\nservices: {new: {image: x}}"
    )
    services = values(small).data["services"]
    assert services["new"] == {
        "image": "x",
        "replicas": 7,
        "env": {"MODE": "slow", "LEVEL": "info"},
        "port": 9000,
    }
    assert (services["api"]["replicas"], services["api"]["port"]) == (2, 8000)


def test_a_null_in_an_overlay_removes_a_default(small: Sandbox) -> None:
    with_defaults(small)
    small.write("environments/prod.yaml", "services.*: {env: null}\nservices: {new: {image: x}}")
    assert values(small).data["services"]["new"] == {"image": "x", "replicas": 2}


def test_a_pattern_may_lead_through_several_maps(small: Sandbox) -> None:
    with_defaults(small, "services.*.env.*: {A: {B: 1}}\nservices.*.env: {MODE: x}\n")
    small.write("environments/prod.yaml", "services: {api: {env: {X: {C: 2}, Z: {A: {B: 3}}}}}")
    found = values(small).data
    assert "services.*.env.*" not in found
    assert found["services"]["api"]["env"] == {
        "MODE": "fast",
        "X": {"C": 2, "A": {"B": 1}},
        "Z": {"A": {"B": 3}},
    }


def test_a_star_elsewhere_is_a_key_like_any_other(small: Sandbox) -> None:
    for key in ("*", "*.a", "services.", "a..*", "a.b*"):
        small.write("environments/prod.yaml", json.dumps({key: {"x": "y"}}))
        assert values(small).data[key] == {"x": "y"}


def test_defaults_of_something_that_is_not_a_map_change_nothing(small: Sandbox) -> None:
    with_defaults(small, "greeting.*: {a: 1}\nregions.*: {a: 1}\nnothing.*: {a: 1}\n")
    found = values(small).data
    assert (found["greeting"][:4], found["regions"]) == ("it's", ["eu-west-1", "us-east-1"])
    assert "nothing" not in found


def test_layers_and_entries_keep_their_own_values(small: Sandbox) -> None:
    with_defaults(small)
    found = values(small)
    found.data["services"]["worker"]["replicas"] = 9
    assert found.layers[0].data["services.*"]["replicas"] == 2
    assert values(small).data["services"]["worker"]["replicas"] == 1


def test_a_default_has_the_line_that_sets_it(small: Sandbox) -> None:
    with_defaults(small)
    found = values(small)
    assert places(found, ("services", "worker", "env", "LEVEL")) == [("environments/base.yaml", 3)]
    assert places(found, ("services", "api", "replicas")) == [
        ("environments/prod.yaml", 8),
        ("environments/base.yaml", 12),
        ("environments/base.yaml", 2),
    ]
    assert [each.value for each in history(found, ("services", "api", "replicas"))] == [3, 2, 2]


def test_the_command_line_shows_where_a_default_is_set(small: Sandbox) -> None:
    with_defaults(small)
    out = small.oetgen("values", "prod", "services.worker").out
    assert "LEVEL: info # environments/base.yaml:3" in out
    assert "replicas: 1 # environments/prod.yaml:14, overrides 2 in environments/base.yaml:2" in out
    found = small.oetgen("impact", "services.worker.env.LEVEL").out
    assert "base.yaml:3" in found


def test_a_wrong_default_is_reported_at_its_own_line(small: Sandbox) -> None:
    with_defaults(small, "services.*: {replicas: many}\n")
    small.write("environments/prod.yaml", "services: {new: {image: x}}")
    project = Project(small.root)
    findings = validate(load_schema(project), values(small))
    assert {(each.code, each.at.path, each.at.line) for each in findings if each.at} == {
        ("schema/type", "environments/base.yaml", 1)
    }


def test_defaults_are_an_origin_of_their_entries_at_their_own_line(small: Sandbox) -> None:
    with_defaults(small, f"# a comment\n{DEFAULTS}")
    found = {each.at.line for each in history(values(small), ("services", "api")) if "base" in each.at.path}
    assert found == {2, 11}


def test_what_defaults_leave_out_is_missing_in_the_entry(small: Sandbox) -> None:
    schema = json.loads(small.read("environments/schema.json"))
    service = schema["properties"]["services"]["additionalProperties"]
    service["properties"]["probe"] = {"required": ["path"], "properties": {"path": {}, "period": {}}}
    small.write("environments/schema.json", json.dumps(schema))
    with_defaults(small, "services.*: {probe: {period: 5}}\n")
    small.write(
        "environments/prod.yaml",
        "services:\n  api: {probe: {path: /}}\n  worker: null\n  new: {image: x, replicas: 1}\n",
    )
    (finding,) = validate(load_schema(Project(small.root)), values(small))
    assert finding.at and (finding.at.path, finding.at.line) == ("environments/prod.yaml", 4)
    assert finding.hint == "add services.new.probe.path to environments/prod.yaml"


def test_a_misspelled_map_is_an_unknown_key(small: Sandbox) -> None:
    with_defaults(small)
    small.write("environments/prod.yaml", "sevices.*: {replicas: 1}")
    (finding,) = validate(load_schema(Project(small.root)), values(small))
    assert (finding.code, finding.hint) == ("schema/unknown-key", 'did you mean "services.*"?')


def test_a_default_that_no_template_reads_is_a_warning(small: Sandbox) -> None:
    with_defaults(small, "services.*: {replicas: 1}\nunread.*: {idle: 1}\n")
    schema = json.loads(small.read("environments/schema.json"))
    rule = {"type": "object", "additionalProperties": {"type": "integer"}}
    schema["properties"]["unread.*"] = rule
    schema["properties"]["unread"] = {"type": "object", "additionalProperties": rule}
    small.write("environments/schema.json", json.dumps(schema))
    result = small.oetgen("render", "prod")
    assert result.status == 0
    assert result.err.count("typecheck/unread-value") == 1
    assert "unread" in result.err
    assert "idle" in result.err


def test_a_key_that_defaults_guarantee_needs_no_guard(small: Sandbox) -> None:
    small.write("templates/env.txt.md.j2", "{% for s in services.values() %}{{ s.env.MODE }}\n{% endfor %}")
    small.write("environments/test.yaml", "extends: prod\nsuffix: -test\n")
    assert small.oetgen("render", "prod").status == 1
    schema = json.loads(small.read("environments/schema.json"))
    rule = schema["properties"]["services"]["additionalProperties"]
    rule["required"].append("env")
    rule["properties"]["env"]["required"] = ["MODE"]
    rule["properties"]["env"]["properties"] = {"MODE": {"type": "string", "description": "How."}}
    schema["properties"]["services.*"] = rule
    small.write("environments/schema.json", json.dumps(schema))
    small.write("environments/base.yaml", DEFAULTS + small.read("environments/base.yaml"))
    result = small.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert (small.root / "out/prod/env.txt.md").read_text("utf-8").split("\n")[-3:] == ["slow", "slow", ""]
