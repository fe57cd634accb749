"""Compose files: their services, with what they mount, publish and need."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from generator.findings.record import record
from generator.languages.node import Leaf, Map, Node, Seq
from generator.languages.source import Source

# What separates nothing in it: `${NAME:-default}`, and an IPv6 address.
_WHOLE = re.compile(r"\$\{[^}]*\}|\[[^\]]*\]")
_MODES = re.compile(r"(?:r[ow]|z|Z|cached|delegated|consistent|nocopy)(?:,\w+)*")


class Volume(NamedTuple):
    """What identifies a named volume on the machine.

    The name of a volume that `is_own` has the name of the project in front.
    """

    name: str
    is_own: bool = False
    is_external: bool = False


@record
class Mount:
    """What a service mounts at `target`; a volume without a name has the source ""."""

    node: Node
    kind: str
    source: str
    target: str
    is_read_only: bool = False


@record
class Port:
    """A port that a service publishes; `published` is "" where Docker chooses it, `address` "" for all addresses."""

    node: Node
    address: str
    published: str
    target: str
    protocol: str = "tcp"

    @property
    def is_local(self) -> bool:
        """Whether only the machine itself reaches it."""
        return self.address.startswith("127.") or self.address in ("[::1]", "::1", "localhost")


@record
class Service:
    """A service of a Compose file."""

    name: str
    node: Map

    @property
    def image(self) -> str:
        return self.node.text("image")

    @cached_property
    def mounts(self) -> list[Mount]:
        """Its volumes and folders of the machine."""
        found = (_mount(each) for each in self.node.seq("volumes"))
        return [each for each in found if each is not None]

    @cached_property
    def ports(self) -> list[Port]:
        """The ports that it publishes."""
        return [port for each in self.node.seq("ports") if (port := _port(each)) is not None]

    @property
    def needs(self) -> Iterator[str]:
        """Yield the services that it depends on."""
        yield from self.node.map("depends_on") or self.node.seq("depends_on").texts()
        yield from (each.partition(":")[0] for each in self.node.seq("links").texts())

    @property
    def settings(self) -> dict[str, str]:
        """The variables of its environment, written as a map or as a list."""
        listed = (text.partition("=") for text in self.node.seq("environment").texts())
        return {**{name: text for name, _, text in listed}, **self.node.map("environment").texts()}

    @property
    def command(self) -> str:
        """The words of its command and of its entrypoint."""
        keys = ("command", "entrypoint")
        return " ".join(text for key in keys for text in (self.node.text(key), *self.node.seq(key).texts()))

    @property
    def health_check(self) -> list[str]:
        """The words that its health check starts; Docker gives code to `sh -c`."""
        test = self.node.map("healthcheck")
        kind, *words = test.seq("test").texts() or ["CMD-SHELL", test.text("test")]
        if kind == "CMD-SHELL":
            return ["sh", "-c", *words] if any(words) else []
        return [] if kind == "NONE" else words

    @property
    def networks(self) -> list[str]:
        """The networks that it is in."""
        return [*self.node.map("networks")] or self.node.seq("networks").texts() or ["default"]


@record
class ComposeFile:
    """A Compose file."""

    source: Source
    node: Map

    @cached_property
    def services(self) -> Map:
        return self.node.map("services")

    @cached_property
    def parts(self) -> dict[str, Service]:
        """Its services by name, each with what it takes from another service of the file by `extends`."""
        return {name: Service(name, self._whole(name, ())) for name in self.services}

    def _whole(self, name: str, seen: tuple[str, ...]) -> Map:
        own = self.services.map(name)
        base = own.text("extends", "service") or own.text("extends")
        if not base or base not in self.services or own.text("extends", "file") or base in (*seen, name):
            return own
        without = replace(own, entries={key: node for key, node in own.entries.items() if key != "extends"})
        merged = _merged(self._whole(base, (*seen, name)), without)
        return merged if isinstance(merged, Map) else own

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.source.path)

    @property
    def project(self) -> str:
        """The name of the project, where the file sets it."""
        return self.node.text("name")

    def volume(self, name: str) -> Volume:
        """Return what identifies a named volume on the machine, but for the name of the project."""
        own = self.node.map("volumes", name)
        if own.value("external") is True:
            return Volume(own.text("name") or name, is_external=True)
        return Volume(own.text("name") or name, is_own="name" not in own)


def _merged(base: Node, own: Node) -> Node:
    """Return a value of a service over that of the service that it extends: maps and lists of both, else its own."""
    if isinstance(base, Map) and isinstance(own, Map):
        both = {
            key: _merged(base.entries[key], node) if key in base else node
            for key, node in own.entries.items()
        }
        return replace(own, entries={**base.entries, **both})
    if isinstance(base, Seq) and isinstance(own, Seq):
        return replace(own, items=(*base.items, *own.items))
    return own


def _mount(each: Node) -> Mount | None:
    if isinstance(each, Map):
        kind = each.text("type")
        if kind not in ("volume", "bind"):
            return None
        source = each.text("source")
        return Mount(
            each, kind, _folder(source), _folder(each.text("target")), each.value("read_only") is True
        )
    if not isinstance(each, Leaf):
        return None
    parts = _split(each.text)
    mode = parts.pop() if len(parts) > 1 and _MODES.fullmatch(parts[-1]) else ""
    if len(parts) == 1:
        return Mount(each, "volume", "", _folder(parts[0]), "ro" in mode.split(","))
    source, target = parts[0], ":".join(parts[1:])
    kind = "bind" if source.startswith((".", "/", "~", "$")) else "volume"
    return Mount(each, kind, _folder(source), _folder(target), "ro" in mode.split(","))


def _folder(path: str) -> str:
    return path.rstrip("/") or path


def _split(text: str) -> list[str]:
    """Return the parts of a short mount or port, which colons separate."""
    parts, start = [""], 0
    for match in _WHOLE.finditer(text):
        first, *others = text[start : match.start()].split(":")
        parts[-1] += first
        parts += others
        parts[-1] += match[0]
        start = match.end()
    first, *others = text[start:].split(":")
    return [*parts[:-1], parts[-1] + first, *others]


def _port(each: Node) -> Port | None:
    if isinstance(each, Map):
        protocol = each.text("protocol") or "tcp"
        address = _address(each.text("host_ip"))
        return Port(each, address, each.text("published"), each.text("target"), protocol)
    if not isinstance(each, Leaf):
        return None
    text, _, protocol = each.text.partition("/")
    *before, target = _split(text)
    address, published = (*([""] * (2 - len(before))), *before)[-2:]
    return Port(each, _address(address), published, target, protocol or "tcp")


def _address(text: str) -> str:
    """Return the address that a port is published at; "" for all addresses, which is the default."""
    return "" if text in ("0.0.0.0", "::", "[::]") else text
