"""The project as it is in the editor: unsaved texts, and what the pipeline knows of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from generator.changes import Review, committed_files
from generator.checks.runner import CheckOptions
from generator.findings import Finding, FindingError, OetgenError, Severity, Span, error, merge_environments
from generator.pipeline import Pipeline
from generator.project import SCHEMA, SETTINGS, TEMPLATES
from generator.project.cache import Packed, Records
from generator.project.folder import Project
from generator.project.git import head
from generator.provenance.impact import Index
from generator.provenance.trace import SourceMap
from generator.render.result import RenderResult
from generator.render.typecheck.observed import Observations, observe
from generator.report.plan import hazard_finding
from generator.values.layers import Layer, Values
from generator.values.schema import Schema
from generator.values.source import KeyPath

IsStale = Callable[[], bool]


class StaleError(Exception):
    """A newer text has arrived: the rest of the analysis is not wanted."""


class _LatestTrees(Records):
    """The trees of this process: what has not changed is not encoded again."""

    def __init__(self) -> None:
        self._files: dict[str, list[Packed]] = {}

    def latest_files(self, env: str) -> list[Packed]:
        return self._files.get(env, [])

    def keep(self, env: str, files: list[Packed]) -> None:
        self._files[env] = files


class Rendering(NamedTuple):
    """A rendered file; it is stale when its environment has errors since."""

    text: str
    template: str
    is_stale: bool = False


@dataclass(frozen=True)
class Snapshot:
    """The project at one moment. `findings` has all that is known so far, of all environments.

    `results` has the environments that were validated, `observations` what is known of the templates, `indexes` the
    lines of the output by value for the environments that were traced, `rendered` the files by environment and path.
    """

    project: Project
    generation: int = 0
    schema: Schema | None = None
    results: Mapping[str, RenderResult] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    observations: Observations | None = None
    indexes: Mapping[str, Sequence[Index]] = field(default_factory=dict)
    rendered: Mapping[tuple[str, str], Rendering] = field(default_factory=dict)

    @cached_property
    def layers(self) -> dict[str, Layer]:
        """The values files that were read, by their paths."""
        return {layer.path: layer for result in self.results.values() for layer in result.values.layers}

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
        self._records = _LatestTrees()
        self._pipeline: Pipeline | None = None
        self._observed_by: Pipeline | None = None
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
        if path.startswith(f"{TEMPLATES}/") or path in (SCHEMA, SETTINGS):
            self._templates_changed = True

    def analyse(self, is_stale: IsStale = lambda: False) -> Snapshot:
        """Validate and render all environments: the findings of schema, types and encoding. Raises StaleError."""
        generation = self._generation
        try:
            snapshot = self._analysed(generation, is_stale)
        except FindingError as problem:
            snapshot = replace(self.snapshot, generation=generation, findings=tuple(problem.findings))
        except OetgenError as problem:
            found = error("project/unreadable", problem.message, Span(SCHEMA, 1), hint=problem.hint)
            snapshot = replace(self.snapshot, generation=generation, findings=(found,))
        self.snapshot = snapshot
        return snapshot

    def examine(self, is_stale: IsStale = lambda: False, *, tools: bool = False) -> Snapshot:
        """Apply the rules to what was analysed, and trace the output. Raises StaleError.

        With `tools`, outside tools run, too, and the output is compared with what is committed.
        """
        snapshot, pipeline = self.snapshot, self._pipeline
        results = list(snapshot.results.values())
        if pipeline is None or not results or any(result.tree is None for result in results):
            return snapshot
        indexes: dict[str, list[Index]] = {}
        for result in results:
            trace, indexes[result.values.env] = pipeline.trace(result.values), []
            for source_map in trace.files():
                if is_stale():
                    raise StaleError
                indexes[result.values.env].append(Index(source_map))
        options = CheckOptions(self._today or datetime.date.today(), tools=tools)
        findings = [
            *pipeline.examine(results, options).findings,
            *(_hazards(pipeline, results) if tools else ()),
        ]
        self.snapshot = replace(snapshot, indexes=indexes, findings=_merged(findings))
        return self.snapshot

    def review(self, env: str, before: Mapping[str, str]) -> Review | None:
        """Find what applying the output of an environment does where the files `before` were applied."""
        result = self.snapshot.results.get(env)
        return self._pipeline.review(result, before, "now", None) if self._pipeline and result else None

    def _analysed(self, generation: int, is_stale: IsStale) -> Snapshot:
        pipeline = self._pipeline
        if pipeline is None or self._templates_changed:
            pipeline = Pipeline(self.project, records=self._records)
            self._templates_changed = False
            self._pipeline = pipeline
            _ = pipeline.schema
        names = self.project.environment_names()
        results: dict[str, RenderResult] = {}
        rendered = {key: each._replace(is_stale=True) for key, each in self.snapshot.rendered.items()}
        for validated in pipeline.validate(names) if names else []:
            if is_stale():
                raise StaleError
            result = results[validated.values.env] = pipeline.render(validated)
            if result.tree:
                self._records.keep(result.values.env, result.tree.packed())
                rendered = {key: kept for key, kept in rendered.items() if key[0] != result.values.env}
                rendered |= {
                    (result.values.env, each.path): Rendering(each.text, each.template)
                    for each in result.tree.artifacts
                }
        found = [finding for result in results.values() for finding in result.findings]
        return Snapshot(
            self.project,
            generation,
            pipeline.schema,
            results,
            _merged([*found, *self.project.misnamed().values()]),
            self._observed(pipeline, results.values()),
            self.snapshot.indexes,
            rendered,
        )

    def _observed(self, pipeline: Pipeline, results: Iterable[RenderResult]) -> Observations:
        """Return what is known of the templates; of one that is broken at the moment, what was known before."""
        known = self.snapshot.observations
        if known and pipeline is self._observed_by:
            return known
        self._observed_by = pipeline
        observed = observe(pipeline.engine, pipeline.schema, [result.values for result in results])
        if known is None:
            return observed
        names = pipeline.engine.names()
        uses = {name: each for name, each in known.uses.items() if name in names} | dict(observed.uses)
        return replace(observed, uses=uses, names={**known.names, **observed.names})


def _hazards(pipeline: Pipeline, results: Sequence[RenderResult]) -> Iterator[Finding]:
    """Yield what applying the output would do to what is committed, as far as that is harmful."""
    revision = head(pipeline.project.root)
    for result in results if revision else ():
        before = committed_files(revision, result.env) if revision else {}
        if before:
            for each in pipeline.review(result, before, str(revision), revision).hazards:
                if each.finding.severity is not Severity.INFO:
                    yield replace(hazard_finding(each), environment=result.env)


def _merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(merge_environments(findings))
