"""What the API server refuses of an object by itself, beyond the edits of tests/changes/hazards/api_server.txt."""

from __future__ import annotations

import json
import re

from generator.system import System
from generator.system.api_server import refusals
from tests.conftest import rows
from tests.system.schema_table import TABLE, build, packages

POD = """apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: a, image: a:1MORE}]SPEC}
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]SPEC}\n"

# What stands in a pod, and what is said of it.
PODS = {
    ", env: [{name: A, value: yes}]": "spec.containers[0].env[0].value is yes, expected a string",
    ", env: [{name: A, value: y}]": "spec.containers[0].env[0].value is y, expected a string",
    ", env: [{name: A, value: 1e3}]": "spec.containers[0].env[0].value is 1e3, expected a string",
    ", env: [{name: A, value: 22:22}]": "",
    ", env: [{name: A, value: 2026-11-29}]": "",
    ", env: [{name: A, value: '', valueFrom: {fieldRef: {fieldPath: metadata.name}}}]": "",
    ", env: [{name: A, value: a, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]": "excludes value",
    ", ports: [{containerPort: 80, name: a-name-of-many-letters}]": "ports[0].name is a-name-of-many-letters",
    ", ports: [{containerPort: '80'}]": "containerPort is 80, expected a number from 1 to 65535",
    ", ports: [{containerPort: '${PORT}'}]": "",
    ", resources: {requests: {cpu: 1}, limits: {cpu: 1000m}}": "",
    ", resources: {requests: {cpu: 1001m}, limits: {cpu: 1}}": "more than its limit of 1",
    ", resources: {requests: {cores: 1}}": "is no resource of containers",
    ", resources: {limits: {nvidia.com/gpu: 1}}": "",
    ", livenessProbe: {httpGet: {port: 80}, tcpSocket: {port: 80}}": "expected one handler",
    ", livenessProbe: {httpGet: {port: 80}, successThreshold: 2}": "successThreshold is 2, expected 1",
    ", livenessProbe: {tcpSocket: {}}": "tcpSocket.port is missing",
    ", volumeMounts: [{name: a, mountPath: /a}]": "the pod has no such volume",
    ", securityContext: {privileged: true, allowPrivilegeEscalation: false}": "excludes privileged",
    ", securityContext: {seccompProfile: {type: Localhost}}": "localhostProfile is missing",
    ", imagePullPolicy: Sometimes": "expected Always or IfNotPresent or Never",
    ", imagepullpolicy: Always": "is no known field",
    ", restartPolicy: ''": "restartPolicy is empty",
    ", restartPolicyRules: [{action: Restart}]": "restartPolicy is missing",
    ", resizePolicy: [{resourceName: disk, restartPolicy: NotRequired}]": "expected cpu or memory",
    ", livenessProbe: {httpGet: {port: 0}}": "port is 0",
    ", env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]": "",
    ", env: [{name: A, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[''app'']'}}}]": "",
    ", env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.replicas}}}]": "which is no field for this",
    ", env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}]": "",
    ", env: [{name: A, valueFrom: {resourceFieldRef: {resource: cpu}}}]": "expected limits.cpu",
    ", securityContext: {procMount: ''}": "procMount is empty",
}
SPECS = {
    ", dnsPolicy: None": "needs dnsConfig with nameservers",
    ", tolerations: [{operator: Exists, value: a}]": "value is not allowed with the operator Exists",
    ", hostNetwork: true": "",
    ", volumes: [{name: a, emptyDir: {}, configMap: {name: a}}]": "expected one type",
    ", volumes: [{name: a}]": "",
    ", volumes: [{name: a, secret: {secretName: a, items: [{key: a, path: ../a}]}}]": "without ..",
    ", volumes: {a: b}": "spec.volumes is a map, expected a list",
    ", nodeSelector: {a: 1}": "expected a string",
    ", overhead: {a: 1}": "expected cpu, memory, storage",
    ", overhead: {cpu: 1}": "",
    ", runtimeClassName: ''": "runtimeClassName is empty",
    ", readinessGates: [{conditionType: a b}]": "conditionType is a b",
    ", tolerations: [{key: a, operator: Equal, value: a b}]": "value is a b",
    ", topologySpreadConstraints: [{maxSkew: 1, topologyKey: a b, whenUnsatisfiable: DoNotSchedule}]": "",
    ", topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule,"
    " matchLabelKeys: [a]}]": "needs labelSelector",
    ", initContainers: [{name: b, image: b, lifecycle: {preStop: {sleep: {seconds: 1}}}}]": "needs restartPolicy",
    ", initContainers: [{name: b, image: b, restartPolicy: Always, startupProbe: {tcpSocket: {port: 1}}}]": "",
    ", volumes: [{name: a, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}]}}]": "",
    ", volumes: [{name: a, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: status.podIP}}]}}]": "no field",
    ", dnsConfig: {searches: [a b], options: [{value: a}]}": "options[0].name is missing",
    ", securityContext: {sysctls: [{name: a, value: b}]}": "",
    ", affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: "
    "[{weight: 0, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}": "weight is 0",
}
SERVICES = {
    ", type: NodePort": "",
    ", clusterIP: None, type: NodePort": "clusterIP is None",
    ", type: ExternalName": "externalName is missing",
    ", loadBalancerClass: a/b": "is only allowed with the type LoadBalancer",
    ", type: LoadBalancer, loadBalancerSourceRanges: ['10.0.0.0']": "expected an address range",
    ", sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}": "expected 1 to 86400",
    ", selector: {app: 'a b'}": "spec.selector has a b",
    ", externalName: a b": "",
    ", type: ExternalName, externalName: a b": "externalName is a b",
    ", clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2]": "does not begin with clusterIP",
    ", internalTrafficPolicy: ''": "internalTrafficPolicy is empty",
    ", ipFamilies: ['']": "spec.ipFamilies has",
}


def found(text: str, minor: int | None = 35) -> list[str]:
    [each] = System.of_files({"a.yaml": text}).manifests
    return [refusal.message for refusal in refusals(each, minor)]


def check(text: str, expected: str) -> None:
    messages = found(text)
    assert any(expected in message for message in messages) if expected else messages == []


@rows("more", PODS)
def test_containers(more: str) -> None:
    check(POD.replace("MORE", more).replace("SPEC", ""), PODS[more])


@rows("more", SPECS)
def test_pods(more: str) -> None:
    check(POD.replace("MORE", "").replace("SPEC", more), SPECS[more])


@rows("more", SERVICES)
def test_services(more: str) -> None:
    check(SERVICE.replace("SPEC", more), SERVICES[more])


OTHERS = {
    "kind: Service\nmetadata: {name: a}\n": "spec is missing",
    "kind: ConfigMap\nmetadata: {name: a, namespace: A}\n": "metadata.namespace is A",
    "kind: ConfigMap\nmetadata: {name: a, finalizers: [a]}\n": "metadata.finalizers has a",
    "kind: ConfigMap\nmetadata: {name: a, finalizers: [orphan, a.b/c]}\n": "",
    "kind: LimitRange\nmetadata: {name: a}\nspec: {limits: [{type: Podx}]}\n": "limits[0].type is Podx",
    "kind: LimitRange\nmetadata: {name: a}\nspec: {limits: [{type: Pod}, {type: Pod}]}\n": "type is Pod in two items",
    "kind: LimitRange\nmetadata: {name: a}\nspec: {limits: [{type: Pod, maxLimitRequestRatio:"
    " {cpu: 500m}}]}\n": "is less than 1",
    "kind: ReplicationController\nmetadata: {name: a}\nspec: {selector: {a: b}, template: {metadata:"
    " {labels: {a: c}}, spec: {containers: [{name: a, image: a}]}}}\n": "does not match the labels of the template",
    "kind: ResourceQuota\nmetadata: {name: a}\nspec: {scopeSelector: {matchExpressions: [{scopeName: a,"
    " operator: Exists}]}}\n": "scopeName is a",
}


@rows("text", OTHERS)
def test_other_kinds(text: str) -> None:
    check(f"apiVersion: v1\n{text}", OTHERS[text])


def test_fields_are_those_of_the_version_of_the_cluster() -> None:
    pod = POD.replace("MORE", ", restartPolicyRules: []").replace("SPEC", "")
    assert found(pod, 33) == ["spec.containers[0].restartPolicyRules is no field of Kubernetes 1.33"]
    assert found(pod, 34) == found(pod, None) == []
    unknown = POD.replace("MORE", ", bogus: 1").replace("SPEC", "")
    assert found(unknown, 99) == [], "newer than the table"


def test_other_kinds_are_not_judged() -> None:
    assert found("apiVersion: example.com/v1\nkind: Pod\nmetadata: {name: 'A B'}\nspec: {a: b}\n") == []
    assert found("apiVersion: v9\nkind: Pod\nmetadata: {name: a}\nspec: {a: b}\n") == []


def test_every_constraint_is_one_of_a_field() -> None:
    from generator.system.api_server.formats import FORMATS
    from generator.system.api_server.schema import _constraints, schema

    for kind, row in _constraints().items():
        fields = schema()["types"][kind]
        assert {*row} - {"by"} <= {*fields}, kind
        for words in (words for key, words in row.items() if key != "by"):
            for word in words.split():
                name = word.rpartition(":")[2]
                assert name in FORMATS or re.fullmatch(r"required|given|\d+\.\.\d*|.*\|.*", name), (
                    kind,
                    word,
                )


def test_the_table_is_what_its_source_holds() -> None:
    assert json.loads(TABLE.read_text("utf-8")) == build(packages())


def test_what_another_tool_replaces_is_not_judged() -> None:
    for value in ("{{ replicas }}", "<NUMBER>", "$REPLICAS", "__REPLICAS__", "'{{ replicas }}'"):
        head = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        check(f"{head}spec:\n  priority: {value}\n  containers: [{{name: a, image: a}}]\n", "")
