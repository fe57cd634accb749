"""Clients of a Redis cache in ElastiCache must log in, and AWS accepts a token only with encryption in transit.

Checked: replication groups with a token but without encryption in transit, or with a token and user groups; a warning
for groups with neither.

Why: AWS rejects a token without encryption in transit, and the provider rejects a token beside user groups. Without
either, everything that reaches the port reads and changes the cache (docs.aws.amazon.com, "Authenticating with the
Valkey and Redis OSS AUTH command").

Bad:

    transit_encryption_enabled = true

Good:

    transit_encryption_enabled = true
    auth_token                 = var.redis_auth_token
    auth_token_update_strategy = "SET"
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.languages.node import Block, Leaf
from generator.system import System

CODE = "checks/cache-login"
ADVICE = "docs.aws.amazon.com, ElastiCache: Authenticating with AUTH"
_LOGINS = ("auth_token", "user_group_ids")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    blocks = system.terraform.resources("aws_elasticache_replication_group")
    if not blocks:
        raise NotApplicableError("Terraform declares no replication group of ElastiCache")
    for block in blocks:
        name = ".".join(block.labels)
        if all(each in block for each in _LOGINS):
            note = Note("the user groups", block.at_key("user_group_ids"))
            message = f"{name} has both a token and user groups: the provider accepts one of them"
            yield error(CODE, message, block.at_key("auth_token"), notes=(note,), hint="keep one of them")
        elif "auth_token" in block and _is_plain(system, block):
            message = f"{name} has a token, but no encryption in transit: AWS rejects it"
            hint = "add transit_encryption_enabled = true"
            yield error(CODE, message, block.at_key("auth_token"), hint=hint)
        elif not any(each in block for each in _LOGINS) and "global_replication_group_id" not in block:
            message = f"clients need no login for {name}"
            hint = "add auth_token, from a variable that is sensitive, and encryption in transit"
            yield warning(CODE, message, block.at, hint=hint)


def _is_plain(system: System, block: Block) -> bool:
    """Return whether a group certainly has no encryption in transit, which is the default of Redis, not of Valkey."""
    encrypted = system.terraform.leaf(block, "transit_encryption_enabled")
    if "transit_encryption_enabled" in block:
        return isinstance(encrypted, Leaf) and encrypted.value is False
    return "global_replication_group_id" not in block and system.terraform.text(block, "engine") == "redis"
