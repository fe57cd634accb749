"""The lines of `render` for unchanged environments. Imports nothing, because it is loaded before everything else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 10  # environments that have a line each


def unchanged_lines(folders: Sequence[tuple[str, int]]) -> list[str]:
    """Return a line for each folder with the number of its files; one line for many."""
    if len(folders) <= FEW:
        return [f"{label}: {count} unchanged" for label, count in folders]
    return [f"{len(folders)} environments: {sum(count for _, count in folders)} unchanged"]
