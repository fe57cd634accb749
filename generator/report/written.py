"""What `render` and `sync` wrote to a folder, as text: a line for each file that changed, and a summary."""

from __future__ import annotations

from collections import Counter

from generator import writer
from generator.findings.suggest import listed
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


_MOST_LINES = 40  # of files, for many environments together


def many_lines(environments: list[list[str]]) -> list[str]:
    """Return the lines for many environments, from those of each: files if they are few, equal changes once."""
    files = [line for lines in environments for line in lines[:-1]]
    same: dict[str, list[str]] = {}
    total: Counter[str] = Counter()
    for *_, summary in environments:
        label, _, counts = summary.rpartition(": ")
        same.setdefault(counts, []).append(label)
        for each in counts.split(", "):
            number, _, word = each.partition(" ")
            total[word] += int(number) if number.isdecimal() else 0
    grouped = [
        f"{listed(labels)}: {counts}"
        for counts, labels in same.items()
        if "," in counts or not counts.endswith(" unchanged")
    ]
    whole = ", ".join(f"{count} {word}" for word, count in total.items() if count)
    return [
        *(files if len(files) <= _MOST_LINES else ()),
        *grouped,
        f"{len(environments)} environments: {whole or 'nothing was written'}",
    ]
