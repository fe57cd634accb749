"""Resources that are not in the files any more, and those that have another name only."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import Leaf, Node
from generator.changes.hazards.model import Effect, Hazard, Place, number, place, shown
from generator.changes.hazards.system import Block, System
from generator.changes.hazards.terraform.expressions import argument, keys
from generator.changes.hazards.terraform.replaced import is_kept
from generator.changes.hazards.terraform.resources import KINDS

_MOVED = "https://developer.hashicorp.com/terraform/language/modules/develop/refactoring"
_REMOVED = "https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources"
_FOR_EACH = "https://developer.hashicorp.com/terraform/language/meta-arguments/for_each"
_ALIKE = 0.8  # share of arguments that are the same in what is taken for one resource under two names


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each resource or module that is destroyed, whole or in part."""
    moved = {str(block.body.scalar("from")) for block in new.of_kind("moved")}
    forgotten = {
        str(block.body.scalar("from"))
        for block in new.of_kind("removed")
        if any(each.scalar("destroy") is False for each in block.body.maps("lifecycle"))
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
    """Return the new resource that is the old one under another name."""
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
    at = place(was.path, was.body)
    if renamed:
        effect = Effect.DATA_LOSS if kind and kind.data else Effect.DESTROYED
        if kind and kind.keeps and is_kept(was, kind, old):
            effect = Effect.REFUSED
        lost = f" without {kind.data}" if kind and kind.data else ""
        return Hazard(
            "renamed",
            effect,
            was.address,
            f"is {renamed.address} now, and no `moved` block says so: it is destroyed, and made anew{lost}",
            at,
            place(renamed.path, renamed.body),
            f"add to the template: moved {{ from = {was.address} to = {renamed.address} }}, one argument a line",
            _MOVED,
        )
    if kind and kind.keeps and is_kept(was, kind, old):
        name, value = kind.keeps
        message = (
            f"is in the files no longer, and AWS refuses to delete it while {name} is {str(value).lower()}"
        )
        safe = f"keep it; to lose {kind.data} on purpose, change {name} in an apply of its own first"
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
        snapshot = "; a last snapshot is taken" if isinstance(final, Leaf) and final.value is False else ""
        message = f"is in the files no longer: it is destroyed, and with it {kind.data}{snapshot}"
        safe = "copy the data first; or add a `removed` block with destroy = false: Terraform then only forgets it"
        return Hazard("destroyed", Effect.DATA_LOSS, was.address, message, at, None, safe, _REMOVED)
    effect = Effect.DESTROYED if kind else Effect.UNKNOWN
    about = "it is destroyed" if kind else "it is destroyed, and whether data goes with it is not known here"
    safe = "make sure that nothing uses it; a `removed` block with destroy = false makes Terraform forget it only"
    return Hazard(
        "destroyed", effect, was.address, f"is in the files no longer: {about}", at, None, safe, _REMOVED
    )


def _module_gone(was: Block) -> Hazard:
    return Hazard(
        "destroyed",
        Effect.DATA_LOSS,
        was.address,
        "is in the files no longer: everything that the module made is destroyed",
        place(was.path, was.body),
        None,
        "add a `removed` block with destroy = false, or move what must stay to other resources first",
        _REMOVED,
    )


def _instances(was: Block, now: Block, old: System, new: System) -> Iterator[Hazard]:
    """Instances of one resource that `for_each` or `count` makes no longer."""
    before, after = argument(was, old, "for_each"), argument(now, new, "for_each")
    kind = KINDS.get(was.type)
    effect = Effect.DATA_LOSS if kind and kind.data else Effect.DESTROYED
    lost = f", and with it {kind.data}" if kind and kind.data else ""
    places = place(was.path, before or was.body), place(now.path, after or now.body)
    if (before is None) is not (after is None):
        message = (
            "for_each comes or goes: every instance gets another address, and is destroyed and made anew"
        )
        safe = f'add a `moved` block for each: from = {was.address}, to = {was.address}["KEY"] (or the other way)'
        yield Hazard("instances", effect, was.address, message + lost, *places, safe, _FOR_EACH)
        return
    old_keys, new_keys = keys(before), keys(after)
    if before is not None and before != after and (old_keys is None or new_keys is None):
        message = "for_each changes; which instances are destroyed is not known from these files"
        safe = "read `terraform plan` before you apply"
        yield Hazard("instances", Effect.UNKNOWN, was.address, message, *places, safe, _FOR_EACH)
        return
    for key in [key for key in old_keys or [] if key not in (new_keys or [])]:
        message = f"for_each has no {shown(Leaf(key))} any more: that instance is destroyed{lost}"
        safe = "keep the key, or copy what is in it first"
        yield Hazard("instances", effect, f'{was.address}["{key}"]', message, *places, safe, _FOR_EACH)
    yield from _fewer(was, now, old, new, effect, lost)


def _fewer(was: Block, now: Block, old: System, new: System, effect: Effect, lost: str) -> Iterator[Hazard]:
    before, after = argument(was, old, "count"), argument(now, new, "count")
    old_count, new_count = number(before), number(after)
    if old_count is not None and new_count is not None and new_count < old_count:
        message = (
            f"count changes from {shown(before)} to {shown(after)}: the last instances are destroyed{lost}"
        )
        places = _place(was, before), _place(now, after)
        safe = "keep the number, or copy what is in them first"
        yield Hazard("instances", effect, was.address, message, *places, safe, _FOR_EACH)


def _place(block: Block, node: Node | None) -> Place | None:
    return place(block.path, node or block.body)
