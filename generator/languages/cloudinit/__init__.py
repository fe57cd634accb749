"""cloud-init's user data.

Source: cloudinit.readthedocs.io, "User data formats".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the first line is `#cloud-config`, or the file has a usual name of user data."""
    if text:
        return text.startswith("#cloud-config") and not path.endswith(
            (".tpl", ".tftpl")
        )  # Terraform's templates
    name = path.rpartition("/")[2]
    return name.startswith(("cloud-init.", "cloud-config.", "cloudinit.")) and name.endswith(
        (".yml", ".yaml")
    )
