"""The traced render: which values and template lines each part of each output file comes from.

A plain render makes the bytes. A traced one renders the same templates with hooks in them and with tainted values,
and makes only the source map. Where the traced text without its marks differs from the plain render, or a template
does something that cannot be followed, the source map has only the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from generator.findings import Span
from generator.project import SUFFIX
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import Project
from generator.project.limits import EXCEEDED, SECONDS_BY_FILE, Limits, reason
from generator.provenance.trace import marks, tainted
from generator.provenance.trace.instrument import UntraceableError, instrument
from generator.provenance.trace.readers import Readers, Uses
from generator.provenance.trace.recorder import Frame, Recorder
from generator.provenance.trace.remembered import Known, Remembered
from generator.provenance.trace.sandbox import TracedSandbox
from generator.provenance.trace.source_map import Omission, Segment, SourceMap, build, copied, no_file
from generator.provenance.trace.tainted import Paths, Tag
from generator.render.engine import Engine, Loader, Location, RenderError, Sources, environment
from generator.render.limits import Budget
from generator.render.marks import resolve_indentation
from generator.render.outputs import draft_file, rendered_names
from generator.render.paths import Output, outputs
from generator.values.layers import Values, value_at
from generator.values.source import KeyPath


class Tracer:
    """Traces the environments of one project; the templates are instrumented once. Not thread-safe."""

    def __init__(
        self, project: Project, engine: Engine, cache: Cache = NO_CACHE, limits: Limits | None = None
    ) -> None:
        self.project = project
        self.engine = engine
        self.limits = limits or Limits()
        self.cache = cache
        self.uses = Uses(engine)
        self.shared: dict[str, Known] | None = None
        self.recorder = Recorder()
        self._ran: set[tuple[str, int, str]] = set()
        self._loader = Loader(Sources(project, engine.settings, cache), cache, instrument)
        self._jinja = environment(self._loader, self.recorder.hooks, TracedSandbox)
        self._jinja.follow(self.recorder)

    def trace(self, values: Values, known: Mapping[str, SourceMap] = MappingProxyType({})) -> Trace:
        """Return the trace of one environment, whose values are valid; `known` are source maps that still hold."""
        return Trace(self, values, dict(known))

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """Return a template rendered with marks, whose events are in the recorder afterwards."""
        self.recorder.start()
        self._jinja.budget = Budget()
        try:
            text = self._jinja.get_template(name).render(context)
        finally:
            self._ran |= self.recorder.ran
        return resolve_indentation(text, marks.bare, marks.only_marks)

    def share(self) -> None:
        """Keep each source map for the other environments, which may have equal files."""
        self.shared = {} if self.shared is None else self.shared

    def remember(self) -> None:
        """Write the instrumented templates to the cache."""
        self._loader.remember()

    @property
    def ran(self) -> frozenset[tuple[str, int, str]]:
        """The branches taken so far: a template, the number of a condition or loop, and `then` or `else`."""
        return frozenset(self._ran)

    def take(self, ran: Iterable[tuple[str, int, str]]) -> None:
        """Add branches that were taken."""
        self._ran.update(ran)

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

    @cached_property
    def _tainted(self) -> dict[str, Any]:
        note = self.tracer.recorder.note
        return {name: tainted.taint(value, (name,), note) for name, value in self.values.context.items()}

    @cached_property
    def _outputs(self) -> dict[str, Output]:
        return {
            output.path: output
            for name in rendered_names(self.tracer.engine)
            for output in outputs(name, self.values, self.tracer.engine.settings)[0]
        }

    @cached_property
    def _earlier(self) -> Remembered | None:
        """What is known of source maps; None where nothing is kept."""
        tracer = self.tracer
        is_kept = tracer.shared is not None or not (tracer.cache is NO_CACHE or tracer.cache.keeps_objects)
        if not is_kept:
            return None
        return Remembered(tracer.engine, tracer.uses, tracer.cache, self.values, tracer.shared)

    @property
    def env(self) -> str:
        """The name of the environment."""
        return self.values.env

    @property
    def folder(self) -> str:
        """The folder of the output, relative to the project."""
        return self.values.folder

    def template(self, name: str) -> str:
        """Return what messages call a template."""
        return self.tracer.engine.sources.path(name)

    def file(self, path: str) -> SourceMap | None:
        """Return the source map of the output file at `path`, or None when no template has that path.

        `path` is relative to the environment's folder, as an artifact's is.
        """
        if path in self._outputs and path not in self._maps:
            output = self._outputs[path]
            decides = output.decides
            self.tracer.limits.grant(SECONDS_BY_FILE)
            try:
                with self.tracer.limits.hold():
                    built = self._made(output)
            except EXCEEDED as problem:
                built = f"the trace fails: {reason(problem)}"
            if not isinstance(built, SourceMap):
                built = SourceMap(path, output.template, certain=False, reason=built, decides=decides)
            self._maps[path] = built
        return self._maps.get(path)

    def may_read(self, readers: Readers) -> list[str]:
        """Return the paths of the files that may read a value, sorted."""
        return sorted(path for path, output in self._outputs.items() if readers.may_read(output))

    def paths(self) -> list[str]:
        """Return the paths of all files, also of those that the environment does not have, sorted."""
        return sorted(self._outputs)

    def files(self) -> Iterator[SourceMap]:
        """Yield the source maps sorted by path, including those of files that the environment does not have."""
        for path in self.paths():
            source_map = self.file(path)
            if source_map:
                yield source_map

    def remember(self) -> None:
        """Write the source maps that were made to the cache."""
        if self._earlier:
            self._earlier.remember(self._outputs)

    def _made(self, output: Output) -> SourceMap | str:
        """Return the source map of a file, from an earlier run if it is known, or why there is none."""
        is_template = output.template.endswith(SUFFIX)  # others are copied, and not rendered again
        key = self._earlier.key(output) if self._earlier and is_template else ""
        if not self._earlier or not key:
            return self._build(output, output.decides)
        known = self._earlier.get(output.path, key)
        if known is None:
            built = self._build(output, output.decides)
            if isinstance(built, str):
                return built
            known = built, frozenset(self.tracer.recorder.ran)
            self._earlier.keep(output.path, key, known)
        self.tracer.take(known[1])
        return known[0]

    def _build(self, output: Output, decides: Paths) -> SourceMap | str:
        """Return the source map of a file, or why there is none."""
        recorder = self.tracer.recorder
        if not output.template.endswith(SUFFIX):
            return copied(output.path, output.template, self.tracer.engine.source(output.template), decides)
        try:
            draft = draft_file(self.tracer.engine, output)
        except RenderError:
            return "it cannot be rendered"
        try:
            traced = self.tracer.render(output.template, self._context(output))
        except UntraceableError as problem:
            return str(problem)
        except Exception as problem:  # the plain render succeeded: only the trace cannot follow the template
            return f"the trace fails: {problem}"
        if draft is None:
            return no_file(output.path, output.template, recorder.events, decides)
        form = self.tracer.engine.sources.form(output.template)
        return build(draft, form, traced, recorder.events, recorder.puts, decides)

    def _context(self, output: Output) -> Mapping[str, Any]:
        """Return the values that a template sees, tainted."""
        if not output.entries:
            return self._tainted
        return self._tainted | {word: self._entry(path) for word, path in output.entries.items()}

    def _entry(self, path: KeyPath) -> Any:
        """Return what a template sees of an entry of a map or list, tainted."""
        value = value_at(self._tainted, path)
        if isinstance(path[-1], int):
            return value
        tag = Tag(frozenset({path}))
        name = tainted.with_tag(path[-1], Tag(keys=tag.values))
        entry = {"name": name} | (dict(value) if isinstance(value, dict) else {"value": value})
        return tainted.TaintedMap(entry, tag, self.tracer.recorder.note)


__all__ = ["Frame", "Omission", "Readers", "Segment", "SourceMap", "Tag", "Trace", "Tracer"]
