"""The Kubernetes files of an environment as objects, and what a kustomization makes of them."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygohcl
import yaml

from tests.conftest import ROOT

Object = dict[str, Any]

ENVS = ("dev", "prod", "spec", "staging")
WORKLOADS = ("Deployment", "Job")
PART_OF, NAME, COMPONENT = (f"app.kubernetes.io/{word}" for word in ("part-of", "name", "component"))


@dataclass(frozen=True)
class Manifests:
    """Every object below `k8s/` of one environment, by its file."""

    root: Path
    files: dict[str, list[Object]]

    def all(self, *kinds: str) -> list[Object]:
        """Return every object of `kinds`, whatever applies it."""
        return [each for objects in self.files.values() for each in objects if each["kind"] in kinds]

    @property
    def objects(self) -> list[Object]:
        """Everything but kustomizations, which are no objects of a cluster."""
        return [
            each for objects in self.files.values() for each in objects if each["kind"] != "Kustomization"
        ]

    @property
    def namespace(self) -> str:
        (namespace,) = self.all("Namespace")
        return str(namespace["metadata"]["name"])

    def terraform(self, file: str) -> Any:
        return copy.deepcopy(_terraform((self.root / "terraform" / file).read_text("utf-8")))

    @property
    def cluster(self) -> Any:
        return self.terraform("main.tf")["module"]["eks"]

    @property
    def vpc(self) -> Any:
        return self.terraform("main.tf")["module"]["vpc"]


def read(root: Path) -> Manifests:
    """Read the manifests of the rendered environment in the folder `root`."""
    top = root / "k8s"
    return Manifests(
        root,
        {path.relative_to(top).as_posix(): load(path) for path in sorted(top.rglob("*.yaml"))},
    )


_terraform = functools.cache(pygohcl.loads)


def committed(env: str) -> Manifests:
    return read(ROOT / "out" / env)


def load(path: Path) -> list[Object]:
    return [each for each in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader) if each is not None]


def build(folder: Path) -> list[Object]:
    """Return what `kubectl kustomize` makes of a folder, as far as our kustomizations go."""
    (kustomization,) = load(folder / "kustomization.yaml")
    known = {"apiVersion", "kind", "namespace", "resources", "images"}
    assert set(kustomization) <= known, "this build knows only what our kustomizations use"
    objects: list[Object] = []
    for resource in kustomization["resources"]:
        path = folder / resource
        objects += build(path) if path.is_dir() else copy.deepcopy(load(path))
    for each in objects:
        if "namespace" in kustomization:
            each["metadata"]["namespace"] = kustomization["namespace"]
        for container in containers(each):
            for image in kustomization.get("images", []):
                container["image"] = _with_image(container["image"], image)
    return objects


def _with_image(reference: str, image: dict[str, str]) -> str:
    name, _, tag = reference.rpartition(":")
    if name != image["name"]:
        return reference
    return f"{image.get('newName', name)}:{image.get('newTag', tag)}"


def selected(objects: list[Object], **labels: str) -> list[Object]:
    """Return the objects that a selector such as `name=backend` chooses."""
    return [
        each
        for each in objects
        if all(
            each["metadata"]["labels"].get(f"app.kubernetes.io/{key}") == value
            for key, value in labels.items()
        )
    ]


def identity(each: Object) -> str:
    return f"{each['kind']}/{each['metadata']['name']}"


def named(objects: list[Object], kind: str, name: str) -> Object:
    (found,) = [each for each in objects if identity(each) == f"{kind}/{name}"]
    return found


def pod(each: Object) -> Object:
    """Return the pod that a workload makes: its metadata and its spec."""
    template: Object = each["spec"]["template"]
    return template


def containers(each: Object) -> Iterator[Object]:
    if each["kind"] in WORKLOADS:
        spec = pod(each)["spec"]
        yield from spec.get("initContainers", [])
        yield from spec["containers"]


def matches(selector: Object | None, labels: dict[str, str]) -> bool:
    """Say whether a label selector chooses something with `labels`; an empty one chooses everything."""
    assert selector is not None
    assert set(selector) <= {"matchLabels", "matchExpressions"}
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        _holds(expression, labels) for expression in selector.get("matchExpressions", [])
    )


def _holds(expression: Object, labels: dict[str, str]) -> bool:
    value = labels.get(expression["key"])
    values = expression.get("values", [])
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[expression["operator"]]
