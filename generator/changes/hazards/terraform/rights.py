"""Access that is wider than before: security groups, policies, and who may assume a role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.changes.hazards.arguments import Pair, pairs
from generator.changes.hazards.model import Effect, Hazard, place
from generator.findings.suggest import listed
from generator.languages.node import Map, Node, Seq, texts
from generator.system import System
from generator.system.security_groups import Rule

_GROUP = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
_POLICY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
_ADDRESS = re.compile(r"(?<![\w.-])[\w-]+\.[\w-]+(?=[.\[])")


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each rule or statement that allows more."""
    for pair in pairs(old, new, "resource", "aws_security_group"):
        yield from _opened(pair)
    created = new.terraform.by_key.keys() - old.terraform.by_key.keys()
    for pair in pairs(old, new, "data", "aws_iam_policy_document"):
        names = frozenset(name for folder, name in created if folder == pair.key[0])
        yield from _statements(pair, names)


def _rules(pair: Pair, kind: str) -> tuple[tuple[Map, ...], tuple[Map, ...]]:
    """Return the blocks of a kind on both sides, with the values in them that are known."""
    before, after = pair.get(kind)
    return _maps(before), _maps(after)


def _maps(node: Node | None) -> tuple[Map, ...]:
    return node.maps() if isinstance(node, Seq) else ()


def _opened(pair: Pair) -> Iterator[Hazard]:
    old_rules, new_rules = _rules(pair, "ingress")
    before = {_rule(rule) for rule in old_rules if Rule(rule).open_to}
    for rule in new_rules:
        if Rule(rule).open_to and _rule(rule) not in before:
            yield Hazard(
                "rights",
                Effect.WIDENED,
                pair.subject,
                f"allows the whole internet to reach ports {_word(rule, 'from_port')} to {_word(rule, 'to_port')}",
                place(pair.was),
                place(rule),
                "allow only the security groups or addresses that need it",
                _GROUP,
            )


def _rule(rule: Map) -> tuple[str, str, str]:
    return _word(rule, "from_port"), _word(rule, "to_port"), _word(rule, "protocol")


def _word(rule: Map, name: str) -> str:
    """Return the value of an argument as text, or its code when it is not known."""
    return ", ".join(texts(rule.get(name)))


def _allowed(statements: tuple[Map, ...]) -> dict[tuple[str, str, str], Map]:
    """Return the statement that allows each action, on each resource, to each principal."""
    found = {}
    for statement in statements:
        if statement.text("effect") == "Deny":
            continue
        who = ", ".join(
            text for principal in statement.maps("principals") for text in texts(principal.get("identifiers"))
        )
        for action in texts(statement.get("actions")):
            for resource in texts(statement.get("resources")) or [""]:
                found[(action, resource, who)] = statement
    return found


def _statements(pair: Pair, created: frozenset[str]) -> Iterator[Hazard]:
    """Yield a hazard for each resource and principal with the actions that are allowed now; `created` are new."""
    before, after = (_allowed(statements) for statements in _rules(pair, "statement"))
    added: dict[tuple[str, str], list[str]] = {}
    for (action, resource, who), statement in after.items():
        if (action, resource, who) not in before:
            added.setdefault((resource, who), []).append(action)
        elif _conditions(before[(action, resource, who)]) - _conditions(statement):
            lost = sorted(_conditions(before[(action, resource, who)]) - _conditions(statement))[0]
            message = f"no longer has the condition on {lost[1]} for {action}"
            places = place(before[(action, resource, who)]), place(statement)
            yield Hazard(
                "rights", Effect.WIDENED, pair.subject, message, *places, "keep the condition", _POLICY
            )
    for (resource, who), actions in added.items():
        is_new = not created.isdisjoint(_ADDRESS.findall(resource))
        on = f" on {resource}" if resource else f" for {who}" if who else ""
        message = f"now allows {listed(actions)}{on}{', which is new, too' if is_new else ''}"
        effect = Effect.RIGHTS if is_new else Effect.WIDENED
        safe = (
            f"make sure that {'it is' if len(actions) == 1 else 'they are'} needed, and narrow the resources"
        )
        at = place(after[(actions[0], resource, who)])
        yield Hazard("rights", effect, pair.subject, message, place(pair.was), at, safe, _POLICY)


def _conditions(statement: Map) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (_word(each, "test"), _word(each, "variable"), value)
        for each in statement.maps("condition")
        for value in texts(each.get("values"))
    )
