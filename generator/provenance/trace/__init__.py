"""Which values and which lines of templates made each part of each output file: the traced render.

A plain render makes the bytes. A traced one renders the same templates with hooks in them and with values that
know where they come from, and makes nothing but the map from output to template and values. Where the traced text
without its marks is not what the plain render made, or where a template does what cannot be followed, the map of
that file says so and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.findings import Finding, Span
from generator.project import is_partial
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import Project
from generator.provenance.trace import marks
from generator.provenance.trace import tainted as tags
from generator.provenance.trace.instrument import Untraceable, weave
from generator.provenance.trace.recorder import Place, Recorder, Step
from generator.provenance.trace.sandbox import TracedSandbox
from generator.provenance.trace.source_map import FileMap, Hole, Piece, build, no_file
from generator.provenance.trace.tainted import Paths, Tag
from generator.render import limits as bounds
from generator.render.engine import Engine, Loader, Sources, environment
from generator.render.marks import lay_out
from generator.render.outputs import draft_file, outputs
from generator.values.layers import Values


class Tracer:
    """Traces the environments of one project; the templates are woven once. Not for several threads at once."""

    def __init__(self, project: Project, engine: Engine, cache: Cache = NO_CACHE) -> None:
        self.project = project
        self.engine = engine
        self.recorder = Recorder()
        self._loader = Loader(Sources(project), cache, weave)
        self._jinja = environment(self._loader, {**self.recorder.hooks, "short": bounds.short}, TracedSandbox)
        self._jinja.follow(self.recorder)

    def trace(self, values: Values) -> Trace:
        """Return the trace of one environment, whose values are proved."""
        return Trace(self, values)

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """Render a template with marks; the recorder then knows what each of them means."""
        self.recorder.start()
        text = self._jinja.get_template(name).render(context)
        return lay_out(text, marks.bare, marks.only_marks)

    def remember(self) -> None:
        """Keep the woven templates for the next run."""
        self._loader.remember()

    @property
    def ran(self) -> frozenset[tuple[str, int, str]]:
        """The branches and loops that were taken so far: a template, a line, and `then` or `else`."""
        return frozenset(self.recorder.ran)

    def span(self, place: Place) -> Span:
        """Return a place in a template as a span, with the text of its line; literal text without spaces around."""
        name, line, column, length = place
        at = self.engine.sources.line(name, line)
        if not length:
            behind = at.text[column - 1 :]
            column += len(behind) - len(behind.lstrip())
            length = len(behind.strip())
        return Span(at.path, line, column, max(length, 1), at.text)

    def line(self, step: Step) -> Span:
        """Return the line of a template that a step is about."""
        return self.engine.sources.line(step.template, step.line)


@dataclass
class Trace:
    """The maps of the files of one environment, each made when it is asked for."""

    tracer: Tracer
    values: Values
    _maps: dict[str, FileMap] = field(default_factory=dict)
    _known: dict[str, Any] = field(init=False)
    _files: dict[str, tuple[str, Mapping[str, Any]]] = field(init=False)

    def __post_init__(self) -> None:
        note = self.tracer.recorder.note
        self._known = {name: tags.tagged(value, (name,), note) for name, value in self.values.data.items()}
        self._files = {
            path: (name, context)
            for name in self.tracer.project.template_names()
            if not is_partial(name)
            for path, context in outputs(name, self.values, [])
        }

    @property
    def env(self) -> str:
        """The name of the environment."""
        return self.values.env

    def file(self, path: str) -> FileMap | None:
        """Return the map of the output file at `path`, or None when no template has that path.

        `path` is relative to the environment's folder, as an artifact's is.
        """
        if path not in self._files:
            return None
        if path not in self._maps:
            self._maps[path] = self._trace(path, *self._files[path])
        return self._maps[path]

    def files(self) -> Iterator[FileMap]:
        """Yield the maps sorted by path, also of the files that are not made here."""
        for path in sorted(self._files):
            found = self.file(path)
            if found:
                yield found

    def _trace(self, path: str, name: str, context: Mapping[str, Any]) -> FileMap:
        findings: list[Finding] = []
        draft = draft_file(self.tracer.engine, name, path, context, findings)
        decides = _in_path(name, context)
        if findings:
            return FileMap(path, name, certain=False, reason="it cannot be rendered", decides=decides)
        recorder = self.tracer.recorder
        try:
            traced = self.tracer.render(name, self._context(context))
        except Exception as problem:  # the plain render went well: it is the trace that cannot follow
            reason = str(problem) if isinstance(problem, Untraceable) else f"the trace fails: {problem}"
            return FileMap(path, name, certain=False, reason=reason, decides=decides)
        if draft is None:
            return no_file(path, name, recorder.events, decides)
        built = build(draft, traced, recorder.events, recorder.puts, decides)
        if isinstance(built, FileMap):
            return built
        return FileMap(path, name, certain=False, reason=built, decides=decides)

    def _context(self, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a template sees, with tags."""
        if context is self.values.data:
            return self._known
        key = context["service"]["name"]
        tag = Tag(frozenset({("services", key)}))
        name = tags.with_tag(key, Tag(keys=tag.values))
        service = {"name": name} | dict(self._known["services"][key])
        return self._known | {"service": tags.new_map(service, tag, self.tracer.recorder.note)}


def _in_path(name: str, context: Mapping[str, Any]) -> Paths:
    """Return the values that are in the path of a file, and so decide that it is there."""
    service = {("services", context["service"]["name"])} if "{service}" in name else set()
    return frozenset(service | ({("suffix",)} if "{suffix}" in name else set()))


__all__ = ["FileMap", "Hole", "Piece", "Step", "Tag", "Trace", "Tracer"]
