"""Resources that are removed from the files, or renamed in them."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.hazards.arguments import Pair, keys, only, pairs, subject
from generator.changes.hazards.model import Effect, Hazard, number, place, shown
from generator.changes.hazards.provider import kinds
from generator.changes.hazards.terraform.replaced import final_snapshot, is_kept
from generator.languages.node import Block, Leaf
from generator.system import System
from generator.system.terraform import Key, address

_MOVED = "https://developer.hashicorp.com/terraform/language/modules/develop/refactoring"
_REMOVED = "https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources"
_FOR_EACH = "https://developer.hashicorp.com/terraform/language/meta-arguments/for_each"
_ALIKE = 0.8  # share of equal arguments from which on two resources count as one that was renamed


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each resource or module that is destroyed, entirely or in part."""
    moved = frozenset(_from(new, "moved"))
    kept = {*moved, *_from(new, "removed")}
    for pair in pairs(old, new, "resource"):
        yield from _instances(pair, moved)
    for key, was in only(old, new, "resource"):
        if key not in kept:
            yield _gone(subject(old, new, key), was, _other_name(key, was, old, new), old)
    for key, was in only(old, new, "module"):
        if key not in kept:
            yield from _module_gone(subject(old, new, key), was, old)


def _from(side: System, kind: str) -> Iterator[Key]:
    """Yield what `moved` blocks rename, or what `removed` blocks make Terraform forget."""
    for (folder, _), block in side.terraform.by_key.items():
        lifecycles = block.maps("lifecycle")
        if block.kind == kind and (
            kind == "moved" or any(each.value("destroy") is False for each in lifecycles)
        ):
            yield folder, str(block.value("from")).replace(" ", "")


def _other_name(key: Key, was: Block, old: System, new: System) -> Block | None:
    """Return the new resource that is the old one with another name."""
    for (folder, _), now in only(new, old, "resource"):
        if folder != key[0] or now.labels[:1] != was.labels[:1]:
            continue
        names = {*was, *now} - {"depends_on"}
        alike = sum(old.terraform.get(was, name) == new.terraform.get(now, name) for name in names)
        if names and alike / len(names) >= _ALIKE:
            return now
    return None


def _gone(name: str, was: Block, renamed: Block | None, old: System) -> Hazard:
    kind = kinds().get(was.labels[0])
    at = place(was)
    if renamed:
        effect = Effect.DATA_LOSS if kind and kind.data else Effect.DESTROYED
        if kind and is_kept(was, kind, old):
            effect = Effect.REFUSED
        what = kind.data or kind.lost if kind else ""
        lost = f" without {what}" if what else ""
        return Hazard(
            "renamed",
            effect,
            name,
            f"is renamed to {address(renamed)} without a `moved` block: it is destroyed and created again{lost}",
            at,
            place(renamed),
            f"add to the template: moved {{ from = {address(was)} to = {address(renamed)} }}, one argument per line",
            _MOVED,
            kind.provider.refuses if kind and effect is Effect.REFUSED else "",
        )
    if kind and kind.kept and is_kept(was, kind, old):
        kept, by = kind.kept, kind.provider.refuses
        value_ = str(kept.value).lower()
        message = (
            f"is removed from the files, but {by} refuses to delete it while {kept.argument} is {value_}"
        )
        safe = f"keep it; to delete {kind.data or 'it'} on purpose, first change {kept.argument} in a separate apply"
        message = f"{message}: {kept.refusal}"
        return Hazard("destroyed", Effect.REFUSED, name, message, at, None, safe, kind.source, by)
    if kind and kind.data:
        message = f"is removed from the files: it is destroyed, with {kind.data}{final_snapshot(was, old)}"
        safe = "copy the data first; or add a `removed` block with destroy = false: then Terraform only forgets it"
        return Hazard("destroyed", Effect.DATA_LOSS, name, message, at, None, safe, _REMOVED)
    effect = Effect.DESTROYED if kind else Effect.UNKNOWN
    lost = f", with {kind.lost}" if kind and kind.lost else ""
    about = f"it is destroyed{lost}" if kind else "it is destroyed; whether data is lost is not known"
    safe = "make sure that nothing uses it; with a `removed` block with destroy = false, Terraform only forgets it"
    return Hazard("destroyed", effect, name, f"is removed from the files: {about}", at, None, safe, _REMOVED)


def _module_gone(name: str, was: Block, old: System) -> Iterator[Hazard]:
    types = _created(was, old, frozenset())
    if types is not None and not types:
        return  # it has outputs alone
    effect, lost = Effect.DATA_LOSS, ""
    if types is not None:
        data = sorted({kinds()[each].data for each in types if each in kinds()} - {""})
        is_known = all(each in kinds() for each in types)
        effect = Effect.DATA_LOSS if data else Effect.DESTROYED if is_known else Effect.UNKNOWN
        lost = f", with {' and '.join(data)}" if data else ""
        lost = lost if data or is_known else "; whether data is lost is not known"
    yield Hazard(
        "destroyed",
        effect,
        name,
        f"is removed from the files: everything that the module created is destroyed{lost}",
        place(was),
        None,
        "add a `removed` block with destroy = false, or first move what you must keep to other resources",
        _REMOVED,
    )


def _created(call: Block, side: System, seen: frozenset[str]) -> frozenset[str] | None:
    """Return the types of the resources of a module and of those that it calls; None when it is not read."""
    terraform = side.terraform
    caller = terraform.module_of(call)
    module = terraform.child(caller, call) if caller else None
    if module is None or not module.is_complete or module.folder in seen:
        return None
    found = {block.labels[0] for block in module.blocks("resource") if block.labels}
    for inner in module.blocks("module"):
        types = _created(inner, side, seen | {module.folder})
        if types is None:
            return None
        found |= types
    return frozenset(found)


def _instances(pair: Pair, moved: frozenset[Key]) -> Iterator[Hazard]:
    """Yield a hazard for each instance of a resource that `for_each` or `count` no longer creates."""
    before, after = pair.get("for_each")
    kind = kinds().get(pair.type)
    effect = Effect.DATA_LOSS if kind and kind.data else Effect.DESTROYED
    lost = f", with {kind.data}" if kind and kind.data else ""
    places = place(before, pair.was), place(after, pair.now)
    if (before is None) is not (after is None):
        yield from _other_addresses(pair, effect, lost, moved)
        return
    old_keys, new_keys = keys(before), keys(after)
    if before is not None and before != after and (old_keys is None or new_keys is None):
        message = "for_each changes; which instances are destroyed is not known from these files"
        safe = "read the output of `terraform plan` before applying"
        yield Hazard("instances", Effect.UNKNOWN, pair.subject, message, *places, safe, _FOR_EACH)
        return
    for key in [key for key in old_keys or [] if key not in (new_keys or [])]:
        if _is_moved(pair, f'["{key}"]', moved):
            continue
        message = f"for_each no longer has {shown(Leaf(key))}: that instance is destroyed{lost}"
        safe = "keep the key, or copy its data first"
        yield Hazard("instances", effect, f'{pair.subject}["{key}"]', message, *places, safe, _FOR_EACH)
    yield from _fewer(pair, effect, lost, moved)


def _is_moved(pair: Pair, instance: str, moved: frozenset[Key]) -> bool:
    return (pair.key[0], f"{address(pair.was)}{instance}".replace(" ", "")) in moved


def _other_addresses(pair: Pair, effect: Effect, lost: str, moved: frozenset[Key]) -> Iterator[Hazard]:
    """Yield a hazard when for_each is added or removed, for the instances that no `moved` block renames."""
    before, after = pair.get("for_each")
    count = pair.get("count")[0]
    known = [f'["{key}"]' for key in keys(before) or []]
    if before is None:
        amount = number(count)
        known = [f"[{each}]" for each in range(int(amount or 0))] if count is not None else [""]
    gone = [each for each in known if not _is_moved(pair, each, moved)]
    if known and not gone:
        return
    name = address(pair.was)
    old_name = f"{name}[N]" if count is not None else name
    new_name = f"{name}[N]" if pair.get("count")[1] is not None else name
    safe = f'add a `moved` block for each: from = {old_name}, to = {new_name}["KEY"]'
    if after is None:
        safe = f'add a `moved` block for each: from = {old_name}["KEY"], to = {new_name}'
    message = (
        "for_each is added or removed: every instance gets another address, is destroyed and created again"
    )
    if len(gone) < len(known):
        names = ", ".join(f"{name}{each}" for each in gone)
        message = (
            f"for_each is added or removed, and no `moved` block names {names}: destroyed and created again"
        )
    elif not known and any(folder == pair.key[0] and old.startswith(f"{name}[") for folder, old in moved):
        message = "for_each is added or removed; whether the `moved` blocks name every instance is not known"
        effect, lost = Effect.UNKNOWN, ""
    places = place(before, pair.was), place(after, pair.now)
    yield Hazard("instances", effect, pair.subject, message + lost, *places, safe, _FOR_EACH)


def _fewer(pair: Pair, effect: Effect, lost: str, moved: frozenset[Key]) -> Iterator[Hazard]:
    before, after = pair.get("count")
    old_count, new_count = number(before), number(after)
    if after is None and "for_each" not in pair.now:
        new_count = 1  # Terraform itself moves the first instance
    if old_count is None or new_count is None or new_count >= old_count:
        return
    last = [f"[{each}]" for each in range(int(new_count), int(old_count))]
    gone = [each for each in last if not _is_moved(pair, each, moved)]
    if gone:
        what = "the last instances are" if len(gone) == len(last) else f"the instances {', '.join(gone)} are"
        message = f"count changes from {shown(before)} to {shown(after)}: {what} destroyed{lost}"
        places = place(before, pair.was), place(after, pair.now)
        safe = "keep the number, or copy their data first"
        yield Hazard("instances", effect, pair.subject, message, *places, safe, _FOR_EACH)
