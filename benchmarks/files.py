"""Read and write trees of files."""

from __future__ import annotations

from pathlib import Path


def read_tree(top: Path) -> dict[str, str]:
    """Return the text of each file below a folder, except oetgen's manifest."""
    return {
        path.relative_to(top).as_posix(): path.read_text("utf-8")
        for path in sorted(top.rglob("*"))
        if path.is_file() and path.name != ".oetgen"
    }


def write(path: Path, text: str) -> None:
    """Write a file, and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
