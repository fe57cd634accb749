"""Take over the stack of this repository for another application, by values alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from generator.values.edit import edited
from generator.values.source import KeyPath, load

BASE = "environments/base.yaml"
# What OET Praxis has, and the application here has not. `oetgen` is the tool.
FOREIGN = re.compile(
    r"\boet(?!gen)|praxis|database|postgres|\bredis|elasticache|\brds\b|snapshot\b|huggingface|stripe|jwt|us-east-1",
    re.IGNORECASE,
)


def take_over(root: Path, services: int) -> None:
    """Edit the values of the starter in `root`: one environment, qa, with so many services and no database."""
    text = (root / BASE).read_text("utf-8")
    values = [*_names(), *_services(load(text, BASE).data["services"]["backend"], services)]
    (root / BASE).write_text(edited(text, BASE, values), "utf-8")
    for name in ("dev", "prod"):
        (root / "environments" / f"{name}.yaml").unlink()
    (root / "environments" / "qa.yaml").write_text("branches: {deploy: main}\n", "utf-8")


def leftovers(folder: Path) -> list[str]:
    """Return the lines of the output that are about OET Praxis."""
    return [
        f"{path.relative_to(folder).as_posix()}:{number}: {line.strip()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if FOREIGN.search(f"{path.name} {line}")
    ]


def _names() -> list[tuple[KeyPath, Any]]:
    return [
        (("project",), "shelf"),
        (("suffix",), "-qa"),
        (("environment",), "qa"),
        (("region",), "eu-central-1"),
        (("namespace",), "shelf-qa"),
        (("output",), "out/qa"),
        (("repository",), "example/shelf"),
        (("secret_name",), "shelf-secrets"),
        (("cluster", "name"), "shelf-cluster"),
        (("monitoring", "metrics_namespace"), "EKS/Shelf"),
        (("database", "runs_in"), "none"),
        (("cache", "runs_in"), "none"),
        (("workflows",), True),
        (("secrets",), {"api-token": "API_TOKEN"}),
    ]


def _services(backend: dict[str, Any], count: int) -> list[tuple[KeyPath, Any]]:
    services = {
        f"part{number}": {
            "runtime": "node",
            "port": 4000 + number,
            "host": f"part{number}.qa.shelf.example",
            "replicas": 1,
            "resources": {
                key: dict(entry, cpu="50m", memory="64Mi") for key, entry in backend["resources"].items()
            },
            "probes": backend["probes"],
            "uses": {"internet": True},
            "secrets": {"api-token": True},
            "ci": {"steps": {"test": {"name": "Run tests"}}},
        }
        for number in range(count)
    }
    return [(("services",), services)]
