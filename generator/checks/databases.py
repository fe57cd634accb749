"""Find databases and caches in the cluster, in AWS, in the services of jobs and in Compose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from generator.checks.data import table
from generator.findings import Span
from generator.findings.record import record
from generator.languages.node import Block, Map
from generator.languages.source import Source
from generator.system import Container, System
from generator.system.images import image_name
from generator.system.workflows import Job

POSTGRES = ("postgres", "postgresql")
REDIS = ("redis", "valkey")
PORTS: dict[tuple[str, ...], str] = {POSTGRES: "5432", REDIS: "6379"}

_WEB = {"http": "80", "https": "443"}
_MOVED = re.compile(r"port|(?<![\w-])-p\b", re.IGNORECASE)  # a command that sets the port


class Product(NamedTuple):
    """What clients and images of a database or broker agree on.

    The first of its `ports` is the default of its addresses; `others` are for other clients. A login is the variable
    of a user, the user without it, and the variable of the password.
    """

    key: str
    name: str
    images: tuple[str, ...]
    schemes: tuple[str, ...]
    ports: tuple[str, ...]
    others: tuple[str, ...]
    creates: tuple[str, ...]
    logins: tuple[tuple[str, str, str], ...]
    data: str

    @classmethod
    def of(cls, key: str, entry: Mapping[str, Any]) -> Self:
        images, schemes, ports, others, creates = (
            tuple(str(entry.get(name, "")).split())
            for name in ("images", "schemes", "ports", "others", "creates")
        )
        logins = tuple((user, default, password) for user, default, password in entry.get("logins", ()))
        data = entry.get("data", "")
        return cls(key, entry["name"], images, schemes, ports, others, creates, logins, data)


@lru_cache
def products() -> tuple[Product, ...]:
    """Return the known databases and brokers."""
    return tuple(Product.of(key, entry) for key, entry in table("databases").items())


def default_port(scheme: str) -> str:
    """Return the port of an address that names none; "" where it is not known."""
    base, is_other = scheme.partition("+")[0], scheme in ("amqps", "rediss", "mongodb+srv")
    by_product = (each.ports[0] for each in products() if base in each.schemes and not is_other)
    return _WEB.get(scheme) or next(by_product, "")


def product_of(image: str) -> Product | None:
    """Return what an image runs."""
    name = image_name(image).repository.rpartition("/")[2]
    return next((each for each in products() if name in each.images), None)


@lru_cache
def _address() -> re.Pattern[str]:
    schemes = "|".join(scheme for each in products() for scheme in each.schemes)
    return re.compile(rf"\b(?:{schemes})(?:\+(?!srv\b)\w+)?://[^\s'\"]+")


@record
class Beside:
    """A service container of a workflow's job, or a service of Compose."""

    holder: Map
    name: str
    where: str
    job: Job | None = None

    @property
    def node(self) -> Map:
        return self.holder.map(self.name)

    @property
    def image(self) -> str:
        return self.node.text("image")

    @property
    def what(self) -> str:
        return f"{self.name} of {self.where}"


@record
class Address:
    """An address of a database or cache in a file."""

    user: str
    password: str
    host: str
    port: str
    name: str
    scheme: str
    source: Source
    offset: int
    text: str

    @property
    def product(self) -> Product:
        scheme = self.scheme.partition("+")[0]
        return next(each for each in products() if scheme in each.schemes)

    def at(self, part: str) -> Span:
        """Return the place of a part of the address."""
        found = self.text.rfind(part) if part else -1
        return self.source.at(self.offset + max(found, 0), len(part) if found >= 0 else len(self.text))

    @property
    def is_test(self) -> bool:
        """Return whether a workflow's tests use the address: their host is the runner."""
        return self.source.path.startswith(".github/")


def is_image(image: str, names: tuple[str, ...]) -> bool:
    """Return whether the repository of an image has one of these names."""
    return image_name(image).repository.rpartition("/")[2] in names


def in_cluster(system: System, names: tuple[str, ...]) -> list[Container]:
    """Return the containers that run one of these images."""
    return [each for each in system.containers if is_image(each.image, names)]


def beside(system: System, names: tuple[str, ...]) -> list[Beside]:
    """Return the services of jobs and of Compose that run one of these images."""
    found = []
    for workflow in system.workflows:
        for job in workflow.jobs:
            services = job.node.map("services")
            found += [Beside(services, name, f"job {job.name}", job) for name in services]
    for file in system.compose:
        found += [Beside(file.services, name, file.source.path) for name in file.services]
    return [each for each in found if is_image(each.image, names)]


def managed_databases(system: System) -> list[Block]:
    """Return the PostgreSQL databases that AWS runs."""
    found = system.terraform.resources("aws_db_instance", "aws_rds_cluster")
    return [each for each in found if "postgres" in system.terraform.text(each, "engine")]


def managed_caches(system: System) -> list[Block]:
    """Return the Redis caches that AWS runs."""
    found = system.terraform.resources("aws_elasticache_replication_group", "aws_elasticache_cluster")
    return [each for each in found if system.terraform.text(each, "engine") != "memcached"]


def is_one(system: System, names: tuple[str, ...], managed: list[Block]) -> bool:
    """Return whether all that runs one of these images stands for one database: one in the cluster, one in AWS."""
    compose = {each.where for each in beside(system, names) if each.job is None}
    return len(in_cluster(system, names)) <= 1 and len(managed) <= 1 and len(compose) <= 1


def addresses(system: System) -> Iterator[Address]:
    """Yield every address of a database or cache in workflows, Compose and files of variables."""
    for source in (
        *system.of_language("github"),
        *system.of_language("dotenv"),
        *system.of_language("compose"),
    ):
        for found in _address().finditer(source.text):
            address = address_of(found[0], source, found.start())
            if address:
                yield address


def address_of(text: str, source: Source, offset: int) -> Address | None:
    """Return the address that a text is, or None."""
    try:
        parts = urlsplit(text)
        port = str(parts.port or "")
    except ValueError:
        return None
    if not _address().fullmatch(text):
        return None
    return Address(
        parts.username or "",
        parts.password or "",
        parts.hostname or "",
        port,
        parts.path.lstrip("/"),
        parts.scheme,
        source,
        offset,
        text,
    )


def listens(product: Product, settings: Mapping[str, str], command: str) -> tuple[str, ...]:
    """Return the ports that a container listens on, by its variables and its command; none where not known."""
    if product.key == "postgres" and settings.get("PGPORT"):
        return (settings["PGPORT"],)
    named = re.search(r"--port[= ](\d+)", command)
    if named:
        return (named[1],)
    is_moved = _MOVED.search(command) or any(
        name.endswith("_PORT_NUMBER") or name in ("MYSQL_TCP_PORT", "RABBITMQ_NODE_PORT") for name in settings
    )
    return () if is_moved else product.ports
