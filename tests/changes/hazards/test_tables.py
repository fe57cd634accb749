"""Each line of the tables, one by one: what the API server refuses, and what the provider replaces."""

from __future__ import annotations

import json
import re

from generator.changes.hazards import Effect, Hazard, System, find
from generator.changes.hazards.kubernetes.immutable import FIELDS, Field
from generator.changes.hazards.provider import kinds
from tests.conftest import rows

system = System.of_files

_GROUPS = {
    "Deployment": "apps/v1", "DaemonSet": "apps/v1", "ReplicaSet": "apps/v1", "Job": "batch/v1", "Service": "v1",
    "StorageClass": "storage.k8s.io/v1", "Secret": "v1", "PersistentVolume": "v1", "ResourceQuota": "v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1", "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "IngressClass": "networking.k8s.io/v1", "PriorityClass": "scheduling.k8s.io/v1", "RuntimeClass": "node.k8s.io/v1",
    "CSIDriver": "storage.k8s.io/v1", "VolumeAttributesClass": "storage.k8s.io/v1",
    "EndpointSlice": "discovery.k8s.io/v1", "PersistentVolumeClaim": "v1", "Pod": "v1",
    "ControllerRevision": "apps/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
}  # fmt: skip


def resource(type_: str, argument: str, value: str) -> dict[str, str]:
    """Return a resource with one argument, in the blocks that its name leads through."""
    *blocks, name = argument.removesuffix(".*").split(".")
    text = f'{name} = "{value}"'
    for block in reversed(blocks):
        text = f"{block} {{\n{text}\n}}"
    return {"terraform/main.tf": f'resource "{type_}" "x" {{\n{text}\n}}\n'}


def manifest(kind: str, path: tuple[str, ...], value: object) -> dict[str, str]:
    data: object = value
    for part in reversed(path):
        data = {part: data}
    assert isinstance(data, dict)
    head = {"apiVersion": _GROUPS[kind], "kind": kind, "metadata": {"name": "x", "namespace": "shop"}}
    return {"k8s/x.yaml": json.dumps({**head, **data})}


@rows("kind, field", [(kind, field) for kind, all_ in FIELDS.items() for field in all_])
def test_a_field_that_cannot_change(kind: str, field: Field) -> None:
    old, new = (system(manifest(kind, field.path, {"a": value})) for value in ("one", "two"))
    [hazard] = [each for each in find(old, new) if each.rule == "immutable-field"]
    assert hazard.effect is Effect.REFUSED
    assert (hazard.source, field.message in hazard.message) == (field.source, True)
    assert re.fullmatch(
        r"https://github\.com/kubernetes/kubernetes/blob/v1\.35\.0/(pkg|staging)/\S+\.go#\w+", hazard.source
    )
    same = system(manifest(kind, field.path, {"a": "one"}))
    assert find(same, system(manifest(kind, field.path, {"a": "one"}))) == []


@rows(
    "kind, field",
    [(kind, field) for kind, all_ in FIELDS.items() for field in all_ if field.default is not None],
)
def test_a_default_that_is_written_out_is_no_change(kind: str, field: Field) -> None:
    bare = manifest(kind, ("metadata", "labels"), {})
    said = manifest(kind, field.path, field.default)
    assert [each for each in find(system(bare), system(said)) if each.rule == "immutable-field"] == []
    assert [each for each in find(system(said), system(bare)) if each.rule == "immutable-field"] == []


def changed(type_: str, argument: str) -> list[Hazard]:
    return find(system(resource(type_, argument, "one")), system(resource(type_, argument, "two")))


@rows("type_", sorted(kinds()))
def test_arguments_that_replace(type_: str) -> None:
    kind = kinds()[type_]
    kept = kind.kept is not None and kind.kept.value is kind.kept.default
    expected = Effect.REFUSED if kept else Effect.DATA_LOSS if kind.data else Effect.REPLACED
    for argument in sorted(kind.replacing | kind.compared):
        [hazard] = [each for each in changed(type_, argument) if each.rule == "replaced"]
        assert (hazard.effect, hazard.subject, hazard.source) == (expected, f"{type_}.x", kind.source), (
            argument
        )
        assert hazard.message.startswith(f"{argument.removesuffix('.*')} changes from one to two")


@rows("type_", [type_ for type_, kind in sorted(kinds().items()) if kind.unsure])
def test_arguments_that_could_not_be_settled_are_unknown(type_: str) -> None:
    for argument in sorted(kinds()[type_].unsure):
        [hazard] = changed(type_, argument)
        assert (hazard.effect, hazard.rule) == (Effect.UNKNOWN, "unknown-resource"), argument


def test_the_tables_name_their_source_and_their_versions() -> None:
    """What is listed stands in one list only, and each table covers the versions that its source was read at."""
    for type_, kind in kinds().items():
        lists = (kind.replacing, kind.compared, kind.unsure)
        assert sum(map(len, lists)) == len(frozenset().union(*lists)), type_
        assert re.fullmatch(
            r"https://github\.com/[\w-]+/terraform-provider-\w+/blob/v[\d.]+/\S+\.go", kind.source
        )
        assert kind.provider.versions[-1] in kind.source
        assert kind.provider.majors


@rows("type_", sorted(kinds()))
def test_any_other_argument_is_changed_in_place(type_: str) -> None:
    def block(value: str) -> dict[str, str]:
        return {"terraform/main.tf": f'resource "{type_}" "x" {{\n  anything = {{ Name = "{value}" }}\n}}\n'}

    assert find(system(block("one")), system(block("two"))) == []


def test_the_table_has_every_resource_that_is_rendered() -> None:
    """A new resource in a template needs a line in the table, or else every change of it is unknown."""
    from tests.conftest import ROOT

    texts = [path.read_text("utf-8") for path in sorted((ROOT / "out").glob("*/terraform/*.tf"))]
    used = {found for text in texts for found in re.findall(r'^resource "(\w+)"', text, re.M)}
    assert used <= set(kinds())
