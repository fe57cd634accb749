"""Access that is wider than before: security groups, policies, and who may assume a role."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, place, texts
from generator.changes.hazards.system import Block, System
from generator.languages.node import Map

_GROUP = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
_POLICY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
_WORLD = frozenset(["0.0.0.0/0", "::/0"])


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each rule or statement that allows more."""
    for address, now in new.resources.items():
        if now.type == "aws_security_group":
            yield from _opened(old.resources.get(address), now)
    for address, now in new.blocks.items():
        if now.kind == "data" and now.type == "aws_iam_policy_document":
            was = old.blocks.get(address)
            if was:
                yield from _statements(was, now)


def _opened(was: Block | None, now: Block) -> Iterator[Hazard]:
    if was is None:
        return
    before = {_rule(rule) for rule in was.body.maps("ingress") if _world(rule)}
    for rule in now.body.maps("ingress"):
        if _world(rule) and _rule(rule) not in before:
            yield Hazard(
                "rights",
                Effect.WIDENED,
                now.address,
                f"allows the whole internet to reach ports {rule.text('from_port')} to {rule.text('to_port')}",
                place(was.body),
                place(rule),
                "allow only the security groups or addresses that need it",
                _GROUP,
            )


def _rule(rule: Map) -> tuple[str, str, str]:
    return rule.text("from_port"), rule.text("to_port"), rule.text("protocol")


def _world(rule: Map) -> bool:
    return bool(_WORLD & {*texts(rule.get("cidr_blocks")), *texts(rule.get("ipv6_cidr_blocks"))})


def _allowed(block: Block) -> dict[tuple[str, str, str], Map]:
    """Return the statement that allows each action, on each resource, to each principal."""
    found = {}
    for statement in block.body.maps("statement"):
        if statement.text("effect") == "Deny":
            continue
        who = ", ".join(
            text for principal in statement.maps("principals") for text in texts(principal.get("identifiers"))
        )
        for action in texts(statement.get("actions")):
            for resource in texts(statement.get("resources")) or [""]:
                found[(action, resource, who)] = statement
    return found


def _statements(was: Block, now: Block) -> Iterator[Hazard]:
    before, after = _allowed(was), _allowed(now)
    for (action, resource, who), statement in after.items():
        at = place(statement)
        if (action, resource, who) not in before:
            on = f" on {resource}" if resource else f" for {who}" if who else ""
            message = f"now allows {action}{on}"
            safe = "make sure that it is needed, and narrow the resources"
            yield Hazard("rights", Effect.WIDENED, now.address, message, place(was.body), at, safe, _POLICY)
        elif _conditions(before[(action, resource, who)]) - _conditions(statement):
            lost = sorted(_conditions(before[(action, resource, who)]) - _conditions(statement))[0]
            message = f"no longer has the condition on {lost[1]} for {action}"
            old_at = place(before[(action, resource, who)])
            yield Hazard(
                "rights", Effect.WIDENED, now.address, message, old_at, at, "keep the condition", _POLICY
            )


def _conditions(statement: Map) -> frozenset[tuple[str, str, str]]:
    return frozenset(
        (each.text("test"), each.text("variable"), value)
        for each in statement.maps("condition")
        for value in texts(each.get("values"))
    )
