"""What a rule finds in files that the real project does not have."""

from __future__ import annotations

from generator.checks.registry import rules
from generator.checks.rule import Context, NotApplicableError, Repository
from generator.system import System
from tests.checks.helpers import TODAY
from tests.conftest import rows

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: NAMESPACE, labels: {app: web}}
spec: {containers: [{name: web, image: "nginx:1", ports: [{containerPort: 80}]}]}
"""
RESOURCE = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: foos.example.com}
spec: {versions: [{schema: {openAPIV3Schema: {properties: {labels: {type: object, x: {y: z}}}}}}]}
"""
LIST = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  spec: {ports: [{port: a}]}\n"
WORKFLOW = "on: push\njobs:\n  a: &a\n    runs-on: ubuntu-latest\n    env: *a\n"
LOOP = "an alias refers to a node that contains it"

# The rule, the files, and the place and message of each finding.
CASES: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "a document without a kind": (
        "api-rules",
        {"k8s/a.yaml": "apiVersion: v1\nkindd: Secret\n---\nkind: Pod\n", "k8s/values.yaml": "replicas: 1\n"},
        ["1: the document has apiVersion but no kind", "4: the document has kind but no apiVersion"],
    ),
    "kustomize needs neither": (
        "api-rules",
        {"k8s/kustomization.yaml": "resources: []\n", "deploy/kustomization.yml": "kind: Kustomization\n"},
        [],
    ),
    "a component of kustomize is not an object": (
        "kubernetes-names",
        {"k8s/c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"},
        [],
    ),
    "an object in a list": (
        "api-rules",
        {"k8s/a.yaml": LIST},
        ["6: spec.ports[0].port is a, expected a number from 1 to 65535"],
    ),
    "the schema of a custom resource has properties of any name": (
        "kubernetes-names",
        {"crd.yaml": RESOURCE},
        [],
    ),
    "a workflow that contains itself": (
        "syntax",
        {".github/workflows/a.yml": WORKFLOW},
        [f"3: not YAML: {LOOP}"],
    ),
    "a manifest that contains itself": (
        "syntax",
        {"k8s/a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: &a\n  name: a\n  labels: *a\n"},
        [f"3: not YAML: {LOOP}"],
    ),
    "a Service leads to pods of its own namespace": (
        "selectors",
        {
            "a.yaml": SERVICE,
            "b.yaml": POD.replace("NAMESPACE", "shop"),
            "c.yaml": POD.replace("NAMESPACE", "other"),
        },
        [],
    ),
    "a Service leads to no pods of another namespace": (
        "selectors",
        {"a.yaml": SERVICE, "c.yaml": POD.replace("NAMESPACE", "other")},
        ["4: Service/web selects no pods, expected the pods of one workload"],
    ),
}


@rows("name", CASES)
def test_a_rule_finds(name: str) -> None:
    rule, files, expected = CASES[name]
    assert _found(rule, files) == expected


@rows("rule", rules())
def test_no_rule_fails_on_such_files(rule: str) -> None:
    _found(rule, {path: text for _, files, _ in CASES.values() for path, text in files.items()})


def _found(rule: str, files: dict[str, str]) -> list[str]:
    context = Context(System.of_files(files), Repository(), TODAY)
    try:
        return [f"{each.at.line if each.at else 0}: {each.message}" for each in rules()[rule].check(context)]
    except NotApplicableError:
        return []
