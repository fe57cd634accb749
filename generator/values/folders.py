"""The folders of a project that `oetgen.yaml` names, instead of `environments/` and `templates/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.findings import Finding, FindingError, error
from generator.project import names_folders
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import FOLDERS, Project
from generator.values.settings import Settings, load_settings


def with_folders(project: Project, cache: Cache = NO_CACHE) -> Project:
    """Return a project that knows its folders. Raises FindingError for a folder that cannot be."""
    settings = load_settings(project, cache)
    if settings.findings and names_folders(str(project.root)):
        raise FindingError(*settings.findings)  # it is not known where values and templates are
    if settings.folders == FOLDERS:
        return project
    findings = list(_wrong(project, settings))
    if findings:
        raise FindingError(*findings)
    return replace(project, folders=settings.folders)


def _wrong(project: Project, settings: Settings) -> Iterator[Finding]:
    one, other = settings.folders
    for name, at in settings.folders_at.items():
        folder = getattr(settings.folders, name)
        if f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/"):
            message = "values and templates need a folder each, and neither can be inside the other"
            yield error("settings/folders", message, at, hint="name another folder")
            return
        if not (project.root / folder).is_dir():
            message = f"there is no folder {folder}/"
            yield error("settings/folders", message, at, hint="create it, or fix the path")
