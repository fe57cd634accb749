"""What the rules know of the outside world: one YAML file a subject, each with its sources and the day it was
read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from generator.project.tables import read_table


def table(name: str) -> dict[str, Any]:
    """Return the content of a data file."""
    return read_table(__package__, name)


@lru_cache(maxsize=1024)  # the rules ask for those of each object again
def words(text: str) -> frozenset[str]:
    """Return the words of a text of the data files."""
    return frozenset(text.split())
