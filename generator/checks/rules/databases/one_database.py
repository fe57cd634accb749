"""There must be one primary database and one cache.

Why: with one database in the cluster and one in AWS, it is unclear which of them holds the data.
`DATABASE_URL` does not show it, and a backup can be restored to the wrong one.

Bad:

    database: {runs_in: cluster and rds}

Good:

    database: {runs_in: rds}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks import databases
from generator.checks.databases import POSTGRES, REDIS
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning

CODE = "checks/one-database"
ADVICE = "docs.aws.amazon.com, RDS and ElastiCache"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    applies = False
    for what, names, managed in (
        ("database", POSTGRES, databases.managed_databases(system)),
        ("cache", REDIS, databases.managed_caches(system)),
    ):
        inside = [(each.what, each.node.at_key("image")) for each in databases.in_cluster(system, names)]
        both = [*inside, *((".".join(each.labels), each.at) for each in managed)]
        applies |= bool(both)
        if inside and managed and system.is_one and len(inside) == len(managed) == 1:
            notes = tuple(Note(f"another {what}: {other}", at) for other, at in both[1:])
            message = f"expected one {what}, found {len(both)}: {' and '.join(each for each, _ in both)}"
            yield warning(
                CODE, message, both[0][1], notes=notes, hint=f"keep one {what}, and remove the others"
            )
    if not applies:
        raise NotApplicableError("there is no database or cache")
