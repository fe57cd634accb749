"""What happens to each object, by area: the first part of `oetgen plan`."""

from __future__ import annotations

import pytest

from generator.changes.hazards import System, find
from generator.changes.objects import object_changes

KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


def listed(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Return each object as `area sign subject path:line (notes) changes`."""
    before, after = System.of_files(old), System.of_files(new)
    return [
        f"{each.area} {each.sign} {each.subject} {each.at.path}:{each.at.line} "
        f"{','.join(each.notes)} {len(each.changes)}"
        for each in object_changes(before, after, find(before, after))
    ]


def service(name: str, port: int) -> str:
    spec = f"spec: {{ports: [{{port: {port}}}]}}"
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\n{spec}\n"


def deployment(image: str, cpu: str = "500m") -> str:
    resources = f"resources: {{requests: {{cpu: {cpu}}}}}"
    labels = "metadata: {labels: {app: d}}"
    template = f"template: {{{labels}, spec: {{containers: [{{name: a, image: {image}, {resources}}}]}}}}"
    template += ", selector: {matchLabels: {app: d}}"
    return f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: shop}}\nspec: {{{template}}}\n"


def test_objects_of_kubernetes() -> None:
    old = {"k8s/a.yaml": f"{service('same', 1)}---\n{service('changed', 1)}---\n{service('old', 1)}"}
    new = {"k8s/a.yaml": f"{service('same', 1)}---\n{service('changed', 2)}---\n{service('new', 1)}"}
    assert listed(old, new) == [
        "Kubernetes ~ Service shop/changed k8s/a.yaml:6 outage 2",
        "Kubernetes + Service shop/new k8s/a.yaml:11  0",
        "Kubernetes - Service shop/old k8s/a.yaml:11 left behind 0",
    ]


def test_a_workload_is_restarted_when_its_template_changes_and_not_when_an_amount_is_written_otherwise() -> (
    None
):
    before = {"k8s/a.yaml": deployment("a:1")}
    assert listed(before, {"k8s/a.yaml": deployment("a:2")}) == [
        "Kubernetes ~ Deployment shop/d k8s/a.yaml:1 restarted 1"
    ]
    assert listed(before, {"k8s/a.yaml": deployment("a:1", '"0.5"')}) == []


def test_every_restart_is_noted_also_one_that_is_an_outage() -> None:
    old = deployment("a:1").replace("spec: {template", "spec: {strategy: {type: Recreate}, template")
    assert listed({"k8s/a.yaml": old}, {"k8s/a.yaml": old.replace("a:1", "a:2")}) == [
        "Kubernetes ~ Deployment shop/d k8s/a.yaml:1 outage,restarted 1"
    ]
    more = old.replace("spec: {strategy", "spec: {minReadySeconds: 1, strategy")
    assert listed({"k8s/a.yaml": old}, {"k8s/a.yaml": more}) == [
        "Kubernetes ~ Deployment shop/d k8s/a.yaml:1  1"
    ]


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("emptyDir: {sizeLimit: 1Gi}", "emptyDir: {sizeLimit: 1024Mi}", 0),
        ("emptyDir: {sizeLimit: 1Gi}", "emptyDir: {sizeLimit: 1G}", 1),
        ("label: 1Gi", "label: 1024Mi", 1),
    ],
)
def test_amounts_are_equal_where_kubernetes_expects_them(old: str, new: str, count: int) -> None:
    head = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\nspec:\n  "
    assert len(listed({"k8s/a.yaml": f"{head}{old}\n"}, {"k8s/a.yaml": f"{head}{new}\n"})) == count


def test_blocks_of_terraform() -> None:
    old = 'resource "aws_iam_role" "a" {\n  name = "a"\n}\nresource "aws_iam_role" "b" {\n  path = "/a/"\n}\n'
    new = 'variable "v" {\n  default = 1\n}\nmoved {\n}\nresource "aws_iam_role" "b" {\n  path = "/b/"\n}\n'
    assert listed({"main.tf": old}, {"main.tf": new}) == [
        "Terraform + variable.v main.tf:1  0",
        "Terraform -/+ aws_iam_role.b main.tf:6 replaced 1",
        "Terraform - aws_iam_role.a main.tf:1 destroyed 0",
    ]


def test_other_files_by_area_and_each_only_once() -> None:
    old = {
        "Dockerfile": "FROM a\n",
        ".github/workflows/a.yml": "jobs: {a: {needs: b}, b: {}}\n",
        "x.sh": "a\n",
        "gone.sh": "a\n",
        "k8s/kustomization.yaml": f"{KUSTOMIZATION}resources: [a]\n",
        "broken.tf": "a = 1\n",
    }
    new = {
        "Dockerfile": "FROM b\n",
        ".github/workflows/a.yml": "jobs: {a: {}, b: {}}\n",
        "x.sh": "b\n",
        "new.sh": "a\n",
        "k8s/kustomization.yaml": f"{KUSTOMIZATION}resources: [b]\n",
        "broken.tf": "a = {\n",
    }
    assert listed(old, new) == [
        "GitHub ~ .github/workflows/a.yml .github/workflows/a.yml:1 less protection 1",
        "Images ~ Dockerfile Dockerfile:1  1",
        "Other files ~ broken.tf broken.tf:1 unknown 2",
        "Other files - gone.sh gone.sh:1  0",
        "Other files ~ k8s/kustomization.yaml k8s/kustomization.yaml:1  1",
        "Other files + new.sh new.sh:1  0",
        "Other files ~ x.sh x.sh:1  2",
    ]


def test_a_job_that_the_pipeline_replaces_is_replaced_by_its_command() -> None:
    def job(image: str) -> str:
        template = f"template: {{spec: {{restartPolicy: Never, containers: [{{name: a, image: {image}}}]}}}}"
        return (
            f"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j, namespace: shop}}\nspec: {{{template}}}\n"
        )

    script = (
        "#!/bin/sh\nset -e\nkubectl delete job/j --namespace shop --ignore-not-found\nkubectl apply -f k8s/\n"
    )
    before, after = (
        System.of_files({"k8s/a.yaml": job(image), "deploy.sh": script}) for image in ("a:1", "a:2")
    )
    (change,) = object_changes(before, after, find(before, after))
    assert (change.sign, change.subject, change.notes) == ("-/+", "Job shop/j", ())
    assert change.by and (change.by.path, change.by.line) == ("deploy.sh", 3)
    without = {"k8s/a.yaml": job("a:2")}
    assert listed({"k8s/a.yaml": job("a:1")}, without) == ["Kubernetes ~ Job shop/j k8s/a.yaml:1 refused 1"]
