"""Units and configuration files of systemd.

Sources: man7.org, systemd.syntax(7), systemd.unit(5) "Specifiers", systemd.service(5) "Command lines".
"""

from __future__ import annotations

import re

_UNITS = (
    ".service",
    ".timer",
    ".socket",
    ".mount",
    ".automount",
    ".swap",
    ".slice",
    ".scope",
    ".netdev",
    ".nspawn",
)
_SHARED = tuple(
    ".path .target .network .link .container .pod .volume .kube .image .build .conf .dnssd".split()
)
_NAMES = frozenset(
    "journald.conf logind.conf resolved.conf system.conf user.conf timesyncd.conf networkd.conf".split()
)
# Compiled when a file needs them.
_FOLDER = r"(?:^|/)(?:systemd|quadlet)/(?:.*/)?[^/]+$|\.(?:service|timer|socket|conf)\.d/[^/]+$"
_SECTION = r"^\[[A-Z][A-Za-z-]*\]$"


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as units do; with an ending that others have too, it has a section of systemd."""
    name = path.rpartition("/")[2]
    if name.endswith(_UNITS) or name in _NAMES:
        return True
    if not name.endswith(_SHARED):
        return False
    is_its_folder = bool(re.search(_FOLDER, path))
    if name.endswith(".conf") and not is_its_folder:
        return False
    return bool(re.search(_SECTION, text, re.MULTILINE)) if text else is_its_folder


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
