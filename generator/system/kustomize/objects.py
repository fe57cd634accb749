"""The objects of a build while it runs: their names before and after each step, and how they are selected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.findings.record import record
from generator.languages.node import Leaf, Map
from generator.languages.source import Source
from generator.system.kubernetes import Object
from generator.system.kustomize.nodes import RefusedError, Type, UnknownError, leaf, put


@record
class Id:
    """What identifies an object at one step of a build."""

    type: Type
    namespace: str
    name: str

    def equals(self, other: Id) -> bool:
        """Return whether both name one object: no namespace is `default`."""
        return (self.type, self.name, self.namespace or "default") == (
            other.type,
            other.name,
            other.namespace or "default",
        )


@dataclass(slots=True)
class Resource:
    """An object of a build."""

    source: Source
    node: Map
    previous: list[Id] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    suffixes: list[str] = field(default_factory=list)
    hashed: bool = False

    @property
    def object(self) -> Object:
        return Object(self.source, self.node)

    @property
    def type(self) -> Type:
        group, _, version = self.node.text("apiVersion").rpartition("/")
        return Type(group, version, self.node.text("kind"))

    @property
    def id(self) -> Id:
        return Id(self.type, self.object.namespace, self.node.text("metadata", "name"))

    @property
    def ids(self) -> Iterator[Id]:
        """Every id that it has had, the first one first."""
        yield from self.previous
        yield self.id

    @property
    def is_cluster_scoped(self) -> bool:
        return self.object.is_cluster_scoped

    def remember(self) -> None:
        """Keep the present id before a change of it."""
        if self.id not in self.previous:
            self.previous.append(self.id)

    def set_metadata(self, key: str, text: str, at: Map | Leaf) -> None:
        metadata = self.node.map("metadata")
        if metadata.value(key) == text:
            return  # it keeps its place
        self.node = put(self.node, "metadata", put(metadata, key, leaf(text, at)))


def named(resources: list[Resource], wanted: Id) -> list[Resource]:
    """Return the resources that have or had an id."""
    return [each for each in resources if any(one.equals(wanted) for one in each.ids)]


def only(resources: list[Resource], wanted: Id, what: str) -> Resource:
    """Return the one resource with an id."""
    found = named(resources, wanted)
    if len(found) != 1:
        raise RefusedError(f"{what} is for {wanted.type.kind} {wanted.name}, of which there are {len(found)}")
    return found[0]


def select(resources: list[Resource], selector: Map) -> list[Resource]:
    """Return the resources that the `target` of a patch selects."""
    return [
        each
        for each in resources
        if any(
            all(_matches(selector.text(key), text) for key, text in _texts(one).items()) for one in each.ids
        )
        and _has(selector.text("labelSelector"), each.node.map("metadata", "labels"))
        and _has(selector.text("annotationSelector"), each.node.map("metadata", "annotations"))
    ]


def _texts(one: Id) -> dict[str, str]:
    """Return what a selector compares, by its keys."""
    kind = one.type
    return {
        "group": kind.group,
        "version": kind.version,
        "kind": kind.kind,
        "name": one.name,
        "namespace": one.namespace,
    }


def _matches(pattern: str, text: str) -> bool:
    try:
        return not pattern or bool(re.fullmatch(pattern, text))
    except re.error as problem:
        raise UnknownError(f"{pattern} is no pattern") from problem


_REQUIREMENT = re.compile(
    r"(!?)\s*([^\s=!,()]+)\s*(?:(==?|!=)\s*([^\s=!,()]*)|(in|notin)\s*\(([^()]*)\))?\s*"
)


def _has(selector: str, labels: Map) -> bool:
    texts = labels.texts()
    for part in re.split(r",(?![^()]*\))", selector) if selector.strip() else ():
        found = _REQUIREMENT.fullmatch(part.strip())
        if not found:
            raise UnknownError(f"the selector {selector}")
        no, key, operator, value, word, values = found.groups()
        if word:
            holds = (texts.get(key) in [each.strip() for each in values.split(",")]) == (word == "in")
        elif operator:
            holds = (texts.get(key) == value) == (operator != "!=")
        else:
            holds = (key in texts) != bool(no)
        if not holds:
            return False
    return True
