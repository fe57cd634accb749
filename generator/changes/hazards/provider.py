"""How the AWS provider of Terraform changes resources: which arguments replace a resource, and which data is lost.

An argument that is listed forces a new resource when it changes (`ForceNew`, or `RequiresReplace`, in the provider's
source); every other argument of a listed type is changed in place. Types that are not listed are unknown.

Source: github.com/hashicorp/terraform-provider-aws, version 5.99.1. An argument for which the versions around it
differ, or whose effect could not be found out, is in `unsure`: a change of it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROVIDER = "hashicorp/aws"
MAJOR = "5"
_SOURCE = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.99.1/internal/service"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource: its `source`, the arguments that replace it, and the data in it.

    `name` is the argument whose value only one of them may have, if any. `keeps` is the argument, with its value,
    for which AWS refuses to delete the resource; `refusal` are AWS's words.
    """

    source: str
    replacing: frozenset[str]
    unsure: frozenset[str] = frozenset()
    name: str = "name"
    data: str = ""
    keeps: tuple[str, bool] | None = None
    refusal: str = ""


def _kind(source: str, replacing: str, **more: Any) -> Kind:
    return Kind(f"{_SOURCE}/{source}", frozenset(replacing.split()), **more)


KINDS: Mapping[str, Kind] = {
    "aws_acm_certificate": _kind(
        "acm/certificate.go",
        "certificate_authority_arn domain_name key_algorithm subject_alternative_names validation_method "
        "validation_option",
        name="",
    ),
    "aws_cloudwatch_log_group": _kind("logs/group.go", "name name_prefix log_group_class", data="its logs"),
    "aws_db_instance": _kind(
        "rds/instance.go",
        "availability_zone backup_target character_set_name custom_iam_instance_profile db_name engine "
        "kms_key_id nchar_character_set_name restore_to_point_in_time s3_import "
        "snapshot_identifier storage_encrypted timezone username",
        unsure=frozenset(["engine_lifecycle_support"]),
        name="identifier",
        data="its data",
        keeps=("deletion_protection", True),
        refusal="Cannot delete protected DB Instance",
    ),
    "aws_db_parameter_group": _kind("rds/parameter_group.go", "name name_prefix family description"),
    "aws_db_subnet_group": _kind("rds/subnet_group.go", "name name_prefix"),
    "aws_ecr_lifecycle_policy": _kind("ecr/lifecycle_policy.go", "repository policy", name=""),
    "aws_ecr_repository": _kind(
        "ecr/repository.go",
        "name encryption_configuration",
        data="its images",
        keeps=("force_delete", False),
        refusal="RepositoryNotEmptyException",
    ),
    "aws_eks_pod_identity_association": _kind(
        "eks/pod_identity_association.go", "cluster_name namespace service_account", name="service_account"
    ),
    "aws_elasticache_replication_group": _kind(
        "elasticache/replication_group.go",
        "at_rest_encryption_enabled data_tiering_enabled global_replication_group_id kms_key_id network_type port "
        "replication_group_id security_group_names snapshot_arns snapshot_name subnet_group_name",
        name="replication_group_id",
        data="its cached data",
    ),
    "aws_elasticache_subnet_group": _kind("elasticache/subnet_group.go", "name"),
    "aws_iam_openid_connect_provider": _kind("iam/openid_connect_provider.go", "url", name="url"),
    "aws_iam_policy": _kind("iam/policy.go", "name name_prefix path description"),
    "aws_iam_role": _kind("iam/role.go", "name name_prefix path"),
    "aws_iam_role_policy": _kind("iam/role_policy.go", "name name_prefix role", name=""),
    "aws_iam_role_policy_attachment": _kind("iam/role_policy_attachment.go", "role policy_arn", name=""),
    "aws_iam_user": _kind("iam/user.go", ""),
    "aws_iam_user_policy_attachment": _kind("iam/user_policy_attachment.go", "user policy_arn", name=""),
    "aws_security_group": _kind("ec2/vpc_security_group.go", "name name_prefix description vpc_id"),
}
