"""Resources that are destroyed and created again because an argument cannot change."""

from __future__ import annotations

from collections.abc import Container, Iterator

from generator.changes.hazards.arguments import Argument, Pair, pairs, value
from generator.changes.hazards.model import TERRAFORM, Effect, Hazard, Place, place, shown
from generator.changes.hazards.provider import Kind, kinds, other_version
from generator.languages.hcl.expressions import references
from generator.languages.node import Block, Leaf, leaves
from generator.system import System
from generator.system.terraform import Key

_UNKNOWN_TYPE = "https://developer.hashicorp.com/terraform/cli/commands/plan"
_PREVENT = "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy"
_BEFORE = "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#create_before_destroy"
_READ = (
    'run `terraform plan`, and look for "forces replacement"; prevent_destroy = true in its lifecycle block stops an '
    "apply that would delete it"
)
_META = frozenset("lifecycle depends_on provider provisioner connection timeouts count for_each".split())
_LABELS = frozenset(
    ["tags", "tags_all", "labels", "user_labels", "resource_labels"]
)  # never replace a resource
# Arguments whose values are secrets: whether they are there is enough, and databases.py judges it.
_SECRET = frozenset(["auth_token"])


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each resource that is replaced, or whose changed arguments are not known."""
    replaced = causes(old, new)
    for pair in pairs(old, new, "resource"):
        if pair.key in replaced:
            yield _replaced(pair, replaced[pair.key])
        yield from _unknown(pair)


def causes(old: System, new: System) -> dict[Key, Argument]:
    """Return, for each resource that is certainly replaced, the argument that forces it."""
    found: dict[Key, Argument] = {}
    known = pairs(old, new, "resource", *kinds())
    for pair in known:
        for argument in pair.arguments():
            if _certainly_replaces(pair, argument):
                found.setdefault(pair.key, argument)
    while True:
        more = {
            pair.key: Argument(name, pair.was.get(name), pair.now.get(name))
            for pair in known
            if pair.key not in found
            for name in sorted(kinds()[pair.type].replacing & set(pair.now))
            if _follows(pair, name, found)
        }
        if not more:
            return found
        found.update(more)


def _certainly_replaces(pair: Pair, argument: Argument) -> bool:
    kind = kinds()[pair.type]
    if not kind.replaces(argument.name) or not argument.is_certain or argument.name in kind.unsure:
        return False
    is_ignored = argument.name.partition(".")[0] in _ignored(pair)
    return not is_ignored and not (argument.name in kind.compared and _may_be_equal(argument))


def _may_be_equal(argument: Argument) -> bool:
    """Return whether two texts may be equal to a provider: a name and its full path, letters of either case."""
    texts = [each.text for each in (argument.old, argument.new) if isinstance(each, Leaf)]
    ends = {text.rpartition("/")[2].strip().casefold() for text in texts}
    return len(texts) == 2 and len(ends) == 1


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


def _replaced(pair: Pair, argument: Argument) -> Hazard:
    kind, name, before, after = kinds()[pair.type], argument.name, argument.old, argument.new
    what = f"{name} changes from {shown(before)} to {shown(after)}, which"
    if before == after:
        what = f"{name} is {shown(after)}, whose replacement"
    places = place(before, pair.was), place(after, pair.now)
    other = other_version(pair.new.terraform, pair.new.terraform.module_of(pair.now), kind.provider)
    if other:
        versions = " and ".join(kind.provider.majors)
        message = (
            f"{what} replaces it in version {versions} of {kind.provider.name}; that is not known for {other}"
        )
        return Hazard("replaced", Effect.UNKNOWN, pair.subject, message, *places, _READ, kind.source)
    lifecycles = pair.now.maps("lifecycle")
    if any(each.value("prevent_destroy") is True for each in lifecycles):
        message = f'{what} would replace it, but prevent_destroy forbids that: "Instance cannot be destroyed"'
        safe = f"keep {name}; or remove prevent_destroy if the resource may be destroyed"
        return Hazard("replaced", Effect.REFUSED, pair.subject, message, *places, safe, _PREVENT, TERRAFORM)
    if kind.kept and is_kept(pair.was, kind, pair.old):
        return _kept(pair, kind, argument, what, places)
    first = any(each.value("create_before_destroy") is True for each in lifecycles)
    taken = pair.new.terraform.get(pair.now, kind.name)
    if first and name != kind.name and value(taken) is not None:
        message = (
            f"{what} replaces it: the new one is created first, while the old one has the name {shown(taken)}"
        )
        safe, by = f"change {kind.name} as well, or use name_prefix", kind.provider.refuses
        return Hazard("replaced", Effect.REFUSED, pair.subject, message, *places, safe, _BEFORE, by)
    effect = Effect.DATA_LOSS if kind.data else Effect.REPLACED
    lost = f", with {kind.data or kind.lost}" if kind.data or kind.lost else ""
    order = "the new one is created first" if first else "the old one is destroyed first"
    message = f"{what} replaces it: {order}{lost}{final_snapshot(pair.was, pair.old)}"
    return Hazard("replaced", effect, pair.subject, message, *places, _safe(kind, name, first), kind.source)


def final_snapshot(was: Block, old: System) -> str:
    """Return whether a snapshot is taken when a resource is destroyed, as the end of a message; "" where unknown."""
    skipped = value(old.terraform.get(was, "skip_final_snapshot"))
    if not isinstance(skipped, bool):
        return ""
    return f"; {'no' if skipped else 'a'} final snapshot is taken"


def is_kept(was: Block, kind: Kind, old: System) -> bool:
    """Return whether the existing resource cannot be deleted."""
    if kind.kept is None:
        return False
    node = old.terraform.get(was, kind.kept.argument)
    return (value(node) if node is not None else kind.kept.default) is kind.kept.value


def _kept(
    pair: Pair, kind: Kind, argument: Argument, what: str, places: tuple[Place | None, Place | None]
) -> Hazard:
    kept, by = kind.kept, kind.provider.refuses
    assert kept
    name = kept.argument
    return Hazard(
        "replaced",
        Effect.REFUSED,
        pair.subject,
        f"{what} would replace it, but {by} refuses that while {name} is {str(kept.value).lower()}: {kept.refusal}",
        *places,
        f"keep {argument.name}; to delete {kind.data or 'it'} on purpose, first change {name} in a separate apply",
        kind.source,
        by,
    )


def _safe(kind: Kind, name: str, first: bool = False) -> str:
    """Return the way to avoid the replacement of a resource; `first` is whether the new one is created first."""
    if kind.data:
        return f"keep {name}; or create a second resource, move {kind.data} there, then remove the old one"
    if first:
        return f"make sure that all that uses it takes the new one in the same apply, or keep {name}"
    return f"keep {name}, or apply it in a maintenance window"


def _unknown(pair: Pair) -> Iterator[Hazard]:
    """Yield a hazard for changes whose effect, or whose value, is not known."""
    if any((name in pair.was) is not (name in pair.now) for name in ("count", "for_each")):
        return  # every instance gets another address, which is a hazard of its own
    kind = kinds().get(pair.type)
    changed = [each for each in pair.arguments() if _may_replace(each.name) and _is_unsure(kind, each)]
    if not changed:
        return
    names = ", ".join(dict.fromkeys(each.name for each in changed))
    first = changed[0]
    message = f"{names} changes; whether that replaces the resource is not known"
    if kind and first.name not in kind.unsure and not first.is_certain:
        steps = f"changes from {shown(first.old)} to {shown(first.new)}"
        message = f"{names} {steps}, whose value is not known from these files"
    places = place(first.old, pair.was), place(first.new, pair.now)
    source = kind.source if kind else _UNKNOWN_TYPE
    yield Hazard("unknown-resource", Effect.UNKNOWN, pair.subject, message, *places, _READ, source)


def _may_replace(name: str) -> bool:
    """Return whether an argument may replace its resource: of those that Terraform itself reads, one may."""
    return name.partition(".")[0] not in _META or name == "lifecycle.replace_triggered_by"


def _is_unsure(kind: Kind | None, argument: Argument) -> bool:
    """Return whether the effect of a change is not known: of an argument, or of a value that only Terraform knows."""
    if kind is None or argument.name in kind.unsure:
        return True
    if argument.name in _SECRET and None in (argument.old, argument.new):
        return False
    replaces = kind.replaces(argument.name)
    if argument.name in kind.compared and _may_be_equal(argument):
        return True
    if argument.is_block and not replaces and kind.holds(argument.name):
        return True
    return (replaces or bool(kind.data)) and argument.name not in _LABELS and not argument.is_certain
