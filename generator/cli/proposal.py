"""Changes of values files that a command proposes: shown with their effects first, then written and rendered."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import ParamSpec, TypeVar

import click

from generator import writer
from generator.changes import Review
from generator.changes.diff import LineDiff, line_diff
from generator.cli.session import ERRORS, Session, stop_at_errors
from generator.cli.transaction import Target, Transaction
from generator.findings import OetgenError
from generator.findings.record import record
from generator.pipeline import Pipeline
from generator.project.files import read_bytes
from generator.render.result import RenderResult
from generator.render.tree import Tree
from generator.report.changes import diff_text, review_text, stat_text
from generator.report.proposals import Edited, effects_text, values_text
from generator.report.text import plural
from generator.values.layers import environments_of
from generator.writer.create import rewrite

_MOST_LINES = 60  # of the differences of one environment; of more, only the numbers are shown
_FEW_LINES = 12  # of the differences of all environments, which are shown also without --verbose
_NOW = "the output so far"

P = ParamSpec("P")
R = TypeVar("R")


def decisions(command: Callable[P, R]) -> Callable[P, R]:
    """Add the options that decide whether a proposal is written."""
    ask = click.option("--yes", is_flag=True, help="Write without asking.")
    every = click.option("--verbose", is_flag=True, help="Show every difference and effect in full.")
    return click.option("--dry-run", is_flag=True, help="Show what changes, and write nothing.")(
        ask(every(command))
    )


@record
class Proposal:
    """New texts of values files, by path; `origin` is the environment that a new one resembles."""

    session: Session
    pipeline: Pipeline
    edits: Mapping[str, str]
    origin: str | None = None
    verbose: bool = False

    def decide(self, *, dry_run: bool, yes: bool) -> None:
        """Show what the texts change; write them, and render, if that is wanted.

        Exits when the project would have errors that it has not now, or when there is no terminal to ask.
        """
        if dry_run and yes:
            raise OetgenError("--dry-run and --yes contradict each other", "remove one of them")
        self._print(self._values_text())
        pairs = self._results()
        known = {(each.code, each.message) for old, _ in pairs if old for each in old.findings}
        found = [each for _, new in pairs for each in new.findings]
        stop_at_errors(
            self.session, [each for each in found if (each.code, each.message) not in known], writing=True
        )
        changed = [(old, new) for old, new in pairs if _texts(old) != _texts(new)]
        self._show(changed)
        targets = [_target(self.pipeline, new.tree) for _, new in changed if new.tree]
        transaction = Transaction(self.session)
        planned = [each for target in targets for each in transaction.plan(target)]
        stop_at_errors(self.session, planned, writing=True)
        if not dry_run and (yes or _is_wanted()):
            self._write(transaction, targets)

    @cached_property
    def _after(self) -> Pipeline:
        return self.pipeline.edited(self.edits)

    @cached_property
    def _before(self) -> dict[str, bytes | None]:
        root = self.pipeline.project.root
        return {
            path: read_bytes(str(root), path) if os.path.lexists(root / path) else None for path in self.edits
        }

    def _values_text(self) -> Iterable[str]:
        """Yield what changes in the values files."""
        console = self.session.console
        texts = {path: _text(now) for path, now in self._before.items()}
        known = {path: text for path, text in texts.items() if text is not None}
        if self.origin:
            variant = self.pipeline.project.variants.get(self.origin)
            path = self.pipeline.project.folders.values(variant.file if variant else self.origin)
            known[path] = read_bytes(str(self.pipeline.project.root), path).decode()
        for path, text in self.edits.items():
            if self.verbose:
                yield from diff_text([line_diff(path, texts[path], text)], console.paint)
            else:
                yield from values_text(path, texts[path], text, known, console.paint, console.width)

    def _results(self) -> list[tuple[RenderResult | None, RenderResult]]:
        """Return, for each environment that the edits affect, what is rendered now, and what will be."""
        names = environments_of(self._after.project, self.edits)
        known = set(self.pipeline.project.environment_names())
        now = self.pipeline.validate_and_render([name for name in names if name in known])
        old = {each.env: each for each in now}
        return [(old.get(each.env), each) for each in self._after.validate_and_render(names)]

    def _show(self, changed: list[tuple[RenderResult | None, RenderResult]]) -> None:
        """Print what changes in each environment; exit with errors that `oetgen check` would report."""
        diffs = [_diffs(old, new) for old, new in changed]
        is_short = sum(len(diff.lines) for each in diffs for diff in each) <= _FEW_LINES
        reviews = []
        if not changed:
            self.session.console.note("no generated file changes")
        for (old, new), each in zip(changed, diffs, strict=True):
            review = self._after.plan(new, _texts(old), _NOW, None, datetime.date.today())
            reviews.append(review)
            if self.verbose:
                self._print_all(review, each, is_new=not _texts(old))
            elif is_short:
                self._print(["", *diff_text(each, self.session.console.paint)])
        if not self.verbose and changed:
            edited = [_edited(review, *each) for review, each in zip(reviews, changed, strict=True)]
            self._print_brief(edited)
        if any(review.errors for review in reviews):
            click.echo("nothing was written: `oetgen check` would report these errors", err=True)
            sys.exit(ERRORS)
        if self.origin and changed:
            self._warn(self.pipeline.validate_and_render([self.origin])[0], changed[0][1])

    def _print_all(self, review: Review, diffs: list[LineDiff], *, is_new: bool) -> None:
        console = self.session.console
        self._print([""])
        if is_new:
            self._print([console.paint(f"{review.folder}: {plural(len(diffs), 'new file')}", "bold")])
            console.findings(list(review.errors))
        else:
            is_short = sum(len(diff.lines) for diff in diffs) <= _MOST_LINES
            self._print((diff_text if is_short else stat_text)(diffs, console.paint))
            self._print(["", *review_text(review, console.paint, console.width, verbose=True)])

    def _print_brief(self, edited: list[Edited]) -> None:
        console = self.session.console
        self._print(["", *effects_text(edited, console.paint, console.width)])
        console.findings([error for each in edited for error in each.review.errors])
        self._print(["", "all of it: --verbose"])

    def _warn(self, old: RenderResult, new: RenderResult) -> None:
        """Print what a new environment calls by the same name as the one that it resembles."""
        from generator.changes.scaffold import shared_names

        names = shared_names(old, new)
        if names:
            start = self.session.console.paint("warning:", "yellow")
            hint = "  hint: in one cluster or account, the second replaces the first: change these values"
            self._print(["", f"{start} {new.env} and {old.env} have the same {', '.join(names)}", hint])

    def _write(self, transaction: Transaction, targets: list[Target]) -> None:
        console = self.session.console
        texts = {
            path: (text.replace("\n", "\r\n") if b"\r\n" in (self._before[path] or b"") else text).encode()
            for path, text in self.edits.items()
        }
        rewrite(
            self.pipeline.project.root, {path: (self._before[path], text) for path, text in texts.items()}
        )
        for path, before in self._before.items():
            console.note(f"{console.paint('+' if before is None else '~', 'green')} {path}")
        for target in targets:
            lines, findings = transaction.write(target)
            console.note("\n".join(lines))
            stop_at_errors(self.session, findings)

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.session.console.print(line)


def _text(now: bytes | None) -> str | None:
    return None if now is None else now.decode().replace("\r\n", "\n")


def _edited(review: Review, old: RenderResult | None, new: RenderResult) -> Edited:
    """Return how many files of an environment are new, changed and removed, with its review."""
    before, after = _texts(old), _texts(new)
    changed = sum(before[path] != after[path] for path in before.keys() & after.keys())
    return Edited(review, len(after.keys() - before.keys()), changed, len(before.keys() - after.keys()))


def _diffs(old: RenderResult | None, new: RenderResult) -> list[LineDiff]:
    """Return the differences of the files of an environment."""
    before, after, folder = _texts(old), _texts(new), new.values.folder
    return [
        line_diff(f"{folder}/{path}", before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]


def _texts(result: RenderResult | None) -> Mapping[str, str]:
    return result.tree.texts if result and result.tree else {}


def _is_wanted() -> bool:
    """Ask whether to write. Raises OetgenError without a terminal."""
    if not _is_terminal():
        raise OetgenError("nothing was written: there is no terminal to ask", "add --yes, or --dry-run")
    return click.confirm("\nwrite this?")


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _target(pipeline: Pipeline, tree: Tree) -> Target:
    label, root = tree.folder, pipeline.project.root
    folder = root / label
    return Target(
        folder,
        label,
        root,
        lambda: writer.plan(folder, label, tree.files, inside=root),
        lambda plan: pipeline.explain_edits([tree.env], plan),
    )
