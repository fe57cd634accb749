"""Collects the findings of typecheck, each with the lines that led there, and the values that templates read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import nodes

from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import alternatives, nearest
from generator.render.engine import Engine
from generator.render.tokens.foreign import raw_hint
from generator.render.typecheck.value_type import ALWAYS, BELOW, Conditions, Path, Type

Read = tuple[Path, Conditions]

_NOT_SUGGESTED = ("caller", "kwargs", "varargs", "range", "loop", "self", "super")
# Jinja's own names that oetgen does not offer.
_ABSENT = {
    "namespace": "what a loop sets ends with the loop: filter the list (selectattr, map) instead of counting in it",
    "cycler": "write loop.cycle(…) inside the loop",
    "joiner": "write {% if not loop.last %}, {% endif %}",
    "dict": "write {name: value}",
    "lipsum": "write the text",
    "Markup": "remove it: oetgen encodes every value",
}


class Reporter:
    """Collects each finding once, and the values that are read."""

    def __init__(self, engine: Engine) -> None:
        self.reads: set[Read] = set()
        self.reading = True  # whether the checked code can run at all
        self.template = ""
        self.conditions = ALWAYS  # of the current template
        self._engine = engine
        self.findings: dict[tuple[str, Span, str], Finding] = {}  # in the order of the checks
        self._chain: list[tuple[str, int]] = []

    def path(self, template: str) -> str:
        """Return what messages call a template."""
        return self._engine.sources.path(template)

    @contextmanager
    def inside(self, template: str, line: int, conditions: Conditions = ALWAYS) -> Iterator[None]:
        """Report about another template, which `line` of the current one uses under `conditions`."""
        outer = self.template, self.conditions
        self._chain.append((self.template, line))
        self.template, self.conditions = template, self.conditions | conditions
        try:
            yield
        finally:
            self._chain.pop()
            self.template, self.conditions = outer

    def error(
        self,
        code: str,
        message: str,
        node: nodes.Node,
        word: str = "",
        *,
        hint: str = "",
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Report an error at `node`: at `word` in it, or at all of it."""
        at = self._engine.sources.node(self.template, node)
        if word:
            at = self._engine.sources.line(self.template, node.lineno, word)
        used = tuple(
            Note("used by this line", self._engine.sources.line(template, line))
            for template, line in reversed(self._chain)
            if template and line
        )
        raw = raw_hint(at.text, at.column) if code == "typecheck/unknown-value" else ""
        self.findings.setdefault(
            (code, at, message),
            error(code, message, at, notes=notes + used, hint=raw or hint or "fix the expression"),
        )

    def rendered_text(self, what: str, node: nodes.Node) -> None:
        """Report an operation on rendered text, whose values are not encoded yet."""
        hint = "write it unchanged; compute with values before a macro or a set block renders them"
        self.error("typecheck/captured-text", f"rendered text cannot go through {what}", node, hint=hint)

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
        """Report an unknown name, and suggest a similar one; without one, give `hint`."""
        known = [each for each in known if each not in _NOT_SUGGESTED]
        several = "one of " if len(known) > 1 else ""
        wanted = f", expected {several}{alternatives(name, known)}" if known else ""
        add = f"fix the name, or add it to {self._engine.sources.folders.schema} and base.yaml"
        hint = nearest(name, known) or hint or (add if what in ("value", "attribute") else "fix the name")
        if what == "value" and name in _ABSENT:
            wanted, hint = "", _ABSENT[name]
        message = f'{where} has no "{name}"' if where else f'there is no {what} "{name}"'
        self.error(f"typecheck/unknown-{what}", message + wanted, node, name, hint=hint, notes=notes)

    def read(self, value: Type, *, below: bool = False) -> None:
        """Record that a template reads a value, or with `below` everything in it."""
        if value.path is not None and self.reading:
            self.reads.add(((*value.path, BELOW) if below else value.path, self.conditions))
