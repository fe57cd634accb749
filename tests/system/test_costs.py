"""What costs money, from files of any provider: the table of types, the modules, and the objects of Kubernetes."""

from __future__ import annotations

from generator.system import System
from generator.system.costs import costs, table, unknown_types
from tests.conftest import rows

EKS = 'module "k" {\n  source = "terraform-aws-modules/eks/aws"\n  cluster_name = "main"\n  create_kms_key = false\n'
VPC = (
    'module "n" {\n  source = "terraform-aws-modules/vpc/aws"\n  name = "net"\n  enable_nat_gateway = true\n'
)
QUIET = "  create_cloudwatch_log_group = false\n"
NAT = "NAT gateway net: {}, each with an address, by the hour and by the data"

# Terraform, and each cost as a line: what, name, size, how it is billed.
TERRAFORM = {
    "an argument decides": (
        'resource "aws_db_instance" "a" {\n  identifier = "shop"\n  instance_class = "db.t3.small"\n'
        "  multi_az = true\n}",
        ["database shop: db.t3.small, two instances, by the hour and by the month"],
    ),
    "a variable": (
        'variable "size" {\n  default = "t3.large"\n}\nresource "aws_instance" "a" {\n  instance_type = var.size\n}',
        ["virtual machine aws_instance.a: t3.large, by the second"],
    ),
    "a value that only Terraform has": (
        'resource "aws_instance" "a" {\n  instance_type = var.size\n}',
        ["virtual machine aws_instance.a: var.size, by the second"],
    ),
    "several": (
        'resource "aws_instance" "a" {\n  count = 3\n  instance_type = "t3.nano"\n}',
        ["virtual machine aws_instance.a: number: 3, t3.nano, by the second"],
    ),
    "for each": (
        'resource "aws_s3_bucket" "a" {\n  for_each = toset(["x", "y"])\n  bucket = "shop-${each.key}"\n}',
        ["bucket shop-${each.key}: number: 2, by the month and by the request"],
    ),
    "for each of what is not known": (
        'resource "aws_s3_bucket" "a" {\n  for_each = var.names\n  bucket = each.key\n}',
        ["bucket each.key: several, by the month and by the request"],
    ),
    "what is free in one kind": (
        'resource "aws_vpc_endpoint" "a" {\n  service_name = "s3"\n  vpc_endpoint_type = "Gateway"\n}\n'
        'resource "aws_vpc_endpoint" "b" {\n  service_name = "ecr"\n  vpc_endpoint_type = "Interface"\n}',
        ["VPC endpoint ecr: Interface, by the hour and by the data"],
    ),
    "another provider": (
        'resource "google_redis_instance" "a" {\n  name = "c"\n  tier = "BASIC"\n  memory_size_gb = 2\n}\n'
        'resource "hcloud_server" "a" {\n  name = "web"\n  server_type = "cx22"\n}\n'
        'resource "google_compute_network" "a" {\n  name = "n"\n}',
        ["cache c: BASIC, 2 GiB, by the hour", "virtual machine web: cx22, by the hour"],
    ),
    "a cluster with its nodes": (
        EKS
        + QUIET
        + '  cluster_upgrade_policy = {\n    support_type = "STANDARD"\n  }\n  eks_managed_node_groups = {\n'
        '    a = {\n      min_size = 2\n      max_size = 2\n      instance_types = ["t3.large", "t3a.large"]\n    }\n'
        "    b = {}\n  }\n}",
        [
            "Kubernetes cluster main: one, by the hour",
            "nodes a: 2 of t3.large or t3a.large, each with a disk, by the second",
            "nodes b: 1 to 3 of t3.medium, each with a disk, by the second",
        ],
    ),
    "extended support is the default": (
        EKS + "}",
        [
            "Kubernetes cluster main: one, by the hour; more when its version is in extended support",
            "logs main: of the control plane, kept for 90 days, by the data",
        ],
    ),
    "one gateway": (VPC + "  single_nat_gateway = true\n}", [NAT.format("number: 1")]),
    "a gateway for each subnet": (
        VPC + '  azs = ["a", "b"]\n  private_subnets = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]\n}',
        [NAT.format("number: 3")],
    ),
    "a gateway for each zone": (
        VPC + '  one_nat_gateway_per_az = true\n  azs = ["a", "b"]\n  private_subnets = var.subnets\n}',
        [NAT.format("number: 2")],
    ),
    "no gateway": (
        'module "n" {\n  source = "terraform-aws-modules/vpc/aws"\n  enable_nat_gateway = false\n}',
        [],
    ),
}

KUBERNETES = {
    "a volume": (
        "kind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  storageClassName: fast\n"
        "  resources: {requests: {storage: 10Gi}}\n",
        ["volume data: 10Gi of the class fast, by the month"],
    ),
    "a volume for each replica": (
        "kind: StatefulSet\nmetadata: {name: db}\nspec:\n  replicas: 3\n  volumeClaimTemplates:\n"
        "  - metadata: {name: data}\n    spec: {resources: {requests: {storage: 5Gi}}}\n",
        ["volume data-db: number: 3, 5Gi, by the month"],
    ),
    "a load balancer": (
        "kind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer}\n",
        ["load balancer web: for a Service, by the hour and by the use"],
    ),
    "a service of the cluster": ("kind: Service\nmetadata: {name: web}\nspec: {type: ClusterIP}\n", []),
    "an ingress of the provider": (
        "kind: Ingress\nmetadata: {name: web, annotations: {kubernetes.io/ingress.class: gce}}\nspec: {}\n",
        ["load balancer web: for an Ingress of the class gce, by the hour and by the use"],
    ),
    "an ingress of a controller in the cluster": (
        "kind: Ingress\nmetadata: {name: web}\nspec: {ingressClassName: nginx}\n",
        [],
    ),
}


def listed(path: str, text: str) -> list[str]:
    found = costs(System.of_files({path: text}))
    return [f"{each.what} {each.name}: {', '.join(filter(None, [each.size, each.billed]))}" for each in found]


@rows("text, lines", TERRAFORM.values())
def test_terraform(text: str, lines: list[str]) -> None:
    assert listed("terraform/main.tf", f"{text}\n") == lines


@rows("text, lines", KUBERNETES.values())
def test_kubernetes(text: str, lines: list[str]) -> None:
    group = {
        "PersistentVolumeClaim": "v1",
        "Service": "v1",
        "StatefulSet": "apps/v1",
        "Ingress": "networking.k8s.io/v1",
    }
    version = group[text.partition("\n")[0].removeprefix("kind: ")]
    assert listed("k8s/a.yaml", f"apiVersion: {version}\n{text}") == lines


def test_a_type_that_is_in_no_list_is_named() -> None:
    text = (
        'resource "aws_new_thing" "a" {}\nresource "aws_new_thing" "b" {}\nresource "aws_iam_role" "a" {}\n'
    )
    assert unknown_types(System.of_files({"terraform/main.tf": text})) == {"aws_new_thing": 2}


def test_no_type_is_in_both_lists() -> None:
    assert not set(table()["free"].split()) & set(table()["billed"])
