"""What the hazards know of the outside world: a YAML file for each subject, with sources and date."""

from __future__ import annotations

from typing import Any

from generator.project.tables import read_table


def table(name: str) -> dict[str, Any]:
    """Return the content of a data file."""
    return read_table(__package__, name)
