"""Items and links from Terraform and the workflows: network, cluster, databases, registries, pipelines, roles."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards import System
from generator.changes.hazards.system import Block
from generator.languages.node import Leaf, Map, leaves
from generator.system.graph.kubernetes import Cluster, images, key
from generator.system.graph.model import Group, Item, Link

_DATABASES = {"aws_db_instance": "identifier", "aws_rds_cluster": "cluster_identifier"}
_CACHES = {
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_elasticache_cluster": "cluster_id",
    "aws_elasticache_serverless_cache": "name",
}
_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "redis": 6379, "valkey": 6379, "memcached": 11211}
_GITHUB = "token.actions.githubusercontent.com"


class Cloud:
    """The Terraform blocks and the workflows of one system."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._stores = [*self._found(_DATABASES, "database"), *self._found(_CACHES, "cache")]
        self._registries = [
            (block, self._text(block.body, "name"))
            for block in self._system.resources.values()
            if block.type == "aws_ecr_repository"
        ]
        self._trusted = [block for block in self._system.resources.values() if self._is_for_pipelines(block)]

    def groups(self) -> Iterator[Group]:
        """Yield the network, and the cluster in it."""
        network = self._network()
        if network:
            cidr = self._text(network.body, "cidr") or self._text(network.body, "cidr_block")
            name = (
                self._text(network.body, "name") or self._text(network.body, "tags", "Name") or network.name
            )
            yield Group("network", "network", name, (cidr,) if cidr else ())
        cluster = self._cluster()
        if cluster:
            body = cluster.body
            name = self._text(body, "cluster_name") or self._text(body, "name") or cluster.name
            version = self._text(body, "cluster_version") or self._text(body, "kubernetes_version")
            version = version or self._text(body, "version") * (cluster.kind == "resource")
            lines = [f"Kubernetes {version}"] if version else []
            lines += self._nodes(body)
            yield Group("cluster", "cluster", name, tuple(lines), "network" if network else "")

    @property
    def cluster(self) -> str:
        """The key of the cluster's group; "" when there is none."""
        return "cluster" if self._cluster() else ""

    def items(self) -> Iterator[Item]:
        """Yield databases, caches, registries, pipelines, and the roles or users that pipelines log in as."""
        network = "network" if self._network() else ""
        for block, kind, name in self._stores:
            engine = f"{self._text(block.body, 'engine')} {self._text(block.body, 'engine_version')}".strip()
            size = self._text(block.body, "instance_class") or self._text(block.body, "node_type")
            lines = tuple(filter(None, (engine, size)))
            yield Item(block.address, kind, name or block.name, lines, network)
        for block, name in self._registries:
            yield Item(block.address, "registry", name or block.name)
        for path, workflow in self._system.workflows.items():
            yield Item(path, "pipeline", workflow.text("name") or path, (path.rpartition("/")[2],))
        for block in self._trusted:
            what = "IAM role" if block.type == "aws_iam_role" else "IAM user"
            yield Item(block.address, "role", self._text(block.body, "name") or block.name, (what,))

    def links(self, cluster: Cluster) -> Iterator[Link]:
        """Yield who connects to databases and caches, where images come from, and who pipelines log in as."""
        for block, _, _ in self._stores:
            port = self._text(block.body, "port") or str(_PORTS.get(self._text(block.body, "engine"), ""))
            for workload in cluster.may_connect(int(port)) if port.isdigit() else ():
                yield Link(key(workload), block.address, "connects")
        for block, name in self._registries:
            for workload in cluster.workloads:
                if name in images(workload):
                    yield Link(block.address, key(workload), "image")
            for path, workflow in self._system.workflows.items():
                if any(leaf.value == name for leaf in leaves(workflow)):
                    yield Link(path, block.address, "pushes")
        yield from self._logins()

    def _logins(self) -> Iterator[Link]:
        for path, workflow in self._system.workflows.items():
            for block in self._trusted:
                if _authenticates(workflow, block.type == "aws_iam_role"):
                    yield Link(
                        path, block.address, "assumes" if block.type == "aws_iam_role" else "has keys of"
                    )

    def _found(self, types: dict[str, str], kind: str) -> Iterator[tuple[Block, str, str]]:
        for block in self._system.resources.values():
            if block.type in types:
                yield block, kind, self._text(block.body, types[block.type])

    def _network(self) -> Block | None:
        return self._module("vpc") or self._first("aws_vpc")

    def _cluster(self) -> Block | None:
        return self._module("eks") or self._first("aws_eks_cluster")

    def _module(self, name: str) -> Block | None:
        modules = self._system.of_kind("module")
        return next((each for each in modules if f"/{name}/" in each.body.text("source")), None)

    def _first(self, type_: str) -> Block | None:
        return next((each for each in self._system.resources.values() if each.type == type_), None)

    def _nodes(self, body: Map) -> Iterator[str]:
        """Yield the number and types of machines of each node group."""
        groups = self._system.resolved(body.get("eks_managed_node_groups"))
        for group in groups.entries.values() if isinstance(groups, Map) else ():
            if isinstance(group, Map):
                types = ", ".join(leaf.text for leaf in leaves(group.get("instance_types")))
                yield f"{group.text('min_size')} to {group.text('max_size')} {types}"

    def _is_for_pipelines(self, block: Block) -> bool:
        """Return whether GitHub's workflows may assume this role, or have the keys of this user."""
        if block.type == "aws_iam_user":
            return True
        if block.type != "aws_iam_role":
            return False
        trust = block.body.get("assume_role_policy")
        texts = [leaf.text for leaf in leaves(trust)]
        for document in self._system.of_kind("data"):
            if document.type == "aws_iam_policy_document" and any(
                text.startswith(f"data.{document.type}.{document.name}.") for text in texts
            ):
                texts += [leaf.text for leaf in leaves(document.body)]
        return any(_GITHUB in text for text in texts)

    def _text(self, body: Map, *path: str) -> str:
        node = self._system.resolved(body.get(*path))
        return node.text if isinstance(node, Leaf) and node.value is not None else ""


def _authenticates(workflow: Map, with_role: bool) -> bool:
    """Return whether a workflow logs in to AWS with a role, or with the keys of a user."""
    wanted = "role-to-assume" if with_role else "aws-access-key-id"
    jobs = workflow.map("jobs").entries.values()
    steps = (step for job in jobs if isinstance(job, Map) for step in job.maps("steps"))
    return any(step.text("with", wanted) for step in steps)
