"""Findings of the type checker, each at its line, with the lines that led there; and what the templates read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jinja2 import nodes

from generator.engine import Engine
from generator.findings import Finding, Note, Span, error
from generator.located import nearest
from generator.typecheck.kinds import BELOW, Known, Path

_NOT_SUGGESTED = ("caller", "kwargs", "varargs", "range", "loop")


class Reporter:
    """Collects what is wrong, once per place, and which values are read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._found: dict[tuple[str, Span, str], Finding] = {}
        self._chain: list[tuple[str, int]] = []
        self.reads: set[Path] = set()
        self.template = ""

    @property
    def findings(self) -> list[Finding]:
        """What was found, in the order of finding it."""
        return list(self._found.values())

    @contextmanager
    def inside(self, template: str, line: int) -> Iterator[None]:
        """Work on another template, which `line` of the present one uses."""
        outer = self.template
        self._chain.append((outer, line))
        self.template = template
        try:
            yield
        finally:
            self._chain.pop()
            self.template = outer

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
        """Report something at the line of `node`, with the caret under `word`."""
        at = self._engine.line(self.template, node.lineno, word)
        used = (
            Note("used by this line", self._engine.line(*place))
            for place in reversed(self._chain)
            if place[0]
        )
        code = f"typecheck/{name}"
        self._found.setdefault(
            (code, at, message), error(code, message, at, notes=(*notes, *used), hint=hint)
        )

    def unknown(self, what: str, name: str, known: list[str], node: nodes.Node, where: str = "") -> None:
        """Report a name that nothing has, and the nearest one."""
        known = [each for each in known if each not in _NOT_SUGGESTED]
        there = f", expected one of {', '.join(sorted(known))}" if known and len(known) <= 12 else ""
        hint = nearest(name, known) or "mend the name, or add it to environments/schema.json and base.yaml"
        found = f'{where} has no "{name}"' if where else f'no {what} is called "{name}"'
        self.report(f"unknown-{what}", found + there, node, name, hint=hint)

    def read(self, value: Known, *, below: bool = False) -> None:
        """Note that a template reads a value, or with `below` all that is in it."""
        if value.path is not None:
            self.reads.add((*value.path, BELOW) if below else value.path)
