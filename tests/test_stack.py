"""The real templates and values: what adding and changing values does to the output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pygohcl
import pytest
import yaml

from tests.conftest import ROOT, Sandbox
from tests.judges import judge

WORKER = """
services:
  worker:
    runtime: node
    replicas: 1
    env: {QUEUE: mails}
    secrets: {database-url: true}
    resources:
      requests: {memory: 128Mi, cpu: 100m}
      limits: {memory: 256Mi, cpu: 200m}
    ci:
      steps:
        lint: {name: Run linting}
"""

# What an environment without a database, or without a cache, sets.
NO_DATABASE = """
database: {runs_in: none}
secrets: {database-url: null}
services:
  backend: {uses: {database: false}, migration: null, secrets: {database-url: null}, ci: {steps: {migrate: null}}}
"""
NO_CACHE = """
cache: {runs_in: none}
secrets: {redis-url: null}
services:
  backend: {uses: {cache: false}, secrets: {redis-url: null}}
"""


def rendered(project: Sandbox, env: str = "prod") -> Path:
    result = project.oetgen("render", env)
    assert result.status == 0, result.err
    return project.root / "out" / env


def add_values(project: Sandbox, env: str, text: str) -> None:
    """Merge YAML into an environment's file."""
    path = f"environments/{env}.yaml"
    data = yaml.load(project.read(path), yaml.CSafeLoader) or {}
    project.write(path, json.dumps(_merged(data, yaml.load(text, yaml.CSafeLoader))))


def merged(*texts: str) -> str:
    """Merge YAML texts into one."""
    data: Any = {}
    for text in texts:
        data = _merged(data, yaml.load(text, yaml.CSafeLoader))
    return json.dumps(data)


def _merged(lower: Any, upper: Any) -> Any:
    if not isinstance(lower, dict) or not isinstance(upper, dict):
        return upper
    return {**lower, **{key: _merged(lower.get(key), value) for key, value in upper.items()}}


def test_a_third_service_is_values_only(project: Sandbox) -> None:
    add_values(project, "prod", WORKER)
    out = rendered(project)
    for path in ("worker/Dockerfile", "k8s/worker-deployment.yaml", ".github/workflows/worker.yml"):
        judge(out / path)
    repositories = pygohcl.loads((out / "terraform/ecr.tf").read_text("utf-8"))["resource"][
        "aws_ecr_repository"
    ]
    assert repositories["worker"]["name"] == "oet-worker"
    kustomization = yaml.load((out / "k8s/kustomization.yaml").read_text("utf-8"), yaml.CSafeLoader)
    assert "worker-deployment.yaml" in kustomization["resources"]


def test_a_service_without_a_port_has_no_service_no_probes_and_exposes_nothing(project: Sandbox) -> None:
    add_values(project, "prod", WORKER)
    out = rendered(project)
    documents = list(yaml.load_all((out / "k8s/worker-deployment.yaml").read_text("utf-8"), yaml.CSafeLoader))
    assert [document["kind"] for document in documents] == ["Deployment", "ServiceAccount"]
    (container,) = documents[0]["spec"]["template"]["spec"]["containers"]
    assert not {"ports", "startupProbe", "livenessProbe", "readinessProbe", "lifecycle"} & set(container)
    assert "EXPOSE" not in (out / "worker/Dockerfile").read_text("utf-8")
    assert not (out / "worker/src").exists()


FACTS = [
    ("prod", "services.backend.port", "8000", "9123"),
    ("prod", "region", "us-east-1", "eu-west-3"),
    ("prod", "cluster.name", "oet-cluster", "praxis"),
    ("prod", "node.version", '"24"', '"22"'),
    ("prod", "a secret's key", "jwt-secret", "token-secret"),
    ("spec", "database.name", "oet_praxis", "praxis_db"),
]


@pytest.mark.parametrize(("env", "fact", "old", "new"), FACTS, ids=[fact[1] for fact in FACTS])
def test_one_fact_is_one_value_and_reaches_every_file(
    project: Sandbox, env: str, fact: str, old: str, new: str
) -> None:
    """Where the old fact is in the output, the new one takes its place, and nothing keeps the old one."""
    before = _texts(project, env)
    project.replace("environments/base.yaml", old, new)
    after = _texts(project, env)
    touched = [path for path in before if before[path] != after[path]]
    assert len(touched) >= 2
    for path in touched:
        assert new.strip('"') in after[path]
        assert old.strip('"') not in after[path]


def _texts(project: Sandbox, env: str) -> dict[str, str]:
    out = rendered(project, env)
    paths = (path for path in out.rglob("*") if path.is_file() and path.name != ".oetgen")
    return {path.relative_to(out).as_posix(): path.read_text("utf-8") for path in paths}


def test_staging_is_deployed_from_develop_prod_from_main_and_dev_by_nobody() -> None:
    def deploys(path: str) -> str:
        workflow = yaml.load((ROOT / "out" / path).read_text("utf-8"), yaml.CSafeLoader)
        return str(workflow["jobs"]["deploy"]["if"])

    assert deploys("prod/.github/workflows/backend.yml") == "github.ref == 'refs/heads/main'"
    assert deploys("staging/.github/workflows/backend-staging.yml") == "github.ref == 'refs/heads/develop'"
    assert not (ROOT / "out/dev/.github").exists()


def test_what_is_meant_for_sync_is_the_same_everywhere_but_for_workflows() -> None:
    """Dockerfiles and source files have one place in a repository, so dev, staging and prod must agree on them."""
    for path in (ROOT / "out/prod").rglob("*"):
        name = path.relative_to(ROOT / "out/prod")
        if path.is_file() and name.parts[0] in ("frontend", "backend"):
            for env in ("staging", "dev"):
                assert (ROOT / "out" / env / name).read_bytes() == path.read_bytes(), name


def test_no_secret_is_a_value_and_every_file_follows_from_the_list(project: Sandbox) -> None:
    project.replace(
        "environments/base.yaml",
        "  jwt-secret: JWT_SECRET\n",
        "  jwt-secret: JWT_SECRET\n  mail-key: MAIL_KEY\n",
    )
    project.replace(
        "environments/base.yaml", "      jwt-secret: true\n", "      jwt-secret: true\n      mail-key: true\n"
    )
    out = rendered(project)
    script = (out / "scripts/create-secrets.sh").read_text("utf-8")
    assert '--from-file=mail-key=<(printf %s "${MAIL_KEY}")' in script
    assert ': "${MAIL_KEY:?' in script
    assert (
        "mail-key"
        in yaml.load((out / "k8s/secrets.yaml.example").read_text("utf-8"), yaml.CSafeLoader)["data"]
    )
    deployment = next(
        yaml.load_all((out / "k8s/backend-deployment.yaml").read_text("utf-8"), yaml.CSafeLoader)
    )
    env = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {
        "name": "MAIL_KEY",
        "valueFrom": {"secretKeyRef": {"name": "oet-secrets", "key": "mail-key"}},
    } in env


def test_a_value_cannot_add_yaml_even_where_the_schema_lets_it_in(project: Sandbox) -> None:
    attack = "x\n        securityContext:\n          privileged: true"
    add_values(project, "prod", json.dumps({"services": {"backend": {"env": {"NODE_ENV": attack}}}}))
    deployment = next(
        yaml.load_all(
            (rendered(project) / "k8s/backend-deployment.yaml").read_text("utf-8"), yaml.CSafeLoader
        )
    )
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert "privileged" not in container["securityContext"]
    assert {"name": "NODE_ENV", "value": attack} in container["env"]
