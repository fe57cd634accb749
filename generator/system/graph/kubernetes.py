"""Items and links from the manifests: hosts, Services, workloads, what workloads read, and allowed connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.languages.node import Leaf, Map, Seq
from generator.system import Object, System, image_name
from generator.system.graph.model import Group, Item, Link
from generator.system.graph.routes import gateway_key, listener_hosts, ways

INTERNET = Item("internet", "internet", "Internet")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
_APPLICATIONS = ("Application", "ApplicationSet")
_ANY_ADDRESS = frozenset(["0.0.0.0/0", "::/0"])


class Cluster:
    """The objects of one system. `group` is the key of the cluster that holds them, "" when the files have none."""

    def __init__(self, system: System, group: str) -> None:
        self._objects = list(system.by_key.values())
        self._group = group
        self.workloads = [each for each in self._objects if each.kind in WORKLOADS or _is_knative(each)]
        self._services = [each for each in self._of("Service") if not _is_knative(each)]
        self._applications = [
            each for each in self._objects if each.kind in _APPLICATIONS and each.group == "argoproj.io"
        ]
        self._ways = list(ways(system))

    def _of(self, kind: str) -> list[Object]:
        return [each for each in self._objects if each.kind == kind]

    def groups(self) -> Iterator[Group]:
        """Yield the namespaces."""
        names = {each.namespace for each in self.workloads + self._services}
        for name in sorted(names):
            yield Group(f"namespace/{name}", "namespace", name or "default", parent=self._group)

    def items(self) -> Iterator[Item]:
        """Yield the items of the cluster, and the hosts that route into it."""
        hosts = [way.host for way in self._ways]
        gateways = self._of("Gateway")
        public = [*hosts, *gateways, *filter(_is_public, [*self._services, *self.workloads])]
        if public:
            yield INTERNET
        for gateway in gateways:
            lines = (gateway.spec.text("gatewayClassName"), *dict.fromkeys(listener_hosts(gateway)))
            yield Item(
                gateway_key(gateway), "gateway", gateway.name, tuple(filter(None, lines)), at=gateway.at
            )
        places = {way.host: way.at for way in reversed(self._ways)}
        for host in dict.fromkeys(hosts):
            yield Item(f"host/{host}", "host", host or "any host", at=places[host])
        for service in self._services:
            yield Item(
                key(service), "service", service.name, tuple(_ports(service)), _namespace(service), service.at
            )
        for workload in self.workloads:
            yield Item(
                key(workload),
                "workload",
                workload.name,
                tuple(self._about(workload)),
                _namespace(workload),
                workload.at,
            )
        for each in self._applications:
            yield Item(key(each), "application", each.name, tuple(_application(each)), at=each.at)
        yield from self._read()

    def links(self) -> Iterator[Link]:
        """Yield the links inside the cluster, and into it."""
        yield from self._ways_in()
        for each in self._applications:
            yield from self._deployed(each)
        for service in self._services:
            for workload in self._selected(service.node.map("spec", "selector"), service.namespace):
                yield Link(key(service), key(workload), "selects")
        for workload in self.workloads:
            for kind, named, _ in _reads(workload):
                does = "mounts" if kind == "volume" else "reads"
                yield Link(key(workload), f"{kind}/{workload.namespace}/{named.text}", does)
        yield from self._connections()

    def may_connect(self, port: int) -> Iterator[Object]:
        """Yield the workloads that a policy allows to connect to `port` of addresses outside the cluster."""
        for policy in self._of("NetworkPolicy"):
            rules = policy.node.maps("spec", "egress")
            if any(_to_addresses(rule) and port in _rule_ports(rule) for rule in rules):
                yield from self._selected(
                    policy.node.map("spec", "podSelector", "matchLabels"), policy.namespace
                )

    def _ways_in(self) -> Iterator[Link]:
        for way in self._ways:
            for source in way.gateways or (INTERNET.key,):
                yield Link(source, f"host/{way.host}", "routes" if way.gateways else "asks for")
            yield Link(f"host/{way.host}", f"Service/{way.namespace}/{way.service}", "routes")
        for each in self._of("Gateway"):
            yield Link(INTERNET.key, gateway_key(each), "asks for")
        for each in filter(_is_public, [*self._services, *self.workloads]):
            yield Link(INTERNET.key, key(each), "asks for")

    def _deployed(self, application: Object) -> Iterator[Link]:
        """Yield what an Argo CD application deploys from the files of this tree."""
        for path in _source_paths(application):
            for each in self.workloads:
                folder = each.path.rpartition("/")[0]
                if folder == path or folder.startswith(f"{path}/") or path.endswith(f"/{folder}"):
                    yield Link(key(application), key(each), "deploys")

    def _about(self, workload: Object) -> Iterator[str]:
        spec = workload.node.map("spec")
        yield "Knative Service" if _is_knative(workload) else workload.kind
        if workload.kind == "CronJob":
            yield spec.text("schedule")
        elif workload.kind in ("Deployment", "StatefulSet"):
            yield self._replicas(workload)
        yield from dict.fromkeys(container.image for container in workload.all_containers)

    def _replicas(self, workload: Object) -> str:
        for scaler in self._of("HorizontalPodAutoscaler"):
            target = scaler.node.map("spec", "scaleTargetRef")
            if (target.text("kind"), target.text("name")) == (workload.kind, workload.name):
                least, most = scaler.node.text("spec", "minReplicas"), scaler.node.text("spec", "maxReplicas")
                return f"{least or 1} to {most} replicas"
        count = workload.node.text("spec", "replicas") or "1"
        return f"{count} replica{'' if count == '1' else 's'}"

    def _read(self) -> Iterator[Item]:
        """Yield the Secrets, ConfigMaps and volumes that workloads read, with the keys that they read."""
        keys: dict[tuple[str, str, str], dict[str, None]] = {}
        places = {
            (kind, each.namespace, each.name): each.at
            for kind, of in (
                ("secret", "Secret"),
                ("config", "ConfigMap"),
                ("volume", "PersistentVolumeClaim"),
            )
            for each in self._of(of)
        }
        for workload in self.workloads:
            for kind, named, wanted in _reads(workload):
                known = (kind, workload.namespace, named.text)
                keys.setdefault(known, {}).update(dict.fromkeys(wanted))
                places.setdefault(known, named.at)
        sizes = {
            (each.namespace, each.name): each.node.text("spec", "resources", "requests", "storage")
            for each in self._of("PersistentVolumeClaim")
        }
        for (kind, namespace, name), wanted_keys in sorted(keys.items()):
            lines = [sizes.get((namespace, name), "")] if kind == "volume" else list(wanted_keys)
            yield Item(
                f"{kind}/{namespace}/{name}",
                kind,
                name,
                tuple(filter(None, lines)),
                f"namespace/{namespace}",
                places[kind, namespace, name],
            )

    def _connections(self) -> Iterator[Link]:
        """Yield the connections that policies allow: to the Service of a workload where it has one."""
        for policy in self._of("NetworkPolicy"):
            chosen = self._selected(policy.node.map("spec", "podSelector", "matchLabels"), policy.namespace)
            for direction, side in (("ingress", "from"), ("egress", "to")):
                for rule in policy.node.maps("spec", direction):
                    peers = [each for peer in rule.maps(side) for each in self._peers(peer, policy.namespace)]
                    pairs = [(a, b) for a in chosen for b in peers]
                    for source, target in pairs if direction == "egress" else ((b, a) for a, b in pairs):
                        yield Link(key(source), self._front(target), "connects")

    def _peers(self, peer: Map, namespace: str) -> list[Object]:
        if peer.get("podSelector") is None or peer.get("namespaceSelector") is not None:
            return []
        return self._selected(peer.map("podSelector", "matchLabels"), namespace)

    def _front(self, workload: Object) -> str:
        for service in self._services:
            if workload in self._selected(service.node.map("spec", "selector"), service.namespace):
                return key(service)
        return key(workload)

    def _selected(self, selector: Map, namespace: str) -> list[Object]:
        """Return the workloads whose pods have all labels of a selector; none for an empty selector."""
        wanted = _labels(selector)
        return [
            each
            for each in self.workloads
            if wanted
            and each.namespace == namespace
            and wanted.items() <= _labels(each.template.map("metadata", "labels")).items()
        ]


def key(each: Object) -> str:
    """Return the key of a workload or Service in the graph."""
    return f"{each.kind}/{each.namespace}/{each.name}"


def images(workload: Object) -> Iterator[str]:
    """Yield the names of a workload's images, without registry and tag."""
    for container in workload.all_containers:
        yield image_name(container.image).repository.rpartition("/")[2]


def _namespace(each: Object) -> str:
    return f"namespace/{each.namespace}"


def _labels(node: Map) -> Mapping[str, object]:
    return {name: value.value for name, value in node.entries.items() if isinstance(value, Leaf)}


def _ports(service: Object) -> Iterator[str]:
    for port in service.node.maps("spec", "ports"):
        target = port.text("targetPort") or port.text("port")
        yield f"port {port.text('port')} to {target}"


def _is_knative(each: Object) -> bool:
    return each.kind == "Service" and each.group == "serving.knative.dev"


def _is_public(each: Object) -> bool:
    """Return whether the internet reaches a Service without another object that routes to it."""
    if _is_knative(each):
        return each.labels.get("networking.knative.dev/visibility") != "cluster-local"
    return each.kind == "Service" and each.spec.text("type") == "LoadBalancer"


def _application_spec(application: Object) -> Map:
    """Return the spec of an Argo CD application, or of those that an ApplicationSet makes."""
    is_set = application.kind == "ApplicationSet"
    return application.spec.map("template", "spec") if is_set else application.spec


def _sources(application: Object) -> list[Map]:
    spec = _application_spec(application)
    return [spec.map("source"), *spec.maps("sources")]


def _source_paths(application: Object) -> Iterator[str]:
    for source in _sources(application):
        path = source.text("path").removeprefix("./").rstrip("/")
        if path and "{{" not in path:
            yield path


def _application(each: Object) -> Iterator[str]:
    """Yield where an Argo CD application comes from, and where it goes."""
    yield f"Argo CD {each.kind}"
    for source in _sources(each):
        what = source.text("chart") or source.text("path")
        if what:
            yield f"{what} of {source.text('repoURL')}"
    namespace = _application_spec(each).text("destination", "namespace")
    if namespace:
        yield f"to {namespace}"


def _reads(workload: Object) -> Iterator[tuple[str, Leaf, list[str]]]:
    """Yield each Secret, ConfigMap or claim that the pods of a workload use: kind, name and keys."""
    for container in workload.all_containers:
        yield from _environment(container.node, "secret", "secretKeyRef", "secretRef")
        yield from _environment(container.node, "config", "configMapKeyRef", "configMapRef")
    for volume in workload.template.map("spec").maps("volumes"):
        yield from _volume(volume)
    for claim in workload.node.maps("spec", "volumeClaimTemplates"):
        name = claim.leaf("metadata", "name")
        if name:
            yield "volume", name, []


def _environment(container: Map, kind: str, key: str, whole: str) -> Iterator[tuple[str, Leaf, list[str]]]:
    for reference in (variable.map("valueFrom", key) for variable in container.maps("env")):
        name = reference.leaf("name")
        if name and name.text:
            yield kind, name, [reference.text("key")]
    for source in container.maps("envFrom"):
        name = source.leaf(whole, "name")
        if name and name.text:
            yield kind, name, []


def _volume(volume: Map) -> Iterator[tuple[str, Leaf, list[str]]]:
    for kind, field, named in (
        ("secret", "secret", "secretName"),
        ("config", "configMap", "name"),
        ("volume", "persistentVolumeClaim", "claimName"),
    ):
        name = volume.leaf(field, named)
        if name and name.text:
            yield kind, name, [each.text("key") for each in volume.maps(field, "items")]


def _to_addresses(rule: Map) -> bool:
    """Return whether a rule names addresses, other than all of them."""
    cidrs = [peer.text("ipBlock", "cidr") for peer in rule.maps("to")]
    return any(cidr and cidr not in _ANY_ADDRESS for cidr in cidrs)


def _rule_ports(rule: Map) -> list[object]:
    ports = rule.get("ports")
    return [port.value("port") for port in rule.maps("ports")] if isinstance(ports, Seq) else []
