"""The events that start a workflow, and the code and secrets that it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.system import System
from generator.languages.node import Leaf, Map, Node, Seq, leaves

_DOCS = "https://docs.github.com/en/actions"
_HARDENING = f"{_DOCS}/security-for-github-actions/security-guides/security-hardening-for-github-actions"
_EVENTS = f"{_HARDENING}#understanding-the-risk-of-script-injections"
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
    for path, now in new.workflows.items():
        was = old.workflows.get(path)
        if was is not None:
            yield from _events(path, was, now)
            yield from _actions(path, was, now)
            yield from _secrets(path, was, now)


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


def _names(node: Node | None) -> dict[str, Node]:
    if isinstance(node, Map):
        return dict(node.entries)
    if isinstance(node, Seq):
        return {leaf.text: leaf for leaf in node.leaves()}
    return {node.text: node} if isinstance(node, Leaf) else {}


def _uses(workflow: Map) -> dict[str, tuple[str, Node]]:
    """Return the reference of each action, and its node."""
    found = {}
    for job in workflow.map("jobs").entries.values():
        for step in job.maps("steps") if isinstance(job, Map) else ():
            action, at, reference = step.text("uses").partition("@")
            node = step.get("uses")
            if at and node is not None:
                found[action] = (reference, node)
    return found


def _actions(path: str, was: Map, now: Map) -> Iterator[Hazard]:
    before = _uses(was)
    for action, (reference, node) in _uses(now).items():
        then, old_node = before.get(action, ("", None))
        if _SHA.fullmatch(then) and not _SHA.fullmatch(reference):
            message = f"{action} is no longer pinned to a commit: {reference} can be moved to other code"
            safe = "pin the commit, with the version in a comment after it"
            places = place(old_node), place(node)
            yield Hazard("action", Effect.WIDENED, path, message, *places, safe, _PINNING)


def _secrets(path: str, was: Map, now: Map) -> Iterator[Hazard]:
    before = {name for leaf in leaves(was) for name in _SECRET.findall(leaf.text)}
    seen: set[str] = set()
    for leaf in leaves(now):
        for name in _SECRET.findall(leaf.text):
            if name not in before | seen:
                seen.add(name)
                message = f"now uses the secret {name}, which is empty until it is set"
                safe = "set it in GitHub before merging, only for the environment that needs it"
                at = place(leaf)
                yield Hazard("secret", Effect.WIDENED, path, message, place(was), at, safe, _SECRETS)
