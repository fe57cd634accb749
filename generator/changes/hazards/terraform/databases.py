"""Databases, caches and logs: changes that AWS refuses, that cost data, that restart, or that protect less."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import Leaf, Node
from generator.changes.hazards.model import Effect, Hazard, number, place, shown
from generator.changes.hazards.system import Block, System
from generator.changes.hazards.terraform.expressions import argument

_RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide"
_MODIFY = f"{_RDS}/Overview.DBInstance.Modifying.html"
_UPGRADE = f"{_RDS}/USER_UpgradeDBInstance.PostgreSQL.MajorVersion.Process.html"
_STORAGE = f"{_RDS}/USER_PIOPS.ModifyingExisting.html"
_BACKUPS = f"{_RDS}/USER_WorkingWithAutomatedBackups.BackupRetention.html"
_RENAME = f"{_RDS}/USER_RenameInstance.html"
_MULTI_AZ = f"{_RDS}/Concepts.MultiAZSingleStandby.html"
_DELETE = f"{_RDS}/USER_DeleteInstance.html"
_CACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg"
_CACHE_VERSION = (
    "https://github.com/hashicorp/terraform-provider-aws/blob/v5.99.1/internal/service/elasticache/engine_version.go"
    "#customizeDiffEngineVersionForceNewOnDowngrade"
)
_FAILOVER = f"{_CACHE}/AutoFailover.html"
_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
_ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-delete.html"
_WINDOW = "it waits for the maintenance window, unless apply_immediately is set"


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the resources that hold data."""
    for address, was in old.resources.items():
        now = new.resources.get(address)
        if now is None:
            continue
        pair = _Pair(was, now, old, new)
        if was.type == "aws_db_instance":
            yield from _database(pair)
        elif was.type == "aws_elasticache_replication_group":
            yield from _cache(pair)
        elif was.type == "aws_cloudwatch_log_group":
            yield from _shorter(pair, "retention_in_days", "logs that are older are deleted", _LOGS)
        elif was.type == "aws_ecr_repository":
            yield from _switched(pair, "force_delete", True, "it may be deleted with the images in it", _ECR)


class _Pair:
    """One resource on both sides."""

    def __init__(self, was: Block, now: Block, old: System, new: System) -> None:
        self.was, self.now = was, now
        self._old, self._new = old, new

    def get(self, name: str) -> tuple[Node | None, Node | None]:
        """Return both values of an argument."""
        return argument(self.was, self._old, name), argument(self.now, self._new, name)

    def hazard(self, effect: Effect, name: str, message: str, safe: str, source: str) -> Hazard:
        """Return a hazard about the argument `name`."""
        before, after = self.get(name)
        places = place(self.was.path, before or self.was.body), place(self.now.path, after or self.now.body)
        what = f"{name} changes from {shown(before)} to {shown(after)}"
        return Hazard("data", effect, self.was.address, f"{what}: {message}", *places, safe, source)


def _database(pair: _Pair) -> Iterator[Hazard]:
    yield from _engine_version(pair)
    yield from _storage(pair)
    yield from _shorter(pair, "backup_retention_period", "backups that are older are deleted", _BACKUPS)
    before, after = pair.get("identifier")
    if before != after:
        message = (
            "the database gets another address and restarts, and what has the old address finds it no more"
        )
        safe = "keep it; or change the secret that holds the address in the same minute"
        yield pair.hazard(Effect.OUTAGE, "identifier", message, safe, _RENAME)
    before, after = pair.get("instance_class")
    if before != after:
        message = f"the database restarts; {_WINDOW}"
        safe = "apply it when nobody needs the database; with multi_az it is away for a minute or two only"
        yield pair.hazard(Effect.OUTAGE, "instance_class", message, safe, _MODIFY)
    if pair.get("multi_az")[0] != pair.get("multi_az")[1] and _value(pair.get("multi_az")[1]) is not True:
        message = "no second instance takes over when the first one fails"
        yield pair.hazard(
            Effect.CAPACITY, "multi_az", message, "keep it where an outage costs more", _MULTI_AZ
        )
    yield from _switched(pair, "deletion_protection", False, "nothing keeps it from being deleted", _DELETE)
    yield from _switched(
        pair, "skip_final_snapshot", True, "no last snapshot is taken when it is deleted", _DELETE
    )
    if (
        _value(pair.get("publicly_accessible")[1]) is True
        and _value(pair.get("publicly_accessible")[0]) is not True
    ):
        message, safe = "the database has an address in the internet", "keep it private"
        yield pair.hazard(Effect.WIDENED, "publicly_accessible", message, safe, _MODIFY)


def _engine_version(pair: _Pair) -> Iterator[Hazard]:
    before, after = pair.get("engine_version")
    was, now = _version(before), _version(after)
    if was is None or now is None or was[: min(len(was), len(now))] == now[: min(len(was), len(now))]:
        return
    if now < was:
        message = "AWS takes no database back to an older version"
        safe = "keep the version; or dump the database, and restore it to a new one"
        yield pair.hazard(Effect.REFUSED, "engine_version", message, safe, _UPGRADE)
    elif now[0] != was[0]:
        allowed = _value(pair.get("allow_major_version_upgrade")[1]) is True
        if allowed:
            message = f"the database is away while it is upgraded; {_WINDOW}"
            safe = "take a snapshot, try the upgrade on a copy made from it, and apply it when nobody works"
            yield pair.hazard(Effect.OUTAGE, "engine_version", message, safe, _UPGRADE)
        else:
            message = "AWS refuses a new major version without allow_major_version_upgrade = true"
            safe = "try the upgrade on a copy restored from a snapshot; then set allow_major_version_upgrade for it"
            yield pair.hazard(Effect.REFUSED, "engine_version", message, safe, _UPGRADE)
    else:
        safe = "apply it when nobody needs the database"
        yield pair.hazard(Effect.OUTAGE, "engine_version", f"the database restarts; {_WINDOW}", safe, _MODIFY)


def _version(node: Node | None) -> tuple[int, ...] | None:
    text = str(node.value) if isinstance(node, Leaf) else ""
    return tuple(int(part) for part in text.split(".")) if re.fullmatch(r"\d+(\.\d+)*", text) else None


def _storage(pair: _Pair) -> Iterator[Hazard]:
    before, after = pair.get("allocated_storage")
    was, now, most = number(before), number(after), number(pair.get("max_allocated_storage")[1])
    if was is None or now is None or now >= was:
        return
    if most is not None and most > now:
        message = "the provider leaves it out while max_allocated_storage is larger; a volume never shrinks"
        safe = "write what is there; to pay for less, restore a dump to a smaller instance"
        yield pair.hazard(Effect.NO_EFFECT, "allocated_storage", message, safe, _STORAGE)
    else:
        message = "AWS shrinks no volume"
        safe = "keep the size; to pay for less, restore a dump to a smaller instance"
        yield pair.hazard(Effect.REFUSED, "allocated_storage", message, safe, _STORAGE)


def _cache(pair: _Pair) -> Iterator[Hazard]:
    before, after = pair.get("engine_version")
    was, now = _version(before), _version(after)
    if was and now and now < was[: len(now)]:
        message = "the provider replaces the group for an older version, and what is in the cache is lost"
        safe = "keep the version, or apply it when the cache may be empty"
        yield pair.hazard(Effect.DATA_LOSS, "engine_version", message, safe, _CACHE_VERSION)
    for name, message in (
        ("num_cache_clusters", "fewer nodes take over when one fails"),
        ("replicas_per_node_group", "fewer nodes take over when one fails"),
    ):
        old_number, new_number = number(pair.get(name)[0]), number(pair.get(name)[1])
        if old_number is not None and new_number is not None and new_number < old_number:
            yield pair.hazard(
                Effect.CAPACITY, name, message, "keep one replica where an outage costs more", _FAILOVER
            )
    yield from _switched(pair, "automatic_failover_enabled", False, "nothing takes over by itself", _FAILOVER)
    if pair.get("node_type")[0] != pair.get("node_type")[1]:
        safe = "apply it when the cache may be away for a moment"
        yield pair.hazard(Effect.OUTAGE, "node_type", f"the nodes are exchanged; {_WINDOW}", safe, _CACHE)
    if pair.get("transit_encryption_enabled")[0] != pair.get("transit_encryption_enabled")[1]:
        message = "before version 7.0.5 this replaces the group; later, clients must change with it"
        safe = 'set transit_encryption_mode = "preferred" first, change the clients, then require it'
        yield pair.hazard(
            Effect.UNKNOWN,
            "transit_encryption_enabled",
            message,
            safe,
            f"{_CACHE}/in-transit-encryption.html",
        )


def _shorter(pair: _Pair, name: str, message: str, source: str) -> Iterator[Hazard]:
    was, now = number(pair.get(name)[0]), number(pair.get(name)[1])
    if was and now is not None and 0 < now < was:
        yield pair.hazard(
            Effect.DATA_LOSS, name, message, "copy what must stay to another place first", source
        )
    elif was and now == 0 and name == "backup_retention_period":
        yield pair.hazard(
            Effect.DATA_LOSS, name, "all automated backups are deleted", "take a snapshot first", source
        )


def _switched(pair: _Pair, name: str, bad: bool, message: str, source: str) -> Iterator[Hazard]:
    before, after = pair.get(name)
    if _value(after) is bad and _value(before) is not bad and not (before is None and bad is False):
        effect = Effect.CAPACITY if name == "automatic_failover_enabled" else Effect.PROTECTION
        yield pair.hazard(effect, name, message, "keep it where the data matters", source)


def _value(node: Node | None) -> object:
    return node.value if isinstance(node, Leaf) and not node.is_code else None
