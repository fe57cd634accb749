"""What is adopted besides folders: rendered streams, Compose files with overrides, kustomize bases and overlays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.adopt.conftest import Adopter, write_tree

SOURCES = """\
---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    helm.sh/chart: shop-1.2.0
    app.kubernetes.io/managed-by: Helm
spec:
  type: {type}
  ports:
    - port: 80
      targetPort: http
---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/instance: {name}
"""
HPA = """\
---
# Source: shop/templates/hpa.yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: shop-prod
spec:
  maxReplicas: 9
"""


@pytest.mark.parametrize("names", [("prod.yaml", "dev.yaml"), ("out/shop.yaml", "tmp/shop.yaml")])
def test_the_output_of_helm_template(adopter: Adopter, names: tuple[str, str]) -> None:
    prod = SOURCES.format(name="shop-prod", type="LoadBalancer", replicas=3) + HPA
    dev = SOURCES.format(name="shop-dev", type="ClusterIP", replicas=1)
    write_tree(adopter.folder, {names[0]: prod, names[1]: dev})
    adopted = adopter.adopt(
        *(f"{env}={adopter.folder / name}" for env, name in zip(("prod", "dev"), names, strict=True))
    )
    assert adopted.result.status == 0, adopted.result
    assert adopted.tree("prod") == {Path(names[0]).name: prod.encode()}
    assert adopted.tree("dev") == {Path(names[1]).name: dev.encode()}
    (template,) = (adopted.root / "templates").iterdir()
    assert "  replicas: {{ services.shop.replicas }}\n" in template.read_text("utf-8")
    assert template.read_text("utf-8").count("{% if") == 1


COMPOSE = "services:\n  web:\n    image: shop/web:1\n    ports: ['80:80']\n  db:\n    image: postgres:17\n"
PROD = "services:\n  web:\n    restart: always\n    environment:\n      LEVEL: warn\n"
STAGING = "services:\n  web:\n    restart: always\n    environment:\n      LEVEL: info\n"
OVERRIDE = "services:\n  web:\n    build: .\n    volumes: ['.:/app']\n"


def compose(adopter: Adopter) -> list[str]:
    files = {
        "docker-compose.yml": COMPOSE,
        "docker-compose.prod.yml": PROD,
        "docker-compose.staging.yml": STAGING,
        "docker-compose.override.yml": OVERRIDE,
    }
    write_tree(adopter.folder, files)
    base = adopter.folder / "docker-compose.yml"
    return [
        f"{env}={base},{adopter.folder / f'docker-compose.{name}.yml'}"
        for env, name in (("prod", "prod"), ("staging", "staging"), ("dev", "override"))
    ]


def test_compose_files_with_overrides(adopter: Adopter) -> None:
    adopted = adopter.adopt(*compose(adopter))
    assert adopted.result.status == 0, adopted.result
    for env, name, text in (
        ("prod", "prod", PROD),
        ("staging", "staging", STAGING),
        ("dev", "override", OVERRIDE),
    ):
        assert adopted.tree(env) == {
            "docker-compose.yml": COMPOSE.encode(),
            f"docker-compose.{name}.yml": text.encode(),
        }
    assert adopted.text("templates/docker-compose.yml") == COMPOSE, "the same file everywhere"
    assert "LEVEL: {{ services.web.LEVEL }}" in adopted.text("templates/docker-compose.{environment}.yml.j2")


def test_a_folder_and_files_keep_their_places(adopter: Adopter) -> None:
    write_tree(adopter.folder, {"k8s/a.yaml": "a: 1\n", "prod/run.sh": "echo\n"})
    adopted = adopter.adopt(f"prod={adopter.folder / 'k8s'},{adopter.folder / 'prod' / 'run.sh'}")
    assert adopted.result.status == 0, adopted.result
    assert set(adopted.tree("prod")) == {"k8s/a.yaml", "prod/run.sh"}


def test_a_comma_in_the_name_of_a_folder(adopter: Adopter) -> None:
    write_tree(adopter.folder / "a,b", {"a.yaml": "a: 1\n"})
    assert set(adopter.adopt(f"prod={adopter.folder / 'a,b'}").tree("prod")) == {"a.yaml"}


def test_a_link_that_is_named_is_left(adopter: Adopter) -> None:
    write_tree(adopter.folder, {"a.yaml": "a: 1\n"})
    os.symlink("/etc/passwd", adopter.folder / "b.yaml")
    adopted = adopter.adopt(f"prod={adopter.folder / 'a.yaml'},{adopter.folder / 'b.yaml'}")
    assert "found a symbolic link" in adopted.result.err
    assert set(adopted.tree("prod")) == {"a.yaml"}


@pytest.mark.parametrize("sources", ["none.yaml", "a.yaml,none.yaml", "none,"])
def test_files_that_do_not_exist(adopter: Adopter, sources: str) -> None:
    write_tree(adopter.folder, {"a.yaml": "a: 1\n"})
    named = ",".join(str(adopter.folder / each) if each else "" for each in sources.split(","))
    adopted = adopter.adopt(f"prod={named}")
    assert adopted.result.status == 2
    assert "is not a folder or a file" in adopted.result.err
    assert not adopted.root.exists()
