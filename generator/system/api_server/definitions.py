"""What extends the API: definitions of custom resources, whose schema has a type everywhere, and webhooks.

Source: staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go and
pkg/apiserver/schema/validation.go of github.com/kubernetes/kubernetes, 1.35; the functions are named below.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.languages.node import Leaf, Map, Node
from generator.system.api_server.pods import one_of, unique
from generator.system.api_server.schema import Here, Refusal, Rules, is_unknown

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_UNTYPED = ("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields", "$ref")


def definition(node: Map, here: Here) -> Iterator[Refusal]:
    """validateCustomResourceDefinition."""
    spec = node.map("spec")
    wanted = f"{spec.text('names', 'plural')}.{spec.text('group')}"
    name = here.each.name
    if name != wanted and not is_unknown(name + wanted):
        at = here._replace(path="metadata")
        yield at.refuse(node.map("metadata"), "name", f"is {name}, expected {wanted}", f"write {wanted}")


def definition_spec(spec: Map, here: Here) -> Iterator[Refusal]:
    """validateCustomResourceDefinitionSpec."""
    versions = spec.maps("versions")
    yield from unique(versions, "name", here._replace(path=f"{here.path}.versions[]"))
    stored = [each for each in versions if each.value("storage") is True]
    if versions and len(stored) != 1:
        fact = f"has {len(stored)} items with storage: true, expected one"
        yield here.refuse(spec, "versions", fact, "write storage: true in one version")
    group = spec.text("group")
    if group and "." not in group and not is_unknown(group):
        yield here.refuse(spec, "group", f"is {group}, expected a domain with a dot", "write example.com")
    names = spec.map("names")
    if names.text("kind") and names.text("kind") == names.text("listKind"):
        yield here._replace(path=f"{here.path}.names").refuse(names, "listKind", "is kind too", "remove it")


def definition_version(node: Map, here: Here) -> Iterator[Refusal]:
    """validateCustomResourceDefinitionVersion."""
    root = node.get("schema", "openAPIV3Schema")
    at = here._replace(path=f"{here.path}.schema")
    if not isinstance(root, Map):
        yield at.refuse(node.map("schema"), "openAPIV3Schema", "is missing", "add a schema of type object")
        return
    at = at._replace(path=f"{at.path}.openAPIV3Schema")
    if root.text("type") not in ("object", "") and not is_unknown(root.text("type")):
        yield at.refuse(root, "type", f"is {root.text('type')}, expected object", "write object")
    yield from _structural(root, at)


def _structural(node: Node | None, here: Here) -> Iterator[Refusal]:
    """ValidateStructural, ValidateCustomResourceDefinitionOpenAPISchema."""
    if not isinstance(node, Map):
        return
    kind = node.text("type")
    if kind and kind not in _TYPES and not is_unknown(kind):
        yield here.refuse(node, "type", f"is {kind}, expected {' or '.join(_TYPES)}", "correct the type")
    elif not kind and not any(key in node for key in _UNTYPED):
        yield here.refuse(node, "type", "is missing", "add type")
    if kind == "array" and "items" not in node:
        yield here.refuse(node, "items", "is missing with the type array", "add items")
    for key, each in node.map("properties").entries.items():
        yield from _structural(each, here._replace(path=f"{here.path}.properties.{key}"))
    for key in ("items", "additionalProperties"):
        if not isinstance(node.get(key), Leaf):
            yield from _structural(node.get(key), here._replace(path=f"{here.path}.{key}"))


def webhooks(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateValidatingWebhookConfiguration, ValidateMutatingWebhookConfiguration."""
    yield from unique(node.maps("webhooks"), "name", here._replace(path="webhooks[]"))


def webhook(node: Map, here: Here) -> Iterator[Refusal]:
    """validateAdmissionReviewVersions, validateWebhook."""
    versions = [*node.seq("admissionReviewVersions").texts()]
    if versions and not {"v1", "v1beta1"} & {*versions} and not any(map(is_unknown, versions)):
        yield here.refuse(node, "admissionReviewVersions", "has neither v1 nor v1beta1", "add v1")
    config = node.map("clientConfig")
    if config:
        at = here._replace(path=f"{here.path}.clientConfig")
        yield from one_of(config, at, ("url", "service"), "address")


def operations(node: Map, here: Here) -> Iterator[Refusal]:
    """validateRuleWithOperations, validateRule."""
    for key in ("operations", "apiGroups", "apiVersions"):
        items = [*node.seq(key).texts()]
        if "*" in items and len(items) > 1:
            yield here.refuse(node, key, "has items beside *", "keep * alone")


RULES: Rules = {
    "admissionregistration.v1.ValidatingWebhookConfiguration": webhooks,
    "admissionregistration.v1.MutatingWebhookConfiguration": webhooks,
    "admissionregistration.v1.ValidatingWebhook": webhook,
    "admissionregistration.v1.MutatingWebhook": webhook,
    "admissionregistration.v1.RuleWithOperations": operations,
    "apiextensions.v1.CustomResourceDefinition": definition,
    "apiextensions.v1.CustomResourceDefinitionSpec": definition_spec,
    "apiextensions.v1.CustomResourceDefinitionVersion": definition_version,
}
