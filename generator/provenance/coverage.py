"""What no environment tries: branches that none takes, templates that put out nothing, values that only one sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from generator.findings import Finding, Severity, Span
from generator.project import TEMPLATES, is_partial
from generator.provenance.trace import Trace
from generator.provenance.trace.instrument import choices
from generator.render.engine import Engine, TemplateFailure
from generator.values.source import KeyPath, format_path, leaves


@dataclass(frozen=True, slots=True)
class Branch:
    """A way that a template can go: `then` or `else` of a condition or of a loop.

    `is_written` is false for the `else` of a condition that has none.
    """

    at: Span
    which: str
    is_loop: bool
    is_written: bool = True

    @property
    def text(self) -> str:
        """What it means that no environment goes that way."""
        if self.is_loop:
            return "this loop has no round" if self.which == "then" else "this loop is never empty"
        return "this never holds" if self.which == "then" else "this always holds"


@dataclass(frozen=True, slots=True)
class Lonely:
    """A value that one environment alone sets, of several."""

    path: KeyPath
    env: str
    at: Span


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the environments of a project leave untried; `branches` is how many there are in all."""

    branches: int
    untaken: tuple[Branch, ...]
    silent: tuple[str, ...]
    lonely: tuple[Lonely, ...]


def coverage(engine: Engine, traces: Sequence[Trace]) -> Coverage:
    """Return what none of the environments takes; every environment that matters has to be among them."""
    files = [found for trace in traces for found in trace.files()]
    ran = traces[0].tracer.ran if traces else frozenset()
    known = [branch for name in engine.names() for branch in _branches(engine, name)]
    untaken = [branch for key, branch in known if key not in ran]
    makes = {found.template for found in files if found.text or not found.certain}
    silent = [name for name in engine.names() if not is_partial(name) and name not in makes]
    return Coverage(len(known), tuple(untaken), tuple(silent), tuple(_lonely(traces)))


def coverage_findings(found: Coverage) -> Iterator[Finding]:
    """Yield what is untried as information: none of it need be wrong."""
    info = Severity.INFO
    for branch in found.untaken:
        if not branch.is_written:
            continue
        hint = "take it out, or add an environment that needs it"
        yield Finding("coverage/branch", info, f"in no environment: {branch.text}", branch.at, hint=hint)
    for name in found.silent:
        at = Span(f"{TEMPLATES}/{name}", 1)
        yield Finding("coverage/silent-template", info, "makes no file in any environment", at)
    for lonely in found.lonely:
        message = f"only {lonely.env} sets {format_path(lonely.path)}"
        yield Finding("coverage/lonely-value", info, message, lonely.at)


def _branches(engine: Engine, name: str) -> Iterator[tuple[tuple[str, int, str], Branch]]:
    """Yield every way that a template can go, with what the trace calls it."""
    try:
        tree = engine.tree(name)
    except TemplateFailure:
        return
    elses: dict[int, list[nodes.Node] | None] = {}  # what stands behind a condition's else, if one can come
    for node in tree.find_all(nodes.If):
        if id(node) not in elses:
            elses[id(node)] = node.else_
        for each in node.elif_:
            elses[id(each)] = None
        if node.elif_:
            elses[id(node.elif_[-1])], elses[id(node)] = node.else_, None
    for number, choice in enumerate(choices(tree)):
        at = engine.sources.line(name, choice.lineno)
        is_loop = isinstance(choice, nodes.For)
        yield (name, number, "then"), Branch(at, "then", is_loop)
        behind = choice.else_ if is_loop else elses[id(choice)]
        if behind is not None and (behind or not is_loop):
            yield (name, number, "else"), Branch(at, "else", is_loop, is_written=bool(behind))


def _lonely(traces: Iterable[Trace]) -> Iterator[Lonely]:
    setters: dict[KeyPath, list[Trace]] = {}
    for trace in traces:
        for path, _ in leaves(trace.values.data):
            setters.setdefault(path, []).append(trace)
    if len({trace.env for each in setters.values() for trace in each}) < 2:
        return
    for path, found in sorted(setters.items(), key=lambda item: format_path(item[0])):
        at = found[0].values.at(path)
        if len(found) == 1 and at:
            yield Lonely(path, found[0].env, at)
