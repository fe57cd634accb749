"""Copy a value from one environment to another, with what that changes in the output."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from generator.changes.promote import promotion
from generator.editor.workspace import Snapshot, Workspace
from generator.findings.record import record
from generator.report.changes import summary_line
from generator.report.text import plural
from generator.values.layers import value_at
from generator.values.source import KeyPath, format_path


@record
class Copy:
    """What copying a value makes of a file, and what that changes, in words."""

    path: str
    text: str
    effect: str


def targets(snapshot: Snapshot, path: str, value: KeyPath) -> Iterator[tuple[str, str]]:
    """Yield the environment of a values file, and each other one in which a value is not the same."""
    name = snapshot.project.folders.environment(path)
    own = snapshot.results.get(name)
    if own is None or not value:
        return
    wanted = value_at(own.values.data, value)
    for env, result in snapshot.results.items():
        if env != name and value_at(result.values.data, value) != wanted:
            yield name, env


def copied(workspace: Workspace, source: str, target: str, value: KeyPath) -> Copy:
    """Try the copy, and return it. Raises OetgenError when the file cannot be edited."""
    snapshot = workspace.snapshot
    first, second = (snapshot.results[env].values for env in (source, target))
    found = promotion(first, second, [format_path(value)])
    trial = Workspace(workspace.project.root)
    for path, text in {**workspace.unsaved, found.path: found.text}.items():
        trial.change(path, text)
    return Copy(found.path, found.text, _effect(snapshot, trial, target))


def _effect(snapshot: Snapshot, trial: Workspace, env: str) -> str:
    """Return in words what a trial changes in the output of an environment, and what applying that does."""
    after = trial.analyse()
    errors = [each for each in after.findings if env in each.environment.split(", ")]
    if after.results[env].tree is None:
        return f"it makes {env} wrong: {errors[0].message}" if errors else f"it makes {env} wrong"
    old = {path: each.text for (name, path), each in snapshot.rendered.items() if name == env}
    new = {path: each.text for (name, path), each in after.rendered.items() if name == env}
    changed = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
    count = sum(_changed_lines(old.get(path, ""), new.get(path, "")) for path in changed)
    review = trial.review(env, old)
    effects = f"; {summary_line(review)}" if review else ""
    return f"{plural(count, 'line')} in {plural(len(changed), 'file')} of {env}{effects}"


def _changed_lines(old: str, new: str) -> int:
    matcher = SequenceMatcher(a=old.split("\n"), b=new.split("\n"), autojunk=False)
    return sum(
        max(end - start, to - since) for tag, start, end, since, to in matcher.get_opcodes() if tag != "equal"
    )
