"""Terraform's configuration in JSON.

Source: developer.hashicorp.com, "JSON Configuration Syntax".
"""

from __future__ import annotations

BASE = "json"


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as Terraform's configuration in JSON does; a `.tfvars.json` is plain JSON."""
    return path.endswith((".tf.json", ".tofu.json", ".tftest.json"))
