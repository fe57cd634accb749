"""What `kubectl apply -k` applies, and how a deploy picks the objects of one service out of it."""

from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Sandbox, breadth, rows
from tests.output.manifests import (
    COMPONENT,
    ENVS,
    NAME,
    PART_OF,
    Object,
    build,
    committed,
    containers,
    identity,
    load,
    pod,
    read,
    selected,
)
from tests.test_stack import NO_CACHE, NO_DATABASE, WORKER, add_values, rendered

SERVICES = ("frontend", "backend")
NOT_APPLIED = ("kustomization.yaml", "-migration.yaml", "secrets.yaml.example")

needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")


def kubectl(*arguments: str) -> list[Object]:
    result = subprocess.run(["kubectl", *arguments], capture_output=True, text=True, check=True)
    return list(yaml.safe_load_all(result.stdout))


def release(out: Path, service: str, image: str, tag: str) -> Path:
    """Write, as a deploy does, the kustomization that lies over the committed one; return its folder."""
    (committed_one,) = load(out / "k8s" / "kustomization.yaml")
    (entry,) = [each for each in committed_one["images"] if each["name"] == f"oet-{service}"]
    name = entry.get("newName", entry["name"])
    folder = out / "release"
    folder.mkdir()
    images = [{"name": name, "newName": image, "newTag": tag}]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"resources": ["../k8s"], "images": images}))
    return folder


def by_identity(objects: list[Object]) -> dict[str, Object]:
    found = {identity(each): each for each in objects}
    assert len(found) == len(objects), "two objects have one name"
    return found


@pytest.mark.parametrize("env", ENVS)
def test_it_lists_every_file_but_those_that_are_applied_by_other_means(env: str) -> None:
    top = ROOT / "out" / env / "k8s"
    (kustomization,) = load(top / "kustomization.yaml")
    files = {path.name for path in top.iterdir() if path.is_file() and not path.name.endswith(NOT_APPLIED)}
    assert sorted(kustomization["resources"]) == sorted(files)
    (cluster,) = load(top / "cluster" / "kustomization.yaml")
    files = {path.name for path in (top / "cluster").iterdir()} - {"kustomization.yaml"}
    assert sorted(cluster["resources"]) == sorted(files)


@pytest.mark.parametrize("env", ENVS)
def test_what_belongs_to_the_cluster_is_kept_apart(env: str) -> None:
    top = ROOT / "out" / env / "k8s"
    assert [each["kind"] for each in build(top / "cluster")] == ["Namespace", "StorageClass"]
    assert not {"Namespace", "StorageClass"} & {each["kind"] for each in build(top)}


@pytest.mark.parametrize("env", ENVS)
def test_no_two_objects_have_one_name_and_all_are_in_the_one_namespace(env: str) -> None:
    manifests = committed(env)
    by_identity(manifests.objects)
    for each in manifests.objects:
        if each["kind"] not in ("Namespace", "StorageClass"):
            assert each["metadata"]["namespace"] == manifests.namespace, identity(each)
    (kustomization,) = load(manifests.root / "k8s" / "kustomization.yaml")
    assert kustomization["namespace"] == manifests.namespace


@pytest.mark.parametrize("env", ENVS)
def test_every_object_says_what_it_belongs_to(env: str) -> None:
    for each in committed(env).objects:
        labels = each["metadata"]["labels"]
        assert labels[PART_OF] == "oet"
        assert labels[COMPONENT] in ("service", "shared")
        assert (labels[COMPONENT] == "service") == (labels[NAME] in SERVICES), identity(each)


@pytest.mark.parametrize("env", ENVS)
def test_those_labels_select_nothing(env: str) -> None:
    """A selector can never change; the document's label `app` is the one that there is."""

    def selectors(node: Any) -> list[dict[str, str]]:
        if isinstance(node, list):
            return [found for each in node for found in selectors(each)]
        if not isinstance(node, dict):
            return []
        own = [node[key] for key in ("selector", "matchLabels") if isinstance(node.get(key), dict)]
        return own + [found for each in node.values() for found in selectors(each)]

    for each in committed(env).objects:
        for selector in selectors(each.get("spec", {})):
            assert not {PART_OF, NAME, COMPONENT} & set(selector), identity(each)


@pytest.mark.parametrize("env", ENVS)
def test_what_is_shared_and_what_is_each_services_own_is_everything_once(env: str) -> None:
    everything = build(ROOT / "out" / env / "k8s")
    parts = selected(everything, component="shared")
    for service in SERVICES:
        parts += selected(everything, name=service)
    assert by_identity(parts) == by_identity(everything)


@rows("env", ENVS)
@rows("service", SERVICES)
def test_a_services_own_objects_are_those_of_its_files(env: str, service: str) -> None:
    top = ROOT / "out" / env / "k8s"
    own = by_identity(selected(build(top), name=service))
    files = [
        each
        for path in sorted(top.glob(f"{service}-*.yaml"))
        for each in load(path)
        if not path.name.endswith("-migration.yaml")
    ]
    assert set(own) == {identity(each) for each in files}
    assert {each["kind"] for each in own.values()} >= {"Deployment", "Service", "ServiceAccount"}


@pytest.mark.parametrize("env", ENVS)
@pytest.mark.parametrize("service", SERVICES)
def test_a_release_changes_the_image_of_one_service_and_nothing_else(
    tmp_path: Path, env: str, service: str
) -> None:
    out = tmp_path / env
    shutil.copytree(ROOT / "out" / env / "k8s", out / "k8s")
    before = by_identity(build(out / "k8s"))
    after = by_identity(build(release(out, service, "registry.test/oet-image", "3d3c42e")))
    name = f"Deployment/oet-{service}"
    expected = copy.deepcopy(before)
    for container in containers(expected[name]):
        assert container["image"] == f"oet-{service}:latest"
        container["image"] = "registry.test/oet-image:3d3c42e"
    assert after == expected


def test_with_an_account_the_manifests_name_its_registry(project: Sandbox) -> None:
    add_values(project, "staging", 'account: "123456789012"\nregion: eu-west-3\nimage_tag: "1.0"')
    out = rendered(project, "staging")
    repository = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/oet-backend-staging"
    (container,) = containers(by_identity(build(out / "k8s"))["Deployment/oet-backend"])
    assert container["image"] == f"{repository}:1.0"
    after = by_identity(build(release(out, "backend", repository, "3d3c42e")))
    (container,) = containers(after["Deployment/oet-backend"])
    assert container["image"] == f"{repository}:3d3c42e"
    (job,) = load(out / "k8s/backend-migration.yaml")
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == f"{repository}:1.0-migration"


def by_hand(folder: Path) -> str:
    """Return the part of the runbook about applying manifests by hand."""
    text = (folder / "RUNBOOK.md").read_text("utf-8")
    return text.split("### Do not apply the folder by hand\n")[1].split("###")[0]


@pytest.mark.parametrize("env", ["dev", "prod", "spec", "staging"])
def test_the_runbook_warns_of_applying_the_whole_folder_by_hand(env: str) -> None:
    text = by_hand(ROOT / "out" / env)
    assert "by images of Docker Hub, which do not exist" in text
    command = text.split("```bash\n")[1].split("\n```")[0]
    assert command.endswith(f"-k out/{env}/k8s --selector app.kubernetes.io/component=shared")


def test_with_an_account_the_runbook_warns_of_the_tag(project: Sandbox) -> None:
    add_values(project, "prod", 'account: "123456789012"')
    assert "by those with the tag `latest`" in by_hand(rendered(project))


def test_what_is_applied_by_hand_has_no_image_of_ours() -> None:
    for env in ("dev", "prod", "spec", "staging"):
        shared = selected(build(ROOT / "out" / env / "k8s"), component="shared")
        images = {
            container["image"]
            for each in shared
            if each["kind"] == "Deployment"
            for container in containers(each)
        }
        assert not [image for image in images if image.startswith("oet-")]


def test_a_third_service_has_objects_of_its_own(project: Sandbox) -> None:
    add_values(project, "prod", WORKER)
    out = rendered(project)
    own = by_identity(selected(build(out / "k8s"), name="worker"))
    assert set(own) == {
        "Deployment/oet-worker",
        "ServiceAccount/oet-worker",
        "PodDisruptionBudget/oet-worker",
    }
    (kustomization,) = load(out / "k8s" / "kustomization.yaml")
    assert {"name": "oet-worker", "newTag": "latest"} in kustomization["images"]


@breadth(
    "values, gone",
    [
        ("services: {frontend: {host: null, urls: null}, backend: {host: null}}", "ingress.yaml"),
        ("database: {runs_in: rds}", "postgres-deployment.yaml"),
        ("cache: {runs_in: elasticache}", "redis-deployment.yaml"),
        (NO_DATABASE, "postgres-deployment.yaml"),
        (NO_CACHE, "redis-deployment.yaml"),
        ("services: {backend: {migration: null}}", "backend-migration.yaml"),
    ],
    3,
)
def test_what_the_values_turn_off_is_neither_rendered_nor_listed(
    project: Sandbox, values: str, gone: str
) -> None:
    add_values(project, "spec", values)
    out = rendered(project, "spec")
    assert not (out / "k8s" / gone).exists()
    (kustomization,) = load(out / "k8s" / "kustomization.yaml")
    assert gone not in kustomization["resources"]
    assert all((out / "k8s" / path).is_file() for path in kustomization["resources"])


@needs_kubectl
@pytest.mark.parametrize("env", ENVS)
@pytest.mark.parametrize("folder", ["k8s", "k8s/cluster", "release"])
def test_kubectl_builds_the_same(tmp_path: Path, env: str, folder: str) -> None:
    out = tmp_path / env
    shutil.copytree(ROOT / "out" / env / "k8s", out / "k8s")
    release(out, "backend", "registry.test/oet-backend", "3d3c42e")
    ours = by_identity(build(out / folder))
    assert by_identity(kubectl("kustomize", str(out / folder))) == ours


@needs_kubectl
def test_kubectl_builds_the_same_with_an_account(project: Sandbox) -> None:
    add_values(project, "prod", 'account: "123456789012"')
    add_values(project, "prod", WORKER)
    out = rendered(project)
    folder = release(out, "worker", "registry.test/oet-worker", "3d3c42e")
    assert by_identity(kubectl("kustomize", str(folder))) == by_identity(build(folder))


@needs_kubectl
@pytest.mark.parametrize("env", ENVS)
def test_kubectl_gives_the_migration_its_image_and_changes_nothing_else(env: str) -> None:
    path = ROOT / "out" / env / "k8s" / "backend-migration.yaml"
    image = "registry.test/oet-backend:3d3c42e-migration"
    (after,) = kubectl("set", "image", "--local", "-f", str(path), f"migration={image}", "-o", "yaml")
    (expected,) = load(path)
    (container,) = containers(expected)
    assert container["image"] == "oet-backend:latest-migration"
    container["image"] = image
    container["resources"]["limits"]["cpu"] = "1"  # what kubectl makes of 1000m
    after.pop("status", None)
    for metadata in (after["metadata"], pod(after)["metadata"]):
        metadata.pop("creationTimestamp", None)
    assert after == expected


def test_the_migrations_name_is_in_no_other_file() -> None:
    """A deploy makes it anew each time, so a plain apply must never bring it along."""
    for env in ENVS:
        kinds = {each["kind"] for each in build(ROOT / "out" / env / "k8s")}
        assert not kinds & {"Job", "Secret"}
        manifests = read(ROOT / "out" / env)
        assert [identity(each) for each in manifests.all("Job")] == ["Job/oet-backend-migration"]
