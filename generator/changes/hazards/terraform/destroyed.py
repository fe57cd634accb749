"""Resources that are removed from the files, or renamed in them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.arguments import argument, keys
from generator.changes.hazards.model import Effect, Hazard, number, place, shown
from generator.changes.hazards.provider import KINDS
from generator.changes.hazards.system import Block, System
from generator.changes.hazards.terraform.replaced import is_kept
from generator.languages.node import Leaf

_MOVED = "https://developer.hashicorp.com/terraform/language/modules/develop/refactoring"
_REMOVED = "https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources"
_FOR_EACH = "https://developer.hashicorp.com/terraform/language/meta-arguments/for_each"
_ALIKE = 0.8  # share of equal arguments from which on two resources count as one that was renamed


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each resource or module that is destroyed, entirely or in part."""
    moved = {block.body.text("from") for block in new.of_kind("moved")}
    forgotten = {
        block.body.text("from")
        for block in new.of_kind("removed")
        if any(each.value("destroy") is False for each in block.body.maps("lifecycle"))
    }
    kept = moved | forgotten
    for address, was in old.resources.items():
        now = new.resources.get(address)
        if now:
            yield from _instances(was, now, old, new)
        elif address not in kept:
            yield _gone(was, _other_name(was, old, new), old, new)
    for was in old.of_kind("module"):
        if was.address not in new.blocks and was.address not in kept:
            yield _module_gone(was)


def _other_name(was: Block, old: System, new: System) -> Block | None:
    """Return the new resource that is the old one with another name."""
    for address, now in new.resources.items():
        if now.type != was.type or address in old.resources:
            continue
        names = {*was.body.entries, *now.body.entries} - {"depends_on"}
        alike = sum(old.resolved(was.body.get(name)) == new.resolved(now.body.get(name)) for name in names)
        if names and alike / len(names) >= _ALIKE:
            return now
    return None


def _gone(was: Block, renamed: Block | None, old: System, new: System) -> Hazard:
    kind = KINDS.get(was.type)
    at = place(was.body)
    if renamed:
        effect = Effect.DATA_LOSS if kind and kind.data else Effect.DESTROYED
        if kind and kind.keeps and is_kept(was, kind, old):
            effect = Effect.REFUSED
        lost = f" without {kind.data}" if kind and kind.data else ""
        return Hazard(
            "renamed",
            effect,
            was.address,
            f"is renamed to {renamed.address} without a `moved` block: it is destroyed and created again{lost}",
            at,
            place(renamed.body),
            f"add to the template: moved {{ from = {was.address} to = {renamed.address} }}, one argument per line",
            _MOVED,
        )
    if kind and kind.keeps and is_kept(was, kind, old):
        name, value = kind.keeps
        message = (
            f"is removed from the files, but AWS refuses to delete it while {name} is {str(value).lower()}"
        )
        safe = f"keep it; to delete {kind.data} on purpose, first change {name} in a separate apply"
        return Hazard(
            "destroyed",
            Effect.REFUSED,
            was.address,
            f"{message}: {kind.refusal}",
            at,
            None,
            safe,
            kind.source,
        )
    if kind and kind.data:
        final = argument(was, old, "skip_final_snapshot")
        snapshot = "; a final snapshot is taken" if isinstance(final, Leaf) and final.value is False else ""
        message = f"is removed from the files: it is destroyed, with {kind.data}{snapshot}"
        safe = "copy the data first; or add a `removed` block with destroy = false: then Terraform only forgets it"
        return Hazard("destroyed", Effect.DATA_LOSS, was.address, message, at, None, safe, _REMOVED)
    effect = Effect.DESTROYED if kind else Effect.UNKNOWN
    about = "it is destroyed" if kind else "it is destroyed; whether data is lost is not known"
    safe = "make sure that nothing uses it; with a `removed` block with destroy = false, Terraform only forgets it"
    return Hazard(
        "destroyed", effect, was.address, f"is removed from the files: {about}", at, None, safe, _REMOVED
    )


def _module_gone(was: Block) -> Hazard:
    return Hazard(
        "destroyed",
        Effect.DATA_LOSS,
        was.address,
        "is removed from the files: everything that the module created is destroyed",
        place(was.body),
        None,
        "add a `removed` block with destroy = false, or first move what you must keep to other resources",
        _REMOVED,
    )


def _instances(was: Block, now: Block, old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each instance of a resource that `for_each` or `count` no longer creates."""
    before, after = argument(was, old, "for_each"), argument(now, new, "for_each")
    kind = KINDS.get(was.type)
    effect = Effect.DATA_LOSS if kind and kind.data else Effect.DESTROYED
    lost = f", with {kind.data}" if kind and kind.data else ""
    places = place(before, was.body), place(after, now.body)
    if (before is None) is not (after is None):
        message = "for_each is added or removed: every instance gets another address, is destroyed and created again"
        safe = (
            f'add a `moved` block for each: from = {was.address}, to = {was.address}["KEY"] (or the reverse)'
        )
        yield Hazard("instances", effect, was.address, message + lost, *places, safe, _FOR_EACH)
        return
    old_keys, new_keys = keys(before), keys(after)
    if before is not None and before != after and (old_keys is None or new_keys is None):
        message = "for_each changes; which instances are destroyed is not known from these files"
        safe = "read the output of `terraform plan` before applying"
        yield Hazard("instances", Effect.UNKNOWN, was.address, message, *places, safe, _FOR_EACH)
        return
    for key in [key for key in old_keys or [] if key not in (new_keys or [])]:
        message = f"for_each no longer has {shown(Leaf(key))}: that instance is destroyed{lost}"
        safe = "keep the key, or copy its data first"
        yield Hazard("instances", effect, f'{was.address}["{key}"]', message, *places, safe, _FOR_EACH)
    yield from _fewer(was, now, old, new, effect, lost)


def _fewer(was: Block, now: Block, old: System, new: System, effect: Effect, lost: str) -> Iterator[Hazard]:
    before, after = argument(was, old, "count"), argument(now, new, "count")
    old_count, new_count = number(before), number(after)
    if old_count is not None and new_count is not None and new_count < old_count:
        message = (
            f"count changes from {shown(before)} to {shown(after)}: the last instances are destroyed{lost}"
        )
        places = place(before, was.body), place(after, now.body)
        safe = "keep the number, or copy their data first"
        yield Hazard("instances", effect, was.address, message, *places, safe, _FOR_EACH)
