"""The project as it is in the editor: unsaved texts, and what the pipeline knows of it."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from generator.changes import Review, committed_files
from generator.checks.options import CheckOptions
from generator.checks.runner import Reported
from generator.editor.tools import Tools
from generator.findings import (
    Finding,
    FindingError,
    OetgenError,
    Severity,
    Span,
    error,
    has_errors,
    merge_environments,
)
from generator.findings.record import record
from generator.pipeline import Pipeline, configured
from generator.project import SETTINGS
from generator.project.cache import LatestTrees, ProcessCache
from generator.project.folder import Project
from generator.project.git import head
from generator.project.limits import EXCEEDED, limit_finding
from generator.provenance.impact import Index
from generator.provenance.trace import SourceMap, Trace
from generator.render.result import RenderResult, Validated
from generator.render.typecheck.observed import Observations, observe
from generator.report.plan import hazard_finding
from generator.values.layers import Layer, Values
from generator.values.schema import Schema
from generator.values.source import KeyPath

IsStale = Callable[[], bool]


class StaleError(Exception):
    """A newer text has arrived: the rest of the analysis is not wanted."""


class Rendering(NamedTuple):
    """A rendered file below `folder`; it is stale when its environment has errors since."""

    text: str
    template: str
    folder: str
    is_stale: bool = False


@record
class Snapshot:
    """The project at one moment.

    `examined` are the findings of the rules, `others` those about no environment, `failure` why nothing could be
    analysed. `results` has the environments that were validated, `observations` what is known of the templates,
    `indexes` the lines of the output by value for the environments that were traced, `rendered` the files by
    environment and path.
    """

    project: Project
    generation: int = 0
    schema: Schema | None = None
    results: dict[str, RenderResult] = field(default_factory=dict)
    examined: tuple[Finding, ...] = ()
    others: tuple[Finding, ...] = ()
    failure: tuple[Finding, ...] = ()
    observations: Observations | None = None
    indexes: Mapping[str, Sequence[Index]] = field(default_factory=dict)
    rendered: dict[tuple[str, str], Rendering] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is known to be wrong, sorted; the rules' part may be that of the text before."""
        if self.failure:
            return self.failure
        found = [finding for result in self.results.values() for finding in result.findings]
        return tuple(merge_environments([*found, *self.others, *self.examined]))

    @property
    def layers(self) -> dict[str, Layer]:
        """The values files that were read, by their paths."""
        return {layer.path: layer for result in self.results.values() for layer in result.values.layers}

    def folders(self) -> dict[str, str]:
        """Return the folder of the output of each environment that was rendered, relative to the project."""
        return {env: each.folder for (env, _), each in self.rendered.items()}

    def template_path(self, name: str) -> str:
        """Return the path of a template, which several projects may share."""
        shared = self.project.shared_names().get(name)
        return f"{shared.label if shared else self.project.folders.templates}/{name}"

    def values(self) -> list[Values]:
        """Return the values of all environments."""
        return [result.values for result in self.results.values()]

    def reached(self, path: KeyPath) -> tuple[int, int] | None:
        """Return how many lines of how many files a value reaches in all environments; None while it is unknown."""
        if not self.indexes:
            return None
        counts = [index.count(path) for indexes in self.indexes.values() for index in indexes]
        return sum(counts), sum(count > 0 for count in counts)

    def output(self, path: str) -> str | None:
        """Return the rendered text of a generated file, whatever is on disk; None for another file."""
        for env, folder in self.folders().items():
            if path.startswith(f"{folder}/"):
                found = self.rendered.get((env, path.removeprefix(f"{folder}/")))
                return found.text if found else None
        return None

    def source_map(self, env: str, path: str) -> SourceMap | None:
        """Return the source map of an output file, if the environment was traced."""
        return next((each.file for each in self.indexes.get(env, ()) if each.file.path == path), None)


class Workspace:
    """One project with the texts that an editor has open. Analyses run in one thread, one after the other."""

    def __init__(self, root: Path, today: datetime.date | None = None) -> None:
        self.unsaved: dict[str, str] = {}
        self.project = Project(root, unsaved=self.unsaved)
        self.snapshot = Snapshot(self.project)
        self._today = today
        self._generation = 0
        self.busy = Lock()  # held while a limit of memory applies, which new programs would inherit
        self._tools = Tools(self.busy)
        self._memory = ProcessCache()  # a template that has not changed is not compiled again
        self._records = LatestTrees()
        self._pipeline: Pipeline | None = None
        self._observed_by: Pipeline | None = None
        self._sources: Mapping[str, str] = {}  # a digest of all that each template uses
        self._indexed: dict[
            tuple[str, str], tuple[str, Index]
        ] = {}  # by environment and path, with such a digest
        self._focused: set[str] = set()  # the environments that the last analysis rendered first
        self._waiting: dict[str, Validated] = {}  # validated environments that are not rendered yet
        self._templates_changed = True

    @property
    def generation(self) -> int:
        """The number of changes so far."""
        return self._generation

    def change(self, path: str, text: str | None) -> None:
        """Note that a file has a new text, unless it is the same as before; None: that on disk counts again."""
        if text is not None and text == self.unsaved.get(path):
            return
        self._generation += 1
        if text is None:
            self.unsaved.pop(path, None)
        else:
            self.unsaved[path] = text
        if self.project.template_of(path) or path in (self.project.folders.schema, SETTINGS):
            self._templates_changed = True

    def interrupt(self) -> None:
        """Let what runs at the moment end: what it finds is not wanted."""
        self._generation += 1

    def analyse(self, is_stale: IsStale = lambda: False, focus: str = "") -> Snapshot:
        """Validate and render the environments: the findings of schema, types and encoding. Raises StaleError.

        With a focus, only that environment is rendered if the others were before; `examine` renders them.
        """
        generation = self._generation
        if self._pipeline and self._pipeline.limits.is_exceeded and generation == self.snapshot.generation:
            return self.snapshot  # the same texts would take too long again
        try:
            self._configure()
            snapshot = self._analysed(is_stale, focus)
        except FindingError as problem:
            snapshot = replace(self.snapshot, failure=tuple(problem.findings))
        except EXCEEDED as problem:
            snapshot = replace(
                self.snapshot, failure=(limit_finding(problem, Span(self.project.folders.schema, 1)),)
            )
        except OetgenError as problem:
            found = error(
                "project/unreadable", problem.message, Span(self.project.folders.schema, 1), hint=problem.hint
            )
            snapshot = replace(self.snapshot, failure=(found,))
        self.snapshot = replace(snapshot, generation=generation)
        return self.snapshot

    def examine(self, is_stale: IsStale = lambda: False, reported: Reported | None = None) -> Snapshot:
        """Render what `analyse` left, apply the rules, and trace the output. Raises StaleError.

        With what outside tools `reported`, that is shown, too, and the output is compared with what is committed.
        """
        pipeline = self._pipeline
        if pipeline is None or self.snapshot.failure:
            return self.snapshot
        for env, validated in list(self._waiting.items()):
            self._add(pipeline, self.snapshot, validated)
            del self._waiting[env]
            _raise_if(is_stale)
        results = [each for each in self.snapshot.results.values() if each.tree]
        self.observe()
        examined = self._examined(pipeline, results, is_stale, reported=reported)
        if len(results) == len(self.snapshot.results):
            examined += pipeline.unused_settings({each.env: each.tree for each in results})
        examined += _hazards(pipeline, results, is_stale) if reported else ()
        self.snapshot = replace(self.snapshot, examined=tuple(examined))
        _collect()
        return self.snapshot

    def ask_tools(self, is_stale: IsStale = lambda: False) -> Reported:
        """Run the outside tools, in any thread. Raises StaleError."""
        trees = [each.tree for each in self.snapshot.results.values() if each.tree]
        reported = self._tools.ask(trees, self.project.root, is_stale)
        if reported is None:
            raise StaleError
        return reported

    def examine_first(self, is_stale: IsStale = lambda: False) -> Snapshot:
        """Apply the rules to the environments that the last analysis rendered. Raises StaleError."""
        pipeline, results = self._pipeline, self.snapshot.results
        first = [each for env, each in results.items() if env in self._focused and each.tree]
        if pipeline is None or self.snapshot.failure or not first:
            return self.snapshot
        found = self._examined(pipeline, first, is_stale, complete=False)
        others = [each for each in self.snapshot.examined if each.environment not in self._focused]
        self.snapshot = replace(self.snapshot, examined=(*others, *found))
        return self.snapshot

    def _examined(
        self,
        pipeline: Pipeline,
        results: Sequence[RenderResult],
        is_stale: IsStale,
        *,
        complete: bool = True,
        reported: Reported | None = None,
    ) -> list[Finding]:
        """Return what the rules find in environments, with what tools reported; if `complete`, trace them all."""
        if complete:
            indexes = {each.env: self._indexes(pipeline, each, is_stale) for each in results}
            self.snapshot = replace(self.snapshot, indexes=indexes)
        traces = {each.env: self._trace(pipeline, each) for each in results}
        options = CheckOptions(self._today or datetime.date.today(), tools=False, complete=complete)

        def trace_of(values: Values) -> Trace:
            return traces[values.env]

        checked = pipeline.examine(results, options, trace_of=trace_of, reported=reported)
        return list(checked.report.findings)

    def observe(self) -> Snapshot:
        """Follow the templates; of one that is broken at the moment, what was known before stays."""
        known, pipeline = self.snapshot.observations, self._pipeline
        if pipeline is None or (known and pipeline is self._observed_by):
            return self.snapshot
        self._observed_by = pipeline
        try:
            with pipeline.limits.hold():
                values = self.snapshot.values()
                observed = observe(pipeline.engine, pipeline.schema, values, self._memory)
        except EXCEEDED:
            return self.snapshot
        if known:
            names = pipeline.engine.names()
            uses = {name: each for name, each in known.uses.items() if name in names} | dict(observed.uses)
            observed = replace(observed, uses=uses, names={**known.names, **observed.names})
        self.snapshot = replace(self.snapshot, observations=observed)
        return self.snapshot

    def review(self, env: str, before: Mapping[str, str]) -> Review | None:
        """Find what applying the output of an environment does where the files `before` were applied."""
        result = self.snapshot.results.get(env)
        return self._pipeline.review(result, before, "now", None) if self._pipeline and result else None

    def _configure(self) -> None:
        """Read again which environments and templates `oetgen.yaml` adds: values and settings decide it."""
        project = configured(Project(self.project.root, unsaved=self.unsaved), self._memory)
        if _added(project) != _added(self.project):
            self._pipeline = None
        self.project = project

    def _analysed(self, is_stale: IsStale, focus: str) -> Snapshot:
        pipeline = self._pipeline
        if pipeline is None or self._templates_changed:
            pipeline = Pipeline(self.project, self._memory, self._records)
            with pipeline.limits.hold():
                _ = pipeline.schema
            self._templates_changed = False
            self._pipeline = pipeline
            self._waiting.clear()
        else:
            pipeline.renew()
        before = self.snapshot
        names = self.project.environment_names()
        validated = {each.values.env: each for each in (pipeline.validate(names) if names else ())}
        focused = {
            env for env, each in validated.items() if each.values.path == self.project.folders.values(focus)
        }
        if focus and not focused:  # base.yaml: the first one stands for all
            focused = set(list(validated)[:1])
        self._focused = focused
        self._sources = next((each.reads.sources for each in validated.values()), {})
        rendered = {key: each for key, each in before.rendered.items() if key[0] in validated}
        results = {env: each for env, each in before.results.items() if env in validated}
        snapshot = replace(
            before,
            project=self.project,
            schema=pipeline.schema,
            results=results,
            rendered=rendered,
            failure=(),
        )
        for env, each in validated.items():
            earlier = results.get(env)
            if earlier and focused and env not in focused and not has_errors(each.findings):
                self._waiting[env] = each
                continue
            self._waiting.pop(env, None)
            self._add(pipeline, snapshot, each)
            _raise_if(is_stale)
        pipeline.remember()
        return replace(snapshot, others=tuple(self.project.misnamed().values()))

    def _add(self, pipeline: Pipeline, snapshot: Snapshot, validated: Validated) -> None:
        """Render a validated environment into a snapshot."""
        result = pipeline.render(validated)
        snapshot.results[result.env] = result
        if result.tree is None:
            for key, each in snapshot.rendered.items():
                if key[0] == result.env:
                    snapshot.rendered[key] = each._replace(is_stale=True)
            return
        self._records.keep(result.env, result.tree.packed())
        for key in [key for key in snapshot.rendered if key[0] == result.env]:
            del snapshot.rendered[key]
        for file in result.tree.artifacts:
            snapshot.rendered[result.env, file.path] = Rendering(file.text, file.template, result.tree.folder)

    def _trace(self, pipeline: Pipeline, result: RenderResult) -> Trace:
        """Return the trace of an environment; a file that is as it was, of such templates, is not traced again."""
        env, texts = result.env, result.tree.texts if result.tree else {}

        def holds(key: str, file: SourceMap) -> bool:
            return key == self._sources.get(file.template, "") and file.text == texts.get(file.path, "")

        earlier = {path: kept for (name, path), kept in self._indexed.items() if name == env}
        known = {path: index.file for path, (key, index) in earlier.items() if holds(key, index.file)}
        return pipeline.trace(result.values, known)

    def _indexes(self, pipeline: Pipeline, result: RenderResult, is_stale: IsStale) -> list[Index]:
        """Return the lines of the output by value."""
        env, trace = result.env, self._trace(pipeline, result)
        found: dict[str, Index] = {}
        for path in trace.paths():
            _raise_if(is_stale)
            if source_map := trace.file(path):
                key = self._sources.get(source_map.template, "")
                earlier = self._indexed.get((env, path))
                found[path] = earlier[1] if earlier and earlier[1].file is source_map else Index(source_map)
                self._indexed[env, path] = key, found[path]
        for name, path in list(self._indexed):
            if name not in self.snapshot.results or (name == env and path not in found):
                del self._indexed[name, path]
        return list(found.values())


def _collect() -> None:
    """Collect garbage now, and look at nothing of what is kept again, so that no keystroke waits for it."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _hazards(pipeline: Pipeline, results: Sequence[RenderResult], is_stale: IsStale) -> Iterator[Finding]:
    """Yield what applying the output would do to what is committed, as far as that is harmful."""
    revision = head(pipeline.project.root)
    for result in results if revision else ():
        _raise_if(is_stale)
        before = committed_files(revision, result.tree.folder) if revision and result.tree else {}
        if before:
            try:
                with pipeline.computing("compare what is committed", result.tree):
                    hazards = pipeline.review(result, before, str(revision), revision).hazards
            except FindingError as problem:
                yield from problem.findings
                return
            for each in hazards:
                if each.finding.severity is not Severity.INFO:
                    yield replace(hazard_finding(each), environment=result.env)


def _added(project: Project) -> tuple[object, ...]:
    """Return what `oetgen.yaml` adds to a project."""
    return project.folders, project.variants, project.shared


def _raise_if(is_stale: IsStale) -> None:
    if is_stale():
        raise StaleError
