"""The steps from values files to checked output, in order. Each returns its result and findings; none writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from generator import writer
from generator.findings import Finding, FindingError, Severity, Span, has_errors
from generator.findings.suggest import listed
from generator.project import OUT, SETTINGS
from generator.project.cache import NO_CACHE, NO_RECORDS, Cache, Records, digest
from generator.project.folder import Project
from generator.project.limits import (
    EXCEEDED,
    LIMIT,
    SECONDS_BY_ENTRY,
    SECONDS_BY_ENVIRONMENT,
    SECONDS_BY_OUTPUT,
    SECONDS_BY_TEMPLATE,
    SECONDS_TO_EXAMINE,
    Limits,
    limit_finding,
)
from generator.render.tree import Tree

if TYPE_CHECKING:  # rendering takes 0.1 s to import, which a render from earlier results does not need
    from datetime import date

    from generator.changes import Inherited, Review
    from generator.checks.locate import TraceOf
    from generator.checks.options import CheckOptions
    from generator.checks.runner import CheckReport, CheckResult, Reported, Share
    from generator.project.git import Revision
    from generator.provenance.trace import SourceMap, Trace, Tracer
    from generator.render.engine import Engine
    from generator.render.outputs import Earlier
    from generator.render.result import RenderResult, Validated
    from generator.render.stored import Store, StoredTrees
    from generator.system import Memory, System
    from generator.values.layers import Values
    from generator.values.scanned import Scanned
    from generator.values.schema import Schema
    from generator.values.secrets import Secret
    from generator.values.settings import Settings
    from generator.writer.sync import Conflict

MOST_OTHERS = 50  # environments of which `plan` examines the values
Waiting = Callable[[str], None]
Stage = Callable[[str], AbstractContextManager[None]]


def _no_stage(what: str) -> AbstractContextManager[None]:
    return nullcontext()


def configured(project: Project, cache: Cache = NO_CACHE) -> Project:
    """Return a project with its folders, and the environments and templates that `oetgen.yaml` adds.

    Raises FindingError.
    """
    if not project.has(SETTINGS):
        return project
    # 40 ms, which a render without changes does not need
    from generator.values.folders import with_folders
    from generator.values.matrix import with_matrix
    from generator.values.shared import with_shared

    return with_shared(with_matrix(with_folders(project, cache), cache), cache)


class Pipeline:
    """The steps for the environments of one project; what they share is read once."""

    def __init__(
        self,
        project: Project,
        cache: Cache = NO_CACHE,
        records: Records = NO_RECORDS,
        limits: Limits | None = None,
        stage: Stage = _no_stage,
    ) -> None:
        """`stage` is called with what each block of the steps does, such as `checking prod`."""
        self.project = project
        self.records = records
        self.limits = limits or Limits()
        self._cache = cache
        self._stage = stage
        self._examines = False

    @cached_property
    def engine(self) -> Engine:
        """The engine that renders the templates."""
        from generator.render.engine import Engine

        engine = Engine(self.project, self._cache, self.settings, self.scanned)
        self.limits.grant(SECONDS_BY_TEMPLATE * len(engine.names()))
        return engine

    def renew(self) -> None:
        """Allow the time of another run, for an editor, which validates and renders again and again."""
        self.limits.renew()
        self.limits.grant(SECONDS_BY_TEMPLATE * len(self.engine.names()))
        self._examines = False

    @cached_property
    def settings(self) -> Settings:
        """The settings of the project."""
        from generator.values.settings import load_settings

        return load_settings(self.project, self._cache)

    @cached_property
    def scanned(self) -> Scanned:
        """The texts that are known to have no secret."""
        from generator.values.scanned import Scanned

        return Scanned(str(self.project.root), self._cache, self.settings.secrets)

    @cached_property
    def schema(self) -> Schema:
        """The schema of the values."""
        from generator.values.schema import load_schema

        return load_schema(self.project, self._cache)

    @cached_property
    def _strays(self) -> list[Finding]:
        """The findings about links and other entries beside the templates that are not files."""
        return self.project.strays(self.engine.sources.entries)

    @cached_property
    def _tracer(self) -> Tracer:
        from generator.provenance.trace import Tracer

        return Tracer(self.project, self.engine, self._cache, self.limits)

    def edited(self, edits: Mapping[str, str]) -> Pipeline:
        """Return a pipeline for the project with other texts of files, by path, than those on disk."""
        project = replace(self.project, unsaved=edits, variants={}, shared=())
        return Pipeline(configured(project))

    def accepts(self, data: dict[str, Any]) -> bool:
        """Return whether the schema accepts the merged values of an environment."""
        from generator.values.layers import Values
        from generator.values.schema import findings_of

        return not list(findings_of(self.schema, Values("", data, ())))

    def validate_and_render(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[RenderResult]:
        """Validate environments and render those without errors."""
        validated = self.validate(names, settings)
        with self._stage(f"rendering {listed(names)}"):
            results = [self.render(each, known=not settings) for each in validated]
            self.remember()
        return results

    def validate(self, names: Sequence[str], settings: tuple[str, ...] = ()) -> list[Validated]:
        """Read the layers of environments, merge them, and check values and templates against the schema."""
        from generator.render.result import Validated
        from generator.render.typecheck import Reads
        from generator.values.layers import Values

        self.limits.grant(SECONDS_BY_ENVIRONMENT * len(names))
        self.engine.names()  # grants the time for the templates
        try:
            with self._stage(f"validating {listed(names)}"), self.limits.hold():
                return self._validated(names, settings)
        except EXCEEDED as problem:
            files = self.project.folders
            wrong = {name: limit_finding(problem, Span(files.values(name), 1)) for name in names}
            nothing = Reads(frozenset())
            return [Validated(Values(name, {}, ()), (wrong[name],), nothing) for name in names]

    def _validated(self, names: Sequence[str], settings: tuple[str, ...]) -> list[Validated]:
        from generator.render.result import Validated
        from generator.render.typecheck import Reads, check_templates
        from generator.values.layers import Files, load_values

        files = Files(self.project, self._cache)
        loaded = [load_values(self.project, name, settings, files) for name in names]
        validated = [self._validate(*each) for each in loaded]
        valid = [values for values, found in validated if not has_errors(found)]
        reads, wrong = Reads(frozenset()), list[Finding]()
        if all(each.code != LIMIT for _, found in validated for each in found):
            reads, wrong = check_templates(self.engine, self.schema, valid, self._cache)
        if any(each.code == "typecheck/unknown-template" for each in wrong):
            from generator.render.typecheck.missing import together

            wrong = together(wrong, self.project.root, self.project.folders.templates)
        secrets = self._template_secrets
        if self.settings.out:
            from generator.render.paths import shared_folders

            wrong += shared_folders({each.env: each.folder for each in valid}, self.settings.out.at)
        wrong = [*self._strays, *self.settings.findings, *wrong]
        shared = _redacted([*wrong, *(secret.finding() for secret in secrets)], secrets)
        return [Validated(values, (*found, *shared), reads) for values, found in validated]

    def _placed(self, values: Values, found: list[Finding]) -> tuple[Values, list[Finding]]:
        """Return values with the folder of their output and what of them is code, and further findings."""
        if has_errors(found):
            return values, found
        from generator.values.schema.formats import code_paths

        values = replace(values, code=code_paths(self.schema, values.data))
        if self.settings.out is None:
            return values, found
        from generator.render.paths import output_folder

        try:
            return replace(values, out=output_folder(values, self.settings)), found
        except FindingError as problem:
            return values, [*found, *problem.findings]

    def out(self, env: str) -> str:
        """Return the folder of the output of an environment where `oetgen.yaml` sets one, else "".

        Raises FindingError.
        """
        if self.settings.out is None:
            return ""
        from generator.render.paths import output_folder
        from generator.values.layers import Values

        values = self._values(env) if self.settings.needs_values else Values(env, {}, ())
        return output_folder(values, self.settings)

    def folders(self) -> dict[str, str]:
        """Return the folder of the output of every environment, by its name."""
        found: dict[str, str] = {}
        for env in self.project.environment_names():
            with suppress(FindingError):
                found[env] = self.out(env) or f"{OUT}/{env}"
        return found

    def render(self, validated: Validated, *, known: bool = False) -> RenderResult:
        """Render a validated environment, unless it has errors.

        With `known`, the tree is that of an earlier run from the same files where there is one: a check after a
        render takes 0.95 of the time.
        """
        from generator.render.result import RenderResult

        values, findings = validated.values, list(validated.findings)
        if has_errors(findings):
            return RenderResult(values, None, (*findings, *self._further(validated)))
        if self.engine.names():
            findings += validated.reads.unread_values(values)
        tree = self._known_tree(values) if known else None
        if tree is None:
            tree, found = self._render_tree(values, self._earlier(validated))
            findings += found
        return RenderResult(values, None if has_errors(findings) else tree, tuple(findings))

    def _known_tree(self, values: Values) -> Tree | None:
        """Return the tree of an earlier run; none where a render notes which secrets are allowed."""
        files = None if self.settings.secrets else self.records.files(values.env)
        return None if files is None else Tree.unpacked(values.env, files, values.out)

    def _earlier(self, validated: Validated) -> Earlier:
        """Return what is known of earlier renders of an environment."""
        from generator.render.outputs import Earlier

        values, reads = validated.values, validated.reads
        texts = {each[4]: each[2] for each in self.records.latest_files(values.env) if each[4]}
        if not reads.sources:
            return Earlier(values, texts)
        key = digest(values.env, values.out, repr(values.variant), self._rules)
        keys = {name: digest(key, source) for name, source in reads.sources.items() if source}
        return Earlier(values, texts, keys, reads.named, self._cache, self._rules)

    def _further(self, validated: Validated) -> list[Finding]:
        """Return what is wrong in the other files where errors are in templates alone; they are rendered for it."""
        errors = [each for each in validated.findings if each.severity is Severity.ERROR]
        wrong = {each.at.path for each in errors if each.at}
        folder = self.project.folders.templates
        if not all(path.startswith(f"{folder}/") for path in wrong) or any(not each.at for each in errors):
            return []
        if self.limits.is_exceeded:
            return []
        found = self._render_tree(validated.values)[1]
        known = tuple(each.message for each in errors)
        return [
            each
            for each in found
            if wrong.isdisjoint(at.path for at in each.places)
            and not any(message.startswith(each.message) for message in known)
        ]

    def _render_tree(self, values: Values, earlier: Earlier | None = None) -> tuple[Tree, list[Finding]]:
        from generator.render.outputs import render_tree
        from generator.values.layers import value_at

        maps = (value_at(values.data, each.path, ()) for each in self.settings.each.values())
        self.limits.grant(SECONDS_BY_ENTRY * sum(len(each) for each in maps if isinstance(each, list | dict)))
        try:
            with self.limits.hold():
                return render_tree(self.engine, values, earlier)
        except EXCEEDED as problem:
            at = Span(values.path, 1)
            return Tree(values.env, ()), [limit_finding(problem, at, f"cannot render {values.env}")]

    def remember(self) -> None:
        """Keep for the next run what was computed about the schema, the values and the templates."""
        from generator.values.schema import remember_accepted

        self.engine.remember()
        if "_tracer" in vars(self):
            self._tracer.remember()
        self.scanned.remember()
        remember_accepted(self.schema, self.project, self._cache)

    def check(
        self,
        names: Sequence[str],
        options: CheckOptions,
        waiting: Waiting,
        *,
        coverage: bool = False,
        share: Share | None = None,
        store: Store | None = None,
    ) -> CheckResult:
        """Validate, render and examine environments, then compare the files on disk with the result.

        `share` may give parts of the environments to several processes, and rendered trees wait in `store`.
        """
        from generator.checks.runner import CheckResult
        from generator.render.stored import StoredFiles, StoredTrees
        from generator.writer.drift import abandoned
        from generator.writer.sync import stale_copies

        validated = self.validate(names)
        values = [each.values for each in validated]
        trees = StoredTrees({} if store is None else store)
        findings: list[Finding] = []
        with self._stage(f"rendering {listed(names)}"):
            for each in validated:
                result = self.render(each, known=True)
                trees.add(result.env, result.tree)
                findings += result.findings
            self.remember()
        report = self._examine(trees, values, options, share=share)
        if coverage and not has_errors(findings):
            with self.computing("find what no environment uses"):
                findings += self._unused(values)
        findings += report.findings
        findings += (finding for tree in trees.values() if tree for finding in self.drift(tree, waiting))
        findings += stale_copies(self.project, StoredFiles(trees), self._place_of, waiting)
        if self.settings.top:
            findings += abandoned(self.project, self.settings.top, self.project.environment_names())
        if options.complete and None not in trees.sizes.values():
            findings += self.unused_settings(trees)
        return CheckResult(trees.sizes, tuple(findings), report)

    def unused_settings(self, trees: Mapping[str, Tree | None]) -> Iterator[Finding]:
        """Yield what `oetgen.yaml` sets for nothing; `trees` are those of all environments, without errors."""
        paths = {each.path for tree in trees.values() if tree for each in tree.artifacts}
        names = [*self.engine.names(), *self.engine.copied()]
        return self.settings.unused(paths, names, self.scanned.public)

    def examine(
        self,
        results: Sequence[RenderResult],
        options: CheckOptions,
        *,
        trace_of: TraceOf | None = None,
        reported: Reported | None = None,
    ) -> CheckResult:
        """Apply the rules and tools to rendered environments; `reported` is what tools that ran before found."""
        from generator.checks.runner import CheckResult
        from generator.render.stored import StoredTrees

        trees = StoredTrees({}, ((each.env, each.tree) for each in results))
        values = [each.values for each in results]
        report = self._examine(trees, values, options, trace_of=trace_of, reported=reported)
        findings = [finding for result in results for finding in result.findings]
        return CheckResult(trees.sizes, (*findings, *report.findings), report)

    def _examine(
        self,
        trees: StoredTrees,
        values: Sequence[Values],
        options: CheckOptions,
        *,
        share: Share | None = None,
        trace_of: TraceOf | None = None,
        reported: Reported | None = None,
    ) -> CheckReport:
        from generator.checks.runner import UNREPORTED, examine, in_order

        options = replace(
            options, public=self._public, shared=self.settings.checks, templates=self._templates
        )
        self._grant(sum(size or 0 for size in trees.sizes.values()))
        with self._stage(f"checking {listed(trees)}"):
            report = examine(
                trees,
                [each for each in values if trees.sizes[each.env] is not None],
                trace_of or self.trace,
                self.project.root,
                options,
                self.limits,
                self._cache,
                share or in_order,
                reported or UNREPORTED,
            )
        self._tracer.remember()
        return report

    @contextmanager
    def computing(self, what: str, *trees: Tree | None) -> Iterator[None]:
        """Hold the limits in a block that computes `what` from rendered trees. Raises FindingError at a limit."""
        self._grant(sum(len(tree.artifacts) for tree in trees if tree))
        verb, _, of = what.partition(" ")
        try:
            with self._stage(f"{verb.removesuffix('e')}ing {of}"), self.limits.hold():
                yield
        except EXCEEDED as problem:
            env = next((tree.env for tree in trees if tree), "")
            at = Span(self.project.folders.values(env), 1) if env else None
            raise FindingError(limit_finding(problem, at, f"cannot {what}")) from None

    def _grant(self, files: int) -> None:
        """Allow the time to examine so many files."""
        self.limits.grant(SECONDS_BY_OUTPUT * files + (0 if self._examines else SECONDS_TO_EXAMINE))
        self._examines = True

    @property
    def _templates(self) -> str:
        """A digest of the templates."""
        return digest(*(part for name in self.engine.names() for part in (name, self.engine.source(name))))

    @property
    def _public(self) -> frozenset[str]:
        """The texts that look like a secret but are not."""
        return frozenset(text for texts in self.scanned.public.values() for text in texts)

    def _place_of(self, template: str, path: str) -> str | None:
        """Return where `sync` copies a file to; None for one that stays where it is."""
        from generator.render.paths import place_of

        return place_of(template, path, self.settings.sync)

    def drift(self, tree: Tree, waiting: Waiting) -> list[Finding]:
        """Compare the committed output of an environment with its tree."""
        from generator.writer.drift import drift

        return drift(self.project, tree.env, tree.folder, tree.files, waiting)

    def review(
        self,
        result: RenderResult,
        before: Mapping[str, str],
        label: str,
        at: Revision | None,
        memory: Memory | None = None,
    ) -> Review:
        """Find what applying a rendered environment changes in `before`: the files of revision `at`, or on disk.

        `memory` has files that were read before.
        """
        return self._reviewed(result, before, label, at, memory)[0]

    def _reviewed(
        self,
        result: RenderResult,
        before: Mapping[str, str],
        label: str,
        at: Revision | None,
        memory: Memory | None = None,
        folder: str = "",
    ) -> tuple[Review, System, System]:
        """Return a review, and the two systems, whose findings are below a folder, that it compares."""
        from generator.changes import review, systems

        def render_again(values: Values) -> tuple[Tree, list[Finding]]:
            self.limits.grant(SECONDS_BY_ENVIRONMENT)
            return self._render_tree(values)

        with self.computing(f"compare {result.env} with {label or 'what is committed'}", result.tree):
            old, new = systems(before, result.tree, memory, folder)
            return review(result, old, new, label, at, self.trace, render_again), old, new

    def plan(
        self, result: RenderResult, before: Mapping[str, str], label: str, at: Revision | None, day: date
    ) -> Review:
        """Return `review`, with the errors of the checks that the change brings; one mistake is counted once."""
        from generator.changes import committed_edits, explained
        from generator.checks.new_errors import new_errors
        from generator.checks.options import CheckOptions

        reviewed, old, new = self._reviewed(result, before, label, at, folder=result.values.folder)
        reviewed = replace(reviewed, edited=committed_edits(at, reviewed.folder) if at else ())
        if result.tree is None or not (reviewed.objects or reviewed.hazards):
            return reviewed
        options = CheckOptions(day, tools=False, public=self._public, shared=self.settings.checks)
        with self.computing(f"check {result.env}", result.tree):
            errors, earlier = new_errors(result.tree, result.values, old, new, self.trace, options)
        return replace(
            explained(reviewed, errors),
            errors=tuple(each for each in errors if not reviewed.refused(each)),
            earlier_errors=earlier,
            inherited=tuple(self._inherited(result.values, reviewed)),
        )

    def with_changes(self, findings: Sequence[Finding], at: Revision) -> list[Finding]:
        """Return findings whose errors name first the values that changed since a revision.

        A finding of several environments is about the first of them.
        """
        from generator.changes.causes import values_of, with_changes
        from generator.changes.diff import ValueChange, compare_values

        known: dict[str, list[ValueChange]] = {}

        def changes(env: str) -> list[ValueChange]:
            if env not in known:
                now = self._values(env)
                earlier = values_of(at, now) if len(known) < MOST_OTHERS else None
                known[env] = compare_values(earlier, now) if earlier else []
            return known[env]

        return [
            with_changes(each, changes(each.environment.partition(", ")[0]), at.name)
            if each.severity is Severity.ERROR and any(note.value for note in each.notes)
            else each
            for each in findings
        ]

    def _inherited(self, values: Values, reviewed: Review) -> Iterator[Inherited]:
        """Yield the values of a change that other environments inherit, too; of many environments, of the first."""
        from generator.changes import inherited

        if reviewed.values:
            others = [each for each in self._first_values if each.env != values.env]
            yield from inherited(reviewed.values, others)

    @cached_property
    def _first_values(self) -> list[Values]:
        """The values of the first environments."""
        from generator.values.layers import Files, load_values

        files = Files(self.project, self._cache)
        return [load_values(self.project, env, (), files)[0] for env in files.names[:MOST_OTHERS]]

    def trace(self, values: Values, known: Mapping[str, SourceMap] = MappingProxyType({})) -> Trace:
        """Return the map from the output of a validated environment to its templates and values.

        `known` are parts of it, by path, that still hold.
        """
        return self._tracer.trace(values, known)

    def plan_sync(
        self,
        names: Sequence[str],
        trees: Mapping[str, Tree | None],
        folder: Path,
        label: str,
        *,
        overwrite: bool,
    ) -> writer.Plan:
        """Plan to copy files of the environments `names` to `folder`; `trees` are those of all environments."""
        from generator.writer.sync import plan_sync

        plan, conflicts = plan_sync(
            self.project,
            names,
            _files_by_environment(trees),
            self._place_of,
            folder,
            label,
            overwrite=overwrite,
        )
        return replace(plan, findings=(*map(self._conflict, conflicts), *plan.findings))

    def explain_edits(
        self, names: Sequence[str], plan: writer.Plan, settings: tuple[str, ...] = ()
    ) -> writer.Plan:
        """Add to each finding about a hand edit where the edit belongs in values and templates."""
        from generator.changes import explain_edits

        with self.computing("find where the edits belong"):
            for name in names:
                plan = explain_edits(self.trace(self._values(name, settings)), plan)
        return plan

    def _conflict(self, conflict: Conflict) -> Finding:
        from generator.changes.conflicts import conflict_finding
        from generator.render.outputs import render_file

        first, second = (self._values(env) for env in conflict.envs)
        return conflict_finding(conflict, first, second, partial(render_file, self.engine))

    def _values(self, env: str, settings: tuple[str, ...] = ()) -> Values:
        """Return the values of an environment that is known to be valid."""
        from generator.values.layers import load_values

        return self._placed(*load_values(self.project, env, settings))[0]

    def _unused(self, values: Sequence[Values]) -> list[Finding]:
        """Return what no environment uses; `values` are those of all environments, without errors."""
        from generator.provenance.coverage import coverage, coverage_findings

        found = coverage(self.engine, [self.trace(each) for each in values])
        return list(coverage_findings(found, self.engine.sources.path))

    def _validate(self, values: Values, read: list[Finding]) -> tuple[Values, list[Finding]]:
        """Return the values of an environment with the folder of their output, and the findings about them.

        `read` are the findings of reading its layers.
        """
        if self.limits.is_exceeded:
            return self._placed(values, read)
        secrets = [
            secret for layer in values.layers if not layer.is_part for secret in self.scanned.in_layer(layer)
        ]
        known = None if read else self._cache.recall("validated", values.env, self._rules)
        if known is None or known[0] is not values:
            known = values, *self._judged(values, read)
            if not (read or self.limits.is_exceeded):
                self._cache.keep("validated", values.env, self._rules, known)
        _, values, read, found = known
        return values, _redacted([*read, *(secret.finding() for secret in secrets), *found], secrets)

    def _judged(self, values: Values, read: list[Finding]) -> tuple[Values, list[Finding], list[Finding]]:
        """Return values with the folder of their output, the findings so far, and those of the schema."""
        from generator.values.schema import validate

        values, read = self._placed(values, read)
        is_sound = not (has_errors(read) or self.limits.is_exceeded)
        return values, read, validate(self.schema, values) if is_sound else []

    @cached_property
    def _rules(self) -> str:
        """A digest of what decides which values are valid, and where their output is."""
        return digest(self.schema.text, repr(self.settings))

    @cached_property
    def _template_secrets(self) -> list[Secret]:
        names = [*self.engine.names(), *self.engine.copied()]
        sources = self.engine.sources
        texts = [(sources.path(name), self.engine.source(name), sources.key(name)) for name in names]
        return [secret for text in texts for secret in self.scanned.in_text(*text)]


def _redacted(findings: list[Finding], secrets: list[Secret]) -> list[Finding]:
    if not secrets:
        return findings
    from generator.values.secrets import redact

    return redact(findings, secrets)


def _files_by_environment(
    trees: Mapping[str, Tree | None],
) -> dict[str, dict[str, writer.File] | None]:
    return {env: tree.files if tree else None for env, tree in trees.items()}
