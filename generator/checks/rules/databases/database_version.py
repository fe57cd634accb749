"""The database version of the tests must match the version in production, and the parameter group must match
that version.

Compared: the major versions of PostgreSQL and Redis of the images in the cluster, in workflow services and in
Compose, and Terraform's `engine_version` and parameter group family.

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

from generator.checks import databases as stores
from generator.checks.agreement import Said, disagreements
from generator.checks.databases import POSTGRES, REDIS
from generator.checks.rule import NotApplicable
from generator.findings import Finding
from generator.languages.hcl.read import Block, Expr
from generator.system.former import Parsed
from generator.system.former.manifests import image_parts
from generator.values.layers import Values

CODE = "checks/database-version"


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    databases = [*_images(tree, POSTGRES), *_engines(tree, stores.managed_databases(tree))]
    caches = [*_images(tree, REDIS), *_engines(tree, stores.managed_caches(tree))]
    if not databases and not caches:
        raise NotApplicable("there is no database and no cache")
    databases += _families(tree, "aws_db_parameter_group", r"[a-z-]*postgres(?:ql)?(\d+)")
    caches += _families(tree, "aws_elasticache_parameter_group", r"redis(\d)")
    yield from disagreements(CODE, "PostgreSQL", databases)
    yield from disagreements(CODE, "Redis", caches)


def _images(tree: Parsed, names: tuple[str, ...]) -> Iterator[Said]:
    for container in stores.in_cluster(tree, names):
        yield Said(
            _major(image_parts(container.image)[2]),
            f"the image of {container.what}",
            container.data.at("image"),
        )
    for each in stores.beside(tree, names):
        yield Said(_major(image_parts(each.image)[2]), f"the image of {each.what}", each.data.at("image"))


def _engines(tree: Parsed, blocks: list[Block]) -> Iterator[Said]:
    for block in blocks:
        version = tree.terraform.text(block.body, "engine_version")
        if version:
            yield Said(
                _major(version),
                f"engine_version of {'.'.join(block.labels)}",
                block.body.at("engine_version"),
            )
        group = block.body.get("parameter_group_name")
        found = (
            re.fullmatch(r"default\.(?:postgres|redis)(\d+)(?:\.x)?", group)
            if isinstance(group, str)
            else None
        )
        if found:
            at = block.body.at("parameter_group_name")
            yield Said(found[1], f"the parameter group of {'.'.join(block.labels)}", at)


def _families(tree: Parsed, kind: str, pattern: str) -> Iterator[Said]:
    for block in tree.terraform.resources(kind):
        family = tree.terraform.text(block.body, "family")
        found = re.match(pattern, family)
        if found and not isinstance(block.body.get("family"), Expr):
            yield Said(found[1], f"the family of {'.'.join(block.labels)}", block.body.at("family"))


def _major(version: str) -> str:
    found = re.match(r"\d+", version)
    return found[0] if found else version
