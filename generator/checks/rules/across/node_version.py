"""A component must be tested with the major version of Node.js that it runs with.

Compared: `node-version` of its workflow and the base image of its Dockerfile.

Why: a program that passes its tests with one major version can fail with another, and another version of npm
reads the lock file.

Bad:

    node-version: '22'           # and FROM node:24-alpine

Good:

    node-version: '24'           # and FROM node:24-alpine
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.agreement import Statement, disagreements
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.system import Component, System
from generator.system.images import image_name

CODE = "checks/node-version"
ADVICE = "github.com/actions/setup-node, README: node-version"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    stated = [each for component in system.components if (each := list(_statements(system, component)))]
    if not stated:
        raise NotApplicableError("no component uses Node.js")
    for statements in stated:
        yield from disagreements(CODE, "the version of Node.js", statements)
    first = stated[0][0]
    for step in system.steps:
        inputs = step.node.map("with")
        if step.action == "actions/setup-node" and not {"node-version", "node-version-file"} & set(inputs):
            message = "setup-node has no node-version: it uses the version of the runner"
            note = Note(f"it is {first.text} in {first.what}", first.at)
            hint = f'add node-version: "{first.text}"'
            yield warning(CODE, message, step.node.at_key("uses"), notes=(note,), hint=hint)


def _statements(system: System, component: Component) -> Iterator[Statement]:
    for stage in component.dockerfile.stages:
        _, repository, tag = image_name(stage.image)
        if repository.rpartition("/")[2] == "node" and "$" not in tag:
            at = stage.start.where(f":{tag}" if tag else stage.image)
            yield Statement(_major(tag), f"the image of {component.name}", at)
    for workflow in system.workflows:
        if not any(step.folder == component.name for step in workflow.steps):
            continue
        for step in workflow.steps:
            inputs = step.node.map("with")
            version = inputs.text("node-version")
            if step.action == "actions/setup-node" and version and "${{" not in version:
                yield Statement(_major(version), "the workflow", inputs.at_key("node-version"))


def _major(version: str) -> str:
    found = re.match(r"v?(\d+)", version)
    return found[1] if found else version
