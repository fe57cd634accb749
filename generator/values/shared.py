"""Templates that several projects share: from a folder of the same repository, or from an installed package.

Nothing is copied and nothing is imported: the folder of a package is found by its name, and its files are read. A
project's own template takes precedence over a shared one of the same name.
"""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.machinery import PathFinder
from pathlib import Path

from generator.findings import Finding, FindingError, error
from generator.project import TEMPLATES, files
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import Project, Shared
from generator.project.git import repository_of
from generator.values.settings import PathEntry, load_settings


def with_shared(project: Project, cache: Cache = NO_CACHE) -> Project:
    """Return a project that knows its shared templates. Raises FindingError for a folder or package without any."""
    entries = load_settings(project, cache).shared
    if not entries:
        return project
    found = [
        _package(project, each) if each.pattern == "package" else _folder(project, each) for each in entries
    ]
    findings = [each for each in found if isinstance(each, Finding)]
    if findings:
        raise FindingError(*findings)
    return replace(project, shared=tuple(each for each in found if isinstance(each, Shared)))


def _folder(project: Project, entry: PathEntry) -> Shared | Finding:
    """Return a folder of the repository, which is reached through no link."""
    root = Path(os.path.realpath(project.root))
    top = repository_of(root)
    place = Path(os.path.normpath(root / entry.value))
    if top is None or not place.is_relative_to(top) or place == top:
        message = f"{entry.value} is not a folder of the same repository"
        hint = "share templates of other repositories in a Python package: - package: NAME"
        return error("settings/shared", message, entry.at, hint=hint)
    if place.is_relative_to(root) or root.is_relative_to(place):
        hint = "name the templates/ of another project, or a folder beside the projects"
        return error("settings/shared", f"{entry.value} is a folder of this project", entry.at, hint=hint)
    folder = place.relative_to(top).as_posix()
    label = Path(os.path.relpath(place, root)).as_posix()
    return _checked(Shared(str(top), folder, label), entry)


def _package(project: Project, entry: PathEntry) -> Shared | Finding:
    """Return the templates of an installed package, which lies outside of the project."""
    spec = PathFinder.find_spec(entry.value)
    places = list(spec.submodule_search_locations or ()) if spec else []
    root = Path(os.path.realpath(project.root))
    top = repository_of(root) or root
    places = [each for each in places if not Path(os.path.realpath(each)).is_relative_to(top)]
    if not places:
        hint = f"install it beside oetgen: pip install {entry.value}"
        return error("settings/shared", f"no package {entry.value} is installed", entry.at, hint=hint)
    return _checked(Shared(os.path.realpath(places[0]), TEMPLATES, f"{entry.value}/{TEMPLATES}"), entry)


def _checked(shared: Shared, entry: PathEntry) -> Shared | Finding:
    try:
        next(files.walk(shared.root, shared.folder), None)
    except OSError as problem:
        message = f"{shared.label} cannot be read: {problem.strerror}"
        return error("settings/shared", message, entry.at, hint="name a folder of templates that is no link")
    return shared
