"""Data files of the package: what the outside world does, each with its sources and the day that it was read."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache
def read_table(package: str, name: str) -> dict[str, Any]:
    """Return the content of the YAML file of this name in a package."""
    text = files(package).joinpath(f"{name}.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=_LOADER)
    return data
