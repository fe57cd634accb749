"""Describe the machine of a measurement."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe(scratch: Path) -> dict[str, str]:
    """Return the properties of this machine that matter for the numbers; unknown ones are omitted."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30 if hasattr(os, "sysconf") else 0
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    found = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{pages:.0f} GiB" if pages else "",
        "system": f"{_system()}, {platform.system()} {platform.release()}",
        "file system": _file_system(scratch),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "load before the run": f"{busy:.1f}",
    }
    return {name: text for name, text in found.items() if text}


def _processor() -> str:
    lines = _lines("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform(terse=True)


def _file_system(folder: Path) -> str:
    """Return the type of the file system of `folder`: that of the longest mount point above it."""
    best = ("", "")
    for line in _lines("/proc/mounts"):
        _, point, kind, *_ = line.split(" ")
        if folder.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
