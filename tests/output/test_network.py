"""Who can reach whom on which port: exactly this, and nothing more."""

from __future__ import annotations

import pytest
import yaml

from tests.conftest import Sandbox, breadth, rows
from tests.output.manifests import ENVS, Manifests, Object, committed, identity, matches, pod, read
from tests.output.reachability import Endpoint, endpoints, reachable
from tests.test_stack import NO_CACHE, NO_DATABASE, WORKER, add_values, merged, rendered

PORTS = [("UDP", 53), *(("TCP", port) for port in (22, 53, 80, 443, 3000, 5432, 6379, 8000, 6000, 7000))]

BACKENDS = ("backend", "backend-migration")


def flows(*names: str, to: str, on: str) -> set[str]:
    return {f"{name} -> {to} {on}" for name in names}


def names_resolved_by(*names: str) -> set[str]:
    return flows(*names, "any other pod", to="dns", on="UDP 53") | flows(
        *names, "any other pod", to="dns", on="TCP 53"
    )


IN_EACH = {
    *names_resolved_by("frontend", *BACKENDS),
    *flows("load balancer", to="frontend", on="TCP 3000"),
    *flows("load balancer", to="backend", on="TCP 8000"),
    *flows("frontend", *BACKENDS, to="internet", on="TCP 443"),
}
WITHOUT_MIGRATION = {
    *names_resolved_by("frontend", "backend"),
    *flows("load balancer", to="frontend", on="TCP 3000"),
    *flows("load balancer", to="backend", on="TCP 8000"),
    *flows("frontend", "backend", to="internet", on="TCP 443"),
}
REDIS_OF_BACKEND = {*names_resolved_by("redis"), *flows("backend", to="redis", on="TCP 6379")}
POSTGRES = {*names_resolved_by("postgres"), *flows(*BACKENDS, to="postgres", on="TCP 5432")}
REDIS = {*names_resolved_by("redis"), *flows(*BACKENDS, to="redis", on="TCP 6379")}

# Amazon's databases have addresses in the private subnets, and so have all pods. Those of this namespace refuse for
# themselves; those of other namespaces would have to.
PRIVATE = ("private subnet", "dns", "kube-system", "other namespace", "false dns")
RDS = {each for place in PRIVATE for each in flows(*BACKENDS, to=place, on="TCP 5432")}
ELASTICACHE = {each for place in PRIVATE for each in flows(*BACKENDS, to=place, on="TCP 6379")}

EXPECTED = {
    "dev": IN_EACH | POSTGRES | REDIS,
    "prod": IN_EACH | RDS | ELASTICACHE,
    "staging": IN_EACH | RDS | ELASTICACHE,
    "spec": IN_EACH | POSTGRES | RDS | REDIS,
}


def connections(manifests: Manifests, policies: list[Object] | None = None) -> set[str]:
    every = manifests.all("NetworkPolicy") if policies is None else policies
    return reachable(every, endpoints(manifests), PORTS, manifests.namespace)


@pytest.mark.parametrize("env", ENVS)
def test_exactly_the_real_connections_are_allowed(env: str) -> None:
    assert connections(committed(env)) == EXPECTED[env]


@pytest.mark.parametrize("env", ENVS)
def test_each_policy_matters(env: str) -> None:
    """Without any one of them, something else is allowed."""
    manifests = committed(env)
    policies = manifests.all("NetworkPolicy")
    for policy in policies:
        others = [each for each in policies if each is not policy]
        assert connections(manifests, others) != EXPECTED[env], identity(policy)


def test_without_policies_everything_is_open() -> None:
    found = connections(committed("prod"), [])
    assert EXPECTED["prod"] < found
    assert "other namespace -> backend TCP 22" in found


@pytest.mark.parametrize("env", ENVS)
def test_addresses_are_those_of_the_network_that_terraform_makes(env: str) -> None:
    manifests = committed(env)
    blocks = {
        peer["ipBlock"]["cidr"]: peer["ipBlock"].get("except", [])
        for policy in manifests.all("NetworkPolicy")
        for rule in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]
        for peer in [*rule.get("from", []), *rule.get("to", [])]
        if "ipBlock" in peer
    }
    vpc = manifests.vpc
    in_aws = "aws_db_instance" in manifests.terraform("main.tf").get("resource", {})
    private = set(vpc["private_subnets"]) if in_aws else set()
    assert set(blocks) == {"0.0.0.0/0", *vpc["public_subnets"], *private}
    assert vpc["cidr"] in blocks["0.0.0.0/0"]


@pytest.mark.parametrize("env", ENVS)
def test_every_policy_selects_a_pod_that_there_is(env: str) -> None:
    manifests = committed(env)
    pods = [pod(each)["metadata"]["labels"] for each in manifests.all("Deployment", "Job")]
    for policy in manifests.all("NetworkPolicy"):
        assert any(matches(policy["spec"]["podSelector"], labels) for labels in pods), identity(policy)


@pytest.mark.parametrize("env", ENVS)
def test_no_rule_leaves_out_its_peers_or_its_ports(env: str) -> None:
    """Kubernetes takes a rule without peers, or without ports, for one with all of them."""
    for policy in committed(env).all("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            assert rule["from"], identity(policy)
            assert rule["ports"], identity(policy)
        for rule in policy["spec"].get("egress", []):
            assert rule["to"], identity(policy)
            assert rule["ports"], identity(policy)


WORKER_NAMES = names_resolved_by("worker")
NO_HOST = "services: {frontend: {host: null, urls: null}, backend: {host: null}}"

VARIANTS = {
    "a worker that uses nothing": ("prod", WORKER, EXPECTED["prod"] | WORKER_NAMES),
    "a worker that uses the cache, and migrates": (
        "dev",
        WORKER + "    uses: {cache: true}\n    migration: setup\n",
        EXPECTED["dev"]
        | names_resolved_by("worker", "worker-migration")
        | flows("worker", "worker-migration", to="redis", on="TCP 6379"),
    ),
    "no host at all": (
        "prod",
        NO_HOST,
        {each for each in EXPECTED["prod"] if not each.startswith("load balancer")},
    ),
    "the cache in AWS, the database in the cluster": (
        "dev",
        "cache: {runs_in: elasticache}",
        IN_EACH | POSTGRES | ELASTICACHE,
    ),
    "both databases, the cache in AWS": (
        "prod",
        "database: {runs_in: cluster and rds}",
        IN_EACH | POSTGRES | RDS | ELASTICACHE,
    ),
    "no database": ("dev", NO_DATABASE, WITHOUT_MIGRATION | REDIS_OF_BACKEND),
    "no cache": ("dev", NO_CACHE, IN_EACH | POSTGRES),
    "neither database nor cache": ("dev", merged(NO_DATABASE, NO_CACHE), WITHOUT_MIGRATION),
    "nobody uses anything": (
        "dev",
        "services: {frontend: {uses: null}, backend: {uses: null}}",
        names_resolved_by("frontend", *BACKENDS, "postgres", "redis")
        | flows("load balancer", to="frontend", on="TCP 3000")
        | flows("load balancer", to="backend", on="TCP 8000"),
    ),
    "other ports": (
        "dev",
        "database: {port: 6000}\ncache: {port: 7000}\nservices: {backend: {port: 22}}",
        names_resolved_by("frontend", *BACKENDS, "postgres", "redis")
        | flows("load balancer", to="frontend", on="TCP 3000")
        | flows("load balancer", to="backend", on="TCP 22")
        | flows("frontend", *BACKENDS, to="internet", on="TCP 443")
        | flows(*BACKENDS, to="postgres", on="TCP 6000")
        | flows(*BACKENDS, to="redis", on="TCP 7000"),
    ),
}


@breadth("variant", VARIANTS, 4)
def test_the_connections_follow_from_the_values(project: Sandbox, variant: str) -> None:
    env, values, expected = VARIANTS[variant]
    add_values(project, env, values)
    assert connections(read(rendered(project, env))) == expected


def test_a_network_of_its_own_addresses_is_closed_to_the_internet_rule(project: Sandbox) -> None:
    add_values(
        project,
        "prod",
        """
        network:
          cidr: 203.0.0.0/16
          private_subnets: [203.0.1.0/24, 203.0.2.0/24]
          public_subnets: [203.0.101.0/24, 203.0.102.0/24]
        """,
    )
    manifests = read(rendered(project))
    around = [*endpoints(manifests), Endpoint("own network", "203.0.200.9")]
    found = reachable(manifests.all("NetworkPolicy"), around, PORTS, manifests.namespace)
    assert not any("own network" in each for each in found)
    assert "backend -> internet TCP 443" in found


# The evaluator against cases that the Kubernetes documentation explains.
POLICIES = """
- {metadata: {namespace: a}, spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [%s]}}
"""
WEB = Endpoint("web", "10.0.0.1", "a", {"app": "web"})
CASES = [
    ("", "a", {"app": "api"}, False),
    ("{}", "z", {}, True),
    ("{from: [{podSelector: {}}]}", "a", {}, True),
    ("{from: [{podSelector: {}}]}", "z", {}, False),
    ("{from: [{podSelector: {matchLabels: {app: api}}}]}", "a", {"app": "api"}, True),
    ("{from: [{podSelector: {matchLabels: {app: api}}}]}", "a", {"app": "db"}, False),
    ("{from: [{namespaceSelector: {}}]}", "z", {}, True),
    (
        "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: z}}, podSelector: {}}]}",
        "z",
        {},
        True,
    ),
    (
        "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: z}}, podSelector: {}}]}",
        "a",
        {},
        False,
    ),
    ("{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}", "a", {}, True),
    ("{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/16]}}]}", "a", {}, False),
    ("{ports: [{port: 81}]}", "a", {}, False),
    ("{ports: [{port: 80}]}", "a", {}, True),
    ("{ports: [{port: 80, protocol: UDP}]}", "a", {}, False),
    ("{ports: [{protocol: TCP}]}", "a", {}, True),
    (
        "{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [x, y]}]}}]}",
        "a",
        {"app": "y"},
        True,
    ),
    (
        "{from: [{podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}]}",
        "a",
        {"app": "y"},
        False,
    ),
]


@rows("rule, namespace, labels, allowed", CASES)
def test_the_evaluator_reads_policies_as_kubernetes_does(
    rule: str, namespace: str, labels: dict[str, str], allowed: bool
) -> None:
    policies = yaml.load(POLICIES % rule, yaml.CSafeLoader)
    found = reachable(policies, [WEB, Endpoint("peer", "10.0.0.2", namespace, labels)], [("TCP", 80)], "a")
    assert ("peer -> web TCP 80" in found) is allowed
