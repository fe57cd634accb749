"""The windows of a database must not overlap, and what AWS upgrades by itself must not be pinned.

Checked: the windows for backups and maintenance of RDS and ElastiCache; an engine version with its minor version
beside automatic minor upgrades.

Why: AWS refuses windows that overlap. After an automatic upgrade the running version is newer than the files, and the
next `terraform apply` asks for a downgrade, which RDS refuses (docs.aws.amazon.com, "Upgrading a DB instance engine
version").

Bad:

    backup_window      = "03:00-04:00"
    maintenance_window = "sun:03:30-sun:04:30"

Good:

    maintenance_window = "sun:04:00-sun:05:00"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.languages.node import Block
from generator.system import System

CODE = "checks/maintenance"
ADVICE = "docs.aws.amazon.com, RDS: Maintaining a DB instance"
_KINDS = (
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_elasticache_replication_group",
    "aws_elasticache_cluster",
)
_DAILY = ("backup_window", "preferred_backup_window", "snapshot_window")
_WEEKLY = ("maintenance_window", "preferred_maintenance_window")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_TIME = re.compile(r"(?:(sun|mon|tue|wed|thu|fri|sat):)?([01]\d|2[0-3]):([0-5]\d)")
_DAY, _WEEK = 24 * 60, 7 * 24 * 60  # minutes
_MINOR = re.compile(r"\d{2,}\.\d+|\d\.\d+\.\d+")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    blocks = system.terraform.resources(*_KINDS)
    if not blocks:
        raise NotApplicableError("Terraform declares no database and no cache")
    for block in blocks:
        yield from _windows(system, block)
        yield from _pinned(system, block)


def _windows(system: System, block: Block) -> Iterator[Finding]:
    daily = next((name for name in _DAILY if name in block), "")
    weekly = next((name for name in _WEEKLY if name in block), "")
    first, second = system.terraform.text(block, daily), system.terraform.text(block, weekly)
    backup, maintenance = _minutes(first), _minutes(second.lower())
    if backup and maintenance and _overlap(backup, maintenance):
        note = Note("the other window", block.at_key(daily))
        message = f"the windows {first} and {second} overlap: AWS refuses them"
        yield error(CODE, message, block.at_key(weekly), notes=(note,), hint="move one of them")


def _minutes(text: str) -> tuple[int, int] | None:
    """Return the beginning and the length of a window, in minutes of the week; without a day, of every day."""
    start, dash, end = text.partition("-")
    found = [_TIME.fullmatch(each) for each in (start, end)]
    if not dash or not all(found):
        return None
    first, last = (
        _DAYS.index(each[1] or "sun") * _DAY + int(each[2]) * 60 + int(each[3]) for each in found if each
    )
    return first, (last - first) % (_WEEK if ":" in start[3:] and start[:3] in _DAYS else _DAY)


def _overlap(daily: tuple[int, int], weekly: tuple[int, int]) -> bool:
    for day in range(len(_DAYS)):
        start = daily[0] + day * _DAY
        if (weekly[0] - start) % _WEEK < daily[1] or (start - weekly[0]) % _WEEK < weekly[1]:
            return True
    return False


def _pinned(system: System, block: Block) -> Iterator[Finding]:
    version = system.terraform.text(block, "engine_version")
    automatic = system.terraform.leaf(block, "auto_minor_version_upgrade")
    if block.labels[0] != "aws_db_instance" or not _MINOR.fullmatch(version):
        return
    if automatic is None or automatic.value is True:
        major = version.rpartition(".")[0]
        message = f"engine_version is {version}, and auto_minor_version_upgrade lets AWS go on to a newer one"
        hint = f'write "{major}", or auto_minor_version_upgrade = false'
        yield warning(CODE, message, block.at_key("engine_version"), hint=hint)
