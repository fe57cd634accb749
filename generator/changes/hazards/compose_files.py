"""Compose files before and after a change, with the services that both have."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.changes.diff import changes
from generator.findings.record import record
from generator.system import System
from generator.system.compose import ComposeFile, Mount, Service

DOCS = "https://docs.docker.com"


@record
class Pair:
    """A service before and after a change, in its file."""

    was: Service
    now: Service
    old: ComposeFile
    new: ComposeFile

    @property
    def subject(self) -> str:
        """What findings call it."""
        return subject(self.new, self.was.name)


def subject(file: ComposeFile, service: str) -> str:
    """Return what findings call a service."""
    return f"{file.source.path} service {service}"


def files(old: System, new: System) -> Iterator[tuple[ComposeFile, ComposeFile]]:
    """Yield each file that both sides have; the only one of a side is the same file when only its path changes."""
    before, after = ({each.source.path: each for each in side.compose} for side in (old, new))
    gone, added = before.keys() - after.keys(), after.keys() - before.keys()
    moved = dict(zip(gone, added, strict=True)) if len(gone) == len(added) == 1 else {}
    for path, was in before.items():
        now = after.get(moved.get(path, path))
        if now is not None and {was.source.path, now.source.path} & (old.nodes.keys() | new.nodes.keys()):
            yield was, now


def pairs(old: System, new: System) -> Iterator[Pair]:
    """Yield each service that both sides have, also under another name."""
    for was, now in files(old, new):
        names = renamed(was, now)
        for name, service in was.parts.items():
            then = now.parts.get(names.get(name, name))
            if then is not None:
                yield Pair(service, then, was, now)


def renamed(was: ComposeFile, now: ComposeFile) -> dict[str, str]:
    """Return the services that are only there under another name: all that they have but the name is the same."""
    gone = [name for name in was.parts if name not in now.parts]
    added = [name for name in now.parts if name not in was.parts]
    found: dict[str, str] = {}
    for name in gone:
        alike = [each for each in added if _is_alike(was.parts[name], now.parts[each])]
        if len(alike) == 1 and alike[0] not in found.values():
            found[name] = alike[0]
    return found


def _is_alike(was: Service, now: Service) -> bool:
    """Return whether two services are one: the same image or build, and at most two other differences."""
    own = [(each.node.get("image"), each.node.get("build")) for each in (was, now)]
    return own[0] == own[1] != (None, None) and len(list(changes(was.node, now.node))) <= 2


def is_rendered(mount: Mount, file: ComposeFile, side: System) -> bool:
    """Return whether a folder or file of the machine is one that is rendered: settings, and no data."""
    path = posixpath.normpath(posixpath.join(file.folder, mount.source))
    return path in side.sources or any(each.startswith(f"{path}/") for each in side.sources)
