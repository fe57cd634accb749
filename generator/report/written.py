"""What `render` and `sync` wrote to a folder, as text: a line for each file that changed, and a summary."""

from __future__ import annotations

from generator import writer
from generator.report.text import Paint


def written_lines(plan: writer.Plan, label: str, paint: Paint) -> list[str]:
    """Return the lines for a plan that was written to the folder `label`."""
    steps = (("+", "green", plan.create), ("~", "yellow", plan.update), ("-", "red", plan.delete))
    lines = [
        f"{paint(sign, color)} {writer.below(label, path)}" for sign, color, paths in steps for path in paths
    ]
    return [*lines, summary_line(plan, label)]


def summary_line(plan: writer.Plan, label: str) -> str:
    """Return how many files were created, updated, deleted and left unchanged."""
    counts = (
        ("created", plan.create),
        ("updated", plan.update),
        ("deleted", plan.delete),
        ("unchanged", plan.keep),
    )
    written = ", ".join(f"{len(paths)} {word}" for word, paths in counts if paths)
    return f"{label}: {written or 'nothing to write'}"
