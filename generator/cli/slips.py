"""What somebody meant who named something else than an environment: a path, a revision, a value."""

from __future__ import annotations

import re
from contextlib import suppress

from generator.findings import OetgenError
from generator.project.folder import Project
from generator.project.git import revision

_VALUE = re.compile(r"[a-z_][\w-]*(\.[\w-]+)+")


def meant(project: Project, name: str) -> str:
    """Return what to write instead of a name that no environment has, or "" where that is not clear."""
    names = project.environment_names()
    parts = name.removesuffix(".yaml").removesuffix(".yml").split("/")
    found = next((part for part in parts if part in names), "")
    if found:
        return f'did you mean "{found}"?'
    first = names[0] if names else "ENV"
    if _VALUE.fullmatch(name):
        return f"for a value, run: oetgen values {first} {name}, or: oetgen impact {name}"
    with suppress(OetgenError):
        revision(project.root, name)
        return f"to compare with a revision, run: oetgen plan {first} --against {name}"
    return ""
