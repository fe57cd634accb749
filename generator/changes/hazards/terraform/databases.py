"""Databases, caches and logs: changes that AWS refuses, that lose data, cause restarts, or reduce protection."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.hazards.arguments import Pair, pairs, value
from generator.changes.hazards.model import AWS, Effect, Hazard, number, place, shown
from generator.languages.node import Leaf, Node
from generator.system import System

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
_AUTH = f"{_CACHE}/auth.html"
_LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
_ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-delete.html"
_WINDOW = "AWS waits for the maintenance window unless apply_immediately is set"

_ENGINES = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
}  # by a part of the engine's name


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the resources that hold data."""
    for pair in pairs(old, new, "resource"):
        if pair.type == "aws_db_instance":
            yield from _database(pair)
        elif pair.type == "aws_elasticache_replication_group":
            yield from _cache(pair)
        elif pair.type == "aws_cloudwatch_log_group":
            yield from _shorter(pair, "retention_in_days", "older logs are deleted", _LOGS)
        elif pair.type == "aws_ecr_repository":
            yield from _switched(
                pair, "force_delete", True, "it can be deleted although it holds images", _ECR
            )


def _hazard(
    pair: Pair, effect: Effect, name: str, message: str, safe: str, source: str, upgrades: str = ""
) -> Hazard:
    """Return a hazard about the argument `name`; `upgrades` is the database whose major version changes."""
    before, after = pair.get(name)
    places = place(before, pair.was), place(after, pair.now)
    what = f"{name} changes from {shown(before)} to {shown(after)}"
    by = AWS if effect is Effect.REFUSED else ""
    return Hazard(
        "data", effect, pair.subject, f"{what}: {message}", *places, safe, source, by, upgrades=upgrades
    )


def _database(pair: Pair) -> Iterator[Hazard]:
    yield from _engine_version(pair)
    yield from _storage(pair)
    yield from _shorter(pair, "backup_retention_period", "older backups are deleted", _BACKUPS)
    if pair.is_changed("identifier"):
        message = (
            "the database restarts with another address, and clients that use the old one cannot connect"
        )
        safe = "keep it; or update the secret that holds the address at the same time"
        yield _hazard(pair, Effect.OUTAGE, "identifier", message, safe, _RENAME)
    if pair.is_changed("port"):
        message = (
            "the database restarts and listens on another port: clients and security groups need it, too"
        )
        safe = "keep it; or change the security group and the secret with the address in the same apply"
        yield _hazard(pair, Effect.OUTAGE, "port", message, safe, _MODIFY)
    if pair.is_changed("instance_class"):
        message = f"the database restarts; {_WINDOW}"
        safe = "apply it in a maintenance window; with multi_az it is unavailable for only a minute or two"
        yield _hazard(pair, Effect.OUTAGE, "instance_class", message, safe, _MODIFY)
    if pair.is_changed("multi_az") and value(pair.get("multi_az")[1]) is not True:
        message = "no second instance takes over when the first one fails"
        yield _hazard(
            pair,
            Effect.CAPACITY,
            "multi_az",
            message,
            "keep it where an outage costs more than the second instance",
            _MULTI_AZ,
        )
    yield from _switched(pair, "deletion_protection", False, "nothing prevents its deletion", _DELETE)
    yield from _switched(
        pair, "skip_final_snapshot", True, "no final snapshot is taken when it is deleted", _DELETE
    )
    if [value(each) is True for each in pair.get("publicly_accessible")] == [False, True]:
        message, safe = "the database gets a public address", "keep it private"
        yield _hazard(pair, Effect.WIDENED, "publicly_accessible", message, safe, _MODIFY)


def _engine_version(pair: Pair) -> Iterator[Hazard]:
    before, after = pair.get("engine_version")
    was, now = _version(before), _version(after)
    if was is None or now is None or was[: min(len(was), len(now))] == now[: min(len(was), len(now))]:
        return
    if now < was:
        message = "AWS does not downgrade databases"
        safe = "keep the version; or dump the database and restore it to a new one"
        yield _hazard(pair, Effect.REFUSED, "engine_version", message, safe, _UPGRADE)
    elif now[0] != was[0]:
        allowed = value(pair.get("allow_major_version_upgrade")[1]) is True
        if allowed:
            message = f"the database is unavailable during the upgrade; {_WINDOW}"
            safe = "take a snapshot, test the upgrade on a copy of it, and apply it in a maintenance window"
            yield _hazard(pair, Effect.OUTAGE, "engine_version", message, safe, _UPGRADE, _engine(pair))
        else:
            message = "AWS refuses a new major version without allow_major_version_upgrade = true"
            safe = "test it on a copy restored from a snapshot; then add that argument to the resource"
            yield _hazard(pair, Effect.REFUSED, "engine_version", message, safe, _UPGRADE, _engine(pair))
    else:
        safe = "apply it in a maintenance window"
        yield _hazard(
            pair, Effect.OUTAGE, "engine_version", f"the database restarts; {_WINDOW}", safe, _MODIFY
        )


def _engine(pair: Pair) -> str:
    """Return the name of the database of an instance, as people write it; "" for those that are not known."""
    engine = pair.get("engine")[1]
    text = engine.text if isinstance(engine, Leaf) else ""
    return next((name for part, name in _ENGINES.items() if part in text), "")


def _version(node: Node | None) -> tuple[int, ...] | None:
    text = node.text if isinstance(node, Leaf) else ""
    return tuple(int(part) for part in text.split(".")) if re.fullmatch(r"\d+(\.\d+)*", text) else None


def _storage(pair: Pair) -> Iterator[Hazard]:
    before, after = pair.get("allocated_storage")
    was, now, most = number(before), number(after), number(pair.get("max_allocated_storage")[1])
    if was is None or now is None or now >= was:
        return
    if most is not None and most > now:
        message = "the provider ignores it while max_allocated_storage is larger, since volumes do not shrink"
        safe = "set the actual size; to pay for less, restore a dump to a smaller instance"
        yield _hazard(pair, Effect.NO_EFFECT, "allocated_storage", message, safe, _STORAGE)
    else:
        message = "AWS does not shrink volumes"
        safe = "keep the size; to pay for less, restore a dump to a smaller instance"
        yield _hazard(pair, Effect.REFUSED, "allocated_storage", message, safe, _STORAGE)


def _cache(pair: Pair) -> Iterator[Hazard]:
    before, after = pair.get("engine_version")
    was, now = _version(before), _version(after)
    if was and now and now < was[: len(now)]:
        message = "the provider replaces the group to downgrade it, and the cached data is lost"
        safe = "keep the version, or apply it when the cache may be empty"
        yield _hazard(pair, Effect.DATA_LOSS, "engine_version", message, safe, _CACHE_VERSION)
    for name, message in (
        ("num_cache_clusters", "fewer nodes can take over when one fails"),
        ("replicas_per_node_group", "fewer nodes can take over when one fails"),
    ):
        old_number, new_number = number(pair.get(name)[0]), number(pair.get(name)[1])
        if old_number is not None and new_number is not None and new_number < old_number:
            yield _hazard(
                pair,
                Effect.CAPACITY,
                name,
                message,
                "keep one replica where an outage costs more than the node",
                _FAILOVER,
            )
    yield from _switched(
        pair, "automatic_failover_enabled", False, "no replica takes over automatically", _FAILOVER
    )
    if pair.is_changed("node_type"):
        safe = "apply it in a maintenance window"
        yield _hazard(pair, Effect.OUTAGE, "node_type", f"the nodes are replaced; {_WINDOW}", safe, _CACHE)
    if pair.is_changed("transit_encryption_enabled"):
        message = (
            "before version 7.0.5 this replaces the group; since then, clients must switch at the same time"
        )
        safe = 'set transit_encryption_mode = "preferred" first, switch the clients, then require encryption'
        yield _hazard(
            pair,
            Effect.UNKNOWN,
            "transit_encryption_enabled",
            message,
            safe,
            f"{_CACHE}/in-transit-encryption.html",
        )
    yield from _login(pair)


def _login(pair: Pair) -> Iterator[Hazard]:
    """Yield what happens to the clients of a cache that gets or loses a token."""
    before, after = pair.get("auth_token")
    if before is None and after is not None:
        strategy = value(pair.get("auth_token_update_strategy")[1])
        if strategy == "SET":
            effect, message = Effect.OUTAGE, "clients without the token cannot connect any more"
        else:
            effect, message = Effect.NO_EFFECT, "clients without the token can still connect, until SET"
        safe = 'apply auth_token_update_strategy = "ROTATE" first, give the token to the clients, then apply "SET"'
        yield _hazard(pair, effect, "auth_token", message, safe, _AUTH)
    if before is not None and after is None and pair.get("user_group_ids")[1] is None:
        message = "AWS removes a token only when user groups take its place"
        safe = "keep it; or add user_group_ids"
        yield _hazard(pair, Effect.UNKNOWN, "auth_token", message, safe, _AUTH)


def _shorter(pair: Pair, name: str, message: str, source: str) -> Iterator[Hazard]:
    was, now = number(pair.get(name)[0]), number(pair.get(name)[1])
    if was and now is not None and 0 < now < was:
        yield _hazard(
            pair, Effect.DATA_LOSS, name, message, "copy what you must keep to another place first", source
        )
    elif was and now == 0 and name == "backup_retention_period":
        yield _hazard(
            pair, Effect.DATA_LOSS, name, "all automated backups are deleted", "take a snapshot first", source
        )


def _switched(pair: Pair, name: str, bad: bool, message: str, source: str) -> Iterator[Hazard]:
    before, after = pair.get(name)
    if value(after) is bad and value(before) is not bad and not (before is None and bad is False):
        effect = Effect.CAPACITY if name == "automatic_failover_enabled" else Effect.PROTECTION
        yield _hazard(pair, effect, name, message, "keep it where the data matters", source)
