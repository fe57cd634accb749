"""What AWS, its Terraform provider and the controllers for its load balancers refuse, and what they accept."""

from __future__ import annotations

import pytest

from generator.checks.data import table, words
from generator.checks.rule import Context, Repository
from generator.checks.rules.aws import refused_values
from generator.system import System
from tests.checks.helpers import TODAY
from tests.checks.test_small import found


def block(header: str, arguments: str) -> str:
    """Return a block of Terraform; the arguments are separated by semicolons."""
    lines = "".join(f"  {each.strip()}\n" for each in arguments.split(";"))
    return f"{header} {{\n{lines}}}\n"


def resource(kind: str, arguments: str) -> str:
    return block(f'resource "{kind}" "a"', arguments)


def check(rule: str, text: str, message: str) -> None:
    """Check that one message has this text, or, where the text is empty, that there are no messages."""
    messages = found(rule, {"terraform/main.tf": text})
    assert any(message in each for each in messages) if message else not messages, messages


DB, LOGS, GROUP = "aws_db_instance", "aws_cloudwatch_log_group", "aws_security_group"
FORM = "a letter, then letters, digits and underscores"
VALUES = [
    # types of machines
    (DB, 'instance_class = "db.t3.smal"', "expected a class as in db.t3.small"),
    (DB, 'instance_class = "t3.small"', "expected a class as in db.t3.small"),
    (DB, 'instance_class = "db.r5.large.tpc1.mem2x"', ""),
    (DB, 'instance_class = "db.serverless"', ""),
    (DB, "instance_class = var.class", ""),
    ("aws_rds_cluster_instance", 'instance_class = "db.r6g.2xlarges"', "expected a class as in db.t3.small"),
    ("aws_elasticache_replication_group", 'node_type = "t3.micro"', "expected a type as in cache.t3.micro"),
    ("aws_elasticache_cluster", 'node_type = "cache.r7g.xlarge"', ""),
    ("aws_instance", 'instance_type = "t3.meduim"', "expected a type as in t3.medium"),
    ("aws_instance", 'instance_type = "u7i-12tb.224xlarge"', ""),
    ("aws_instance", 'instance_type = "c7i-flex.large"', ""),
    ("aws_launch_template", 'instance_type = "m5.metal-24xl"', ""),
    ("aws_eks_node_group", 'instance_types = ["t3.large", "t3.big"]', "expected a type as in t3.medium"),
    # words of a fixed set
    (LOGS, "retention_in_days = 45", "expected one of 0, 1, 3, 5"),
    (LOGS, "retention_in_days = 365", ""),
    (LOGS, "retention_in_days = var.days", ""),
    (LOGS, "retention_in_days = null", ""),
    ("aws_eks_node_group", 'capacity_type = "on_demand"', "expected one of ON_DEMAND, SPOT, CAPACITY_BLOCK"),
    ("aws_eks_node_group", 'capacity_type = "SPOT"', ""),
    ("aws_ecr_repository", 'name = "shop/web"; image_tag_mutability = "IMMUTABE"', "image_tag_mutability"),
    ("aws_ecr_repository", 'name = "shop/web"; image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"', ""),
    ("aws_lb", 'load_balancer_type = "alb"', "expected one of application, gateway, network"),
    ("aws_lb", 'load_balancer_type = "network"', ""),
    ("aws_s3_bucket", 'bucket = "shop"; acl = "public"', "acl of aws_s3_bucket is public"),
    ("aws_s3_bucket", 'bucket = "shop"; acl = "public-read"', ""),
    ("aws_dynamodb_table", 'billing_mode = "ON_DEMAND"', "PROVISIONED, PAY_PER_REQUEST"),
    ("aws_dynamodb_table", 'billing_mode = "PAY_PER_REQUEST"', ""),
    (
        "aws_dynamodb_table",
        'attribute {; name = "id"; type = "String"; }',
        "type of aws_dynamodb_table is String",
    ),
    ("aws_dynamodb_table", 'attribute {; name = "id"; type = "S"; }', ""),
    ("aws_ecs_task_definition", 'requires_compatibilities = ["Fargate"]', "requires_compatibilities"),
    ("aws_ecs_task_definition", 'requires_compatibilities = ["FARGATE", "EC2"]', ""),
    # the form of names
    (DB, 'identifier = "Shop"', "identifier of aws_db_instance is Shop"),
    (DB, 'identifier = "shop-db-"', "no hyphen last"),
    (DB, 'identifier = "shop--db"', "single hyphens"),
    (DB, 'identifier = "shop-db-2"', ""),
    (DB, 'identifier = "${var.name}-DB"', ""),
    (DB, 'engine = "postgres"; db_name = "shop-prod"', FORM),
    (DB, 'engine = "mysql"; db_name = "1shop"', FORM),
    (DB, 'engine = "postgres"; db_name = "shop_prod"', ""),
    (DB, 'engine = var.engine; db_name = "shop-prod"', ""),
    (DB, 'engine = "postgresql"', "expected postgres, mysql, mariadb"),
    (DB, 'engine = "sqlserver-ex"', ""),
    ("aws_iam_role", 'name = "shop deploy"', "up to 64 letters"),
    ("aws_iam_role", 'name = "shop.deploy@ci"', ""),
    ("aws_lb", 'name = "a-name-of-more-than-thirty-two-letters"', "up to 32 letters"),
    ("aws_lb", 'name = "internal-shop"', "without internal- in front"),
    ("aws_lb", 'name = "shop-internal"', ""),
    ("aws_s3_bucket", 'bucket = "Shop_Assets"', "lowercase letters"),
    ("aws_s3_bucket", 'bucket = "shop-assets.example.com"', ""),
    (GROUP, 'description = "the team\'s database"', "blanks and"),
    (GROUP, 'description = "PostgreSQL, from the nodes (only)"', ""),
    (GROUP, 'name = "sg-web"', "without sg- in front"),
    (GROUP, 'name = "web-sg"', ""),
    ("aws_sqs_queue", 'name = "jobs"; fifo_queue = true', "ends with .fifo"),
    ("aws_sqs_queue", 'name = "jobs.fifo"; fifo_queue = true', ""),
    ("aws_sqs_queue", 'name = "jobs"; fifo_queue = false', ""),
    ("aws_kms_alias", 'name = "shop"', "expected alias/"),
    ("aws_kms_alias", 'name = "alias/shop"', ""),
    # names that are reserved
    (DB, 'engine = "postgres"; username = "admin"', "that PostgreSQL does not reserve"),
    (DB, 'engine = "mysql"; username = "admin"', ""),
    (DB, 'engine = "postgres"; username = "pg_shop"', "does not begin with pg_"),
    (DB, 'engine = "postgres"; username = "postgres"', ""),
    (
        "aws_rds_cluster",
        'engine = "aurora-postgresql"; master_username = "user"',
        "PostgreSQL does not reserve",
    ),
    ("aws_rds_cluster", 'engine = "aurora-mysql"; master_username = "user"', ""),
    # numbers
    (DB, "allocated_storage = 30; max_allocated_storage = 20", "at least 30, as allocated_storage"),
    (DB, "allocated_storage = 30; max_allocated_storage = 0", ""),
    (DB, "allocated_storage = 30; max_allocated_storage = 30", ""),
    (DB, "allocated_storage = var.size; max_allocated_storage = 20", ""),
    (DB, 'engine = "postgres"; storage_type = "gp3"; allocated_storage = 10', "expected at least 20"),
    (DB, 'engine = "postgres"; storage_type = "gp2"; allocated_storage = 10', ""),
    (DB, 'engine = "postgres"; storage_type = "gp3"; allocated_storage = 20', ""),
    (DB, 'storage_type = "io9"', "expected one of standard, gp2, gp3, io1, io2"),
    (DB, "backup_retention_period = 36", "at most 35"),
    (DB, "backup_retention_period = 35", ""),
    ("aws_lambda_function", "timeout = 901", "at most 900"),
    ("aws_lambda_function", "timeout = 900", ""),
    ("aws_kms_key", "deletion_window_in_days = 5", "at least 7"),
    ("aws_secretsmanager_secret", "recovery_window_in_days = 0", ""),
    ("aws_secretsmanager_secret", "recovery_window_in_days = 5", "at least 7"),
    ("aws_vpc", 'cidr_block = "10.0.0.0/8"', "from /16 to /28"),
    ("aws_vpc", 'cidr_block = "10.0.0.0/16"', ""),
    ("aws_autoscaling_group", "min_size = 3; max_size = 2", "at least 3, as min_size"),
    ("aws_autoscaling_group", "min_size = 2; max_size = 2", ""),
    # two that exclude each other
    (GROUP, 'name = "a"; name_prefix = "a-"', "has name and name_prefix"),
    (GROUP, 'name = "a"; name_prefix = null', ""),
    (GROUP, 'name = var.name; name_prefix = "a-"', ""),
    (GROUP, 'name = "${var.name}-sg"; name_prefix = "a-"', "has name and name_prefix"),
    ("aws_s3_bucket", 'bucket = "shop"; bucket_prefix = "shop-"', "has bucket and bucket_prefix"),
    (DB, 'identifier = "a"; identifier_prefix = "a-"', "has identifier and identifier_prefix"),
    ("aws_iam_role", 'name_prefix = "shop-"', ""),
    # static parameters
    (
        "aws_db_parameter_group",
        'family = "postgres15"; parameter {; name = "max_connections"; }',
        "static parameter",
    ),
    (
        "aws_db_parameter_group",
        'family = "postgres15"; parameter {; name = "max_connections"; apply_method = "immediate"; }',
        "static parameter",
    ),
    (
        "aws_db_parameter_group",
        'family = "postgres15"; parameter {; name = "max_connections"; apply_method = "pending-reboot"; }',
        "",
    ),
    ("aws_db_parameter_group", 'family = "postgres15"; parameter {; name = "work_mem"; }', ""),
    ("aws_db_parameter_group", 'family = "mysql8.0"; parameter {; name = "max_connections"; }', ""),
    ("aws_db_parameter_group", 'family = var.family; parameter {; name = "max_connections"; }', ""),
    ("aws_db_parameter_group", 'family = "mysql8.0"; parameter {; name = "performance_schema"; }', "static"),
]


@pytest.mark.parametrize(("kind", "arguments", "message"), VALUES)
def test_values(kind: str, arguments: str, message: str) -> None:
    check("aws.refused_values", resource(kind, arguments), message)


EKS, VPC = "terraform-aws-modules/eks/aws", "terraform-aws-modules/vpc/aws"
MODULES = [
    (EKS, "cloudwatch_log_group_retention_in_days = 31", "of module.a is 31"),
    (EKS, "cloudwatch_log_group_retention_in_days = 30", ""),
    (EKS, 'eks_managed_node_groups = { main = { capacity_type = "ONDEMAND" } }', "expected one of ON_DEMAND"),
    (EKS, 'eks_managed_node_groups = { main = { capacity_type = "SPOT" } }', ""),
    (EKS, "eks_managed_node_groups = local.groups", ""),
    ("terraform-aws-modules/rds/aws", 'engine = "postgres"; db_name = "a-b"', FORM),
    ("./eks", "cloudwatch_log_group_retention_in_days = 31", ""),
    (VPC, 'cidr = "10.0.0.0/8"', "from /16 to /28"),
]


@pytest.mark.parametrize(("source", "arguments", "message"), MODULES)
def test_values_of_modules(source: str, arguments: str, message: str) -> None:
    check("aws.refused_values", block('module "a"', f'source = "{source}"; {arguments}'), message)


def test_the_data_is_well_formed() -> None:
    keys = "argument values pattern expected least most also refused excludes when where by source message hint like"
    data = table("aws-values")
    for entries in (*data["resources"].values(), *data["modules"].values()):
        for entry in entries:
            assert words(keys) >= {*entry}, entry
            assert "like" in entry or {"values", "pattern", "least", "most", "refused", "excludes"} & {
                *entry
            }, entry
            assert "pattern" not in entry or entry["expected"], entry
            assert ("by" in entry) == ("source" in entry), entry


OPEN, DATABASE = 'cidr_blocks = ["0.0.0.0/0"]', 'security_groups = ["sg-1"]'
RULES = [
    (f'from_port = 443; to_port = 80; protocol = "tcp"; {DATABASE}', "larger than to_port, 80"),
    (f'from_port = 80; to_port = 443; protocol = "tcp"; {DATABASE}', ""),
    (f'from_port = 8; to_port = 0; protocol = "icmp"; {OPEN}', ""),
    (f'from_port = 0; to_port = 65535; protocol = "-1"; {DATABASE}', "ports other than 0"),
    (f'from_port = 0; to_port = 0; protocol = "-1"; {DATABASE}', ""),
    (
        f'from_port = 5432; to_port = 5432; protocol = "tcp"; {OPEN}',
        "opens PostgreSQL (5432) to the internet",
    ),
    (f'from_port = 5432; to_port = 5432; protocol = "tcp"; {DATABASE}', ""),
    (f'from_port = 443; to_port = 443; protocol = "tcp"; {OPEN}', ""),
    (f'from_port = 20; to_port = 25; protocol = "tcp"; {OPEN}', "opens SSH (22)"),
    (f'from_port = 0; to_port = 0; protocol = "-1"; {OPEN}', "opens every port, also SSH (22)"),
    ('from_port = 6379; to_port = 6379; protocol = "tcp"; ipv6_cidr_blocks = ["::/0"]', "opens Redis (6379)"),
    ('from_port = 22; to_port = 22; protocol = "tcp"; cidr_blocks = var.offices', ""),
    (f'from_port = var.port; to_port = 22; protocol = "tcp"; {OPEN}', ""),
]


@pytest.mark.parametrize(("arguments", "message"), RULES)
def test_rules_of_security_groups(arguments: str, message: str) -> None:
    check("aws.security_groups", resource(GROUP, f"ingress {{; {arguments}; }}"), message)
    if "other than 0" not in message:  # which the provider checks in blocks alone
        check(
            "aws.security_groups",
            resource("aws_security_group_rule", f'type = "ingress"; {arguments}'),
            message,
        )


def test_what_leaves_and_separate_rules() -> None:
    everything = f'from_port = 0; to_port = 0; protocol = "-1"; {OPEN}'
    check("aws.security_groups", resource(GROUP, f"egress {{; {everything}; }}"), "")
    check("aws.security_groups", resource("aws_security_group_rule", f'type = "egress"; {everything}'), "")
    separate = 'ip_protocol = "tcp"; from_port = 22; to_port = 22; cidr_ipv4 = "{}"'
    kind = "aws_vpc_security_group_ingress_rule"
    check("aws.security_groups", resource(kind, separate.format("0.0.0.0/0")), "opens SSH (22)")
    check("aws.security_groups", resource(kind, separate.format("10.0.0.0/8")), "")
    check(
        "aws.security_groups",
        resource(DB, "publicly_accessible = true"),
        "an address that the internet reaches",
    )
    check("aws.security_groups", resource(DB, "publicly_accessible = false"), "")


ARN = "arn:aws:iam::aws:policy/"
POLICIES = [
    (
        f"{ARN}AmazonRDSEnhancedMonitoringRole",
        "ends with policy/service-role/AmazonRDSEnhancedMonitoringRole",
    ),
    (f"{ARN}service-role/AmazonRDSEnhancedMonitoringRole", ""),
    (
        "arn:${var.p}:iam::aws:policy/service-role/AmazonEKSClusterPolicy",
        "ends with policy/AmazonEKSClusterPolicy",
    ),
    (f"{ARN}AmazonEKSCNIPolicy", "AmazonEKSCNIPolicy is not a policy of AWS that oetgen knows"),
    (f"{ARN}AmazonEKSWorkerNodePolcy", "is not a policy of AWS"),
    (f"{ARN}AmazonEKS_CNI_Policy", ""),
    (f"{ARN}AmazonFSxFullAccess", ""),
    (f"{ARN}CloudWatchFullAccessV2", ""),
    ("arn:aws:iam::123456789012:policy/AmazonRDSEnhancedMonitoringRole", ""),
]


@pytest.mark.parametrize(("arn", "message"), POLICIES)
def test_policies(arn: str, message: str) -> None:
    check("aws.iam_names", resource("aws_iam_role_policy_attachment", f'policy_arn = "{arn}"'), message)


SERVICES = [
    ("monitoring.rds.amazonaws.com", ""),
    ("ec2.amazonaws.com.cn", ""),
    ("ec2.${data.aws_partition.current.dns_suffix}", ""),
    ("monitoring.rds.amazon.com", "is not the name of a service"),
    ("ec2", "is not the name of a service"),
    ("ecs-tasks.amazonws.com", "is not the name of a service"),
]


@pytest.mark.parametrize(("name", "message"), SERVICES)
def test_services(name: str, message: str) -> None:
    document = f'statement {{; principals {{; type = "Service"; identifiers = ["{name}"]; }}; }}'
    code = f'assume_role_policy = jsonencode({{ Statement = [{{ Principal = {{ Service = "{name}" }} }}] }})'
    text = f'assume_role_policy = <<EOF;{{"Statement": [{{"Principal": {{"Service": ["{name}"]}}}}]}};EOF;path = "/"'
    check("aws.iam_names", block('data "aws_iam_policy_document" "a"', document), message)
    check("aws.iam_names", resource("aws_iam_role", code), message)
    if "$" not in name:
        check("aws.iam_names", resource("aws_iam_role", text).replace("  EOF", "EOF"), message)


def test_principals_of_accounts_are_no_services() -> None:
    principals = 'statement {; principals {; type = "AWS"; identifiers = ["arn:aws:iam::1:root"]; }; }'
    check("aws.iam_names", block('data "aws_iam_policy_document" "a"', principals), "")


CONSTRAINTS = [
    ("=> 1.0", "is not a version constraint"),
    ("1.x", "is not a version constraint"),
    ("^5.0", "is not a version constraint"),
    (">= 1.0 < 2.0", "is not a version constraint"),
    ("~> 5.0", ""),
    (">= 5.0, < 6.0, != 5.3.1", ""),
    ("=1.2.3", ""),
    ("1.2.0-rc1", ""),
    ("${var.version}", ""),
]


@pytest.mark.parametrize(("constraint", "message"), CONSTRAINTS)
def test_version_constraints(constraint: str, message: str) -> None:
    rule = "terraform.terraform_versions"
    check(rule, block("terraform", f'required_version = "{constraint}"'), message)
    check(
        rule,
        block("terraform", f'required_providers {{; aws = {{; version = "{constraint}"; }}; }}'),
        message,
    )
    check(rule, block('module "a"', f'version = "{constraint}"'), message)


NUMBERS = [
    ("cluster_version = 1.30", "so 1.30 is the number 1.3"),
    ('cluster_version = "1.30"', ""),
    ("cluster_version = 1.31", ""),
    ("engine_version = 8.0", "so 8.0 is the number 8"),
    ("password_wo_version = 10", ""),
    ("size = 1.30", ""),
]


@pytest.mark.parametrize(("argument", "message"), NUMBERS)
def test_versions_without_quotes(argument: str, message: str) -> None:
    check("terraform.terraform_versions", block('module "a"', argument), message)


PROVIDER = block('provider "aws"', 'region = "eu-west-3"')
ZONES = [
    ('availability_zone = "us-east-1a"', "the zone us-east-1a is not in eu-west-3"),
    ('availability_zone = "eu-west-3a"', ""),
    ('availability_zone = "${var.region}a"', ""),
    ('availability_zones = ["eu-west-3a", "eu-west-1b"]', "the zone eu-west-1b is not in eu-west-3"),
    ('region = "eu-west-1"; availability_zone = "eu-west-1a"', ""),
]


@pytest.mark.parametrize(("argument", "message"), ZONES)
def test_zones(argument: str, message: str) -> None:
    check("across.region", PROVIDER + resource("aws_subnet", argument), message)


def test_zones_of_several_providers_are_not_compared() -> None:
    other = block('provider "aws"', 'alias = "us"; region = "us-east-1"')
    check("across.region", PROVIDER + other + resource("aws_subnet", 'availability_zone = "us-east-1a"'), "")


NODES = block('module "eks"', f'source = "{EKS}"; subnet_ids = module.vpc.private_subnets')
GATEWAYS = [
    ("enable_nat_gateway = false", "", "reach no service of AWS"),
    ("azs = []", "", "reach no service of AWS"),
    ("enable_nat_gateway = true", "", ""),
    ("enable_nat_gateway = var.nat", "", ""),
    ("azs = []", resource("aws_vpc_endpoint", 'service_name = "s3"'), ""),
    ("azs = []", resource("aws_nat_gateway", 'subnet_id = "a"'), ""),
    ("azs = []", resource("aws_route53_zone", 'name = "a"'), "reach no service of AWS"),
]


@pytest.mark.parametrize(("argument", "other", "message"), GATEWAYS)
def test_private_subnets(argument: str, other: str, message: str) -> None:
    network = block('module "vpc"', f'source = "{VPC}"; {argument}')
    check("aws.subnets", network + NODES + other, message)
    check("aws.subnets", network + other, "")


ATTRIBUTES = [
    ("aws_db_subnet_group.a.nme", "has no attribute nme"),
    ("aws_db_subnet_group.a.name", ""),
    ("aws_db_subnet_group.a.arn", ""),
    ("aws_db_subnet_group.a.ids", ""),
    ("aws_db_subnet_group.a.vpc_id", ""),
    ("aws_unknown.a.nme", ""),
]


@pytest.mark.parametrize(("reference", "message"), ATTRIBUTES)
def test_attributes(reference: str, message: str) -> None:
    aws = 'aws = { source = "hashicorp/aws", version = "~> 5.0" }'
    text = block("terraform", f"required_providers {{; {aws}; }}")
    text += resource("aws_db_subnet_group", "subnet_ids = []")
    check("terraform.terraform_arguments", text + block('output "o"', f"value = {reference}"), message)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ('instance_class = "db.t3.smal"', "write a class as in db.t3.small"),
        ('engine = "postgres"; storage_type = "gp33"', 'did you mean "gp3"?'),
    ],
)
def test_a_refused_value_comes_with_one_that_is_accepted(arguments: str, hint: str) -> None:
    system = System.of_files({"terraform/main.tf": resource(DB, arguments)})
    [found] = refused_values.check(Context(system, Repository(), TODAY))
    assert found.hint == hint
