"""Data of Compose services: volumes that are no longer used, the name of the project, and versions of databases."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.changes.hazards.compose_files import DOCS, Pair, files, is_rendered, pairs
from generator.changes.hazards.database_images import (
    IN_THE_SERVER,
    first_start,
    is_database,
    version_change,
)
from generator.changes.hazards.model import Effect, Hazard, place
from generator.system import System
from generator.system.compose import ComposeFile, Mount, Volume

_PROJECT = f"{DOCS}/compose/how-tos/project-name/"
_VOLUMES = f"{DOCS}/reference/compose-file/volumes/"
_MOUNTS = f"{DOCS}/engine/storage/volumes/"
_BINDS = f"{DOCS}/engine/storage/bind-mounts/"

_START = (
    "/docker-entrypoint-initdb.d/"  # hub.docker.com/_/postgres, "Initialization scripts"; also MySQL, MongoDB
)


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for the data that services find when they start again."""
    for was, now in files(old, new):
        yield from _project(was, now)
        yield from _definitions(was, now)
    for pair in pairs(old, new):
        yield from _mounts(pair, old, new)
        if any(mount.source and not mount.is_read_only for mount in pair.now.mounts):
            yield from _database(pair)
            yield from _first_start(pair)


def _project(was: ComposeFile, now: ComposeFile) -> Iterator[Hazard]:
    """Yield a hazard when Compose calls the project by another name: it takes everything for new."""
    if was.project == now.project and (was.project or was.folder == now.folder):
        return
    folders = [posixpath.basename(each.folder) for each in (was, now)]
    names = [each.project or folder for each, folder in zip((was, now), folders, strict=True)]
    if names[0] == names[1] and all(names):
        return
    owned = sorted(name for name in {*was.node.map("volumes")} if was.volume(name).is_own)
    certain = bool(was.project and now.project) and not any("$" in each.project for each in (was, now))
    left = f", and the volumes {', '.join(owned)} stay behind with their data" if owned else ""
    effect = Effect.UNKNOWN if not certain else Effect.DATA_LOSS if owned else Effect.LEFT
    old_name, new_name = (name or "the name of the folder" for name in names)
    message = (
        f"the name of the project changes from {old_name} to {new_name}: Compose creates new containers, networks "
        f"and volumes{left}; the old containers keep running"
    )
    if not certain:
        message += "; -p and COMPOSE_PROJECT_NAME decide before the file and its folder do"
    yield Hazard(
        "compose-project",
        effect,
        f"{now.source.path} project",
        message,
        place(was.node.get("name"), was.node),
        place(now.node.get("name"), now.node),
        "keep the name; or stop the old project with `docker compose -p NAME down`, and copy the volumes first",
        _PROJECT,
    )


def _definitions(was: ComposeFile, now: ComposeFile) -> Iterator[Hazard]:
    """Yield a hazard for each volume whose driver changes: Compose offers to create it again, without its data."""
    for name in was.node.map("volumes"):
        before, after = was.node.map("volumes", name), now.node.map("volumes", name)
        if name not in now.node.map("volumes") or was.volume(name) != now.volume(name):
            continue
        changed = [key for key in ("driver", "driver_opts") if before.get(key) != after.get(key)]
        if changed and not was.volume(name).is_external:
            yield Hazard(
                "compose-volume",
                Effect.DATA_LOSS,
                f"{now.source.path} volume {name}",
                f"{' and '.join(changed)} changes: Compose keeps the existing volume until it may create it "
                "again, and then its data is lost",
                place(before.get(changed[0]), before, was.node),
                place(after.get(changed[0]), after, now.node),
                "add a volume with another name, and copy the data to it",
                _VOLUMES,
            )


def _mounts(pair: Pair, old: System, new: System) -> Iterator[Hazard]:
    after = {mount.target: mount for mount in pair.now.mounts}
    for mount in pair.was.mounts:
        if mount.is_read_only or _is_settings(mount, pair, old, new):
            continue
        then = after.get(mount.target)
        if then is None:
            yield from _without(pair, mount)
        elif _identity(mount, pair.old) != _identity(then, pair.new):
            yield from _other(pair, mount, then)


def _is_settings(mount: Mount, pair: Pair, old: System, new: System) -> bool:
    """Return whether a folder or file of the machine has settings, or what an image reads before it has data."""
    if mount.kind != "bind":
        return False
    is_start = f"{mount.target}/".startswith(_START)
    return is_start or is_rendered(mount, pair.old, old) or is_rendered(mount, pair.new, new)


def _identity(mount: Mount, file: ComposeFile) -> Volume | str:
    """Return what identifies a volume, or the path of a folder of the machine."""
    return file.volume(mount.source) if mount.kind == "volume" else posixpath.normpath(mount.source)


def _without(pair: Pair, mount: Mount) -> Iterator[Hazard]:
    """Yield a hazard for a volume that the service has no more, or has at another place."""
    same = [each for each in pair.now.mounts if _identity(each, pair.new) == _identity(mount, pair.old)]
    if not mount.source:
        return  # a volume without a name is a new one each time
    what = _shown(mount, pair.old)
    if same:
        message = (
            f"{what} moves from {mount.target} to {same[0].target}: the program does not find its data there"
        )
    else:
        message = f"{what} is no longer mounted at {mount.target}: the service starts without its data"
    certain = mount.kind == "volume" or is_database(pair.was.image)
    yield Hazard(
        "compose-volume",
        Effect.DATA_LOSS if certain else Effect.UNKNOWN,
        pair.subject,
        message,
        place(mount.node),
        place(same[0].node if same else None, pair.now.node),
        "keep it; or copy the data first, while the service is stopped",
        _MOUNTS if mount.kind == "volume" else _BINDS,
    )


def _other(pair: Pair, mount: Mount, then: Mount) -> Iterator[Hazard]:
    if not mount.source:
        return
    certain = mount.kind == "volume" or is_database(pair.was.image)
    is_text = not any("$" in each.source for each in (mount, then))
    message = (
        f"{mount.target} was {_shown(mount, pair.old)} and is now {_shown(then, pair.new)}: the service starts "
        "without the data of the first, which stays on the machine"
    )
    yield Hazard(
        "compose-volume",
        Effect.DATA_LOSS if certain and is_text else Effect.UNKNOWN,
        pair.subject,
        message,
        place(mount.node),
        place(then.node),
        "keep it; or copy the data from one to the other first, while the service is stopped",
        _MOUNTS if mount.kind == "volume" else _BINDS,
    )


def _shown(mount: Mount, file: ComposeFile) -> str:
    if mount.kind == "bind":
        return f"the folder {mount.source}"
    if not mount.source:
        return "a volume without a name"
    volume = file.volume(mount.source)
    return f"the {'external ' if volume.is_external else ''}volume {volume.name}"


def _database(pair: Pair) -> Iterator[Hazard]:
    """Yield a hazard where another version of a database meets the files of the one before."""
    found = version_change(pair.was.image, pair.now.image, "the container")
    if found:
        places = place(pair.was.node.get("image")), place(pair.now.node.get("image"))
        yield Hazard(
            "database-version",
            found.effect,
            pair.subject,
            found.message,
            *places,
            found.safe,
            found.source,
            found.by,
            upgrades=found.upgrades,
        )


def _first_start(pair: Pair) -> Iterator[Hazard]:
    """Yield a hazard for each variable that a database reads only when it has no files yet."""
    database = first_start(pair.now.image)
    before, after = pair.was.settings, pair.now.settings
    for name in sorted(database.variables & before.keys() & after.keys()) if database else ():
        if database and before[name] != after[name]:
            yield Hazard(
                "first-start",
                Effect.NO_EFFECT,
                pair.subject,
                database.message(name),
                place(pair.was.node.get("environment", name), pair.was.node.get("environment")),
                place(pair.now.node.get("environment", name), pair.now.node.get("environment")),
                IN_THE_SERVER,
                database.source,
            )
