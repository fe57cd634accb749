"""References to objects whose names a build changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from generator.languages.node import Leaf, Map, Node, Seq
from generator.system.kustomize.nodes import Field, Type, UnknownError, change, leaf, put, references_of
from generator.system.kustomize.objects import Resource


def fix(resources: list[Resource]) -> None:
    """Write the present names of objects where their earlier ones stand."""
    renamed: dict[str, list[Resource]] = defaultdict(list)
    for each in resources:
        for name in dict.fromkeys(one.name for one in each.previous):
            renamed[name].append(each)
    if not renamed:
        return
    for each in resources:
        first = each.previous[0].type if each.previous else each.type
        for target, field in references_of(first):
            _Reference(each, target, field, renamed).fix()


class _Reference:
    """One field of one object that names objects of a type."""

    def __init__(
        self, referrer: Resource, target: Type, field: Field, renamed: dict[str, list[Resource]]
    ) -> None:
        self._referrer, self._target, self._field, self._renamed = referrer, target, field, renamed

    def fix(self) -> None:
        changed = change(self._referrer.node, self._field.path, self._set)
        self._referrer.node = changed if isinstance(changed, Map) else self._referrer.node

    def _set(self, node: Node | None) -> Node:
        if isinstance(node, Seq):
            return replace(node, items=tuple(self._set(item) for item in node.items))
        if isinstance(node, Map):
            return self._mapping(node)
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            return node if node is not None else leaf(None, self._referrer.node)
        found = self._choose(node.text, self._renamed.get(node.text, ()))
        name = found.node.text("metadata", "name") if found else node.text
        return leaf(name, node) if name != node.text else node

    def _mapping(self, node: Map) -> Node:
        """Fix a map with name and namespace, such as the subject of a binding."""
        name = node.leaf("name")
        if name is None:
            return node
        candidates: Sequence[Resource] = self._renamed.get(name.text, ())
        if "namespace" in node:
            namespace = node.text("namespace") or "default"
            first = [each for each in candidates if (each.previous[0].namespace or "default") == namespace]
            candidates = first or [
                each for each in candidates if (each.id.namespace or "default") == namespace
            ]
        found = self._choose(name.text, candidates, whole=True)
        if found is None:
            return node
        at = found.node.map("metadata")
        if at.text("name") != name.text:
            node = put(node, "name", leaf(at.text("name"), name))
        if at.text("namespace") and at.text("namespace") != node.text("namespace"):
            node = put(node, "namespace", leaf(at.text("namespace"), at.leaf("namespace") or at))
        return node

    def _choose(self, name: str, candidates: Sequence[Resource], *, whole: bool = False) -> Resource | None:
        """Return the object that a name refers to, as kustomize chooses it."""
        found = [each for each in candidates if self._fits(each)]
        if len(found) > 1:
            own = self._referrer
            found = [each for each in found if _alike(each, own, loosely=True)]
            if len(found) > 1:
                found = [each for each in found if _alike(each, own, loosely=False)]
        if len({(each.id.name, each.id.namespace if whole else "") for each in found}) > 1:
            raise UnknownError(f"{self._referrer.object.identity} refers to {name}, and there are several")
        return found[0] if found else None

    def _fits(self, each: Resource) -> bool:
        if not any(self._target.selects(one.type) for one in each.previous):
            return False
        role = self._referrer.node.map("roleRef")
        if self._field.path == ("roleRef", "name") and "kind" in role and "apiGroup" in role:
            wanted = Type(role.text("apiGroup"), "", role.text("kind"))
            if not any(wanted.selects(one.type) for one in each.previous):
                return False
        own, other = self._referrer, each
        if own.is_cluster_scoped or other.is_cluster_scoped or other.type.kind == "ServiceAccount":
            return True
        return (own.id.namespace or "default") == (other.id.namespace or "default")


def _alike(one: Resource, other: Resource, *, loosely: bool) -> bool:
    """Return whether two objects got the same outer prefixes and suffixes; `loosely`, one of them may have none."""
    for mine, its in ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes)):
        count = min(len(mine), len(its))
        if count == 0:
            if not loosely and mine != its:
                return False
        elif mine[-count:] != its[-count:]:
            return False
    return True
