"""What the hazards know of the outside world: a YAML file for each subject, with sources and date."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache
def table(name: str) -> dict[str, Any]:
    """Return the content of a data file."""
    text = files(__package__).joinpath(f"{name}.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=_LOADER)
    return data
