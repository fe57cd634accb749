"""Items and links from Terraform and the workflows: network, cluster, databases, registries, pipelines, roles."""

from __future__ import annotations

from collections.abc import Iterator

from generator.languages.hcl.expressions import references, written
from generator.languages.node import Block, Map, leaves
from generator.system.graph.kubernetes import Cluster, images, key
from generator.system.graph.model import Group, Item, Link
from generator.system.model import System
from generator.system.terraform import address, names

_DATABASES = {"aws_db_instance": "identifier", "aws_rds_cluster": "cluster_identifier"}
_CACHES = {
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_elasticache_cluster": "cluster_id",
    "aws_elasticache_serverless_cache": "name",
}
_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "redis": 6379, "valkey": 6379, "memcached": 11211}
# How a workflow logs in with a role, or with the keys of a user: the input of the action, and the verb of the link.
_LOGINS = {
    "aws_iam_role": ("role-to-assume", "assumes"),
    "aws_iam_user": ("aws-access-key-id", "has keys of"),
}
_GITHUB = "token.actions.githubusercontent.com"


class Cloud:
    """The Terraform blocks and the workflows of one system."""

    def __init__(self, system: System) -> None:
        self._terraform = system.terraform
        self._workflows = [each for each in system.workflows if each.path in system.nodes]
        self._stores = [*self._found(_DATABASES, "database"), *self._found(_CACHES, "cache")]
        registries = self._terraform.resources("aws_ecr_repository")
        self._registries = [(block, self._text(block, "name")) for block in registries]
        identities = self._terraform.resources("aws_iam_role", "aws_iam_user")
        self._trusted = [block for block in identities if self._is_for_pipelines(block)]

    def _key(self, block: Block) -> str:
        """Return what identifies a block in the drawing."""
        module = self._terraform.module_of(block)
        several = module and module.folder and len(self._terraform.modules) > 1
        return f"{module.folder}: {address(block)}" if module and several else address(block)

    def groups(self) -> Iterator[Group]:
        """Yield the network, and the cluster in it."""
        network = self._network()
        if network:
            cidr = self._text(network, "cidr") or self._text(network, "cidr_block")
            name = self._text(network, "name") or self._text(network, "tags", "Name") or network.labels[-1]
            yield Group("network", "network", name, (cidr,) if cidr else ())
        cluster = self._cluster()
        if cluster:
            name = self._text(cluster, "cluster_name") or self._text(cluster, "name") or cluster.labels[-1]
            version = self._text(cluster, "cluster_version") or self._text(cluster, "kubernetes_version")
            version = version or self._text(cluster, "version") * (cluster.kind == "resource")
            lines = [f"Kubernetes {version}"] if version else []
            lines += self._nodes(cluster)
            yield Group("cluster", "cluster", name, tuple(lines), "network" if network else "")

    @property
    def cluster(self) -> str:
        """The key of the cluster's group; "" when there is none."""
        return "cluster" if self._cluster() else ""

    def items(self) -> Iterator[Item]:
        """Yield databases, caches, registries, pipelines, and the roles or users that pipelines log in as."""
        network = "network" if self._network() else ""
        for block, kind, name in self._stores:
            engine = f"{self._text(block, 'engine')} {self._text(block, 'engine_version')}".strip()
            size = self._text(block, "instance_class") or self._text(block, "node_type")
            lines = tuple(filter(None, (engine, size)))
            yield Item(self._key(block), kind, name or block.labels[-1], lines, network, block.at)
        for block, name in self._registries:
            yield Item(self._key(block), "registry", name or block.labels[-1], at=block.at)
        for workflow in self._workflows:
            name, path = workflow.node.text("name"), workflow.path
            yield Item(path, "pipeline", name or path, (path.rpartition("/")[2],), at=workflow.node.at)
        for block in self._trusted:
            what = "IAM role" if block.labels[0] == "aws_iam_role" else "IAM user"
            yield Item(
                self._key(block), "role", self._text(block, "name") or block.labels[-1], (what,), at=block.at
            )

    def links(self, cluster: Cluster) -> Iterator[Link]:
        """Yield who connects to databases and caches, where images come from, and who pipelines log in as."""
        for block, _, _ in self._stores:
            port = self._text(block, "port") or str(_PORTS.get(self._text(block, "engine"), ""))
            for workload in cluster.may_connect(int(port)) if port.isdigit() else ():
                yield Link(key(workload), self._key(block), "connects")
        workloads = [(key(each), set(images(each))) for each in cluster.workloads]
        workflows = [(each, {leaf.value for leaf in leaves(each.node)}) for each in self._workflows]
        for block, name in self._registries:
            for user, used in workloads:
                if name in used:
                    yield Link(self._key(block), user, "image")
            for workflow, texts in workflows:
                if name in texts:
                    yield Link(workflow.path, self._key(block), "pushes")
        yield from self._logins()

    def _logins(self) -> Iterator[Link]:
        for workflow in self._workflows:
            for block in self._trusted:
                setting, does = _LOGINS[block.labels[0]]
                if any(step.node.text("with", setting) for step in workflow.steps):
                    yield Link(workflow.path, self._key(block), does)

    def _found(self, types: dict[str, str], kind: str) -> Iterator[tuple[Block, str, str]]:
        for block in self._terraform.resources(*types):
            yield block, kind, self._text(block, types[block.labels[0]])

    def _network(self) -> Block | None:
        return self._module("vpc") or self._first("aws_vpc")

    def _cluster(self) -> Block | None:
        return self._module("eks") or self._first("aws_eks_cluster")

    def _module(self, name: str) -> Block | None:
        calls = self._terraform.blocks("module")
        return next((each for each in calls if f"/{name}/" in each.text("source")), None)

    def _first(self, type_: str) -> Block | None:
        return next(iter(self._terraform.resources(type_)), None)

    def _nodes(self, cluster: Block) -> Iterator[str]:
        """Yield the number and types of machines of each node group."""
        groups = self._terraform.get(cluster, "eks_managed_node_groups")
        for group in groups.entries.values() if isinstance(groups, Map) else ():
            if isinstance(group, Map):
                types = ", ".join(self._terraform.texts(group, "instance_types"))
                yield f"{self._text(group, 'min_size')} to {self._text(group, 'max_size')} {types}"

    def _is_for_pipelines(self, block: Block) -> bool:
        """Return whether GitHub's workflows may assume this role, or have the keys of this user."""
        if block.labels[0] == "aws_iam_user":
            return True
        trust = block.get("assume_role_policy")
        paths = {reference.path[:3] for reference in references(trust)}
        documents = self._terraform.blocks("data", "aws_iam_policy_document")
        trusted = [trust, *(document for document in documents if names(document) in paths)]
        return any(_GITHUB in written(node) for node in trusted)

    def _text(self, holder: Map, *path: str) -> str:
        return self._terraform.text(holder, *path)
