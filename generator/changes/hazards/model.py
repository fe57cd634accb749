"""Hazards as data."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from generator.findings import Severity
from generator.findings.record import record
from generator.languages.node import Leaf, Node, summary


class Effect(StrEnum):
    """What a hazard causes, the worst first. The words are those of the output."""

    DATA_LOSS = "loses data"
    REFUSED = "refused"
    DESTROYED = "destroyed"
    REPLACED = "replaced"
    OUTAGE = "outage"
    CAPACITY = "less capacity"
    PROTECTION = "less protection"
    WIDENED = "wider rights"
    LEFT = "left behind"
    RIGHTS = "changed rights"
    NO_EFFECT = "no effect"
    UNKNOWN = "unknown"
    RESTARTED = "restarted"

    @property
    def severity(self) -> Severity:
        """The severity: only what is refused or loses data fails a run."""
        if self in (Effect.DATA_LOSS, Effect.REFUSED):
            return Severity.ERROR
        return Severity.INFO if self is Effect.RESTARTED else Severity.WARNING


class When(IntEnum):
    """When to take the safe way of a hazard: before the change is applied, after it, or once the rest works."""

    BEFORE, AFTER, LAST = range(3)


LATER = frozenset([Effect.RESTARTED, Effect.REPLACED, Effect.OUTAGE])  # happen only to what is accepted

# Who refuses a change before it is made; a database refuses it only after its restart.
API_SERVER, AWS, TERRAFORM = "the API server", "AWS", "Terraform"
AT_ONCE = frozenset([API_SERVER, AWS, TERRAFORM])


@record
class Place:
    """A line of the old or the new files: `path` is relative to the environment's folder."""

    path: str
    line: int


@record
class Hazard:
    """A harmful effect of applying a change.

    `subject` is the affected object, `safe` the way to avoid the effect, `source` the documentation of the rule.
    `by` names who refuses the change; "" for every other effect. `awaits` names who refuses the object at the moment,
    so that the effect comes only once that is fixed. `when` is given where it does not follow from the effect, and
    `upgrades` names the database whose version changes.
    """

    rule: str
    effect: Effect
    subject: str
    message: str
    old: Place | None
    new: Place | None
    safe: str
    source: str
    by: str = ""
    awaits: str = ""
    when: When | None = None
    upgrades: str = ""

    @property
    def turn(self) -> When:
        """When to take the safe way: what is left behind is deleted last, everything else is avoided before."""
        return (
            self.when if self.when is not None else When.LAST if self.effect is Effect.LEFT else When.BEFORE
        )

    @property
    def verdict(self) -> str:
        """Return the effect and, of a change that is refused, who refuses it."""
        later = " once accepted" if self.awaits else ""
        return f"{self.effect.value} by {self.by}" if self.by else f"{self.effect.value}{later}"


def place(*nodes: Node | None) -> Place | None:
    """Return the place of the first of `nodes` that exists, or None."""
    node = next((each for each in nodes if each is not None), None)
    return Place(node.source.path, node.line) if node is not None else None


def shown(node: Node | None) -> str:
    """Return a value as messages show it."""
    return summary(node, 60)


def number(node: Node | None) -> float | None:
    """Return the number that a leaf is, or None."""
    if isinstance(node, Leaf) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    return None
