"""Files that `oetgen.yaml` maps to `verbatim`: they are written as they are, and take no values."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return False: only `oetgen.yaml` makes a file verbatim."""
    return False
