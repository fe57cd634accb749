"""The database version of the tests must match the version in production, and the parameter group must match
that version.

Compared: the major versions of PostgreSQL and Redis of the images in the cluster, in the services of workflows and
of GitLab's jobs and in Compose, and Terraform's `engine_version` and parameter group family.

Why: SQL that PostgreSQL 17 accepts can fail in 15. RDS rejects a parameter group of another family, in the
middle of an apply.

Bad:

    image: postgres:17           # beside the tests, and engine_version = "15"

Good:

    image: postgres:15
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks import databases
from generator.checks.agreement import Statement, disagreements
from generator.checks.databases import POSTGRES, REDIS
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding
from generator.languages.node import Block, Seq
from generator.system import System
from generator.system.images import image_name

CODE = "checks/database-version"
ADVICE = "postgresql.org, Versioning Policy"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    running = [*_images(system, POSTGRES), *_engines(system, databases.managed_databases(system))]
    caches = [*_images(system, REDIS), *_engines(system, databases.managed_caches(system))]
    if not running and not caches:
        raise NotApplicableError("there is no database or cache")
    running += _families(system, "aws_db_parameter_group", r"[a-z-]*postgres(?:ql)?(\d+)")
    caches += _families(system, "aws_elasticache_parameter_group", r"redis(\d)")
    if databases.is_one(system, POSTGRES, databases.managed_databases(system)):
        yield from disagreements(CODE, "the version of PostgreSQL", running)
    if databases.is_one(system, REDIS, databases.managed_caches(system)):
        yield from disagreements(CODE, "the version of Redis", caches)


def _images(system: System, names: tuple[str, ...]) -> Iterator[Statement]:
    for container in databases.in_cluster(system, names):
        yield Statement(
            _major(image_name(container.image).tag),
            f"the image of {container.what}",
            container.node.at_key("image"),
        )
    for each in databases.beside(system, names):
        yield Statement(
            _major(image_name(each.image).tag), f"the image of {each.what}", each.node.at_key("image")
        )
    yield from _gitlab(system, names)


def _gitlab(system: System, names: tuple[str, ...]) -> Iterator[Statement]:
    """Yield the versions of the services of GitLab's jobs."""
    for source in system.of_language("gitlab"):
        node = system.first_map(source)
        for job in node or ():
            services = node.seq(job, "services") if node else Seq(())
            named = [(each.text("name"), each.at_key("name")) for each in services.maps()]
            for image, at in [*named, *((leaf.text, leaf.at) for leaf in services.leaves())]:
                if databases.is_image(image, names) and "$" not in image:
                    yield Statement(_major(image_name(image).tag), f"a service of the job {job}", at)


def _engines(system: System, blocks: list[Block]) -> Iterator[Statement]:
    for block in blocks:
        version = system.terraform.text(block, "engine_version")
        if version:
            yield Statement(
                _major(version),
                f"engine_version of {'.'.join(block.labels)}",
                block.at_key("engine_version"),
            )
        group = block.text("parameter_group_name")
        found = re.fullmatch(r"default\.(?:postgres|redis)(\d+)(?:\.x)?", group)
        if found:
            at = block.at_key("parameter_group_name")
            yield Statement(found[1], f"the parameter group of {'.'.join(block.labels)}", at)


def _families(system: System, kind: str, pattern: str) -> Iterator[Statement]:
    for block in system.terraform.resources(kind):
        family = system.terraform.text(block, "family")
        found = re.match(pattern, family)
        if found and block.text("family"):
            yield Statement(found[1], f"the family of {'.'.join(block.labels)}", block.at_key("family"))


def _major(version: str) -> str:
    found = re.match(r"\d+", version)
    return found[0] if found else version
