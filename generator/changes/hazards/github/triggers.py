"""What starts a workflow, and whose code it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.diff import Leaf, Map, Node, Seq
from generator.changes.diff.node import leaves
from generator.changes.hazards.model import Effect, Hazard, place
from generator.changes.hazards.system import System

_DOCS = "https://docs.github.com/en/actions"
_HARDENING = f"{_DOCS}/security-for-github-actions/security-guides/security-hardening-for-github-actions"
_EVENTS = f"{_HARDENING}#understanding-the-risk-of-script-injections"
_PINNING = f"{_HARDENING}#using-third-party-actions"
_SECRETS = f"{_DOCS}/security-for-github-actions/security-guides/using-secrets-in-github-actions"
# Events that others can cause, and whose runs have the secrets and a token of the repository.
_RISKY = frozenset(
    ["pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment"]
)
_SHA = re.compile(r"[0-9a-f]{40}")
_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w*)")


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield hazards for new events, for actions that are pinned no longer, and for secrets that are used now."""
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
                f"{name} starts it now: others cause it, and it runs with the repository's secrets and token"
            )
            safe = "use pull_request; where that is not enough, check out and run nothing of the pull request"
            at = place(path, node)
            yield Hazard(
                "trigger", Effect.WIDENED, path, message, place(path, was.get("on")), at, safe, _EVENTS
            )


def _names(node: Node | None) -> dict[str, Node]:
    if isinstance(node, Map):
        return dict(node.entries)
    if isinstance(node, Seq):
        return {str(item.value): item for item in node.items if isinstance(item, Leaf)}
    return {str(node.value): node} if isinstance(node, Leaf) else {}


def _uses(workflow: Map) -> dict[str, tuple[str, Node]]:
    """Return the reference of each action, and where it stands."""
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
            message = (
                f"{action} is taken from {reference}, which can be moved to other code, not from a commit"
            )
            safe = "name the commit, with the version behind it as a comment"
            places = place(path, old_node), place(path, node)
            yield Hazard("action", Effect.WIDENED, path, message, *places, safe, _PINNING)


def _secrets(path: str, was: Map, now: Map) -> Iterator[Hazard]:
    before = {name for leaf in leaves(was) for name in _SECRET.findall(str(leaf.value))}
    seen: set[str] = set()
    for leaf in leaves(now):
        for name in _SECRET.findall(str(leaf.value)):
            if name not in before | seen:
                seen.add(name)
                message = f"uses the secret {name}, which it did not: until it is set, it is empty"
                safe = "set it in GitHub before this is merged, for the environment that needs it alone"
                at = place(path, leaf)
                yield Hazard("secret", Effect.WIDENED, path, message, place(path, was), at, safe, _SECRETS)
