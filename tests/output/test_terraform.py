"""The Terraform folders: they hold together, take no name twice, and open nothing that need not be open."""

from __future__ import annotations

import ipaddress
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import pygohcl
import pytest
import tree_sitter_hcl
import yaml
from tree_sitter import Language, Node, Parser

from generator.project.folder import Project
from generator.values.layers import load_values
from tests.conftest import ROOT, Sandbox, breadth, rows
from tests.test_stack import NO_CACHE, NO_DATABASE, WORKER, add_values, rendered

ENVIRONMENTS = ("dev", "prod", "spec", "staging")
IN_ONE_ACCOUNT = ("dev", "prod", "staging")  # spec is prod, read as the document has it
_HCL = Language(tree_sitter_hcl.language())

Body = Mapping[str, Any]


# Reading


@dataclass(frozen=True)
class Module:
    """A folder of Terraform files: its blocks by address, and what they refer to."""

    resources: dict[str, Body]
    data: dict[str, Body]
    calls: dict[str, Body]
    variables: dict[str, Body]
    outputs: dict[str, Body]
    locals: dict[str, Any]
    settings: list[Body]
    provider: Body
    references: frozenset[str]
    tfvars: Body

    def of(self, kind: str) -> dict[str, Body]:
        """Return the resources of one type, by name."""
        return {
            address.partition(".")[2]: body
            for address, body in self.resources.items()
            if address.partition(".")[0] == kind
        }

    def policy(self, name: str) -> list[Body]:
        return listed(self.data[f"aws_iam_policy_document.{name}"]["statement"])

    @property
    def backend(self) -> Body:
        (found,) = [body["backend"]["s3"] for body in self.settings if "backend" in body]
        return dict(found)


def read(folder: Path) -> Module:
    blocks: dict[str, dict[str, Any]] = {}
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*.tf"))]
    settings, local = [], {}
    for text in texts:
        for kind, found in pygohcl.loads(text).items():
            if kind == "terraform":
                settings += listed(found)
            elif kind == "locals":
                local.update({name: value for each in listed(found) for name, value in each.items()})
            elif kind in ("resource", "data"):
                for kind_of_it, named in found.items():
                    blocks.setdefault(kind, {}).update(
                        {f"{kind_of_it}.{name}": body for name, body in named.items()}
                    )
            else:
                blocks.setdefault(kind, {}).update(found)
    return Module(
        resources=blocks["resource"],
        data=blocks["data"],
        calls=blocks["module"],
        variables=blocks["variable"],
        outputs=blocks["output"],
        locals=local,
        settings=settings,
        provider=blocks["provider"]["aws"],
        references=frozenset(each for text in texts for each in _references(text)),
        tfvars=pygohcl.loads((folder / "terraform.tfvars").read_text("utf-8")),
    )


def _references(text: str) -> Iterator[str]:
    """Everything that an expression of the file names: `var.environment`, `module.vpc.vpc_id` …"""
    pending = [Parser(_HCL).parse(text.encode()).root_node]
    while pending:
        node = pending.pop()
        pending += node.children
        if node.type == "variable_expr":
            path = [_text(node), *_attributes(node)]
            if len(path) > 1:  # one word alone is the key of an object, or the name in a `for`
                yield ".".join(path)


def _attributes(node: Node) -> Iterator[str]:
    behind = node.next_sibling
    while behind is not None and behind.type == "get_attr":
        yield _text(behind).lstrip(".")
        behind = behind.next_sibling


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def listed(value: Any) -> list[Any]:
    """A block that stands once is no list."""
    return value if isinstance(value, list) else [value]


@lru_cache
def module(env: str) -> Module:
    return read(ROOT / "out" / env / "terraform")


@lru_cache
def values(env: str) -> Any:
    """The values that the environment was rendered from."""
    return load_values(Project(ROOT), env)[0].data


def workflows(env: str) -> dict[str, Any]:
    return {
        path.name: yaml.safe_load(path.read_text("utf-8"))
        for path in sorted((ROOT / "out" / env / ".github/workflows").glob("*.yml"))
    }


def manifests(env: str) -> list[Any]:
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "out" / env / "k8s").glob("*.yaml"))]
    return [document for text in texts for document in yaml.safe_load_all(text)]


# The folder holds together


def undeclared(terraform: Module) -> set[str]:
    """References to what no file declares."""
    known = {
        *(f"var.{name}" for name in terraform.variables),
        *(f"local.{name}" for name in terraform.locals),
        *(f"module.{name}" for name in terraform.calls),
        *(f"data.{address}" for address in terraform.data),
        *terraform.resources,
        "each.key",
        "option.domain_name",
        "option.resource_record_name",
        "option.resource_record_type",
        "option.resource_record_value",
    }
    return {each for each in terraform.references if not _prefixes(each) & known}


def unused(terraform: Module) -> set[str]:
    """Variables, locals and data that nothing uses, and resources that are only there to be used."""
    referred = {prefix for each in terraform.references for prefix in _prefixes(each)}
    declared = {
        *(f"var.{name}" for name in terraform.variables),
        *(f"local.{name}" for name in terraform.locals),
        *(f"data.{address}" for address in terraform.data),
        *(address for address in terraform.resources if address.startswith(FOR_OTHERS)),
    }
    return declared - referred


FOR_OTHERS = (
    "aws_security_group.",
    "aws_db_subnet_group.",
    "aws_db_parameter_group.",
    "aws_elasticache_subnet_group.",
    "aws_iam_openid_connect_provider.",
    "aws_iam_policy.",
    "aws_iam_role.",
    "aws_iam_user.",
)


def _prefixes(reference: str) -> set[str]:
    parts = reference.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts) + 1)}


def without_a_value(terraform: Module) -> set[str]:
    """Variables that neither a default nor terraform.tfvars sets, and entries there that are no variable."""
    needed = {name for name, body in terraform.variables.items() if "default" not in body}
    return (needed | set(terraform.tfvars)) - (set(terraform.variables) & set(terraform.tfvars))


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_reference_is_declared_and_everything_declared_is_used(env: str) -> None:
    assert undeclared(module(env)) == set()
    assert unused(module(env)) == set()


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_terraform_asks_for_nothing_but_the_password_and_the_token(env: str) -> None:
    password = {"db_password"} if "rds" in values(env)["database"]["runs_in"] else set()
    token = {"redis_auth_token"} if values(env)["cache"]["runs_in"] == "elasticache" else set()
    assert without_a_value(module(env)) == password | token


VARIANTS = {
    "access keys": ("prod", "aws_login: keys"),
    "another environment has made the OIDC provider": ("prod", "oidc_provider: existing"),
    "no workflows": ("prod", "workflows: false"),
    "workflows for dev": ("dev", "workflows: true"),
    "the database in the cluster": ("prod", "database: {runs_in: cluster, sslmode: disable}"),
    "both databases": ("prod", "database: {runs_in: cluster and rds}"),
    "the cache in the cluster": ("prod", "cache: {runs_in: cluster}"),
    "no database": ("prod", NO_DATABASE),
    "no cache": ("prod", NO_CACHE),
    "the password in the state": ("prod", "rds: {password: in_state}"),
    "no add-on for CloudWatch": ("prod", "monitoring: {addon: false}"),
    "no host": ("prod", "services: {frontend: {host: null, urls: null}, backend: {host: null}}"),
    "a third service": ("prod", WORKER),
    "administrators": ("prod", "cluster: {admins: ['arn:aws:iam::123456789012:role/platform']}"),
    "numeric IDs": ("prod", "owner_id: '1234'\nrepository_id: '567890'"),
    "another region": ("prod", "region: eu-central-1"),
    "next to nothing": (
        "dev",
        "{services: {frontend: {host: null, urls: null}, backend: {host: null}}, monitoring: {addon: false}}",
    ),
}


@breadth("env, text", VARIANTS.values(), 4, kind=itemgetter(0))
def test_it_holds_together_whatever_is_chosen(project: Sandbox, env: str, text: str) -> None:
    add_values(project, env, text)
    terraform = read(rendered(project, env) / "terraform")
    assert undeclared(terraform) == set()
    assert unused(terraform) == set()
    assert without_a_value(terraform) <= {"db_password", "redis_auth_token"}
    assert leaks(terraform) == set()


# Names


NAMED = {
    "aws_acm_certificate": "domain_name",
    "aws_cloudwatch_log_group": "name",
    "aws_db_instance": "identifier",
    "aws_db_parameter_group": "name",
    "aws_db_subnet_group": "name",
    "aws_ecr_repository": "name",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_elasticache_subnet_group": "name",
    "aws_iam_policy": "name",
    "aws_iam_role": "name",
    "aws_iam_user": "name",
    "aws_security_group": "name_prefix",
}
PART_OF_ANOTHER = {
    "aws_ecr_lifecycle_policy",
    "aws_eks_pod_identity_association",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
}
ONE_IN_AN_ACCOUNT = {"aws_iam_openid_connect_provider"}


def names(terraform: Module) -> list[str]:
    """Every name that must be free in the account."""
    found = [
        f"{kind} {body[attribute]}"
        for kind, attribute in NAMED.items()
        for body in terraform.of(kind).values()
    ]
    found += [f"Name {body['tags']['Name']}" for body in terraform.of("aws_security_group").values()]
    found += [
        f"snapshot {body['final_snapshot_identifier']}" for body in terraform.of("aws_db_instance").values()
    ]
    return [
        *found,
        f"cluster {terraform.calls['eks']['cluster_name']}",
        f"vpc {terraform.calls['vpc']['name']}",
        f"state {terraform.backend['key']}",
    ]


def test_no_two_environments_of_one_account_share_a_name() -> None:
    taken = [name for env in IN_ONE_ACCOUNT for name in names(module(env))]
    assert len(taken) > 40
    assert sorted(taken) == sorted(set(taken))


def test_every_kind_of_resource_is_known_to_the_test_of_names() -> None:
    kinds = {address.partition(".")[0] for env in ENVIRONMENTS for address in module(env).resources}
    assert kinds == set(NAMED) | PART_OF_ANOTHER | ONE_IN_AN_ACCOUNT


def test_one_environment_of_an_account_makes_the_oidc_provider_and_the_others_use_it() -> None:
    making = [env for env in IN_ONE_ACCOUNT if module(env).of("aws_iam_openid_connect_provider")]
    using = [env for env in IN_ONE_ACCOUNT if "aws_iam_openid_connect_provider.github" in module(env).data]
    assert making == ["prod"]
    assert using == ["staging"]


def test_two_environments_without_a_suffix_would_be_noticed(project: Sandbox) -> None:
    add_values(project, "staging", 'suffix: ""')
    without = names(read(rendered(project, "staging") / "terraform"))
    assert set(without) & set(names(module("prod")))


# What pipelines may do


@dataclass(frozen=True)
class Token:
    """What GitHub says of a job that asks for the role."""

    sub: str
    aud: str = "sts.amazonaws.com"


def trusts(statements: list[Body], token: Token) -> bool:
    """Say whether the role's trust, read as IAM reads it, lets the token in."""
    claims = {
        "token.actions.githubusercontent.com:sub": token.sub,
        "token.actions.githubusercontent.com:aud": token.aud,
    }
    return any(
        all(_holds(condition, claims) for condition in listed(statement["condition"]))
        for statement in statements
    )


def _holds(condition: Body, claims: Mapping[str, str]) -> bool:
    claim = claims[condition["variable"]]
    if condition["test"] == "StringEquals":
        return claim in condition["values"]
    assert condition["test"] == "StringLike"
    return any(
        re.fullmatch("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in value), claim)
        for value in condition["values"]
    )


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_the_role_trusts_the_environment_of_the_repository(env: str) -> None:
    trust = module(env).policy("deploy_trust")
    environment = values(env)["environment"]
    owner, name = values(env)["repository"].split("/")
    assert trusts(trust, Token(f"repo:{owner}/{name}:environment:{environment}"))
    assert trusts(trust, Token(f"repo:{owner}@1234/{name}@567890:environment:{environment}"))


STRANGERS = [
    "repo:oetpraxis/oet-praxis:environment:staging",
    "repo:oetpraxis/oet-praxis:environment:production-2",
    "repo:oetpraxis/oet-praxis:ref:refs/heads/main",
    "repo:oetpraxis/oet-praxis:pull_request",
    "repo:oetpraxis/oet-praxis-2:environment:production",
    "repo:oetpraxis/other:environment:production",
    "repo:somebody/oet-praxis:environment:production",
    "repo:oetpraxis@1/oet-praxis@2:environment:staging",
    "repo:oetpraxis@1/oet-praxis@2:ref:refs/heads/main",
    "repo:oetpraxis@1/oet-praxis-2@2:environment:production",
    "repo:oetpraxis@1/other@2:environment:production",
    "repo:oetpraxis-2@1/oet-praxis@2:environment:production",
    "repo:somebody@1/oet-praxis@2:environment:production",
]


@rows("sub", STRANGERS)
def test_the_role_trusts_nobody_else(sub: str) -> None:
    assert not trusts(module("prod").policy("deploy_trust"), Token(sub))


def test_the_role_trusts_no_token_that_is_meant_for_somebody_else() -> None:
    sub = "repo:oetpraxis/oet-praxis:environment:production"
    assert not trusts(module("prod").policy("deploy_trust"), Token(sub, aud="https://github.com/oetpraxis"))


def test_with_numeric_ids_no_later_owner_of_the_names_is_trusted(project: Sandbox) -> None:
    add_values(project, "prod", "owner_id: '1234'\nrepository_id: '567890'")
    trust = read(rendered(project) / "terraform").policy("deploy_trust")
    assert "StringLike" not in {each["test"] for one in trust for each in listed(one["condition"])}
    assert trusts(trust, Token("repo:oetpraxis@1234/oet-praxis@567890:environment:production"))
    for sub in [
        *STRANGERS,
        "repo:oetpraxis/oet-praxis:environment:production",
        "repo:oetpraxis@9/oet-praxis@567890:environment:production",
        "repo:oetpraxis@1234/oet-praxis@9:environment:production",
    ]:
        assert not trusts(trust, Token(sub)), sub


def test_administrators_beside_the_creator_have_the_whole_cluster(project: Sandbox) -> None:
    assert not (ROOT / "out/prod/terraform/access.tf").exists()
    add_values(project, "prod", "cluster: {admins: ['arn:aws:iam::123456789012:role/platform']}")
    terraform = read(rendered(project) / "terraform")
    assert terraform.of("aws_eks_access_entry")["admin"]["for_each"] == (
        'toset(["arn:aws:iam::123456789012:role/platform"])'
    )
    association = terraform.of("aws_eks_access_policy_association")["admin"]
    assert association["policy_arn"].endswith("::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy")
    assert terraform.calls["eks"]["enable_cluster_creator_admin_permissions"] is True


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_no_version_is_kept_at_a_higher_price_without_asking(env: str) -> None:
    (policy,) = listed(module(env).calls["eks"]["cluster_upgrade_policy"])
    assert policy["support_type"] == ("EXTENDED" if env == "spec" else "STANDARD")


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_the_deploy_job_is_the_one_that_the_role_trusts(env: str) -> None:
    """The names of environments and the right to a token, as far as the workflows say them."""
    jobs = [workflow["jobs"]["deploy"] for workflow in workflows(env).values()]
    assert jobs
    named = {job["environment"] for job in jobs if "environment" in job}
    assert named == {values(env)["environment"]}


ACTIONS = {
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
    "eks:DescribeCluster",
}


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_pipelines_push_images_find_the_cluster_and_do_nothing_else(env: str) -> None:
    allowed = {
        action: statement["resources"]
        for statement in module(env).policy("deploy")
        for action in statement["actions"]
    }
    assert set(allowed) == ACTIONS
    repositories = [f"aws_ecr_repository.{name}.arn" for name in module(env).of("aws_ecr_repository")]
    for action, resources in allowed.items():
        if action == "ecr:GetAuthorizationToken":
            assert resources == ["*"]
        elif action == "eks:DescribeCluster":
            assert resources == ["module.eks.cluster_arn"]
        else:
            assert sorted(resources) == sorted(repositories)


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_pipelines_edit_their_namespace_and_no_other(env: str) -> None:
    ((name, entry),) = module(env).calls["eks"]["access_entries"].items()
    (association,) = entry["policy_associations"].values()
    assert name == "deploy"
    assert association["policy_arn"].endswith("::aws:cluster-access-policy/AmazonEKSEditPolicy")
    assert association["access_scope"] == {"type": "namespace", "namespaces": [values(env)["namespace"]]}


def test_access_keys_are_a_users_and_oidc_is_a_roles() -> None:
    keys, oidc = module("spec"), module("prod")
    assert keys.calls["eks"]["access_entries"]["deploy"]["principal_arn"] == "aws_iam_user.deploy.arn"
    assert oidc.calls["eks"]["access_entries"]["deploy"]["principal_arn"] == "aws_iam_role.deploy.arn"
    assert "aws_iam_role.deploy" not in keys.resources
    assert "aws_iam_user.deploy" not in oidc.resources
    assert not any(address.startswith("aws_iam_access_key.") for address in keys.resources)
    assert "deploy_role_arn" in oidc.outputs
    assert "deploy_user_name" in keys.outputs


def test_without_workflows_nobody_outside_of_the_account_is_let_in() -> None:
    terraform = module("dev")
    assert "access_entries" not in terraform.calls["eks"]
    assert not any("deploy" in address or "openid" in address for address in terraform.resources)
    assert not (ROOT / "out/dev/terraform/iam.tf").exists()


# The cluster


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_cluster_has_what_its_workloads_need(env: str) -> None:
    addons = module(env).locals["cluster_addons"]
    needed = {
        "vpc-cni",
        "coredns",
        "kube-proxy",
        "eks-pod-identity-agent",
        "aws-ebs-csi-driver",
        "metrics-server",
    }
    if values(env)["monitoring"]["addon"]:
        needed.add("amazon-cloudwatch-observability")
    assert set(addons) == needed
    assert "enableNetworkPolicy" in addons["vpc-cni"]["configuration_values"]
    assert module(env).calls["eks"]["cluster_addons"] == "local.cluster_addons"


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_what_calls_aws_from_the_cluster_has_a_role_of_its_own(env: str) -> None:
    terraform = module(env)
    associations = [
        each
        for addon in terraform.locals["cluster_addons"].values()
        for each in addon.get("pod_identity_association", [])
    ]
    associations += terraform.of("aws_eks_pod_identity_association").values()
    roles = {each["service_account"]: each["role_arn"] for each in associations}
    accounts = {"ebs-csi-controller-sa", "aws-load-balancer-controller", "cluster-autoscaler"}
    if values(env)["monitoring"]["addon"]:
        accounts.add("cloudwatch-agent")
    assert set(roles) == accounts
    assert len(set(roles.values())) == len(roles)
    for role in roles.values():
        body = terraform.resources[role.removesuffix(".arn")]
        assert body["assume_role_policy"] == "data.aws_iam_policy_document.pod_trust.json"


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_cluster_s_api_reaches_metrics_server(env: str) -> None:
    """The EKS add-on listens on 10251, which version 20 of the module does not open."""
    rules = module(env).calls["eks"]["node_security_group_additional_rules"].values()
    assert [(rule["from_port"], rule["to_port"], rule["type"]) for rule in rules] == [
        (10251, 10251, "ingress")
    ]
    assert all(rule["source_cluster_security_group"] for rule in rules)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_autoscaler_changes_this_cluster_alone(env: str) -> None:
    see, scale = module(env).policy("autoscaler")
    assert all(re.match(r"[a-z0-9]+:(Describe|Get)", action) for action in see["actions"])
    cluster = module(env).calls["eks"]["cluster_name"]
    assert scale["condition"]["variable"] == f"aws:ResourceTag/k8s.io/cluster-autoscaler/{cluster}"
    assert scale["condition"]["values"] == ["owned"]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_load_balancers_find_their_subnets_and_the_subnets_lie_in_the_network(env: str) -> None:
    vpc = module(env).calls["vpc"]
    assert vpc["public_subnet_tags"] == {"kubernetes.io/role/elb": 1}
    assert vpc["private_subnet_tags"] == {"kubernetes.io/role/internal-elb": 1}
    subnets = [ipaddress.IPv4Network(each) for each in [*vpc["private_subnets"], *vpc["public_subnets"]]]
    assert len(vpc["azs"]) == len(vpc["private_subnets"]) == len(vpc["public_subnets"])
    for subnet in subnets:
        assert subnet.subnet_of(ipaddress.IPv4Network(vpc["cidr"]))
        assert sum(subnet.overlaps(other) for other in subnets) == 1


def test_production_survives_the_loss_of_a_zone() -> None:
    assert module("prod").calls["vpc"]["single_nat_gateway"] is False
    assert module("prod").of("aws_db_instance")["postgres"]["multi_az"] is True
    assert module("prod").of("aws_elasticache_replication_group")["redis"]["multi_az_enabled"] is True


# What is open, and to whom


ANYWHERE = {"0.0.0.0/0", "::/0"}
PUBLIC = {("alb", 80), ("alb", 443)}


def leaks(terraform: Module) -> set[str]:
    """Rules that open more than the load balancer's two ports, and groups whose description AWS refuses."""
    found = set()
    for name, group in terraform.of("aws_security_group").items():
        rules = [*listed(group.get("ingress", [])), *listed(group.get("egress", []))]
        for rule in listed(group.get("ingress", [])):
            if ANYWHERE & set(rule.get("cidr_blocks", [])) and (name, rule["from_port"]) not in PUBLIC:
                found.add(f"{name}: anybody may connect to {rule['from_port']}")
            elif "cidr_blocks" not in rule and rule["security_groups"] != [
                "module.eks.node_security_group_id"
            ]:
                found.add(f"{name}: {rule['security_groups']} may connect")
        for rule in listed(group.get("egress", [])):
            if ANYWHERE & set(rule["cidr_blocks"]):
                found.add(f"{name}: it may send anywhere")
        for text in [group["description"], *(rule["description"] for rule in rules)]:
            if not re.fullmatch(r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]+", text):
                found.add(f"{name}: AWS refuses the description {text!r}")
    return found


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_only_the_load_balancer_is_open_to_the_internet(env: str) -> None:
    assert leaks(module(env)) == set()


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_ingress_finds_the_load_balancer_s_group_by_its_name(env: str) -> None:
    annotation = "alb.ingress.kubernetes.io/security-groups"
    ingresses = [each for each in manifests(env) if each["kind"] == "Ingress"]
    wanted = {each["metadata"]["annotations"][annotation] for each in ingresses}
    assert wanted == {module(env).of("aws_security_group")["alb"]["tags"]["Name"]}


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_the_database_answers_the_nodes_of_the_cluster_and_connects_to_nobody(env: str) -> None:
    group = module(env).of("aws_security_group")["rds"]
    assert group["ingress"]["security_groups"] == ["module.eks.node_security_group_id"]
    assert group["ingress"]["from_port"] == module(env).of("aws_db_instance")["postgres"]["port"]
    assert "egress" not in group


# The database


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_a_database_can_be_deleted_and_production_s_leaves_a_snapshot(env: str) -> None:
    database = module(env).of("aws_db_instance")["postgres"]
    assert database["skip_final_snapshot"] == 'var.environment != "production"'
    assert database["final_snapshot_identifier"]
    assert module(env).tfvars["environment"] == values(env)["environment"]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_a_mistyped_environment_cannot_turn_the_snapshot_off(env: str) -> None:
    condition = module(env).variables["environment"]["validation"]["condition"]
    assert condition == 'contains(["production", "staging", "development"], var.environment)'


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_the_password_never_enters_the_state(env: str) -> None:
    database = module(env).of("aws_db_instance")["postgres"]
    assert "password" not in database
    assert database["password_wo"] == "var.db_password"
    assert database["password_wo_version"] == "var.db_password_version"
    assert module(env).variables["db_password"]["sensitive"] is True
    assert "db_password" not in module(env).tfvars
    settings = [body["required_version"] for body in module(env).settings if "required_version" in body]
    assert ">= 1.11" in settings


def test_the_document_s_way_with_the_password_is_a_value() -> None:
    database = module("spec").of("aws_db_instance")["postgres"]
    assert database["password"] == "var.db_password"
    assert "password_wo" not in database
    assert "db_password_version" not in module("spec").variables


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_the_database_takes_encrypted_connections_only_as_the_services_are_told(env: str) -> None:
    parameters = {
        each["name"]: each["value"]
        for each in module(env).of("aws_db_parameter_group")["postgres"]["parameter"]
    }
    assert parameters["rds.force_ssl"] == "1"
    assert values(env)["database"]["sslmode"] == "require"


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_the_parameter_group_is_for_the_version_of_the_database(env: str) -> None:
    database = module(env).of("aws_db_instance")["postgres"]
    group = module(env).of("aws_db_parameter_group")["postgres"]
    assert group["family"] == f"postgres{database['engine_version'].partition('.')[0]}"


def test_the_database_is_the_same_one_wherever_it_runs() -> None:
    """Name and user, in the cluster and in AWS."""
    inside = {_postgres(env) for env in ENVIRONMENTS if "cluster" in values(env)["database"]["runs_in"]}
    outside = {
        (database["db_name"], database["username"])
        for env in ENVIRONMENTS
        for database in module(env).of("aws_db_instance").values()
    }
    assert len(inside) == 1
    assert inside == outside


def _postgres(env: str) -> tuple[str, str]:
    variables = {
        entry["name"]: entry.get("value")
        for document in manifests(env)
        if document["kind"] in ("Deployment", "StatefulSet")
        for container in document["spec"]["template"]["spec"]["containers"]
        if container["name"] == "postgres"
        for entry in container["env"]
    }
    return variables["POSTGRES_DB"], variables["POSTGRES_USER"]


# The cache


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_the_cache_is_encrypted_on_disk_and_on_the_way(env: str) -> None:
    cache = module(env).of("aws_elasticache_replication_group")["redis"]
    assert cache["at_rest_encryption_enabled"] is True
    assert cache["transit_encryption_enabled"] is True
    assert module(env).outputs["redis_url"]["value"].startswith("rediss://")


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_clients_log_in_to_the_cache_with_a_token_that_no_file_holds(env: str) -> None:
    terraform = module(env)
    cache = terraform.of("aws_elasticache_replication_group")["redis"]
    assert cache["auth_token"] == "var.redis_auth_token"
    assert cache["auth_token_update_strategy"] == "var.redis_auth_token_update"
    assert terraform.variables["redis_auth_token"]["sensitive"] is True
    assert terraform.variables["redis_auth_token_update"]["default"] == "SET"
    assert not {"redis_auth_token", "redis_auth_token_update"} & set(terraform.tfvars)
    url = terraform.outputs["redis_url"]
    assert "urlencode(var.redis_auth_token)" in url["value"]
    assert url["sensitive"] is True


@pytest.mark.parametrize("env", ["prod", "staging"])
def test_another_node_takes_over_where_there_is_one(env: str) -> None:
    cache = module(env).of("aws_elasticache_replication_group")["redis"]
    replicas = values(env)["elasticache"]["replicas"]
    assert cache["num_cache_clusters"] == f"1 + {replicas}"
    assert cache["automatic_failover_enabled"] is (replicas > 0)
    assert cache["multi_az_enabled"] is (replicas > 0)


# One fact, many files


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_image_that_is_pushed_has_a_repository(env: str) -> None:
    repositories = {body["name"] for body in module(env).of("aws_ecr_repository").values()}
    pushed = {
        step["env"]["ECR_REPOSITORY"]
        for workflow in workflows(env).values()
        for step in workflow["jobs"]["deploy"]["steps"]
        if "ECR_REPOSITORY" in step.get("env", {})
    }
    assert pushed == (repositories if values(env)["workflows"] else set())


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_images_are_scanned_and_old_ones_go(env: str) -> None:
    repositories, policies = module(env).of("aws_ecr_repository"), module(env).of("aws_ecr_lifecycle_policy")
    assert set(policies) == set(repositories) == set(values(env)["services"])
    for name, repository in repositories.items():
        assert repository["image_scanning_configuration"]["scan_on_push"] is True
        assert repository["image_tag_mutability"] == "MUTABLE"  # the workflows move the tag image_tag
        assert policies[name]["repository"] == f"aws_ecr_repository.{name}.name"
    rules = module(env).locals["image_lifecycle"]
    assert re.search(r'tagStatus = "untagged".*countNumber = 7\b', rules)
    assert re.search(r'tagStatus = "any".*imageCountMoreThan.*countNumber = 30\b', rules)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_there_is_one_region(env: str) -> None:
    terraform = module(env)
    steps = [
        step
        for workflow in workflows(env).values()
        for job in workflow["jobs"].values()
        for step in job["steps"]
    ]
    scripts = [path.read_text("utf-8") for path in sorted((ROOT / "out" / env / "scripts").glob("*.sh"))]
    shell = [*(step.get("run", "") for step in steps), *scripts]
    regions = {
        terraform.tfvars["aws_region"],
        terraform.backend["region"],
        *(step["with"]["aws-region"] for step in steps if "aws-region" in step.get("with", {})),
        *(found for text in shell for found in re.findall(r"--region (\S+)", text)),
        *(found for text in shell for found in re.findall(r"[rR]egion=(\S+)", text)),
    }
    assert regions == {values(env)["region"]}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_there_is_one_cluster(env: str) -> None:
    out = ROOT / "out" / env
    files = [*sorted(out.rglob("*.yml")), *sorted(out.rglob("*.sh"))]
    shell = [path.read_text("utf-8") for path in files]
    named = {
        module(env).calls["eks"]["cluster_name"],
        *(found for text in shell for found in re.findall(r"--name (\S+)", text)),
        *(found for text in shell for found in re.findall(r"[cC]lusterName=(\S+)", text)),
    }
    assert named == {values(env)["cluster"]["name"] + values(env)["suffix"]}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_certificate_is_for_the_hosts_of_the_services(env: str) -> None:
    certificate = module(env).of("aws_acm_certificate")["main"]
    hosts = [service["host"] for service in values(env)["services"].values() if "host" in service]
    assert certificate["subject_alternative_names"] == hosts
    assert certificate["domain_name"] in hosts
    assert "certificate_validation_records" in module(env).outputs


# State and tags


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_state_is_locked_and_encrypted_in_a_bucket_that_terraform_does_not_own(env: str) -> None:
    backend = module(env).backend
    assert backend["use_lockfile"] is True
    assert backend["encrypt"] is True
    assert "bucket" not in backend
    assert not any(address.startswith("aws_s3_") for address in module(env).resources)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_everything_is_tagged(env: str) -> None:
    assert set(module(env).provider["default_tags"]["tags"]) == {"Project", "Environment"}


# The checks notice


Check = Callable[[Module], set[str]]
MUTATIONS: list[tuple[str, str, str, str, Check]] = [
    (
        "a subnet group that is gone",
        "database.tf",
        '"aws_db_subnet_group" "main"',
        '"aws_db_subnet_group" "other"',
        undeclared,
    ),
    ("a variable that is gone", "variables.tf", 'variable "aws_region"', 'variable "region"', undeclared),
    ("an output of no module", "outputs.tf", "module.eks.", "module.cluster.", undeclared),
    (
        "a role that nothing uses",
        "addons.tf",
        "aws_iam_role.ebs_csi.",
        "aws_iam_role.cloudwatch_agent.",
        unused,
    ),
    ("a security group that nothing uses", "cache.tf", "[aws_security_group.redis.id]", "[]", unused),
    (
        "a variable that nothing uses",
        "variables.tf",
        'variable "aws_region"',
        'variable "more" {}\nvariable "aws_region"',
        unused,
    ),
    ("a value for no variable", "terraform.tfvars", "aws_region", "region", without_a_value),
    (
        "a database open to the network",
        "security.tf",
        "security_groups = [module.eks.node_security_group_id]",
        'cidr_blocks = ["0.0.0.0/0"]',
        leaks,
    ),
    (
        "a database for another group",
        "security.tf",
        "module.eks.node_security_group_id",
        "aws_security_group.alb.id",
        leaks,
    ),
    (
        "a load balancer that sends anywhere",
        "security.tf",
        "[module.vpc.vpc_cidr_block]",
        '["0.0.0.0/0"]',
        leaks,
    ),
    (
        "a description that AWS refuses",
        "security.tf",
        "the nodes of the cluster",
        "the cluster's nodes",
        leaks,
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "check"), [each[1:] for each in MUTATIONS], ids=[each[0] for each in MUTATIONS]
)
def test_a_mistake_is_noticed(tmp_path: Path, file: str, old: str, new: str, check: Check) -> None:
    folder = tmp_path / "terraform"
    shutil.copytree(ROOT / "out/prod/terraform", folder)
    before = check(read(folder))
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    assert check(read(folder)) - before


@pytest.mark.parametrize("wrong", ["*", "oetpraxis/*", "oetpraxis/oet-praxis:*"])
def test_a_trust_that_is_too_wide_is_noticed(wrong: str) -> None:
    conditions = [
        {
            "test": "StringLike",
            "variable": "token.actions.githubusercontent.com:sub",
            "values": [f"repo:{wrong}"],
        }
    ]
    assert any(trusts([{"condition": conditions}], Token(sub)) for sub in STRANGERS)
