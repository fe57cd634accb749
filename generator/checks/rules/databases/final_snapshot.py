"""A database that takes a final snapshot when it is deleted must name that snapshot.

Why: AWS rejects the deletion of a database without a name for its final snapshot, unless the snapshot is
skipped. Terraform reports the missing name only at that moment: at the end of `terraform destroy` or in the
middle of a replacement.

Bad:

    skip_final_snapshot = var.environment != "production"

Good:

    skip_final_snapshot       = var.environment != "production"
    final_snapshot_identifier = "shop-postgres-final"
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error
from generator.languages.hcl.expressions import Expression
from generator.languages.node import Leaf

CODE = "checks/final-snapshot"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    databases = system.terraform.resources("aws_db_instance", "aws_rds_cluster")
    if not databases:
        raise NotApplicableError("Terraform creates no database")
    for block in databases:
        skips = system.terraform.get(block, "skip_final_snapshot")
        is_variable = isinstance(skips, Expression) and bool(skips.path)  # who sets it decides
        if skips == Leaf(True) or is_variable:
            continue
        if "final_snapshot_identifier" not in block:
            message = f"{'.'.join(block.labels)} has no name for its final snapshot: it cannot be deleted"
            note = Note("the database", block.at)
            hint = f'add final_snapshot_identifier = "{block.labels[-1]}-final"'
            yield error(CODE, message, block.at_key("skip_final_snapshot"), notes=(note,), hint=hint)
