"""What the committed files describe, read without a line of ours: by PyYAML and by HashiCorp's parser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pygohcl
import yaml

ROOT = Path(__file__).parents[1]
PODS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def manifests(env: str) -> list[Any]:
    paths = sorted((ROOT / "out" / env / "k8s").rglob("*.yaml"))
    return [
        each for path in paths for each in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader) if each
    ]


def resources(env: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in (ROOT / "out" / env / "terraform").glob("*.tf"):
        for kind, named in pygohcl.loads(path.read_text("utf-8")).get("resource", {}).items():
            found.setdefault(kind, {}).update(named)
    return found


def expected(env: str) -> set[tuple[str, str]]:
    """Return the kind and name of all that there is, from PyYAML's and HashiCorp's reading of the files."""
    objects = manifests(env)
    terraform = resources(env)
    found = {("service", each["metadata"]["name"]) for each in objects if each["kind"] == "Service"}
    pods = [each for each in objects if each["kind"] in PODS]
    found |= {("workload", each["metadata"]["name"]) for each in pods}
    hosts = {rule["host"] for each in objects if each["kind"] == "Ingress" for rule in each["spec"]["rules"]}
    found |= {("host", host) for host in hosts} | ({("internet", "Internet")} if hosts else set())
    text = yaml.safe_dump_all(pods)
    for kind, pattern in (("secret", "secretKeyRef"), ("config", "configMapKeyRef")):
        found |= {(kind, name) for name in re.findall(rf"{pattern}:\n +key: \S+\n +name: (\S+)", text)}
    found |= {("volume", name) for name in re.findall(r"claimName: (\S+)", text)}
    found |= {("database", each["identifier"]) for each in terraform.get("aws_db_instance", {}).values()}
    caches = terraform.get("aws_elasticache_replication_group", {}).values()
    found |= {("cache", each["replication_group_id"]) for each in caches}
    found |= {("registry", each["name"]) for each in terraform.get("aws_ecr_repository", {}).values()}
    workflows = list((ROOT / "out" / env).glob(".github/workflows/*.yml"))
    found |= services(env)
    found |= {
        ("pipeline", yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["name"]) for path in workflows
    }
    return found


def services(env: str) -> set[tuple[str, str]]:
    """Return the kind and name of the services of Compose, and of the volumes that they mount."""
    path = ROOT / "out" / env / "compose.yaml"
    if not path.exists():
        return set()
    data = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    kinds = {"postgres": "database", "redis": "cache"}
    found = {
        (kinds.get(each.get("image", "").partition(":")[0], "workload"), name)
        for name, each in data["services"].items()
    }
    mounts = (mount for each in data["services"].values() for mount in each.get("volumes", []))
    return found | {("volume", mount.split(":")[0]) for mount in mounts}
