"""Find the files that belong together: those at one path, and those whose path differs by the environment's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from generator.adopt.tree import Folder, Original
from generator.adopt.words import Mask, environment_words
from generator.findings.record import record


@record
class Group:
    """Files of several environments that one template makes: path and content by environment."""

    paths: Mapping[str, str]
    files: Mapping[str, Original]

    @cached_property
    def path(self) -> str:
        """The path that names it."""
        return min(self.paths.values(), key=lambda path: (len(path), path))

    @cached_property
    def is_same(self) -> bool:
        """Whether the environments that have it have the same bytes."""
        return len({each.data for each in self.files.values()}) == 1


def pair(folders: Sequence[Folder]) -> list[Group]:
    """Return the files of all environments in groups, sorted by path."""
    by_path: dict[str, dict[str, str]] = defaultdict(dict)
    for folder in folders:
        for path in folder.files:
            by_path[path][folder.environment] = path
    everywhere = {path: found for path, found in by_path.items() if len(found) == len(folders)}
    masks = {each.environment: Mask(environment_words(each.environment)) for each in folders}
    rest: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path, found in by_path.items():
        if path not in everywhere:
            for environment in found:
                rest[masks[environment](path)].append((environment, path))
    groups = [*everywhere.values(), *(paths for same in rest.values() for paths in _split(same))]
    contents = {each.environment: each.files for each in folders}
    made = [Group(paths, {env: contents[env][path] for env, path in paths.items()}) for paths in groups]
    return sorted(made, key=lambda group: (group.path, sorted(group.paths.items())))


def _split(same: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Return groups of files with one masked path; an environment that has two of them keeps them apart by path."""
    environments = [environment for environment, _ in same]
    if len(environments) == len(set(environments)):
        return [dict(sorted(same))]
    by_path: dict[str, dict[str, str]] = defaultdict(dict)
    for environment, path in sorted(same):
        by_path[path][environment] = path
    return list(by_path.values())
