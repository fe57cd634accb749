"""What a change does when it is applied, as data: hazards, and what becomes of each object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generator.changes.diff import Change, Leaf, Node, Seq
from generator.changes.diff.node import text_of
from generator.findings import Severity


class Effect(StrEnum):
    """What is bad about it, the worst first. The words are those of the output."""

    DATA_LOSS = "loses data"
    REFUSED = "refused"
    DESTROYED = "destroyed"
    REPLACED = "replaced"
    OUTAGE = "outage"
    CAPACITY = "less capacity"
    PROTECTION = "less protection"
    WIDENED = "wider rights"
    LEFT = "left behind"
    NO_EFFECT = "no effect"
    UNKNOWN = "unknown"
    RESTARTED = "restarted"

    @property
    def severity(self) -> Severity:
        """Only what would be refused or lose data fails a run."""
        if self in (Effect.DATA_LOSS, Effect.REFUSED):
            return Severity.ERROR
        return Severity.INFO if self is Effect.RESTARTED else Severity.WARNING


@dataclass(frozen=True, slots=True)
class Place:
    """A line of one of the two sides: `path` is relative to the environment's folder."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Hazard:
    """One thing that applying the change would do, and that somebody should know before.

    `subject` is the object that it happens to, `safe` how to get there without it, `source` who says so.
    """

    rule: str
    effect: Effect
    subject: str
    message: str
    old: Place | None
    new: Place | None
    safe: str
    source: str


@dataclass(frozen=True, slots=True)
class Action:
    """What becomes of one object: `sign` is +, ~, - or -/+, `notes` say what else happens to it."""

    area: str
    sign: str
    subject: str
    at: Place
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()


def place(path: str, node: Node | None) -> Place | None:
    """Return the place of a node of the file at `path`."""
    return Place(path, node.line) if node is not None else None


def shown(node: Node | None) -> str:
    """Write a value for a message."""
    return text_of(node, 60)


def number(node: Node | None) -> float | None:
    """Return the number that a leaf is, or None."""
    if isinstance(node, Leaf) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    return None


def texts(node: Node | None) -> list[str]:
    """Return the scalars of a list, or the one that stands in its place, as text."""
    if isinstance(node, Seq):
        return [str(item.value) for item in node.items if isinstance(item, Leaf)]
    return [str(node.value)] if isinstance(node, Leaf) and node.value is not None else []
