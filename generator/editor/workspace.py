"""The project as it is in the editor: unsaved texts, and what the pipeline knows of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any, NamedTuple

from generator.changes import Review, committed_files
from generator.checks.options import CheckOptions
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
from generator.project.cache import Cache, Packed, Records
from generator.project.folder import Project
from generator.project.git import head
from generator.project.limits import EXCEEDED, limit_finding
from generator.provenance.impact import Index
from generator.provenance.trace import SourceMap
from generator.render.result import RenderResult, Validated
from generator.render.typecheck.observed import Observations, observe
from generator.report.plan import hazard_finding
from generator.values.layers import Layer, Values
from generator.values.schema import Schema
from generator.values.source import KeyPath

IsStale = Callable[[], bool]


class StaleError(Exception):
    """A newer text has arrived: the rest of the analysis is not wanted."""


class _Memory(Cache):
    """Results of this process, one for each kind and place: a template that has not changed is not compiled again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[str, Any]] = {}

    def get(self, kind: str, place: str, key: str | None = None) -> Any:
        kept_with, value = self._kept.get((kind, place), ("", None))
        return value if key in (None, kept_with) else None

    def put(self, kind: str, place: str, key: str, value: Any) -> None:
        self._kept[kind, place] = key, value


class _LatestTrees(Records):
    """The trees of this process: what has not changed is not encoded again."""

    def __init__(self) -> None:
        self._files: dict[str, list[Packed]] = {}

    def latest_files(self, env: str) -> list[Packed]:
        return self._files.get(env, [])

    def keep(self, env: str, files: list[Packed]) -> None:
        self._files[env] = files


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
        counts = [
            len(holds | names | decides)
            for indexes in self.indexes.values()
            for index in indexes
            for holds, names, decides in [index.lines(path)]
        ]
        return sum(counts), sum(count > 0 for count in counts)

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
        self._memory = _Memory()
        self._records = _LatestTrees()
        self._pipeline: Pipeline | None = None
        self._observed_by: Pipeline | None = None
        self._indexed_by: Pipeline | None = None
        self._waiting: dict[str, Validated] = {}  # validated environments that are not rendered yet
        self._templates_changed = True

    @property
    def generation(self) -> int:
        """The number of changes so far."""
        return self._generation

    def relative(self, path: Path) -> str | None:
        """Return a path relative to the project, or None for a file outside of it."""
        return (
            path.relative_to(self.project.root).as_posix() if path.is_relative_to(self.project.root) else None
        )

    def change(self, path: str, text: str | None) -> None:
        """Note that a file has a new text; None: that on disk counts again."""
        self._generation += 1
        if text is None:
            self.unsaved.pop(path, None)
        else:
            self.unsaved[path] = text
        folders = self.project.folders
        if path.startswith(f"{folders.templates}/") or path in (folders.schema, SETTINGS):
            self._templates_changed = True

    def analyse(self, is_stale: IsStale = lambda: False, focus: str = "") -> Snapshot:
        """Validate and render the environments: the findings of schema, types and encoding. Raises StaleError.

        With a focus, only that environment is rendered if the others were before; `examine` renders them.
        """
        generation = self._generation
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

    def examine(self, is_stale: IsStale = lambda: False, *, tools: bool = False) -> Snapshot:
        """Render what `analyse` left, apply the rules, and trace the output. Raises StaleError.

        With `tools`, outside tools run, too, and the output is compared with what is committed.
        """
        pipeline = self._pipeline
        if pipeline is None or self.snapshot.failure:
            return self.snapshot
        for env, validated in list(self._waiting.items()):
            self._add(pipeline, self.snapshot, validated)
            del self._waiting[env]
            _raise_if(is_stale)
        results = list(self.snapshot.results.values())
        self.snapshot = replace(self.observe(), examined=())
        if not results or any(result.tree is None for result in results):
            return self.snapshot
        indexes = {result.env: self._indexes(pipeline, result, is_stale) for result in results}
        options = CheckOptions(self._today or datetime.date.today(), tools=tools)
        examined = list(pipeline.examine(results, options).report.findings)
        examined += _hazards(pipeline, results) if tools else ()
        self.snapshot = replace(self.snapshot, indexes=indexes, examined=tuple(examined))
        return self.snapshot

    def observe(self) -> Snapshot:
        """Follow the templates; of one that is broken at the moment, what was known before stays."""
        known, pipeline = self.snapshot.observations, self._pipeline
        if pipeline is None or (known and pipeline is self._observed_by):
            return self.snapshot
        self._observed_by = pipeline
        try:
            with pipeline.limits.hold():
                observed = observe(pipeline.engine, pipeline.schema, self.snapshot.values())
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

    def _indexes(self, pipeline: Pipeline, result: RenderResult, is_stale: IsStale) -> list[Index]:
        """Return the lines of the output by value; those of a file that is as it was are not traced again."""
        texts = result.tree.texts if result.tree else {}
        known: dict[str, Index] = {}
        if pipeline is self._indexed_by:
            earlier = self.snapshot.indexes.get(result.env, ())
            known = {each.file.path: each for each in earlier if texts.get(each.file.path) == each.file.text}
        self._indexed_by = pipeline
        trace = pipeline.trace(result.values)
        found = []
        for path in trace.paths():
            _raise_if(is_stale)
            source_map = None if path in known else trace.file(path)
            found += [known[path]] if path in known else [Index(source_map)] if source_map else []
        return found


def _hazards(pipeline: Pipeline, results: Sequence[RenderResult]) -> Iterator[Finding]:
    """Yield what applying the output would do to what is committed, as far as that is harmful."""
    revision = head(pipeline.project.root)
    for result in results if revision else ():
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
