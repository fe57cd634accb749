"""What somebody meant who named something else than an environment: a path, a revision, a value."""

from __future__ import annotations

import re
from contextlib import suppress

import click

from generator.findings import OetgenError
from generator.findings.suggest import listed
from generator.project.folder import Project
from generator.project.git import revision

_EVERY = {"all", "every", "everything", "*"}
_WITHOUT_NAME = {"check", "impact", "plan", "report", "watch"}  # commands that are about all without a name
_VALUE = re.compile(r"[a-z_][\w-]*(\.[\w-]+)+")


def meant(project: Project, name: str) -> str:
    """Return what to write instead of a name that no environment has, or "" where that is not clear."""
    names = project.environment_names()
    parts = name.removesuffix(".yaml").removesuffix(".yml").split("/")
    found = next((part for part in parts if part in names), "")
    if found:
        return f'did you mean "{found}"?'
    if name.lower() in _EVERY:
        return _every(click.get_current_context().info_name or "", names)
    first = names[0] if names else "ENV"
    if _VALUE.fullmatch(name):
        return f"for a value, run: oetgen values {name}, or: oetgen impact {name}"
    with suppress(OetgenError):
        revision(project.root, name)
        return f"to compare with a revision, run: oetgen plan {first} --against {name}"
    return ""


def _every(command: str, names: list[str]) -> str:
    """Return how a command is given every environment."""
    if command == "render":
        return "run: oetgen render --all"
    if command in _WITHOUT_NAME:
        return f"for every environment, run: oetgen {command}"
    return f"name one of {listed(names)}" if names else ""
