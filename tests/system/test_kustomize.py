"""Kustomizations: what they build, and which objects the rules then see."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import yaml

from generator.languages.node import plain
from generator.system import System
from tests.conftest import rows

_TABLE = Path(__file__).with_name("kustomize.yaml")


class Case(TypedDict, total=False):
    """Files, and the objects that they build or the reason why these are not known."""

    files: dict[str, str]
    objects: str
    unknown: str


CASES: dict[str, Case] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
BASE = {
    "base/kustomization.yaml": "resources: [service.yaml]\n",
    "base/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n",
}


@rows("name", CASES)
def test_a_kustomization_builds_what_kubectl_builds(name: str) -> None:
    case = CASES[name]
    (built,) = (
        each
        for each in System.of_files(case["files"]).kustomized
        if each.kustomization.path.startswith("root/")
    )
    if reason := case.get("unknown"):
        assert reason in built.unknown and not built.objects
        return
    wanted = sorted(yaml.safe_load_all(case["objects"]), key=str)
    assert not built.unknown
    assert sorted((_sorted(plain(each.node)) for each in built.objects), key=str) == sorted(
        (_sorted(each) for each in wanted), key=str
    )


def _sorted(value: object) -> object:
    """Return a value with the keys of its maps in order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def test_objects_of_two_overlays_are_apart_and_their_base_is_none() -> None:
    overlays = {
        f"{name}/kustomization.yaml": f"namespace: {name}\nresources: [../base]\n" for name in ("dev", "prod")
    }
    one, other = System.of_files({**BASE, **overlays}).manifests
    assert [one.namespace, other.namespace] == ["dev", "prod"]
    assert one.is_apart(other) and not one.is_apart(one)


def test_a_changed_node_stands_at_the_line_that_caused_it() -> None:
    overlay = {"prod/kustomization.yaml": "resources: [../base]\n\nnamePrefix: a-\n"}
    (service,) = System.of_files({**BASE, **overlay}).manifests
    assert service.name == "a-web"
    assert (service.at.path, service.at.line) == ("prod/kustomization.yaml", 3)
    assert service.path == "base/service.yaml"


def test_the_objects_of_an_unknown_kustomization_are_not_judged() -> None:
    remote = {"prod/kustomization.yaml": "resources: [../base, 'https://example.com/base?ref=v1']\n"}
    system = System.of_files({**BASE, **remote})
    assert not system.manifests
    assert set(system.unknown_files()) == {*BASE, *remote}


def test_the_objects_of_a_broken_kustomization_are_judged_as_they_are_written() -> None:
    broken = {"prod/kustomization.yaml": "resources: [../base, missing.yaml]\n"}
    (service,) = System.of_files({**BASE, **broken}).manifests
    assert (service.name, service.root) == ("web", "")


def test_the_objects_of_an_unused_component_are_not_judged() -> None:
    component = {**BASE, "base/kustomization.yaml": "kind: Component\nresources: [service.yaml]\n"}
    assert not System.of_files(component).manifests
