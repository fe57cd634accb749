"""Rules about containers, images and Terraform on small files: what each finds, and what it accepts."""

from __future__ import annotations

from importlib import import_module

import pytest

from generator.checks.rule import Context, NotApplicableError, Repository
from generator.system import System
from tests.checks.helpers import TODAY
from tests.conftest import rows


def found(rule: str, files: dict[str, str]) -> list[str]:
    """Return the messages of a rule about files."""
    check = import_module(f"generator.checks.rules.{rule}").check
    try:
        return [each.message for each in check(Context(System.of_files(files), Repository(), TODAY))]
    except NotApplicableError:
        return []


def pod(container: str, spec: str = "") -> dict[str, str]:
    """Return a manifest of a pod with a container."""
    text = f"""apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  {spec or "restartPolicy: Always"}
  containers:
  - {{name: c, image: "a:1", {container}}}
"""
    return {"k8s/a.yaml": text}


SLEEP = 'lifecycle: {preStop: {exec: {command: [sleep, "15"]}}}'
PODS = [
    ("lifecycle", pod(SLEEP), ""),
    ("lifecycle", pod(SLEEP, "terminationGracePeriodSeconds: 15"), "is killed 15 s after"),
    ("lifecycle", pod("lifecycle: {preStop: {sleep: {seconds: 30}}}"), "is killed 30 s after"),
    ("lifecycle", pod('lifecycle: {preStop: {exec: {command: [sh, -c, "x; sleep 40; y"]}}}'), "takes 40 s"),
    ("lifecycle", pod("livenessProbe: {httpGet: {port: 80}}"), ""),
    (
        "lifecycle",
        pod("livenessProbe: {httpGet: {port: 80}, periodSeconds: 1}"),
        "gives up 3 s after the start",
    ),
    ("lifecycle", pod("livenessProbe: {periodSeconds: 1}, startupProbe: {periodSeconds: 5}"), ""),
    ("across.commands", pod("command: [node, dist/index.js]"), ""),
    ("across.commands", pod('command: ["node dist/index.js"]'), "the name of one program"),
    ("across.commands", pod('command: ["sh", "-c", "exec $APP"]'), ""),
    ("across.commands", pod('args: ["--port", "$PORT"]'), "nothing expands $PORT"),
    ("across.commands", pod('args: ["--port", "$(PORT)", "$$x"]'), ""),
]


@rows("rule, files, message", PODS)
def test_pods(rule: str, files: dict[str, str], message: str) -> None:
    rule = rule if "." in rule else f"kubernetes.{rule}"
    messages = found(rule, files)
    assert any(message in each for each in messages) if message else not messages, messages


IMAGES = [
    ("across.commands", 'FROM a\nCMD ["node", "x.js"]\n', ""),
    ("across.commands", "FROM a\nCMD node $X\n", ""),
    ("across.commands", 'FROM a\nCMD ["node", "$X"]\n', "nothing expands $X"),
    ("across.commands", 'FROM a\nENTRYPOINT ["sh", "-c"]\nCMD ["echo $X"]\n', ""),
    ("docker.stage_arguments", "FROM a AS b\nARG M\nFROM b\nENV X=$M\n", ""),
    ("docker.stage_arguments", "FROM a AS b\nARG M\nFROM a\nENV X=$M\n", "M is an argument of another stage"),
    ("docker.stage_arguments", "FROM a AS b\nARG M\nFROM a\nARG M\nENV X=${M}\n", ""),
    ("docker.stage_arguments", "ARG M=1\nFROM a:$M\nENV X=${PATH}:$Y\n", ""),
]


@rows("rule, text, message", IMAGES)
def test_images(rule: str, text: str, message: str) -> None:
    messages = found(rule, {"app/Dockerfile": text})
    assert any(message in each for each in messages) if message else not messages, messages


SECRET = 'variable "p" {\n  sensitive = true\n}\n'
TERRAFORM = [
    ('output "o" {\n  value = var.p\n}\n' + SECRET, "the output o reveals the sensitive variable p"),
    ('output "o" {\n  value     = var.p\n  sensitive = true\n}\n' + SECRET, ""),
    ('output "o" {\n  value = nonsensitive(var.p)\n}\n' + SECRET, ""),
    ("locals {\n  a = local.b\n  b = local.a\n}\n", "local.a and local.b need each other"),
    ("locals {\n  a = local.b\n  b = 1\n}\n", ""),
    (
        'resource "x" "a" {\n  y = x.b.id\n}\nresource "x" "b" {\n  y = x.a.id\n}\n',
        "x.a and x.b need each other",
    ),
    ('resource "x" "a" {\n  y = x.b.id\n}\nresource "x" "b" {\n  y = 1\n}\n', ""),
]


@rows("text, message", TERRAFORM)
def test_terraform(text: str, message: str) -> None:
    messages = found("terraform.terraform_cycles", {"terraform/main.tf": text})
    assert any(message in each for each in messages) if message else not messages, messages


def database(arguments: str) -> dict[str, str]:
    """Return an RDS instance with arguments."""
    return {"terraform/main.tf": f'resource "aws_db_instance" "a" {{\n{arguments}\n}}\n'}


DATABASES = [
    ('backup_window = "03:00-04:00"\nmaintenance_window = "sun:04:00-sun:05:00"', ""),
    ('backup_window = "03:00-04:00"\nmaintenance_window = "sun:03:59-sun:05:00"', "overlap"),
    ('backup_window = "23:30-00:30"\nmaintenance_window = "mon:00:00-mon:01:00"', "overlap"),
    ('backup_window = "23:30-00:00"\nmaintenance_window = "sat:22:00-sat:23:00"', ""),
    ('backup_window = "01:00-02:00"\nmaintenance_window = "sat:23:00-sun:01:30"', "overlap"),
    ('engine_version = "15"', ""),
    ('engine_version = "15.15"', "auto_minor_version_upgrade lets AWS go on"),
    ('engine_version = "8.0.36"', "auto_minor_version_upgrade lets AWS go on"),
    ('engine_version = "15.15"\nauto_minor_version_upgrade = false', ""),
]


@rows("arguments, message", DATABASES)
def test_databases(arguments: str, message: str) -> None:
    messages = found("databases.maintenance", database(arguments))
    assert any(message in each for each in messages) if message else not messages, messages


ENCRYPTED = 'engine = "redis"\ntransit_encryption_enabled = true\n'
CACHES = [
    (f"{ENCRYPTED}auth_token = var.token", ""),
    (f"{ENCRYPTED}user_group_ids = [aws_elasticache_user_group.a.id]", ""),
    (ENCRYPTED, "clients need no login for aws_elasticache_replication_group.a"),
    ("", "clients need no login"),
    ('global_replication_group_id = "g"', ""),
    (f'{ENCRYPTED}auth_token = var.token\nuser_group_ids = ["g"]', "both a token and user groups"),
    ('engine = "redis"\nauth_token = var.token', "no encryption in transit: AWS rejects it"),
    ('engine = "valkey"\nauth_token = var.token', ""),
    ("transit_encryption_enabled = false\nauth_token = var.token", "no encryption in transit"),
    ("transit_encryption_enabled = var.unknown\nauth_token = var.token", ""),
    ("transit_encryption_enabled = local.is\nauth_token = var.token", "no encryption in transit"),
]


@rows("arguments, message", CACHES)
def test_caches(arguments: str, message: str) -> None:
    text = (
        f'resource "aws_elasticache_replication_group" "a" {{\n{arguments}\n}}\nlocals {{\n  is = false\n}}\n'
    )
    messages = found("databases.cache_login", {"terraform/main.tf": text})
    assert any(message in each for each in messages) if message else not messages, messages


NETWORKS = [
    ('private_subnets = ["10.0.1.0/24", "10.0.2.0/24"]', ""),
    ('private_subnets = ["10.0.1.0/24"]\n  public_subnets = ["10.0.1.128/25"]', "overlap"),
    ('private_subnets = ["10.1.1.0/24"]', "is not in the network 10.0.0.0/16"),
    ('private_subnets = ["10.1.1.0/24"]\n  secondary_cidr_blocks = ["10.1.0.0/16"]', ""),
    ("private_subnets = local.subnets", ""),
]


@rows("arguments, message", NETWORKS)
def test_networks(arguments: str, message: str) -> None:
    text = 'module "v" {\n  source = "terraform-aws-modules/vpc/aws"\n  cidr = "10.0.0.0/16"\n  '
    messages = found("aws.subnets", {"terraform/main.tf": f"{text}{arguments}\n}}\n"})
    assert any(message in each for each in messages) if message else not messages, messages


INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: a, annotations: {{{annotation}}}}}
spec:
  {field}
  rules: [{{http: {{paths: [{{path: /, backend: {{service: {{name: a, port: {{number: 80}}}}}}}}]}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: a}}
spec: {{selector: {{app: a}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: a}}
spec:
  template:
    metadata: {{labels: {{app: a}}}}
    spec: {{containers: [{{name: a, image: a, ports: [{{containerPort: 80}}]}}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: a}}
spec:
  podSelector: {{}}
  policyTypes: [Ingress]
  ingress: [{{from: [{{namespaceSelector: {{}}}}], ports: [{{port: 80}}]}}]
"""
OLD_CLASS = "kubernetes.io/ingress.class: "
TARGET = "alb.ingress.kubernetes.io/target-type: ip"
INGRESSES = [
    ("kubernetes.network_policies", f"{OLD_CLASS}nginx", "", ""),
    ("kubernetes.network_policies", "", "ingressClassName: nginx", ""),
    ("kubernetes.network_policies", f"{OLD_CLASS}alb", "", "no policy lets the load balancer connect"),
    ("kubernetes.network_policies", "", "ingressClassName: alb", "no policy lets the load balancer connect"),
    ("aws.load_balancer", f"{OLD_CLASS}alb, {TARGET}, alb.ingress.kubernetes.io/scheme: internal", "", ""),
    ("aws.load_balancer", "alb.ingress.kubernetes.io/scheme: internal", "", "is not alb"),
    ("aws.load_balancer", f"{OLD_CLASS}alb, alb.ingress.kubernetes.io/scheme: x", "", "scheme is x"),
]


@rows("rule, annotation, field, message", INGRESSES)
def test_the_class_of_an_ingress(rule: str, annotation: str, field: str, message: str) -> None:
    text = INGRESS.format(annotation=annotation, field=field)
    messages = found(rule, {"k8s/a.yaml": text})
    assert any(message in each for each in messages) if message else not messages, messages


PORTS = [
    ("{protocol: UDP, port: 5432}", "opens port 5432 for UDP, and PostgreSQL uses TCP"),
    ("{protocol: TCP, port: 5432}", ""),
    ("{protocol: UDP, port: 53}", ""),
]


@pytest.mark.parametrize(("port", "message"), PORTS)
def test_the_way_to_a_database_is_open_for_tcp(port: str, message: str) -> None:
    text = f"""apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: a}}
spec:
  podSelector: {{matchLabels: {{app: a}}}}
  policyTypes: [Egress]
  egress: [{{to: [{{podSelector: {{matchLabels: {{app: postgres}}}}}}], ports: [{port}]}}]
"""
    messages = found("kubernetes.network_policies", {"k8s/a.yaml": text})
    assert any(message in each for each in messages) if message else not messages, messages
