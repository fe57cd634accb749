"""Compose services that are removed or renamed, and what they publish, need and get."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import changes, path_text
from generator.changes.hazards.compose_files import DOCS, Pair, files, pairs, renamed, subject
from generator.changes.hazards.database_images import is_database
from generator.changes.hazards.model import Effect, Hazard, Place, place, shown
from generator.languages.node import Leaf, Node
from generator.system import System
from generator.system.compose import ComposeFile, Port

_UP = f"{DOCS}/reference/cli/docker/compose/up/"
_PORTS = f"{DOCS}/engine/network/port-publishing/"
_NAMES = f"{DOCS}/compose/how-tos/networking/"
_DEPLOY = f"{DOCS}/reference/compose-file/deploy/"
_NETWORKS = f"{DOCS}/reference/compose-file/networks/"
_RESTART = f"{DOCS}/reference/compose-file/services/#restart"
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmg]?)b?")
# Where a service asks for memory, processors or copies: with less of them it can do less.
_AMOUNTS = (
    ("deploy", "replicas"),
    ("scale",),
    ("mem_limit",),
    ("cpus",),
    ("deploy", "resources", "limits", "memory"),
    ("deploy", "resources", "limits", "cpus"),
)


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for services that stop, are reached in another way, or start again."""
    removes = any("--remove-orphans" in run.command.texts for run in new.runs)
    for was, now in files(old, new):
        yield from _gone(was, now, new, removes=removes)
        yield from _networks(was, now)
    for pair in pairs(old, new):
        yield from _ports(pair)
        yield from _less(pair)
        yield from _started_again(pair)


def _gone(was: ComposeFile, now: ComposeFile, new: System, *, removes: bool) -> Iterator[Hazard]:
    names = renamed(was, now)
    beside = {name for each in new.compose if each.folder == now.folder for name in each.parts}
    for name, service in was.parts.items():
        if name in beside:
            continue
        at, what = place(was.services.get(name), was.services), subject(now, name)
        if name in names:
            places = at, place(now.services.get(names[name]), now.services)
            yield _renamed(what, names[name], service.ports, places, removes=removes)
            continue
        volumes = [mount.source for mount in service.mounts if mount.kind == "volume" and mount.source]
        kept = f"; the volumes {', '.join(volumes)} stay" if volumes else ""
        message = f"is removed from the file: its container keeps running as an orphan{kept}"
        safe = "stop it with `docker compose up -d --remove-orphans`, or `docker rm -f`"
        effect = Effect.LEFT
        if removes:
            message, effect = (
                f"is removed from the file: --remove-orphans removes its container{kept}",
                Effect.DESTROYED,
            )
            safe = "make sure that nothing uses it"
        yield Hazard("compose-service", effect, what, message, at, None, safe, _UP)


def _renamed(
    what: str, name: str, ports: list[Port], places: tuple[Place | None, Place | None], *, removes: bool
) -> Hazard:
    message = f"is renamed to {name}: other services reach it only by the new name"
    if not removes:
        message += ", and the old container keeps running"
        taken = [port.published for port in ports if port.published]
        if taken:
            message += (
                f" with port {', '.join(taken)}, so the new one does not start: port is already allocated"
            )
    safe = "rename it everywhere, and run `docker compose up -d --remove-orphans`; a network alias keeps the old name"
    return Hazard("compose-service", Effect.OUTAGE, what, message, *places, safe, _NAMES)


def _networks(was: ComposeFile, now: ComposeFile) -> Iterator[Hazard]:
    for name in was.node.map("networks"):
        before, after = was.node.map("networks", name), now.node.map("networks", name)
        if name in now.node.map("networks") and before != after:
            yield Hazard(
                "compose-network",
                Effect.OUTAGE,
                f"{now.source.path} network {name}",
                "changes: a network cannot change, so it is removed and created again, with the containers in it",
                place(before, was.node),
                place(after, now.node),
                "apply it when the services may be unavailable for a moment",
                _NETWORKS,
            )


def _ports(pair: Pair) -> Iterator[Hazard]:
    before, after = _by_target(pair.was.ports), _by_target(pair.now.ports)
    for key, ports in before.items():
        then = after.get(key, [])
        kept = {port.published for port in then}
        for port in ports:
            if port.published and port.published not in kept:
                where = ", ".join(each.published or "any port" for each in then)
                now = f"is published at {where}" if then else "is no longer published"
                yield Hazard(
                    "compose-port",
                    Effect.OUTAGE,
                    pair.subject,
                    f"port {key[0]} was published at {port.published} and {now}: clients of the old port fail",
                    place(port.node),
                    place(then[0].node if then else None, pair.now.node),
                    "publish both for a while, and change the clients in between",
                    _PORTS,
                )
    yield from _opened(pair, before, after)


def _opened(
    pair: Pair, before: dict[tuple[str, str], list[Port]], after: dict[tuple[str, str], list[Port]]
) -> Iterator[Hazard]:
    """Yield a hazard for each port that other machines reach now."""
    for key, ports in after.items():
        was = before.get(key, [])
        opened = next((port for port in ports if not port.is_local), None)
        if opened is None or any(not port.is_local for port in was):
            continue
        if was or is_database(pair.now.image):
            how = "only this machine could reach it" if was else "no other machine could reach it"
            yield Hazard(
                "compose-port",
                Effect.WIDENED,
                pair.subject,
                f"port {key[0]} is published on all addresses of the machine, past the rules of ufw: {how} before",
                place(was[0].node if was else None, pair.was.node),
                place(opened.node),
                "write 127.0.0.1 in front of the port, or let other services use the network of the project",
                _PORTS,
            )


def _by_target(ports: list[Port]) -> dict[tuple[str, str], list[Port]]:
    found: dict[tuple[str, str], list[Port]] = {}
    for port in ports:
        found.setdefault((port.target, port.protocol), []).append(port)
    return found


def _less(pair: Pair) -> Iterator[Hazard]:
    for path in _AMOUNTS:
        before, after = pair.was.node.get(*path), pair.now.node.get(*path)
        was, now = _amount(before), _amount(after)
        if was is not None and now is not None and now < was:
            yield Hazard(
                "compose-capacity",
                Effect.CAPACITY,
                pair.subject,
                f"{'.'.join(path)} changes from {shown(before)} to {shown(after)}",
                place(before),
                place(after),
                "make sure that it can do the work with less",
                _DEPLOY,
            )
    if "extends" in pair.now.node:
        return  # of another file, which may set it
    policies = [each.node.text("restart") or "no" for each in (pair.was, pair.now)]
    if policies[0] in ("always", "unless-stopped") and policies[1] == "no" and "deploy" not in pair.now.node:
        yield Hazard(
            "compose-capacity",
            Effect.CAPACITY,
            pair.subject,
            f"restart changes from {policies[0]} to no: nothing starts it again after a failure or a reboot",
            place(pair.was.node.get("restart")),
            place(pair.now.node.get("restart"), pair.now.node),
            "keep it",
            _RESTART,
        )


def _amount(node: Node | None) -> float | None:
    """Return an amount: a number, or bytes with a unit as in 512m, 1g or 1.5GB."""
    found = _SIZE.fullmatch(node.text.lower()) if isinstance(node, Leaf) else None
    return float(found[1]) * 1024 ** " kmg".index(found[2] or " ") if found else None


def _started_again(pair: Pair) -> Iterator[Hazard]:
    """Yield a hazard for a service whose container is created again."""
    found = [
        each
        for each in changes(pair.was.node, pair.now.node)
        if each.path[0] not in ("depends_on", "profiles")
    ]
    if not found:
        return
    first = found[0]
    what = f"{path_text(first.path)} changes"
    if len(found) > 1:
        what = f"{path_text(first.path)} and {len(found) - 1} more change"
    yield Hazard(
        "compose-restart",
        Effect.RESTARTED,
        pair.subject,
        f"{what}: its container is stopped, removed and created again, and nothing answers in between",
        place(first.old, pair.was.node),
        place(first.new, pair.now.node),
        "apply it when it may be unavailable for a moment; `docker compose ps` shows when it is healthy again",
        _UP,
    )
