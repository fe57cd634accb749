"""cloud-init's user data.

Source: cloudinit.readthedocs.io, "User data formats".
"""

from __future__ import annotations

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"


def recognise(path: str, text: str) -> bool:
    """Return whether the first line says `#cloud-config`, or the file is called as user data usually is."""
    if text:
        return text.startswith("#cloud-config")
    name = path.rpartition("/")[2]
    return name.startswith(("cloud-init.", "cloud-config.", "cloudinit.")) and name.endswith(
        (".yml", ".yaml")
    )
