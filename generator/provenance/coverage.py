"""What no environment uses: branches, templates without output, and values that only one environment sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import nodes

from generator.findings import Finding, Severity, Span
from generator.findings.record import record
from generator.project import is_partial
from generator.project.cache import NO_CACHE, Cache
from generator.provenance.trace import Trace
from generator.provenance.trace.instrument import conditions_and_loops
from generator.render.engine import Engine, RenderError
from generator.values.source import KeyPath, format_path, leaves

_KIND = "branches"


@record
class Branch:
    """One way through a condition or a loop: `then` or `else`.

    `is_written` is false for the `else` of a condition that has none.
    """

    at: Span
    which: str
    is_loop: bool
    is_written: bool = True

    @property
    def text(self) -> str:
        """What follows when no environment takes the branch."""
        if self.is_loop:
            return "this loop never runs" if self.which == "then" else "this loop always runs"
        return f"this condition is {'never' if self.which == 'then' else 'always'} true"


@record
class SetOnce:
    """A value that only one of several environments sets."""

    path: KeyPath
    env: str
    at: Span


@record
class Coverage:
    """What the environments of a project do not use; `branches` is the number of all branches."""

    branches: int
    untaken: tuple[Branch, ...]
    without_output: tuple[str, ...]
    set_once: tuple[SetOnce, ...]


def coverage(engine: Engine, traces: Sequence[Trace]) -> Coverage:
    """Return what none of the traced environments uses; pass the traces of all environments that matter."""
    maps = [source_map for trace in traces for source_map in trace.files()]
    ran = traces[0].tracer.ran if traces else frozenset()
    branches = _all_branches(engine, traces[0].tracer.cache if traces else NO_CACHE)
    untaken = tuple(branch for key, branch in branches if key not in ran)
    generating = {each.template for each in maps if each.text or not each.certain}
    silent = tuple(name for name in engine.names() if not is_partial(name) and name not in generating)
    return Coverage(len(branches), untaken, silent, tuple(_set_once(traces)))


def coverage_findings(result: Coverage, path_of: Callable[[str], str]) -> Iterator[Finding]:
    """Yield what is unused as information, because it may be intended; `path_of` returns the path of a template."""
    info = Severity.INFO
    for branch in result.untaken:
        if branch.is_written:
            hint = "remove it, or add an environment that uses it"
            yield Finding(
                "coverage/branch", info, f"in all environments, {branch.text}", branch.at, hint=hint
            )
    for name in result.without_output:
        at = Span(path_of(name), 1)
        yield Finding("coverage/silent-template", info, "generates no file in any environment", at)
    for each in result.set_once:
        message = f"only {each.env} sets {format_path(each.path)}"
        yield Finding("coverage/lonely-value", info, message, each.at)


def _all_branches(engine: Engine, cache: Cache) -> list[tuple[tuple[str, int, str], Branch]]:
    """Return every branch of every template with its key in the trace.

    Templates are not parsed again whose branches are in `cache`: a second report takes 0.9 of the time with it.
    """
    records: Mapping[str, Any] = cache.get(_KIND, engine.sources.root, "") or {}
    kept: dict[str, Any] = {}
    found: list[tuple[tuple[str, int, str], Branch]] = []
    for name in engine.names():
        source = engine.sources.key(name)
        known, rows = records.get(name, ("", ()))
        try:
            if not source or known != source:
                raise ValueError("not of this text")
            branches = [_restored(engine, name, *row) for row in rows]
        except (ValueError, TypeError, LookupError):
            branches = list(_branches(engine, name))
        found += branches
        kept[name] = source, [_plain(key, branch) for key, branch in branches]
    if kept != records:
        cache.put(_KIND, engine.sources.root, "", kept)
    return found


def _plain(key: tuple[str, int, str], branch: Branch) -> tuple[Any, ...]:
    at = branch.at
    return key[1], branch.which, at.line, at.column, at.length, branch.is_loop, branch.is_written


def _restored(
    engine: Engine, name: str, number: int, which: str, line: int, column: int, length: int, *flags: bool
) -> tuple[tuple[str, int, str], Branch]:
    is_loop, is_written = flags
    text = engine.source(name).split("\n")[line - 1]
    return (name, number, which), Branch(
        Span(engine.sources.path(name), line, column, length, text), which, is_loop, is_written
    )


def _branches(engine: Engine, name: str) -> Iterator[tuple[tuple[str, int, str], Branch]]:
    """Yield every branch of a template with its key in the trace."""
    try:
        tree = engine.tree(name)
    except RenderError:
        return
    elses: dict[int, list[nodes.Node] | None] = {}  # the `else` of each condition; None where `elif` follows
    for node in tree.find_all(nodes.If):
        if id(node) not in elses:
            elses[id(node)] = node.else_
        for each in node.elif_:
            elses[id(each)] = None
        if node.elif_:
            elses[id(node.elif_[-1])], elses[id(node)] = node.else_, None
    for number, choice in enumerate(conditions_and_loops(tree)):
        at = engine.sources.line(name, choice.lineno)
        is_loop = isinstance(choice, nodes.For)
        yield (name, number, "then"), Branch(at, "then", is_loop)
        else_body = choice.else_ if is_loop else elses[id(choice)]
        if else_body is not None and (else_body or not is_loop):
            yield (name, number, "else"), Branch(at, "else", is_loop, is_written=bool(else_body))


def _set_once(traces: Iterable[Trace]) -> Iterator[SetOnce]:
    setters: dict[KeyPath, list[Trace]] = {}
    for trace in traces:
        for path, _ in leaves(trace.values.data):
            setters.setdefault(path, []).append(trace)
    if len({trace.env for each in setters.values() for trace in each}) < 2:
        return
    for path, setting in sorted(setters.items(), key=lambda item: format_path(item[0])):
        at = setting[0].values.at(path)
        if len(setting) == 1 and at:
            yield SetOnce(path, setting[0].env, at)
