"""Findings of the type checker, each at its place, with the lines that led there; and what the templates read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import nodes

from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import alternatives, nearest
from generator.render.engine import Engine
from generator.render.typecheck.kinds import ALWAYS, BELOW, Conditions, Known, Path

Read = tuple[Path, Conditions]

_NOT_SUGGESTED = ("caller", "kwargs", "varargs", "range", "loop", "self", "super")
# What Jinja offers by default, and templates of oetgen do without.
_ABSENT = {
    "namespace": "a value of a loop ends with the loop: filter the list (selectattr, map) instead of counting in it",
    "cycler": "write loop.cycle(…) inside of the loop",
    "joiner": "write {% if not loop.last %}, {% endif %}",
    "dict": "write {name: value}",
    "lipsum": "write the text",
    "Markup": "take it out: every value is encoded for its place",
}
_ADD = "mend the name, or add it to environments/schema.json and base.yaml"


class Reporter:
    """Collects what is wrong, once per place, and which values are read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._found: dict[tuple[str, Span, str], Finding] = {}
        self._chain: list[tuple[str, int]] = []
        self._conditions = ALWAYS
        self.reads: set[Read] = set()
        self.reading = True  # whether what is looked at now can run at all
        self.template = ""

    @property
    def findings(self) -> list[Finding]:
        """What was found, in the order of finding it."""
        return list(self._found.values())

    @property
    def conditions(self) -> Conditions:
        """What must be so for the present template to be reached."""
        return self._conditions

    @contextmanager
    def inside(self, template: str, line: int, conditions: Conditions = ALWAYS) -> Iterator[None]:
        """Work on another template, which `line` of the present one uses under `conditions`."""
        outer = self.template, self._conditions
        self._chain.append((self.template, line))
        self.template, self._conditions = template, self._conditions | conditions
        try:
            yield
        finally:
            self._chain.pop()
            self.template, self._conditions = outer

    def report(
        self,
        name: str,
        message: str,
        node: nodes.Node,
        word: str = "",
        *,
        hint: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Report something at `node`: at `word` in it, or at all of it."""
        at = self._engine.sources.node(self.template, node)
        if word:
            at = self._engine.sources.line(self.template, node.lineno, word)
        used = tuple(
            Note("used by this line", self._engine.sources.line(*place))
            for place in reversed(self._chain)
            if place[0] and place[1]
        )
        code = f"typecheck/{name}"
        hint = hint or "mend the expression"
        self._found.setdefault((code, at, message), error(code, message, at, notes=notes + used, hint=hint))

    def unknown(
        self,
        what: str,
        name: str,
        known: list[str],
        node: nodes.Node,
        *,
        where: str = "",
        hint: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Report a name that nothing has, and the nearest one; without one, `hint` says what to do."""
        known = [each for each in known if each not in _NOT_SUGGESTED]
        several = "one of " if len(known) > 1 else ""
        wanted = f", expected {several}{alternatives(name, known)}" if known else ""
        hint = nearest(name, known) or hint or (_ADD if what in ("value", "attribute") else "mend the name")
        if what == "value" and name in _ABSENT:
            wanted, hint = "", _ABSENT[name]
        found = f'{where} has no "{name}"' if where else f'no {what} is called "{name}"'
        self.report(f"unknown-{what}", found + wanted, node, name, hint=hint, notes=notes)

    def read(self, value: Known, *, below: bool = False) -> None:
        """Note that a template reads a value, or with `below` all that is in it."""
        if value.path is not None and self.reading:
            self.reads.add(((*value.path, BELOW) if below else value.path, self._conditions))
