"""Resources that are destroyed and created again because an argument cannot change."""

from __future__ import annotations

from collections.abc import Container, Iterator

from generator.changes.hazards.arguments import Pair, pairs, value
from generator.changes.hazards.model import AWS, TERRAFORM, Effect, Hazard, Place, place, shown
from generator.changes.hazards.provider import KINDS, Kind
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Node, leaves
from generator.system import System
from generator.system.terraform import Key

_UNKNOWN_TYPE = "https://developer.hashicorp.com/terraform/cli/commands/plan"
_PREVENT = "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
_BEFORE = "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#create_before_destroy"
_META = frozenset(["lifecycle", "depends_on", "provider", "timeouts", "count", "for_each"])


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each resource that is replaced, or whose changed arguments are not known."""
    replaced = causes(old, new)
    for pair in pairs(old, new, "resource"):
        if pair.key in replaced:
            yield _replaced(pair, *replaced[pair.key])
        yield from _unknown(pair)


def causes(old: System, new: System) -> dict[Key, tuple[str, Node | None, Node | None]]:
    """Return, for each resource that is certainly replaced, the argument that forces it and its two values."""
    found: dict[Key, tuple[str, Node | None, Node | None]] = {}
    known = pairs(old, new, "resource", *KINDS)
    for pair in known:
        for name, before, after in pair.differing():
            if name in KINDS[pair.type].replacing - _ignored(pair) and pair.is_changed(name):
                found.setdefault(pair.key, (name, before, after))
    while True:
        more = {
            pair.key: (name, pair.was.get(name), pair.now.get(name))
            for pair in known
            if pair.key not in found
            for name in sorted(KINDS[pair.type].replacing & set(pair.now))
            if _follows(pair, name, found)
        }
        if not more:
            return found
        found.update(more)


def _ignored(pair: Pair) -> frozenset[str]:
    """Return the arguments whose changes the resource ignores."""
    lifecycles = pair.now.maps("lifecycle")
    names = {str(leaf.value) for each in lifecycles for leaf in leaves(each.get("ignore_changes"))}
    return frozenset({*pair.was, *pair.now} if "all" in names else names)


def _follows(pair: Pair, name: str, replaced: Container[Key]) -> bool:
    """Return whether an argument refers to something that changes when another resource is replaced."""
    for reference in references(pair.now.get(name)):
        key = (pair.key[0], ".".join(reference.path[:2]))
        if key in replaced and len(reference.path) > 2:
            before = pair.old.terraform.get(pair.old.terraform.by_key[key], reference.path[2])
            after = pair.new.terraform.get(pair.new.terraform.by_key[key], reference.path[2])
            if before is None or before != after:
                return True
    return False


def _replaced(pair: Pair, name: str, before: Node | None, after: Node | None) -> Hazard:
    kind = KINDS[pair.type]
    what = f"{name} changes from {shown(before)} to {shown(after)}, which"
    if before == after:
        what = f"{name} is {shown(after)}, whose replacement"
    places = place(before, pair.was), place(after, pair.now)
    lifecycles = pair.now.maps("lifecycle")
    if any(each.value("prevent_destroy") is True for each in lifecycles):
        message = f'{what} would replace it, but prevent_destroy forbids that: "Instance cannot be destroyed"'
        safe = f"keep {name}; or remove prevent_destroy if the resource may be destroyed"
        return Hazard("replaced", Effect.REFUSED, pair.subject, message, *places, safe, _PREVENT, TERRAFORM)
    if kind.keeps and is_kept(pair.was, kind, pair.old):
        return _kept(pair, kind, what, places)
    first = any(each.value("create_before_destroy") is True for each in lifecycles)
    taken = pair.new.terraform.get(pair.now, kind.name)
    if first and name != kind.name and value(taken) is not None:
        message = (
            f"{what} replaces it: the new one is created first, while the old one has the name {shown(taken)}"
        )
        safe = f"change {kind.name} as well, or use name_prefix"
        return Hazard("replaced", Effect.REFUSED, pair.subject, message, *places, safe, _BEFORE, AWS)
    effect = Effect.DATA_LOSS if kind.data else Effect.REPLACED
    lost = f", with {kind.data}" if kind.data else ""
    order = "the new one is created first" if first else "the old one is destroyed first"
    message = f"{what} replaces it: {order}{lost}"
    return Hazard("replaced", effect, pair.subject, message, *places, _safe(kind, name), kind.source)


def is_kept(was: Block, kind: Kind, old: System) -> bool:
    """Return whether AWS refuses to delete the existing resource."""
    if kind.keeps is None:
        return False
    name, kept = kind.keeps
    node = old.terraform.get(was, name)
    return value(node) is kept if node is not None else kept is False


def _kept(pair: Pair, kind: Kind, what: str, places: tuple[Place | None, Place | None]) -> Hazard:
    name, kept = kind.keeps or ("", False)
    return Hazard(
        "replaced",
        Effect.REFUSED,
        pair.subject,
        f"{what} would replace it, but AWS refuses that while {name} is {str(kept).lower()}: {kind.refusal}",
        *places,
        f"keep the argument; to delete {kind.data or 'it'} on purpose, first change {name} in a separate apply",
        kind.source,
        AWS,
    )


def _safe(kind: Kind, name: str) -> str:
    if kind.data:
        return f"keep {name}; or create a second resource, move {kind.data} there, then remove the old one"
    return f"keep {name}, or apply it in a maintenance window"


def _unknown(pair: Pair) -> Iterator[Hazard]:
    """Yield a hazard for changes whose effect, or whose value, is not known."""
    if any((name in pair.was) is not (name in pair.now) for name in ("count", "for_each")):
        return  # every instance gets another address, which is a hazard of its own
    kind = KINDS.get(pair.type)
    changed = [each for each in pair.differing() if each[0] not in _META and _is_unsure(pair, kind, each[0])]
    if changed:
        names = ", ".join(name for name, _, _ in changed)
        _, before, after = changed[0]
        message = f"{names} changes; whether that replaces the resource is not known"
        safe = "read the output of `terraform plan` before applying; CONTRIBUTING.md describes how to add the type"
        if kind and changed[0][0] not in kind.unsure:
            steps = f"changes from {shown(before)} to {shown(after)}"
            message = f"{names} {steps}, whose value is not known from these files"
            safe = "read the output of `terraform plan` before applying"
        places = place(before, pair.was), place(after, pair.now)
        yield Hazard("unknown-resource", Effect.UNKNOWN, pair.subject, message, *places, safe, _UNKNOWN_TYPE)


def _is_unsure(pair: Pair, kind: Kind | None, name: str) -> bool:
    """Return whether the effect of a change is not known: of an argument, or of a value that only Terraform knows."""
    if kind is None or name in kind.unsure:
        return True
    return (name in kind.replacing or bool(kind.data)) and name != "tags" and not pair.is_changed(name)
