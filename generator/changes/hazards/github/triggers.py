"""The events that start a workflow, and the code and secrets that it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.pairs import workflows
from generator.languages.node import Leaf, Map, Node, Seq, leaves
from generator.system import System, Workflow
from generator.system.workflows import OWN_SECRETS

_DOCS = "https://docs.github.com/en/actions"
_HARDENING = f"{_DOCS}/security-for-github-actions/security-guides/security-hardening-for-github-actions"
_EVENTS = f"{_HARDENING}#understanding-the-risk-of-script-injections"
_TRIGGERS = f"{_DOCS}/writing-workflows/choosing-when-your-workflow-runs/events-that-trigger-workflows"
_PINNING = f"{_HARDENING}#using-third-party-actions"
_SECRETS = f"{_DOCS}/security-for-github-actions/security-guides/using-secrets-in-github-actions"
# Events that outsiders can trigger, and whose runs have the repository's secrets and token.
_RISKY = frozenset(
    ["pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment"]
)
_SHA = re.compile(r"[0-9a-f]{40}")
_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for new events, for actions that are no longer pinned, and for new secrets."""
    before = workflows(old)
    for path, now in workflows(new).items():
        was = before.get(path)
        if was is not None:
            yield from _events(path, was.node, now.node)
            yield from _actions(was, now)
            yield from _secrets(path, was.node, now.node)


def _events(path: str, was: Map, now: Map) -> Iterator[Hazard]:
    before = _names(was.get("on"))
    for name, node in _names(now.get("on")).items():
        if name in _RISKY and name not in before:
            message = (
                f"now runs on {name}, which outsiders can trigger, with the repository's secrets and token"
            )
            safe = "use pull_request; if that is not enough, do not check out or run code of the pull request"
            at = place(node)
            yield Hazard("trigger", Effect.WIDENED, path, message, place(was.get("on")), at, safe, _EVENTS)

    for name, node in before.items():
        if name not in _names(now.get("on")):
            message = f"no longer runs on {name}: nothing does then what it did"
            safe = "make sure that another workflow does it, and that no branch requires its checks"
            places = place(node), place(now.get("on"))
            yield Hazard("trigger", Effect.LEFT, path, message, *places, safe, _TRIGGERS)


def _names(node: Node | None) -> dict[str, Node]:
    if isinstance(node, Map):
        return dict(node.entries)
    if isinstance(node, Seq):
        return {leaf.text: leaf for leaf in node.leaves()}
    return {node.text: node} if isinstance(node, Leaf) else {}


def _uses(workflow: Workflow) -> dict[str, Leaf]:
    """Return each action with the `uses` that names it."""
    return {step.action: uses for step in workflow.steps if (uses := step.node.leaf("uses"))}


def _actions(was: Workflow, now: Workflow) -> Iterator[Hazard]:
    before = _uses(was)
    for action, uses in _uses(now).items():
        then, reference = before.get(action), uses.text.partition("@")[2]
        if (
            then
            and _SHA.fullmatch(then.text.partition("@")[2])
            and reference
            and not _SHA.fullmatch(reference)
        ):
            message = f"{action} is no longer pinned to a commit: {reference} can be moved to other code"
            safe = "pin the commit, with the version in a comment after it"
            places = place(then), place(uses)
            yield Hazard("action", Effect.WIDENED, now.path, message, *places, safe, _PINNING)


def _secrets(path: str, was: Map, now: Map) -> Iterator[Hazard]:
    before = {name for leaf in leaves(was) for name in _SECRET.findall(leaf.text)}
    seen: set[str] = set()
    for leaf in leaves(now):
        for name in _SECRET.findall(leaf.text):
            if name not in before | seen and name.lower() not in OWN_SECRETS:
                seen.add(name)
                message = f"now uses the secret {name}, which is empty until it is set"
                safe = "set it in GitHub before merging, only for the environment that needs it"
                at = place(leaf)
                yield Hazard("secret", Effect.WIDENED, path, message, place(was), at, safe, _SECRETS)
