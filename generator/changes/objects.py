"""What happens to each object: created, changed, replaced, no longer rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.changes.diff import Change, changes, compare_files
from generator.changes.hazards.arguments import subject
from generator.changes.hazards.kubernetes.immutable import replaced_by
from generator.changes.hazards.model import Hazard, Place
from generator.changes.hazards.pairs import ROLLED, same
from generator.changes.hazards.terraform.replaced import causes
from generator.findings.record import record
from generator.languages.node import Block, Map
from generator.system import Object, System

KUBERNETES, TERRAFORM, GITHUB = "Kubernetes", "Terraform", "GitHub"
COMPOSE, IMAGES, OTHER = "Compose", "Images", "Other files"
Notes = Mapping[str, tuple[str, ...]]
_META = frozenset(["terraform", "moved", "removed", "import"])


@record
class ObjectChange:
    """What happens to one object: `sign` is +, ~, - or -/+; `notes` are the effects of its hazards.

    `by` is the command of a pipeline that deletes a replaced Job before it is created again. `kind` is that of an
    object of Kubernetes, or the type of a resource, and `place` the namespace and the name of the former.
    """

    area: str
    sign: str
    subject: str
    at: Place
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    by: Place | None = None
    kind: str = ""
    place: tuple[str, str] = ("", "")


def object_changes(old: System, new: System, hazards: list[Hazard]) -> list[ObjectChange]:
    """Return what happens to each object, by area."""
    notes: dict[str, tuple[str, ...]] = {}
    for hazard in hazards:
        known = notes.get(hazard.subject, ())
        notes[hazard.subject] = tuple(dict.fromkeys((*known, hazard.effect.value)))
    return [*_kubernetes(old, new, notes), *_terraform(old, new, notes), *_files(old, new, notes)]


def _kubernetes(old: System, new: System, notes: Notes) -> Iterator[ObjectChange]:
    for key, now in new.by_key.items():
        was = old.by_key.get(key)
        if was is None:
            yield _of(now, "+")
            continue
        found = tuple(changes(was.node, now.node, (), same))
        if found:
            noted = notes.get(now.subject, ())
            if now.kind in ROLLED and any(change.path[:2] == ("spec", "template") for change in found):
                noted = tuple(dict.fromkeys([*noted, "restarted"]))
            command = replaced_by(was, now, new)
            by, sign = (Place(command.path, command.line), "-/+") if command else (None, "~")
            yield _of(now, sign, found, noted, by)
    for key, was in old.by_key.items():
        if key not in new.by_key:
            yield _of(was, "-", (), notes.get(was.subject, ()))


def _of(
    each: Object,
    sign: str,
    found: tuple[Change, ...] = (),
    notes: tuple[str, ...] = (),
    by: Place | None = None,
) -> ObjectChange:
    where = (each.namespace, each.name)
    return ObjectChange(KUBERNETES, sign, each.subject, _place(each.node), found, notes, by, each.kind, where)


def _terraform(old: System, new: System, notes: Notes) -> Iterator[ObjectChange]:
    replaced = causes(old, new)
    before, after = old.terraform.by_key, new.terraform.by_key
    for key, now in after.items():
        was, name = before.get(key), subject(old, new, key)
        if was is None:
            if now.kind not in _META:
                yield ObjectChange(TERRAFORM, "+", name, _place(now), kind=_type(now))
            continue
        found = tuple(changes(old.terraform.known(was), new.terraform.known(now)))
        if found:
            sign = "-/+" if key in replaced else "~"
            noted = notes.get(name, ())
            yield ObjectChange(TERRAFORM, sign, name, _place(now), found, noted, kind=_type(now))
    for key, was in before.items():
        if key not in after and was.kind not in _META:
            name = subject(old, new, key)
            noted = notes.get(name, ())
            yield ObjectChange(TERRAFORM, "-", name, _place(was), (), noted, kind=_type(was))


def _files(old: System, new: System, notes: Notes) -> Iterator[ObjectChange]:
    """Yield what happens to every other file."""
    manifests = {each.path for side in (old, new) for each in side.by_key.values()}
    languages = {path: source.language for side in (old, new) for path, source in side.sources.items()}
    top = f"{new.folder}/" if new.folder else ""
    known = {
        (label.removeprefix(top), kind, text): found for (label, kind, text), found in new.memory.items()
    }
    for change in compare_files(old.texts, new.texts, languages=languages, known=known):
        kind = (new if change.path else old).sources[change.name].language
        unread = change.name in old.unread or change.name in new.unread
        if not unread and (change.name in manifests or change.name.endswith(".tf")):
            continue  # reported above, object by object
        area = {"github": GITHUB, "dockerfile": IMAGES, "compose": COMPOSE}.get(kind, OTHER)
        sign = "~" if change.old_path and change.path else "+" if change.path else "-"
        found = tuple(each for _, group in change.groups for each in group)
        noted = [each for subject in notes if subject.split(" ")[0] == change.name for each in notes[subject]]
        yield ObjectChange(area, sign, change.name, Place(change.name, 1), found, tuple(dict.fromkeys(noted)))


def _type(block: Block) -> str:
    return block.labels[0] if block.kind == "resource" and block.labels else block.kind


def _place(node: Map) -> Place:
    return Place(node.source.path, node.line)
