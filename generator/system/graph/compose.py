"""Items and links from Compose files: services, what they publish, mount, read and need."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.findings import Span
from generator.system.compose import ComposeFile, Service
from generator.system.graph.kubernetes import INTERNET
from generator.system.graph.model import Group, Item, Link
from generator.system.images import image_name
from generator.system.model import System

_DATABASES = frozenset(
    "postgres postgresql postgis pgvector timescaledb mysql mariadb mongo mongodb elasticsearch opensearch "
    "clickhouse-server cockroach cassandra couchdb influxdb neo4j".split()
)
_CACHES = frozenset("redis valkey memcached keydb dragonfly redis-stack redis-stack-server".split())


class Compose:
    """The services of the Compose files of one system; files in one folder are one project."""

    def __init__(self, system: System) -> None:
        self._projects: dict[str, dict[str, tuple[ComposeFile, Service]]] = {}
        self._names: dict[str, str] = {}
        for file in system.compose:
            parts = self._projects.setdefault(file.folder, {})
            for name, service in file.parts.items():
                if name not in parts or not (parts[name][1].image or parts[name][1].node.get("build")):
                    parts[name] = file, service
            name = file.project or posixpath.basename(file.folder) or file.source.path
            if file.project or file.folder not in self._names:
                self._names[file.folder] = name

    def groups(self) -> Iterator[Group]:
        """Yield the projects."""
        for folder, parts in self._projects.items():
            if parts:
                yield Group(_group(folder), "Compose project", self._names[folder])

    def items(self) -> Iterator[Item]:
        """Yield the services with what they store and read."""
        for folder, parts in self._projects.items():
            group = _group(folder)
            for name, (file, service) in parts.items():
                at = file.services.key_place(name)
                yield Item(_key(folder, name), _kind(service), name, tuple(_lines(service)), group, at)
            for kind, names in self._used(folder).items():
                for name, at in names.items():
                    yield Item(_key(folder, f"{kind}/{name}"), kind, name, (), group, at)
        if any(_is_public(service) for _, service in self._services()):
            yield INTERNET

    def links(self) -> Iterator[Link]:
        """Yield who needs, mounts and reads what, and what is reached from outside of the machine."""
        for folder, parts in self._projects.items():
            for name, (_, service) in parts.items():
                own = _key(folder, name)
                if _is_public(service):
                    yield Link(INTERNET.key, own, "asks for")
                for other in service.needs:
                    if other in parts:
                        yield Link(own, _key(folder, other), "needs")
                for kind, used in _uses(service):
                    yield Link(own, _key(folder, f"{kind}/{used}"), "mounts" if kind == "volume" else "reads")

    def _services(self) -> Iterator[tuple[str, Service]]:
        for folder, parts in self._projects.items():
            yield from ((folder, service) for _, service in parts.values())

    def _used(self, folder: str) -> dict[str, dict[str, Span]]:
        """Return what the services of a project use, by kind and name, with the line that declares it."""
        found: dict[str, dict[str, Span]] = {}
        for file, service in self._projects[folder].values():
            for kind, name in _uses(service):
                declared = file.node.map(f"{kind}s")
                place = declared.key_place(name) if name in declared else service.node.at
                found.setdefault(kind, {}).setdefault(name, place)
        return found


def _group(folder: str) -> str:
    return f"compose/{folder}"


def _key(folder: str, name: str) -> str:
    return f"compose/{folder}/{name}"


def _kind(service: Service) -> str:
    last = image_name(service.image).repository.rpartition("/")[2]
    return "database" if last in _DATABASES else "cache" if last in _CACHES else "workload"


def _lines(service: Service) -> Iterator[str]:
    yield "Compose service"
    if service.image:
        yield service.image
    else:
        folder = service.node.map("build").text("context") or service.node.text("build")
        if folder:
            yield f"built from {folder}"
    for port in service.ports:
        published = f"{port.address}:{port.published}" if port.address else port.published or "any port"
        yield f"{published} to port {port.target}"
    replicas = service.node.text("deploy", "replicas") or service.node.text("scale")
    if replicas:
        yield f"{replicas} replica{'' if replicas == '1' else 's'}"
    if service.networks != ["default"]:
        yield f"in {', '.join(service.networks)}"


def _is_public(service: Service) -> bool:
    return any(not port.is_local for port in service.ports) or service.node.text("network_mode") == "host"


def _uses(service: Service) -> Iterator[tuple[str, str]]:
    """Yield each volume, secret and config of a service: its kind and name."""
    yield from (("volume", each.source) for each in service.mounts if each.kind == "volume" and each.source)
    for kind, field in (("secret", "secrets"), ("config", "configs")):
        yield from ((kind, name) for name in service.node.seq(field).texts())
        yield from ((kind, each.text("source")) for each in service.node.maps(field) if each.text("source"))
