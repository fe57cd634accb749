"""The traced render: which values and template lines each part of each output file comes from.

A plain render makes the bytes. A traced one renders the same templates with hooks in them and with tainted values,
and makes only the source map. Where the traced text without its marks differs from the plain render, or a template
does something that cannot be followed, the source map has only the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.findings import Span
from generator.project import is_partial
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import Project
from generator.project.limits import EXCEEDED, SECONDS_BY_FILE, Limits, reason
from generator.provenance.trace import marks, tainted
from generator.provenance.trace.instrument import UntraceableError, instrument
from generator.provenance.trace.recorder import Frame, Recorder
from generator.provenance.trace.sandbox import TracedSandbox
from generator.provenance.trace.source_map import Omission, Segment, SourceMap, build, no_file
from generator.provenance.trace.tainted import Paths, Tag
from generator.render.engine import Engine, Loader, Location, RenderError, Sources, environment
from generator.render.limits import Budget
from generator.render.marks import resolve_indentation
from generator.render.outputs import Output, draft_file, outputs
from generator.values.layers import Values


class Tracer:
    """Traces the environments of one project; the templates are instrumented once. Not thread-safe."""

    def __init__(
        self, project: Project, engine: Engine, cache: Cache = NO_CACHE, limits: Limits | None = None
    ) -> None:
        self.project = project
        self.engine = engine
        self.limits = limits or Limits()
        self.recorder = Recorder()
        self._loader = Loader(Sources(project), cache, instrument)
        self._jinja = environment(self._loader, self.recorder.hooks, TracedSandbox)
        self._jinja.follow(self.recorder)

    def trace(self, values: Values) -> Trace:
        """Return the trace of one environment, whose values are valid."""
        return Trace(self, values)

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """Return a template rendered with marks, whose events are in the recorder afterwards."""
        self.recorder.start()
        self._jinja.budget = Budget()
        text = self._jinja.get_template(name).render(context)
        return resolve_indentation(text, marks.bare, marks.only_marks)

    def remember(self) -> None:
        """Write the instrumented templates to the cache."""
        self._loader.remember()

    @property
    def ran(self) -> frozenset[tuple[str, int, str]]:
        """The branches taken so far: a template, the number of a condition or loop, and `then` or `else`."""
        return frozenset(self.recorder.ran)

    def span(self, location: Location) -> Span:
        """Return the span of a location; literal text without the white space around it."""
        name, line, column, length = location
        at = self.engine.sources.line(name, line)
        if not length:
            rest = at.text[column - 1 :]
            column += len(rest) - len(rest.lstrip())
            length = len(rest.strip())
        return Span(at.path, line, column, max(length, 1), at.text)

    def line(self, frame: Frame) -> Span:
        """Return the template line of a frame."""
        return self.engine.sources.line(frame.template, frame.line)


@dataclass
class Trace:
    """The source maps of one environment, each made at its first use."""

    tracer: Tracer
    values: Values
    _maps: dict[str, SourceMap] = field(default_factory=dict)
    _tainted: dict[str, Any] = field(init=False)
    _outputs: dict[str, Output] = field(init=False)

    def __post_init__(self) -> None:
        note = self.tracer.recorder.note
        self._tainted = {
            name: tainted.taint(value, (name,), note) for name, value in self.values.data.items()
        }
        self._outputs = {
            output.path: output
            for name in self.tracer.project.template_names()
            if not is_partial(name)
            for output in outputs(name, self.values)[0]
        }

    @property
    def env(self) -> str:
        """The name of the environment."""
        return self.values.env

    def file(self, path: str) -> SourceMap | None:
        """Return the source map of the output file at `path`, or None when no template has that path.

        `path` is relative to the environment's folder, as an artifact's is.
        """
        if path in self._outputs and path not in self._maps:
            output = self._outputs[path]
            decides = _in_path(output)
            self.tracer.limits.grant(SECONDS_BY_FILE)
            try:
                with self.tracer.limits.hold():
                    built = self._build(output, decides)
            except EXCEEDED as problem:
                built = f"the trace fails: {reason(problem)}"
            if not isinstance(built, SourceMap):
                built = SourceMap(path, output.template, certain=False, reason=built, decides=decides)
            self._maps[path] = built
        return self._maps.get(path)

    def files(self) -> Iterator[SourceMap]:
        """Yield the source maps sorted by path, including those of files that the environment does not have."""
        for path in sorted(self._outputs):
            source_map = self.file(path)
            if source_map:
                yield source_map

    def _build(self, output: Output, decides: Paths) -> SourceMap | str:
        """Return the source map of a file, or why there is none."""
        recorder = self.tracer.recorder
        try:
            draft = draft_file(self.tracer.engine, output)
        except RenderError:
            return "it cannot be rendered"
        try:
            traced = self.tracer.render(output.template, self._context(output.context))
        except UntraceableError as problem:
            return str(problem)
        except Exception as problem:  # the plain render succeeded: only the trace cannot follow the template
            return f"the trace fails: {problem}"
        if draft is None:
            return no_file(output.path, output.template, recorder.events, decides)
        return build(draft, traced, recorder.events, recorder.puts, decides)

    def _context(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the values that a template sees, tainted."""
        if context is self.values.data:
            return self._tainted
        key = context["service"]["name"]
        tag = Tag(frozenset({("services", key)}))
        name = tainted.with_tag(key, Tag(keys=tag.values))
        service = {"name": name} | dict(self._tainted["services"][key])
        return self._tainted | {"service": tainted.TaintedMap(service, tag, self.tracer.recorder.note)}


def _in_path(output: Output) -> Paths:
    """Return the values that are in the path of a file, and so decide whether it is generated."""
    service = {("services", output.context["service"]["name"])} if "{service}" in output.template else set()
    return frozenset(service | ({("suffix",)} if "{suffix}" in output.template else set()))


__all__ = ["Frame", "Omission", "Segment", "SourceMap", "Tag", "Trace", "Tracer"]
