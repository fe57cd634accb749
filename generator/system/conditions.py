"""What the condition of a job or step can be for an event that runs its workflow, so far as the event decides it.

Sources: docs.github.com, "Contexts reference" (github), "Events that trigger workflows" (GITHUB_REF of each event),
and "Evaluate expressions in workflows and actions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from generator.findings.record import record
from generator.languages.github.expressions import Call, Literal, Operation, Tree, reference
from generator.languages.node import Map, leaves
from generator.system.workflows import Workflow

# Events whose `github.ref` is the default branch.
_ON_DEFAULT_BRANCH = frozenset(
    "schedule workflow_run issues issue_comment label milestone discussion fork gollum watch".split()
)
_REQUESTS = frozenset(
    ["pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"]
)
_SPECIAL = re.compile(r"[*?+\[!]")
_NO_NAME = re.compile(r"[*?\[ ~^:\\]")  # git-check-ref-format(1): what no branch and no tag has


class Truth(NamedTuple):
    """What a condition can be; `is_known` is whether what is known decides it."""

    can_hold: bool
    can_fail: bool
    is_known: bool = True


Facts = Callable[[Tree], Truth | None]
"""What is known of a part of a condition; None where nothing is."""

_UNKNOWN = Truth(can_hold=True, can_fail=True, is_known=False)


@record
class Text:
    """A text that an event sets: all of it, or only how it begins."""

    start: str
    is_whole: bool = True


def decides(workflow: Workflow) -> bool:
    """Return whether the workflow's own events are all that can run it."""
    return bool(workflow.events) and "workflow_call" not in workflow.events


def truth(tree: Tree, facts: Facts) -> Truth:
    """Return what a condition can be where `facts` are known of its parts."""
    known = facts(tree)
    if known is not None:
        return known
    if isinstance(tree, Literal):
        return always(bool(tree.value))
    if isinstance(tree, Operation) and tree.operator in ("&&", "||", "!"):
        return _joined(tree.operator, [truth(each, facts) for each in tree.operands])
    if isinstance(tree, Operation) and tree.operator == "!=":
        return _joined("!", [truth(Operation("==", tree.operands, tree.at), facts)])
    return _UNKNOWN


def always(holds: bool) -> Truth:
    """Return the truth of what holds, or fails, in any case."""
    return Truth(holds, not holds)


def facts_of(workflow: Workflow, event: str) -> Facts:
    """Return what is known of the parts of conditions when an event runs the workflow."""

    def facts(tree: Tree) -> Truth | None:
        if isinstance(tree, Operation) and tree.operator == "==":
            texts, literal = _sides(tree.operands, workflow, event)
            return _any(_equals(each, literal) for each in texts)
        if isinstance(tree, Call) and len(tree.arguments) == 2 and tree.name.lower() == "startswith":
            texts, literal = _sides(tree.arguments, workflow, event)
            return _any(_starts(each, literal) for each in texts)
        return None

    return facts


def _joined(operator: str, parts: list[Truth]) -> Truth:
    if operator == "!":
        return Truth(parts[0].can_fail, parts[0].can_hold, parts[0].is_known)
    if operator == "&&":
        holds, fails = all(each.can_hold for each in parts), any(each.can_fail for each in parts)
    else:
        holds, fails = any(each.can_hold for each in parts), all(each.can_fail for each in parts)
    return Truth(holds, fails, is_known=all(each.is_known for each in parts) or not (holds and fails))


def _any(answers: Iterable[Truth]) -> Truth | None:
    """Return what can be where one of several cases is given; None without a case."""
    found = list(answers)
    if not found:
        return None
    return Truth(any(each.can_hold for each in found), any(each.can_fail for each in found))


def _sides(operands: tuple[Tree, ...], workflow: Workflow, event: str) -> tuple[list[Text], str]:
    """Return the texts that the event can give to one side, if that is known, and the constant of the other."""
    for one, other in (operands, operands[::-1]):
        if isinstance(other, Literal) and isinstance(other.value, str) and (found := reference(one)):
            return texts_of(tuple(part.lower() for part in found.path), workflow, event), other.value
    return [], ""


def _equals(text: Text, literal: str) -> Truth:
    """Return whether a text can be equal to a constant; GitHub ignores case."""
    start, wanted = text.start.lower(), literal.lower()
    if text.is_whole:
        return Truth(start == wanted, start != wanted)
    can_be = wanted.startswith(start) and not _NO_NAME.search(wanted)
    return Truth(can_be, can_fail=True)


def _starts(text: Text, literal: str) -> Truth:
    start, wanted = text.start.lower(), literal.lower()
    if start.startswith(wanted):
        return Truth(can_hold=True, can_fail=False)
    can_be = not text.is_whole and wanted.startswith(start) and not _NO_NAME.search(wanted)
    return Truth(can_be, can_fail=True)


def texts_of(path: tuple[str, ...], workflow: Workflow, event: str) -> list[Text]:
    """Return the texts that a property of `github` can have for an event; none where the event does not decide."""
    if path[:1] != ("github",) or len(path) != 2:
        return []
    if path[1] == "event_name":
        return [Text(event)]
    if path[1] in ("head_ref", "base_ref"):
        if event not in _REQUESTS:
            return [Text("")] if event in ("push", "schedule", "workflow_dispatch", "release") else []
        return (
            _named(workflow, event, "branches", "") if path[1] == "base_ref" else [Text("", is_whole=False)]
        )
    refs = _refs(workflow, event)
    if path[1] == "ref_type":
        return [] if event in _REQUESTS else [Text(_type(each.start)) for each in refs]
    if path[1] == "ref_name":
        return [Text(_short(each.start), each.is_whole) for each in refs]
    return refs if path[1] == "ref" else []


def _type(ref: str) -> str:
    return "tag" if ref.startswith("refs/tags/") else "branch"


def _short(ref: str) -> str:
    return re.sub(r"^refs/(?:heads|tags|pull)/", "", ref)


def _refs(workflow: Workflow, event: str) -> list[Text]:
    """Return what `github.ref` can be for an event."""
    if event == "pull_request_target":
        return _named(workflow, event, "branches", "refs/heads/")
    if event in _REQUESTS:
        is_merged = "closed" in (workflow.trigger(event) or Map()).seq("types").texts()
        base = _named(workflow, event, "branches", "refs/heads/") if is_merged else []
        return [Text("refs/pull/", is_whole=False), *base]
    if event == "release":
        return [Text("refs/tags/", is_whole=False)]
    if event in _ON_DEFAULT_BRANCH:
        return [Text("refs/heads/", is_whole=False)]
    if event == "workflow_dispatch":
        return [Text("refs/heads/", is_whole=False), Text("refs/tags/", is_whole=False)]
    if event != "push":
        return []
    settings = workflow.trigger(event) or Map()
    branches, tags = (
        any(key in settings for key in (name, f"{name}-ignore")) for name in ("branches", "tags")
    )
    heads = _named(workflow, event, "branches", "refs/heads/") if branches or not tags else []
    return heads + (_named(workflow, event, "tags", "refs/tags/") if tags or not branches else [])


def _named(workflow: Workflow, event: str, key: str, before: str) -> list[Text]:
    """Return the names that the patterns of an event let through, each after `before`."""
    node = (workflow.trigger(event) or Map()).get(key)
    patterns = [leaf.text for leaf in leaves(node) if not leaf.text.startswith("!")]
    return [_matched(before, each) for each in patterns] or [Text(before, is_whole=False)]


def _matched(before: str, pattern: str) -> Text:
    special = _SPECIAL.search(pattern)
    if not special:
        return Text(before + pattern)
    plain = pattern[: special.start()]
    # What stands before ? or + may be missing.
    return Text(before + (plain[:-1] if special[0] in "?+" else plain), is_whole=False)
