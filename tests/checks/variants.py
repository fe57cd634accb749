"""Projects that are built differently and are as good: the rules must have nothing to say of them.

The suite tries some with oetgen's own rules; this tries all of them, with every tool that is installed:

    python -m tests.checks.variants [K/N]    # all, or the K-th of N shares
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from generator.checks.options import CheckOptions
from generator.findings import Finding, Severity
from generator.pipeline import Pipeline
from generator.project.folder import Project
from generator.report.text import finding_text
from tests.checks.helpers import TODAY
from tests.conftest import ROOT, Sandbox, copy_project, share
from tests.test_stack import NO_CACHE, NO_DATABASE, WORKER, add_values, merged

IMAGES = ("node:24-alpine", "postgres:15-alpine", "postgres:15", "redis:7-alpine", "redis:7")

# What is different, the environment that it is a change of, and the change. The first ones differ the most.
VARIANTS: dict[str, tuple[str, str]] = {
    "a third service": ("prod", WORKER),
    "another region": ("prod", "region: eu-west-3"),
    "database and cache in the cluster": (
        "prod",
        "database: {runs_in: cluster, sslmode: disable}\ncache: {runs_in: cluster}",
    ),
    "access keys": ("prod", "aws_login: keys"),
    "no ingress": ("prod", "services: {frontend: {host: null, urls: null}, backend: {host: null}}"),
    "other names": (
        "prod",
        "project: acme\nnamespace: shop\ncluster: {name: main}\nsecret_name: acme-keys\n"
        "output: deploy/live\nrepository: acme/shop",
    ),
    "other ports and users": (
        "dev",
        "database: {port: 6000, user: reader, name: other}\ncache: {port: 7000}\n"
        "service_port: 8080\nuid: 2000\n",
    ),
    "pnpm": ("prod", "node: {package_manager: pnpm}"),
    "yarn": ("prod", "node: {package_manager: yarn}"),
    "a third service that uses all": (
        "dev",
        WORKER
        + "    uses: {cache: true}\n    migration: lint\n    autoscaling: {max_replicas: 3, cpu_percent: 50}\n",
    ),
    "a third service that is told nothing": ("prod", WORKER + "    env: null\n    secrets: null\n"),
    "no ingress in dev": (
        "dev",
        "services: {frontend: {host: null, urls: null}, backend: {host: null}}",
    ),
    "images by digest": (
        "dev",
        "workflows: true\ndigests:\n"
        + "".join(f"  {each!r}: sha256:{'0123456789abcdef' * 4}\n" for each in IMAGES),
    ),
    "an account that is known": ("staging", "account: '123456789012'\nimage_tag: '1.10'"),
    "other ports in production": (
        "prod",
        "database: {port: 6000, user: reader, name: other}\ncache: {port: 7000}\nservice_port: 8080\n"
        "uid: 2000\nservices: {backend: {port: 9000}}",
    ),
    "no database": ("prod", NO_DATABASE),
    "no cache": ("prod", NO_CACHE),
    "neither database nor cache": ("dev", merged(NO_DATABASE, NO_CACHE)),
    "Compose in production": ("prod", "compose: true"),
    "no workflows": ("prod", "workflows: false"),
    "an identity provider that is there": ("prod", "oidc_provider: existing"),
    "Node.js 22": ("prod", 'node: {version: "22"}'),
    "PostgreSQL 16": (
        "prod",
        'database: {version: "16"}\npostgres: {image: 16-alpine}\nrds: {engine_version: "16"}',
    ),
    "Kubernetes 1.36": ("prod", 'cluster: {version: "1.36"}'),
    "a renamed service": (
        "prod",
        "services:\n  frontend: {urls: {NEXT_PUBLIC_API_URL: api}}\n  backend: null\n  api:\n"
        "    runtime: node\n    port: 8000\n    host: api.oetpraxis.com\n    replicas: 2\n"
        "    env: {NODE_ENV: production}\n    uses: {database: true, cache: true}\n"
        "    secrets: {database-url: true, redis-url: true}\n"
        "    resources: {requests: {memory: 128Mi, cpu: 100m}, limits: {memory: 256Mi, cpu: 200m}}\n"
        "    probes: {liveness: {path: /health, initial_delay: 1, period: 5},"
        " readiness: {path: /health, initial_delay: 1, period: 5}}\n"
        "    ci: {steps: {build: {name: Build}}}\n",
    ),
}
# One that adds, one that renames, one that removes.
IN_THE_SUITE = ("a third service", "other names", "neither database nor cache")


def findings(name: str, target: Path, *, tools: bool) -> list[Finding]:
    """Return what `check --strict` says of a variant, made below `target`."""
    env, change = VARIANTS[name]
    project: Sandbox = copy_project(ROOT, target)
    add_values(project, env, change)
    project.write("oetgen.yaml", 'out: "{output}"\n')
    pipeline = Pipeline(Project(project.root))
    options = CheckOptions(TODAY, (), tools, complete=False)
    checked = pipeline.examine(pipeline.validate_and_render([env]), options)
    return [each for each in checked.findings if each.severity is not Severity.INFO]


def main() -> None:
    """Check all variants, and print what is said of each."""
    wrong = 0
    names = list(VARIANTS)[share(sys.argv[1] if len(sys.argv) > 1 else "1")]
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            found = findings(name, Path(folder), tools=True)
        wrong += bool(found)
        print(f"{name}: {len(found)} findings")
        for each in found:
            print(finding_text(each))
    print(f"{len(names)} variants, {wrong} with findings")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
