"""The events of a workflow must be able to happen: filters, schedules and inputs that GitHub accepts.

Checked: patterns of `branches`, `tags` and `paths`; a filter beside its `-ignore` form; schedules; the options and
defaults of inputs.

Why: GitHub rejects the workflow, or never runs it, and neither is visible in a run.

Bad:

    on: {schedule: [{cron: "0 25 * * *"}]}

Good:

    on: {schedule: [{cron: "0 5 * * *"}]}
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.checks.workflow_grammar import is_number
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import nearest
from generator.languages.github import patterns
from generator.languages.github.expressions import OPENING
from generator.languages.node import Leaf, Map, Seq
from generator.system.schedule import is_time_zone
from generator.system.schedule import read as read_schedule
from generator.system.workflows import Workflow

CODE = "checks/workflow-events"
ADVICE = "docs.github.com, Events that trigger workflows"
_FILTERS = ("branches", "tags", "paths", "names", "versions")
_SHORTEST = 5  # minutes; docs.github.com, "Events that trigger workflows", schedule
_MOST_INPUTS = 25  # github.blog/changelog/2025-12-04


def check(context: Context) -> Iterator[Finding]:
    if not context.system.workflows:
        raise NotApplicableError("there are no workflows")
    for workflow in context.system.workflows:
        events = workflow.node.map("on")
        yield from _without_settings(workflow)
        for event in events:
            yield from _filters(events.map(event), event)
        for schedule in events.maps("schedule"):
            yield from _schedule(schedule)
        yield from _dispatch(events.map("workflow_dispatch"))
        yield from _called(events.map("workflow_call", "inputs"))
        yield from _callable(workflow)


def _filters(event: Map, name: str) -> Iterator[Finding]:
    for key in _FILTERS:
        ignore = f"{key}-ignore"
        if key in event and ignore in event:
            first, second = sorted((key, ignore), key=list(event).index)
            note = Note(f"{first} is here", event.key_place(first))
            message = f"{name} has {key} and {ignore}, and GitHub accepts only one of them"
            hint = f"write what to ignore as patterns of {key} that begin with !"
            yield error(CODE, message, event.key_place(second), notes=(note,), hint=hint)
        for leaf in (*_leaves(event, key), *_leaves(event, ignore)):
            found = patterns.problem(leaf.text, is_path=key == "paths")
            if found and OPENING not in leaf.text:
                message = f"{leaf.text} is not a valid pattern: {found[1]}"
                hint = "see the filter pattern cheat sheet in GitHub's documentation"
                yield error(CODE, message, leaf.place(found[0]), hint=hint)
    positive = [leaf for leaf in _leaves(event, "paths") if not leaf.text.startswith("!")]
    if _leaves(event, "paths") and not positive:
        message = f"{name} has only paths that begin with !, so nothing runs the workflow"
        yield error(CODE, message, event.key_place("paths"), hint='add "**" before them')


def _without_settings(workflow: Workflow) -> Iterator[Finding]:
    """Yield an error for an event that never happens without settings."""
    for event, setting in (("schedule", "cron"), ("workflow_run", "workflows")):
        if event in workflow.events and not isinstance(workflow.node.get("on"), Map):
            message = f"{event} has no {setting}, so it never runs the workflow"
            yield error(CODE, message, workflow.node.at_key("on"), hint=f"write on as a map, with {setting}")


def _leaves(holder: Map, key: str) -> tuple[Leaf, ...]:
    node = holder.get(key)
    if isinstance(node, Leaf):
        return (node,)
    return node.leaves() if isinstance(node, Seq) else ()


def _schedule(schedule: Map) -> Iterator[Finding]:
    cron, zone = schedule.leaf("cron"), schedule.leaf("timezone")
    if cron and OPENING not in cron.text:
        read = read_schedule(cron.text)
        if read.problem:
            hint = 'write minute, hour, day, month and day of the week: "0 5 * * 1"'
            yield error(CODE, read.problem, cron.at, hint=hint)
        elif read.never:
            message = f"the schedule {cron.text} is for a day that no year has, so it never runs"
            yield error(CODE, message, cron.at, hint="correct the day or the month")
        elif read.shortest < _SHORTEST:
            message = (
                f"the schedule is due after {read.shortest} minutes, and GitHub waits at least {_SHORTEST}"
            )
            yield warning(CODE, message, cron.at, hint=f"write */{_SHORTEST} for the minute")
    if zone and OPENING not in zone.text and not is_time_zone(zone.text):
        message = f"there is no time zone {zone.text}"
        near = nearest(zone.text, zoneinfo.available_timezones())
        yield error(CODE, message, zone.at, hint=near or "write a name as in Europe/Berlin")


def _dispatch(dispatch: Map) -> Iterator[Finding]:
    inputs = dispatch.map("inputs")
    if len(inputs) > _MOST_INPUTS:
        message = f"workflow_dispatch has {len(inputs)} inputs, and GitHub accepts {_MOST_INPUTS}"
        yield error(CODE, message, dispatch.key_at, hint="remove some")
    for name in inputs:
        settings = inputs.map(name)
        kind, default = settings.text("type"), settings.leaf("default")
        options = settings.seq("options").texts()
        if kind == "choice":
            yield from _choice(name, settings, options)
        elif "options" in settings:
            message = f"the input {name} has options, but its type is {kind or 'string'}"
            note = Note("the options are here", settings.key_place("options"))
            yield error(CODE, message, settings.key_at, notes=(note,), hint="write type: choice")
        if default:
            yield from _default(name, kind, default)


def _choice(name: str, settings: Map, options: list[str]) -> Iterator[Finding]:
    default = settings.leaf("default")
    if not options:
        yield error(
            CODE, f"the input {name} has no options", settings.key_at, hint="add options, a list of texts"
        )
    elif default and default.text not in options and OPENING not in default.text:
        message = f"the default of the input {name} is {default.text}, which is not one of its options"
        hint = nearest(default.text, options) or f"write {' or '.join(options)}"
        yield error(CODE, message, default.at, hint=hint)
    for number, leaf in enumerate(settings.seq("options").leaves()):
        if leaf.text in options[:number]:
            yield error(CODE, f"the option {leaf.text} occurs twice", leaf.at, hint="remove one")


def _default(name: str, kind: str, default: Leaf) -> Iterator[Finding]:
    if OPENING in default.text:
        return
    if kind == "boolean" and default.text.lower() not in ("true", "false"):
        message = f"the default of the input {name} is {default.text}, expected true or false"
        yield error(CODE, message, default.at, hint="write true or false")
    elif kind == "number" and not is_number(default.text):
        message = f"the default of the input {name} is {default.text}, expected a number"
        yield error(CODE, message, default.at, hint="write a number")


def _called(inputs: Map) -> Iterator[Finding]:
    for name in inputs:
        settings = inputs.map(name)
        default = settings.leaf("default")
        if not default:
            continue
        yield from _default(name, settings.text("type"), default)
        if settings.text("required").lower() == "true":
            message = f"the input {name} is required, so its default is never used"
            yield warning(
                CODE, message, settings.key_place("default"), hint="remove the default, or required"
            )


def _callable(workflow: Workflow) -> Iterator[Finding]:
    """Yield an error for `workflow_run` that names its own workflow."""
    run = workflow.trigger("workflow_run")
    own = workflow.node.text("name")
    for leaf in _leaves(run, "workflows") if run else ():
        if own and leaf.text == own:
            message = f"the workflow {own} waits for itself"
            yield warning(CODE, message, leaf.at, hint="name another workflow")
