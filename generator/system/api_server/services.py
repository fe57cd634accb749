"""How the fields of Services, Ingresses, network policies, autoscalers and disruption budgets relate.

Source: pkg/apis/{core,networking,autoscaling,policy}/validation/validation.go of github.com/kubernetes/kubernetes,
1.35; the functions are named below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from generator.languages.node import Map, Seq
from generator.system.addresses import is_within, network
from generator.system.api_server.formats import FORMATS, is_network, is_port_name
from generator.system.api_server.pods import go_number, one_of, unique
from generator.system.api_server.schema import Here, Refusal, Rules, is_absent, is_unknown
from generator.system.kubernetes import INGRESS_CLASS

_ONLY_BALANCER = ("loadBalancerClass", "loadBalancerSourceRanges", "allocateLoadBalancerNodePorts")
_NODE_PORTS = range(30000, 32768)  # the default of the API server's --service-node-port-range
_OUTSIDE = FORMATS["outside-address"].fits
_FITS: Mapping[str, Callable[[str], bool]] = {
    "IPv4": lambda text: ":" not in text and _OUTSIDE(text),
    "IPv6": lambda text: ":" in text and _OUTSIDE(text),
    "FQDN": FORMATS["subdomain"].fits,
}
_OF_ADDRESSES = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
_METRICS = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def service(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateService."""
    kind = spec.text("type") or "ClusterIP"
    ports = spec.maps("ports")
    is_headless = spec.text("clusterIP") == "None"
    if not ports and not is_headless and kind != "ExternalName":
        yield here.refuse(spec, "ports", "is missing", "add ports")
    if is_headless and kind in ("NodePort", "LoadBalancer"):
        yield here.refuse(spec, "clusterIP", f"is None, which the type {kind} does not allow", "remove it")
    name = spec.text("externalName")
    if kind == "ExternalName" and not name:
        yield here.refuse(spec, "externalName", "is missing with the type ExternalName", "add externalName")
    elif kind == "ExternalName" and not FORMATS["subdomain-dot"].fits(name) and not is_unknown(name):
        yield here.refuse(spec, "externalName", f"is {name}, expected a domain name", "correct it")
    several = spec.seq("clusterIPs").texts()
    if several and spec.text("clusterIP") not in ("", several[0]):
        yield here.refuse(spec, "clusterIPs", "does not begin with clusterIP", "write the same address")
    families = [*spec.seq("ipFamilies").texts()]
    if len(set(families)) < len(families):
        yield here.refuse(spec, "ipFamilies", "has one family twice", "remove one")
    yield from _ports(ports, kind, here._replace(path=f"{here.path}.ports[]"))
    yield from _of_type(spec, kind, here)
    seconds = go_number(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds")
    if spec.text("sessionAffinity") == "ClientIP" and seconds is not None and not 0 < seconds <= 86400:
        at = here._replace(path=f"{here.path}.sessionAffinityConfig.clientIP")
        config = spec.map("sessionAffinityConfig", "clientIP")
        yield at.refuse(config, "timeoutSeconds", f"is {seconds}, expected 1 to 86400", "write 10800")


def _ports(ports: tuple[Map, ...], kind: str, here: Here) -> Iterator[Refusal]:
    """validateServicePort, and the ports together."""
    yield from unique(ports, "name", here)
    seen: set[tuple[str, str]] = set()
    for port in ports:
        key = (port.text("port"), port.text("protocol") or "TCP")
        if key in seen:
            yield here.refuse(port, "port", f"is {key[0]} in two items", "remove one")
        seen.add(key)
        if len(ports) > 1 and is_absent(port.get("name")):
            yield here.refuse(
                port, "name", "is missing, and the Service has several ports", "add a name to each port"
            )
        number = go_number(port, "nodePort")
        if number and kind == "ClusterIP":
            yield here.refuse(port, "nodePort", "is not allowed with the type ClusterIP", "remove it")
        elif number and number not in _NODE_PORTS:
            yield here.refuse(port, "nodePort", f"is {number}, expected 30000 to 32767", "remove it")


def _of_type(spec: Map, kind: str, here: Here) -> Iterator[Refusal]:
    """validateServiceExternalTrafficPolicy, ValidateServiceUpdate: fields of some types alone."""
    is_balancer = kind == "LoadBalancer"
    for key in _ONLY_BALANCER:
        if not is_balancer and not is_absent(spec.get(key)):
            yield here.refuse(spec, key, "is only allowed with the type LoadBalancer", "remove it")
    for key in _OF_ADDRESSES if kind == "ExternalName" else ():
        if not is_absent(spec.get(key)):
            yield here.refuse(spec, key, "is not allowed with the type ExternalName", "remove it")
    is_outside = is_balancer or kind == "NodePort" or bool(spec.seq("externalIPs"))
    if not is_outside and not is_absent(spec.get("externalTrafficPolicy")):
        yield here.refuse(
            spec, "externalTrafficPolicy", "needs the type NodePort or LoadBalancer", "remove it"
        )
    if go_number(spec, "healthCheckNodePort") and not (
        is_balancer and spec.text("externalTrafficPolicy") == "Local"
    ):
        fact = "needs the type LoadBalancer and externalTrafficPolicy: Local"
        yield here.refuse(spec, "healthCheckNodePort", fact, "remove it")


def ingress(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateIngressSpec."""
    if not spec.maps("rules") and "defaultBackend" not in spec:
        yield here.refuse(spec, "rules", "is missing, and there is no defaultBackend", "add rules")
    if "defaultBackend" in spec:
        yield from backend(spec.map("defaultBackend"), here._replace(path=f"{here.path}.defaultBackend"))


def ingress_object(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateIngressCreate: this is refused of a new Ingress alone."""
    annotations = node.map("metadata", "annotations")
    if is_absent(node.get("spec")):
        yield here.refuse(node, "spec", "is missing", "add spec with rules")
    if INGRESS_CLASS in annotations and not is_absent(node.get("spec", "ingressClassName")):
        at = here._replace(path="metadata.annotations")
        yield at.refuse(annotations, INGRESS_CLASS, "excludes spec.ingressClassName", "remove the annotation")


def ingress_path(node: Map, here: Here) -> Iterator[Refusal]:
    """validateHTTPIngressPath."""
    path, kind = node.text("path"), node.text("pathType")
    needs_slash = kind in ("Exact", "Prefix") or (kind == "ImplementationSpecific" and path)
    if needs_slash and not path.startswith("/") and not is_unknown(path):
        yield here.refuse(
            node, "path", f"is {path or 'missing'}, expected a path that starts with /", f"write /{path}"
        )
    if kind in ("Exact", "Prefix"):
        for part in ("//", "/./", "/../", "%2f", "%2F"):
            if part in path:
                yield here.refuse(node, "path", f"contains {part}", "write the path without it")
        if path.endswith(("/..", "/.")):
            yield here.refuse(node, "path", "ends with a dot", "write the path without it")
    yield from backend(node.map("backend"), here._replace(path=f"{here.path}.backend"))


def backend(node: Map, here: Here) -> Iterator[Refusal]:
    """validateIngressBackend."""
    yield from one_of(node, here, ("service", "resource"), "backend")
    if "service" not in node:
        return
    port = node.map("service", "port")
    has_name, has_number = not is_absent(port.get("name")), bool(port.text("number").strip("0"))
    if has_name == has_number:
        fact = "has both a name and a number" if has_name else "has no number and no name"
        at = here._replace(path=f"{here.path}.service")
        yield at.refuse(node.map("service"), "port", fact, "write port: {number: 80}")
    elif has_number and go_number(port, "number") is not None and (go_number(port, "number") or 0) < 0:
        at = here._replace(path=f"{here.path}.service.port")
        yield at.refuse(port, "number", f"is {port.text('number')}, expected 1 to 65535", "write a port")


def class_parameters(node: Map, here: Here) -> Iterator[Refusal]:
    """validateIngressClassParametersReference."""
    is_namespaced = node.text("scope") == "Namespace"
    if is_namespaced == is_absent(node.get("namespace")):
        fact = (
            "is missing with the scope Namespace"
            if is_namespaced
            else "is only allowed with the scope Namespace"
        )
        yield here.refuse(node, "namespace", fact, "add namespace" if is_namespaced else "remove it")


def network_policy(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidateNetworkPolicySpec."""
    if len(spec.seq("policyTypes")) > 2:
        yield here.refuse(spec, "policyTypes", "has more than two items", "write Ingress, Egress or both")


def network_port(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateNetworkPolicyPort."""
    port, end = go_number(node, "port"), go_number(node, "endPort")
    text = node.text("port")
    if port is not None and not 0 < port < 65536:
        yield here.refuse(node, "port", f"is {port}, expected 1 to 65535", "write a port")
    elif port is None and text and not is_port_name(text) and not is_unknown(text):
        yield here.refuse(
            node, "port", f"is {text}, expected a number or the name of a port", "write a number"
        )
    if end is not None and port is None:
        yield here.refuse(node, "endPort", "needs a port that is a number", "write port as a number")
    elif end is not None and port is not None and end < port:
        yield here.refuse(node, "endPort", f"is {end}, less than port ({port})", f"write {port} or more")


def peer(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateNetworkPolicyPeer."""
    if not any(isinstance(node.get(key), Map) for key in ("ipBlock", "podSelector", "namespaceSelector")):
        yield here.refuse(node, "", "is empty", "add podSelector, namespaceSelector or ipBlock")
    elif "ipBlock" in node and len(node) > 1:
        yield here.refuse(node, "ipBlock", "cannot be combined with selectors", "write two peers")


def block(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateIPBlock."""
    if not is_network(node.text("cidr")):
        return
    whole = network(node.text("cidr"))
    for leaf in node.seq("except").leaves():
        inside = network(leaf.text) if is_network(leaf.text) and not is_unknown(leaf.text) else None
        if whole and inside and (inside == whole or not is_within(inside, whole)):
            path = f"{here.path}.except".lstrip(".")
            message = f"{path} has {leaf.text}, which is not a part of {whole}"
            yield Refusal(path, message, leaf.at, leaf, f"write a part of {whole}", here.source)


def scaler(spec: Map, here: Here) -> Iterator[Refusal]:
    """validateHorizontalPodAutoscalerSpec."""
    least, most = go_number(spec, "minReplicas"), go_number(spec, "maxReplicas")
    if least is not None and most is not None and most < least:
        yield here.refuse(
            spec, "maxReplicas", f"is {most}, less than minReplicas ({least})", f"write {least} or more"
        )
    target = spec.map("scaleTargetRef")
    version = target.text("apiVersion")
    if (
        "/" not in version
        and target.text("kind") not in ("", "ReplicationController")
        and not is_unknown(version)
    ):
        at = here._replace(path=f"{here.path}.scaleTargetRef")
        yield at.refuse(
            target,
            "apiVersion",
            f"is {version or 'missing'}, expected a group and a version",
            "write apps/v1",
        )


def metric(node: Map, here: Here) -> Iterator[Refusal]:
    """validateMetricSpec."""
    kind = node.text("type")
    if kind in _METRICS and _METRICS[kind] not in node:
        yield here.refuse(node, _METRICS[kind], f"is missing with the type {kind}", f"add {_METRICS[kind]}")
    for key in _METRICS.values():
        if key in node and key != _METRICS.get(kind, key):
            yield here.refuse(node, key, f"is not allowed with the type {kind}", "remove it")


def resource_metric(node: Map, here: Here) -> Iterator[Refusal]:
    """validateResourceSource, validateContainerResourceSource."""
    at, target = here._replace(path=f"{here.path}.target"), node.map("target")
    yield from one_of(target, at, ("averageUtilization", "averageValue"), "target")


def budget(spec: Map, here: Here) -> Iterator[Refusal]:
    """ValidatePodDisruptionBudgetSpec."""
    yield from one_of(spec, here, ("minAvailable", "maxUnavailable"), "limit", least=0)


def scaling_rules(node: Map, here: Here) -> Iterator[Refusal]:
    """validateScalingRules."""
    if isinstance(node.get("policies"), Seq) and not len(node.seq("policies")):
        yield here.refuse(node, "policies", "is empty", "add a policy, or remove it")


def pods_metric(node: Map, here: Here) -> Iterator[Refusal]:
    """validatePodsSource."""
    if is_absent(node.get("target", "averageValue")) and "target" in node:
        at = here._replace(path=f"{here.path}.target")
        yield at.refuse(node.map("target"), "averageValue", "is missing", "add averageValue")


def other_metric(node: Map, here: Here) -> Iterator[Refusal]:
    """validateObjectSource, validateExternalSource."""
    if "target" in node:
        at = here._replace(path=f"{here.path}.target")
        yield from one_of(node.map("target"), at, ("value", "averageValue"), "target")


def subset(node: Map, here: Here) -> Iterator[Refusal]:
    """validateEndpointSubsets."""
    if not node.seq("addresses") and not node.seq("notReadyAddresses"):
        yield here.refuse(node, "addresses", "is missing", "add an address")


def slice_object(node: Map, here: Here) -> Iterator[Refusal]:
    """ValidateEndpointSlice."""
    kind = node.text("addressType")
    yield from unique(node.maps("ports"), "name", here._replace(path="ports[]"))
    fits = _FITS.get(kind)
    for number, each in enumerate(node.maps("endpoints")):
        for leaf in each.seq("addresses").leaves():
            if fits and not is_unknown(leaf.text) and not fits(leaf.text):
                path = f"endpoints[{number}].addresses"
                message = f"{path} has {leaf.text}, expected an address of the type {kind}"
                yield Refusal(
                    path, message, leaf.at, leaf, f"write an address of the type {kind}", here.source
                )


RULES: Rules = {
    "core.v1.EndpointSubset": subset,
    "discovery.v1.EndpointSlice": slice_object,
    "autoscaling.v2.PodsMetricSource": pods_metric,
    "autoscaling.v2.ObjectMetricSource": other_metric,
    "autoscaling.v2.ExternalMetricSource": other_metric,
    "autoscaling.v2.HPAScalingRules": scaling_rules,
    "core.v1.ServiceSpec": service,
    "networking.v1.Ingress": ingress_object,
    "networking.v1.IngressSpec": ingress,
    "networking.v1.HTTPIngressPath": ingress_path,
    "networking.v1.IngressClassParametersReference": class_parameters,
    "networking.v1.NetworkPolicySpec": network_policy,
    "networking.v1.NetworkPolicyPort": network_port,
    "networking.v1.NetworkPolicyPeer": peer,
    "networking.v1.IPBlock": block,
    "autoscaling.v2.HorizontalPodAutoscalerSpec": scaler,
    "autoscaling.v1.HorizontalPodAutoscalerSpec": scaler,
    "autoscaling.v2.MetricSpec": metric,
    "autoscaling.v2.ResourceMetricSource": resource_metric,
    "autoscaling.v2.ContainerResourceMetricSource": resource_metric,
    "policy.v1.PodDisruptionBudgetSpec": budget,
}
