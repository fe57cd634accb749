"""Items and links from Terraform beside AWS's own: machines, managed services, buckets, load balancers."""

from __future__ import annotations

from collections.abc import Iterator

from generator.findings.record import record
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Map
from generator.system.graph.kubernetes import INTERNET
from generator.system.graph.model import Group, Item, Link
from generator.system.images import image_name
from generator.system.model import System
from generator.system.terraform import Module, address


@record
class _Kind:
    """How a type of resource is drawn: the kind of its item, what it is called, and the arguments that are shown."""

    kind: str
    what: str
    arguments: tuple[str, ...] = ()
    name: str = "name"


_KINDS = {
    "aws_instance": _Kind("server", "EC2 instance", ("instance_type",), "tags.Name"),
    "aws_s3_bucket": _Kind("bucket", "S3 bucket", (), "bucket"),
    "aws_lambda_function": _Kind("workload", "Lambda function", ("image_uri", "runtime"), "function_name"),
    "aws_ecs_service": _Kind("workload", "ECS service", ("desired_count",)),
    "aws_lb": _Kind("gateway", "load balancer"),
    "google_cloud_run_v2_service": _Kind("workload", "Cloud Run service", ("template.containers.image",)),
    "google_cloud_run_service": _Kind("workload", "Cloud Run service", ("template.spec.containers.image",)),
    "google_cloud_run_v2_job": _Kind("workload", "Cloud Run job", ("template.template.containers.image",)),
    "google_cloudfunctions2_function": _Kind("workload", "Cloud Function", ("build_config.runtime",)),
    "google_compute_instance": _Kind("server", "machine of Compute Engine", ("machine_type", "zone")),
    "google_sql_database_instance": _Kind("database", "Cloud SQL", ("database_version", "settings.tier")),
    "google_alloydb_cluster": _Kind("database", "AlloyDB", (), "cluster_id"),
    "google_spanner_instance": _Kind("database", "Spanner"),
    "google_bigquery_dataset": _Kind("database", "BigQuery", (), "dataset_id"),
    "google_redis_instance": _Kind("cache", "Memorystore", ("redis_version", "memory_size_gb")),
    "google_memcache_instance": _Kind("cache", "Memorystore"),
    "google_memorystore_instance": _Kind("cache", "Memorystore", ("engine_version",), "instance_id"),
    "google_storage_bucket": _Kind("bucket", "bucket of Cloud Storage", ("location",)),
    "google_artifact_registry_repository": _Kind(
        "registry", "Artifact Registry", ("format",), "repository_id"
    ),
    "google_secret_manager_secret": _Kind("secret", "Secret Manager", (), "secret_id"),
    "google_compute_disk": _Kind("volume", "disk", ("size",)),
    "digitalocean_droplet": _Kind("server", "Droplet", ("size", "image", "region")),
    "digitalocean_app": _Kind("workload", "App Platform", (), "spec.name"),
    "digitalocean_database_cluster": _Kind("database", "managed database", ("engine", "version", "size")),
    "digitalocean_container_registry": _Kind("registry", "container registry"),
    "digitalocean_spaces_bucket": _Kind("bucket", "Spaces bucket", ("region",)),
    "digitalocean_volume": _Kind("volume", "volume", ("size",)),
    "digitalocean_loadbalancer": _Kind("gateway", "load balancer", ("region",)),
    "hcloud_server": _Kind("server", "server", ("server_type", "image", "location")),
    "hcloud_volume": _Kind("volume", "volume", ("size",)),
    "hcloud_load_balancer": _Kind("gateway", "load balancer", ("load_balancer_type",)),
}
_CACHES = frozenset(["redis", "valkey", "memcached"])
_NETWORKS = ("google_compute_network", "digitalocean_vpc", "hcloud_network")
_CLUSTERS = {"google_container_cluster": "GKE", "digitalocean_kubernetes_cluster": "DigitalOcean Kubernetes"}
_POOLS = {"google_container_node_pool": "cluster", "digitalocean_kubernetes_node_pool": "cluster_id"}
# What one item does to another that its arguments, or those of what ties them together, name.
_DOES = {
    ("server", "volume"): "mounts", ("gateway", "server"): "routes", ("gateway", "workload"): "routes",
    ("workload", "secret"): "reads", ("server", "secret"): "reads", ("workload", "database"): "connects",
    ("server", "database"): "connects", ("workload", "cache"): "connects", ("server", "cache"): "connects",
    ("workload", "bucket"): "uses", ("server", "bucket"): "uses", ("workload", "workload"): "asks for",
    ("workload", "registry"): "pulls from",
}  # fmt: skip
_INSIDE = ("INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER")


class Resources:
    """The resources of the providers that have no drawing of their own."""

    def __init__(self, system: System) -> None:
        self._terraform = system.terraform
        self._found = {self._key(block): block for block in self._terraform.resources(*_KINDS)}

    def groups(self) -> Iterator[Group]:
        """Yield the networks and clusters."""
        for block in self._terraform.resources(*_NETWORKS):
            ranges = self._text(block, "ip_range")
            yield Group(self._key(block), "network", self._name(block, "name"), (ranges,) if ranges else ())
        for block in self._terraform.resources(*_CLUSTERS):
            version = self._text(block, "min_master_version") or self._text(block, "version")
            lines = [
                _CLUSTERS[block.labels[0]],
                *([f"Kubernetes {version}"] if version else []),
                *self._pools(block),
            ]
            yield Group(
                self._key(block), "cluster", self._name(block, "name"), tuple(lines), self._network(block)
            )

    @property
    def cluster(self) -> str:
        """The key of the cluster, when there is one; "" otherwise."""
        found = self._terraform.resources(*_CLUSTERS)
        return self._key(found[0]) if len(found) == 1 else ""

    def items(self) -> Iterator[Item]:
        """Yield what is drawn."""
        for key, block in self._found.items():
            kind = _KINDS[block.labels[0]]
            lines = [kind.what, *(self._text(block, *each.split(".")) for each in kind.arguments)]
            drawn = self._kind(block)
            yield Item(
                key,
                drawn,
                self._name(block, kind.name),
                tuple(filter(None, lines)),
                self._network(block),
                block.at,
            )
        if any(map(self._is_public, self._found.values())):
            yield INTERNET

    def links(self) -> Iterator[Link]:
        """Yield what the resources do to each other, and what is reached from outside."""
        for key, block in self._found.items():
            if self._is_public(block):
                yield Link(INTERNET.key, key, "asks for")
            for other in self._named(block):
                yield from self._link(key, other)
            yield from self._image(key, block)
        for block in self._terraform.blocks("resource"):
            if self._key(block) not in self._found:
                named = list(self._named(block))
                yield from (link for one in named for other in named for link in self._tied(one, other))

    def _link(self, key: str, other: str) -> Iterator[Link]:
        yield from self._tied(key, other)
        yield from self._tied(other, key)

    def _tied(self, key: str, other: str) -> Iterator[Link]:
        does = _DOES.get((self._kind(self._found[key]), self._kind(self._found[other])))
        if does and key != other:
            yield Link(key, other, does)

    def _image(self, key: str, block: Block) -> Iterator[Link]:
        """Yield where the image of a workload comes from, when its name has the name of a registry."""
        image = (
            self._text(block, *_KINDS[block.labels[0]].arguments[0].split(".")) if self._is_run(block) else ""
        )
        parts = image_name(image).repository.split("/")
        for other, registry in self._found.items():
            if (
                self._kind(registry) == "registry"
                and self._name(registry, _KINDS[registry.labels[0]].name) in parts
            ):
                yield Link(key, other, "pulls from")

    def _is_run(self, block: Block) -> bool:
        return block.labels[0].startswith("google_cloud_run")

    def _named(self, block: Block) -> Iterator[str]:
        """Yield the drawn resources that a block refers to."""
        module = self._terraform.module_of(block)
        found = dict.fromkeys(self._key_of(module, ".".join(each.path[:2])) for each in references(block))
        yield from (key for key in found if key in self._found)

    def _kind(self, block: Block) -> str:
        is_cache = self._text(block, "engine") in _CACHES
        return "cache" if is_cache else _KINDS[block.labels[0]].kind

    def _is_public(self, block: Block) -> bool:
        type_ = block.labels[0]
        if type_ == "hcloud_server":
            return self._text(block, "public_net", "ipv4_enabled") != "false"
        if type_ == "digitalocean_droplet":
            return self._text(block, "public_networking") != "false"
        if type_ == "google_compute_instance":
            return any("access_config" in each for each in block.maps("network_interface"))
        if type_ == "aws_instance":
            return self._text(block, "associate_public_ip_address") == "true"
        if type_ == "google_cloud_run_v2_service":
            return self._text(block, "ingress") not in _INSIDE
        is_inside = self._text(block, "internal") == "true" or self._text(block, "network") == "INTERNAL"
        return type_ in ("google_cloud_run_service", "digitalocean_app") or (
            _KINDS[type_].kind == "gateway" and not is_inside
        )

    def _pools(self, cluster: Block) -> Iterator[str]:
        """Yield the number and type of the machines of each pool."""
        own = [
            block
            for block in self._terraform.resources(*_POOLS)
            if self._key(cluster) in self._keys(block, _POOLS[block.labels[0]])
        ]
        for pool in (*cluster.maps("node_pool"), *own):
            least = self._text(pool, "autoscaling", "min_node_count") or self._text(pool, "min_nodes")
            most = self._text(pool, "autoscaling", "max_node_count") or self._text(pool, "max_nodes")
            count = self._text(pool, "node_count") or self._text(pool, "initial_node_count")
            size = self._text(pool, "node_config", "machine_type") or self._text(pool, "size")
            shown = f"{least} to {most}" if least and most else count
            if shown or size:
                yield f"{shown} {size}".strip()

    def _keys(self, block: Block, argument: str) -> list[str]:
        module = self._terraform.module_of(block)
        return [self._key_of(module, ".".join(each.path[:2])) for each in references(block.get(argument))]

    def _network(self, block: Block) -> str:
        """Return the key of the network that a block is in; "" without one."""
        networks = {self._key(each) for each in self._terraform.resources(*_NETWORKS)}
        module = self._terraform.module_of(block)
        keys = (self._key_of(module, ".".join(each.path[:2])) for each in references(block))
        return next((key for key in keys if key in networks), "")

    def _name(self, block: Block, argument: str) -> str:
        return self._text(block, *argument.split(".")) or block.labels[-1]

    def _key(self, block: Block) -> str:
        return self._key_of(self._terraform.module_of(block), address(block))

    def _key_of(self, module: Module | None, name: str) -> str:
        several = module and module.folder and len(self._terraform.modules) > 1
        return f"{module.folder}: {name}" if module and several else name

    def _text(self, holder: Map, *path: str) -> str:
        """Return an argument as text, also of the first block of each name on its path."""
        for part in path[:-1]:
            blocks = holder.maps(part)
            holder = blocks[0] if blocks else holder.map(part)
        return self._terraform.text(holder, path[-1])
