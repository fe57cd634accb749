"""`oetgen values PATH`: what a value is in every environment, and the line that sets it."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT, Sandbox, rows


def test_a_path_alone_prints_the_value_in_every_environment() -> None:
    result = Sandbox(ROOT).oetgen("values", "services.backend.replicas")
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0] == ["services.backend.replicas"]
    values = {name.strip(","): line for line in lines[1:] for name in line if name.strip(",").isalpha()}
    assert {*values} >= {"dev", "prod", "spec", "staging"}
    assert "3" in values["prod"] and any(
        word.startswith("environments/prod.yaml:") for word in values["prod"]
    )
    assert "1" in values["dev"] and any(word.startswith("environments/base.yaml:") for word in values["dev"])


def test_a_value_that_an_environment_removes_is_not_set_there() -> None:
    out = Sandbox(ROOT).oetgen("values", "services.backend.autoscaling").out
    assert "services.backend.autoscaling.max_replicas\n  dev      not set\n  prod     6" in out
    assert "staging  not set  removed by environments/staging.yaml:" in out


def test_environments_with_the_same_value_from_the_same_line_share_a_line() -> None:
    out = Sandbox(ROOT).oetgen("values", "rds.backup_window").out
    assert out.splitlines()[1].split()[:2] == ["every", "environment"]
    assert len(out.splitlines()) == 2


def test_a_path_alone_as_data_has_every_environment() -> None:
    data = json.loads(Sandbox(ROOT).oetgen("values", "cluster.version", "--format", "json").out)
    assert data["path"] == "cluster.version"
    assert [each["environment"] for each in data["environments"]] == ["dev", "prod", "spec", "staging"]
    assert all(each["values"][0]["set"][0]["line"] for each in data["environments"])


def test_a_path_that_no_environment_has_is_answered_with_the_nearest_one() -> None:
    result = Sandbox(ROOT).oetgen("values", "services.backend.replica")
    assert result.status == 2
    assert 'hint: did you mean "services.backend.replicas"?' in result.err


@rows(
    "path, hint",
    [
        ("services.backend.replcas", 'did you mean "services.backend.replicas"?'),
        ("servces.backend", 'did you mean "services.backend"?'),
        ("services.worker.port", "services has frontend, backend"),
        ("namespace.name", "namespace is a value without parts"),
        ("zzz", "run: oetgen values prod to list all values"),
    ],
)
def test_a_path_that_is_not_there_is_answered_with_what_is(path: str, hint: str) -> None:
    result = Sandbox(ROOT).oetgen("values", "prod", path)
    assert result.err == f'oetgen: prod has no value "{path}"\n  hint: {hint}\n'


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("scripts/greet.sh:2", "name one, as out/test/scripts/greet.sh"),
        ("a.md", "name one, as out/test/FILE"),
    ],
)
def test_a_file_without_its_folder_is_answered_with_its_path(small: Sandbox, path: str, hint: str) -> None:
    small.oetgen("render", "test")
    (small.root / "environments/prod.yaml").unlink()
    small.write("environments/test.yaml", "output: out/test\n")
    assert f"  hint: {hint}\n" in small.oetgen("blame", path).err
