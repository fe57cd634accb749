"""The customer's 13 files, put in as templates as they stand: what breaks between them is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.checks.helpers import TODAY, document

# What is broken in the document, and what has to say so: rule, file, part of the message.
# None: a contract that no file states, so that no file can contradict it.
BROKEN: dict[str, tuple[str, str, str] | None] = {
    "PORT of the backend is set nowhere": ("ports", "k8s/backend-deployment.yaml", "PORT is not set"),
    "the frontend's image has no registry": (
        "images",
        "k8s/frontend-deployment.yaml",
        "refers to Docker Hub",
    ),
    "the backend's image has no registry": (
        "images",
        "k8s/backend-deployment.yaml",
        "refers to Docker Hub",
    ),
    "the frontend's image repository is made by nothing": (
        "images",
        ".github/workflows/frontend.yml",
        "which Terraform does not create",
    ),
    "the backend's image repository is made by nothing": (
        "images",
        ".github/workflows/backend.yml",
        "which Terraform does not create",
    ),
    "the frontend's deploy step has no image": (
        "unset-variables",
        ".github/workflows/frontend.yml",
        "$ECR_REGISTRY",
    ),
    "the backend's deploy step has no image": (
        "unset-variables",
        ".github/workflows/backend.yml",
        "$IMAGE_TAG",
    ),
    "the frontend's workflow does not run when it changes": (
        "triggers",
        ".github/workflows/frontend.yml",
        "the workflow itself",
    ),
    "the backend's workflow does not run when it changes": (
        "triggers",
        ".github/workflows/backend.yml",
        "the workflow itself",
    ),
    "Node.js 19 has no support": ("support", "backend/Dockerfile", "Node.js 19"),
    "the frontend's user is a name and the pod's no number": ("user", "frontend/Dockerfile", "runAsUser"),
    "the backend's user is a name and the pod's no number": ("user", "backend/Dockerfile", "runAsUser"),
    "the browser's API address is no build argument": (
        "build-arguments",
        ".github/workflows/frontend.yml",
        "NEXT_PUBLIC_API_URL",
    ),
    "Terraform's region comes from nowhere": ("region", "terraform/main.tf", "has no region"),
    "the Secret's data is no base64": ("secrets", "k8s/secrets.yaml", "is not base64"),
    "the script goes on without its variables": (
        "script-safety",
        "scripts/create-secrets.sh",
        "$DATABASE_URL",
    ),
    "there are two databases": (
        "one-database",
        "k8s/postgres-deployment.yaml",
        "expected one database, found 2",
    ),
    "Redis is asked for and run by nothing": (
        "dependencies",
        "backend/src/health.ts",
        "no cache exists",
    ),
    "APP_VERSION is read and set by nothing": (
        "environment-variables",
        "backend/src/health.ts",
        "APP_VERSION",
    ),
    "variables are used and not declared": ("terraform-names", "terraform/main.tf", "var.db_password"),
    "the subnet group is used and not declared": (
        "terraform-names",
        "terraform/main.tf",
        "aws_db_subnet_group.main",
    ),
    "a security group is used by nothing": (
        "unused-resources",
        "terraform/security.tf",
        "aws_security_group.alb",
    ),
    "the last snapshot has no name": ("final-snapshot", "terraform/main.tf", "cannot be deleted"),
    "the claim has no storage class": (
        "storage-class",
        "k8s/postgres-deployment.yaml",
        "has no storageClassName",
    ),
    "the database is replaced while it holds its disk": (
        "single-writer",
        "k8s/postgres-deployment.yaml",
        "has released postgres-pvc",
    ),
    "the data directory is the volume itself": (
        "data-directory",
        "k8s/postgres-deployment.yaml",
        "PGDATA is not set",
    ),
    "the ConfigMap is used by nothing": ("unused-objects", "k8s/monitoring.yaml", "no pod uses"),
    "the API's address leads to no Ingress": ("hosts", "k8s/frontend-deployment.yaml", "no Ingress"),
    "nothing names a namespace": ("namespace", "k8s/backend-deployment.yaml", "has no namespace"),
    "the database has no probes": ("resources", "k8s/postgres-deployment.yaml", "no readinessProbe"),
    "npm scripts are used that nothing declares": None,
    "the CloudWatch agent knows no such section": ("cloudwatch-agent", "k8s/monitoring.yaml", "no section"),
    "EKS 1.27 has no support": ("support", "terraform/main.tf", "EKS 1.27"),
    "placeholders are left": ("placeholders", "k8s/secrets.yaml", "is not filled in"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    project = document(tmp_path_factory.mktemp("document"))
    result = project.oetgen("check", "--no-tools", "--today", TODAY.isoformat(), "--format", "json")
    assert result.status == 1, result.err
    findings: list[dict[str, Any]] = json.loads(result.out)["findings"]
    return findings


@pytest.mark.parametrize(("rule", "file", "part"), [each for each in BROKEN.values() if each])
def test_what_is_broken_is_found_where_it_is(
    found: list[dict[str, Any]], rule: str, file: str, part: str
) -> None:
    said = [
        each["message"]
        for each in found
        if each["code"] == f"checks/{rule}" and each["path"] == f"templates/{file}.j2"
    ]
    assert any(part in message for message in said), said


def test_thirty_of_the_thirty_four_are_found_and_the_others_are_named() -> None:
    page = (Path(__file__).parents[2] / "docs" / "check.md").read_text("utf-8")
    unseen = [name for name, expected in BROKEN.items() if expected is None]
    assert len(BROKEN) == 34
    assert len(BROKEN) - len(unseen) >= 30
    assert all(name in page for name in unseen)
