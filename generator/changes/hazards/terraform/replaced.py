"""Resources that are destroyed and created again because an argument cannot change."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.arguments import argument, differing, references
from generator.changes.hazards.model import Effect, Hazard, Place, place, shown
from generator.changes.hazards.provider import KINDS, Kind
from generator.changes.hazards.system import Block, System
from generator.languages.node import Leaf, Node, leaves

_UNKNOWN_TYPE = "https://developer.hashicorp.com/terraform/cli/commands/plan"
_PREVENT = "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
_BEFORE = "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#create_before_destroy"
_META = frozenset(["lifecycle", "depends_on", "provider", "timeouts", "count", "for_each"])


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each resource that is replaced, or whose changed arguments are not known."""
    replaced = causes(old, new)
    for address, (name, before, after) in replaced.items():
        yield from _hazards(old.resources[address], new.resources[address], name, before, after, old, new)
    for address, was in old.resources.items():
        now = new.resources.get(address)
        if now:
            yield from _unknown(was, now, old, new)


def causes(old: System, new: System) -> dict[str, tuple[str, Node | None, Node | None]]:
    """Return, by the address of each resource that is replaced, the argument that forces it and its two values."""
    found: dict[str, tuple[str, Node | None, Node | None]] = {}
    pairs = {
        address: (was, new.resources[address])
        for address, was in old.resources.items()
        if address in new.resources and was.type in KINDS
    }
    for address, (was, now) in pairs.items():
        ignored = {leaf.text for leaf in leaves(now.body.get("lifecycle")) if leaf.is_code}
        for name, before, after in differing(was, now, old, new):
            if name in KINDS[was.type].replacing and name not in ignored:
                found.setdefault(address, (name, before, after))
    while True:
        more = {
            address: (name, was.body.get(name), now.body.get(name))
            for address, (was, now) in pairs.items()
            if address not in found
            for name in sorted(KINDS[was.type].replacing & now.body.entries.keys())
            if _follows(now.body.get(name), found, old, new)
        }
        if not more:
            return found
        found.update(more)


def _follows(
    node: Node | None, replaced: dict[str, tuple[str, Node | None, Node | None]], old: System, new: System
) -> bool:
    """Return whether an argument refers to something that changes when another resource is replaced."""
    for address, attribute in references(node):
        if address in replaced:
            was, now = old.resources[address].body.get(attribute), new.resources[address].body.get(attribute)
            if was is None or old.resolved(was) != new.resolved(now):
                return True
    return False


def _hazards(
    was: Block, now: Block, name: str, before: Node | None, after: Node | None, old: System, new: System
) -> Iterator[Hazard]:
    kind = KINDS[was.type]
    what = f"{name} changes from {shown(before)} to {shown(after)}, which"
    if before == after:
        what = f"{name} is {shown(after)}, whose replacement"
    places = (
        place(before, was.body),
        place(after, now.body),
    )
    if any(each.value("prevent_destroy") is True for each in now.body.maps("lifecycle")):
        message = f'{what} would replace it, but prevent_destroy forbids that: "Instance cannot be destroyed"'
        safe = f"keep {name}; or remove prevent_destroy if the resource may be destroyed"
        yield Hazard("replaced", Effect.REFUSED, was.address, message, *places, safe, _PREVENT)
        return
    if kind.keeps and is_kept(was, kind, old):
        yield _kept(was, kind, what, places)
        return
    first = any(each.value("create_before_destroy") is True for each in now.body.maps("lifecycle"))
    taken = now.body.get(kind.name)
    if first and name != kind.name and isinstance(taken, Leaf) and not taken.is_code:
        message = (
            f"{what} replaces it: the new one is created first, while the old one has the name {shown(taken)}"
        )
        safe = f"change {kind.name} as well, or use name_prefix"
        yield Hazard("replaced", Effect.REFUSED, was.address, message, *places, safe, _BEFORE)
        return
    effect = Effect.DATA_LOSS if kind.data else Effect.REPLACED
    lost = f", with {kind.data}" if kind.data else ""
    order = "the new one is created first" if first else "the old one is destroyed first"
    message = f"{what} replaces it: {order}{lost}"
    safe = _safe(kind, name)
    yield Hazard("replaced", effect, was.address, message, *places, safe, kind.source)


def is_kept(was: Block, kind: Kind, old: System) -> bool:
    """Return whether AWS refuses to delete the existing resource."""
    if kind.keeps is None:
        return False
    name, value = kind.keeps
    node = argument(was, old, name)
    return isinstance(node, Leaf) and node.value is value if node is not None else value is False


def _kept(was: Block, kind: Kind, what: str, places: tuple[Place | None, Place | None]) -> Hazard:
    name, value = kind.keeps or ("", False)
    return Hazard(
        "replaced",
        Effect.REFUSED,
        was.address,
        f"{what} would replace it, but AWS refuses that while {name} is {str(value).lower()}: {kind.refusal}",
        *places,
        f"keep the argument; to delete {kind.data or 'it'} on purpose, first change {name} in a separate apply",
        kind.source,
    )


def _safe(kind: Kind, name: str) -> str:
    if kind.data:
        return f"keep {name}; or create a second resource, move {kind.data} there, then remove the old one"
    return f"keep {name}, or apply it in a maintenance window"


def _unknown(was: Block, now: Block, old: System, new: System) -> Iterator[Hazard]:
    unsure = KINDS[was.type].unsure if was.type in KINDS else None
    changed = [
        found
        for found in differing(was, now, old, new)
        if found[0] not in _META and (unsure is None or found[0] in unsure)
    ]
    if changed:
        _, before, after = changed[0]
        yield Hazard(
            "unknown-resource",
            Effect.UNKNOWN,
            was.address,
            f"{', '.join(found[0] for found in changed)} changes; whether that replaces the resource is not known",
            place(before, was.body),
            place(after, now.body),
            "read the output of `terraform plan` before applying; CONTRIBUTING.md describes how to add the type",
            _UNKNOWN_TYPE,
        )
