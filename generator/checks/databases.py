"""Databases and caches, wherever they run: in the cluster, in AWS, beside a test, on a developer's machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from generator.findings import Span
from generator.languages.hcl.read import Block
from generator.languages.source import Source
from generator.system.former import Container, Parsed
from generator.system.former.manifests import image_parts
from generator.system.former.nodes import Map
from generator.system.former.workflows import Job

POSTGRES = ("postgres", "postgresql")
REDIS = ("redis", "valkey")
PORTS: dict[tuple[str, ...], str] = {POSTGRES: "5432", REDIS: "6379"}

_ADDRESS = re.compile(r"\b(?:postgres(?:ql)?|rediss?)://[^\s'\"]+")


@dataclass(frozen=True)
class Beside:
    """A container beside a job of a workflow, or a service of Compose."""

    holder: Map
    name: str
    where: str
    job: Job | None = None

    @property
    def data(self) -> Map:
        return self.holder.sub(self.name)

    @property
    def image(self) -> str:
        return self.data.text("image")

    @property
    def what(self) -> str:
        return f"{self.name} of {self.where}"


@dataclass(frozen=True)
class Address:
    """An address of a database or a cache that stands in a file."""

    user: str
    password: str
    host: str
    port: str
    name: str
    scheme: str
    source: Source
    offset: int
    text: str

    def at(self, part: str) -> Span:
        """Return the place of a part of the address."""
        found = self.text.rfind(part) if part else -1
        return self.source.at(self.offset + max(found, 0), len(part) if found >= 0 else len(self.text))

    @property
    def is_test(self) -> bool:
        """Whether it is one of a workflow's tests: there the host is the runner itself."""
        return self.source.path.startswith(".github/")


def is_image(image: str, names: tuple[str, ...]) -> bool:
    """Say whether an image is one of these programs."""
    return image_parts(image)[1].rpartition("/")[2] in names


def in_cluster(tree: Parsed, names: tuple[str, ...]) -> list[Container]:
    """Return the containers that run one of these images."""
    return [each for each in tree.containers if is_image(each.image, names)]


def beside(tree: Parsed, names: tuple[str, ...]) -> list[Beside]:
    """Return the services of jobs and of Compose that run one of these images."""
    found = []
    for workflow in tree.workflows:
        for job in workflow.jobs:
            services = job.data.sub("services")
            found += [Beside(services, name, f"job {job.name}", job) for name in services]
    for source, document in tree.compose:
        services = document.sub("services")
        found += [Beside(services, name, source.path) for name in services]
    return [each for each in found if is_image(each.image, names)]


def managed_databases(tree: Parsed) -> list[Block]:
    """Return the PostgreSQL databases that AWS runs."""
    found = tree.terraform.resources("aws_db_instance", "aws_rds_cluster")
    return [each for each in found if "postgres" in tree.terraform.text(each.body, "engine")]


def managed_caches(tree: Parsed) -> list[Block]:
    return tree.terraform.resources("aws_elasticache_replication_group", "aws_elasticache_cluster")


def addresses(tree: Parsed) -> Iterator[Address]:
    """Yield every address of a database or cache in workflows, Compose and examples that names a host."""
    for source in (*tree.of_format("github"), *tree.of_format("plain"), *tree.of_format("compose")):
        for found in _ADDRESS.finditer(source.text):
            try:
                parts = urlsplit(found[0])
                port = str(parts.port or "")
            except ValueError:
                continue
            yield Address(
                parts.username or "",
                parts.password or "",
                parts.hostname or "",
                port,
                parts.path.lstrip("/"),
                parts.scheme,
                source,
                found.start(),
                found[0],
            )
