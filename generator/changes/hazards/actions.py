"""What happens to each object: created, changed, replaced, no longer rendered."""

from __future__ import annotations

from collections.abc import Iterator

from generator.changes.diff import changes, compare_files
from generator.changes.hazards.arguments import subject
from generator.changes.hazards.model import Action, Hazard, Place
from generator.changes.hazards.pairs import ROLLED
from generator.changes.hazards.quantities import same
from generator.changes.hazards.system import System
from generator.changes.hazards.terraform.replaced import causes

KUBERNETES, TERRAFORM, GITHUB, IMAGES, OTHER = "Kubernetes", "Terraform", "GitHub", "Images", "Other files"
_META = frozenset(["terraform", "moved", "removed", "import"])


def actions(old: System, new: System, hazards: list[Hazard]) -> list[Action]:
    """Return what happens to each object, by area."""
    notes: dict[str, list[str]] = {}
    for hazard in hazards:
        notes.setdefault(hazard.subject, []).append(hazard.effect.value)
    return [*_kubernetes(old, new, notes), *_terraform(old, new, notes), *_files(old, new, notes)]


def _noted(notes: dict[str, list[str]], subject: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes.get(subject, ())))


def _kubernetes(old: System, new: System, notes: dict[str, list[str]]) -> Iterator[Action]:
    for key, now in new.objects.items():
        was = old.objects.get(key)
        if was is None:
            yield Action(KUBERNETES, "+", now.subject, Place(now.path, now.node.line))
            continue
        found = tuple(changes(was.node, now.node, (), same))
        if found:
            noted = _noted(notes, now.subject)
            if now.kind in ROLLED and any(change.path[:2] == ("spec", "template") for change in found):
                noted = tuple(dict.fromkeys([*noted, "restarted"]))
            yield Action(KUBERNETES, "~", now.subject, Place(now.path, now.node.line), found, noted)
    for key, was in old.objects.items():
        if key not in new.objects:
            at = Place(was.path, was.node.line)
            yield Action(KUBERNETES, "-", was.subject, at, (), _noted(notes, was.subject))


def _terraform(old: System, new: System, notes: dict[str, list[str]]) -> Iterator[Action]:
    replaced = causes(old, new)
    before, after = old.terraform.by_key, new.terraform.by_key
    for key, now in after.items():
        was, name = before.get(key), subject(old, new, key)
        if was is None:
            if now.kind not in _META:
                yield Action(TERRAFORM, "+", name, Place(now.source.path, now.line))
            continue
        found = tuple(changes(old.terraform.known(was), new.terraform.known(now)))
        if found:
            sign = "-/+" if key in replaced else "~"
            at = Place(now.source.path, now.line)
            yield Action(TERRAFORM, sign, name, at, found, _noted(notes, name))
    for key, was in before.items():
        if key not in after and was.kind not in _META:
            name = subject(old, new, key)
            yield Action(TERRAFORM, "-", name, Place(was.source.path, was.line), (), _noted(notes, name))


def _files(old: System, new: System, notes: dict[str, list[str]]) -> Iterator[Action]:
    """Yield what happens to every other file."""
    for change in compare_files(old.files, new.files):
        kind = (new if change.path else old).language(change.name)
        unread = change.name in old.unread or change.name in new.unread
        objects = kind == "kubernetes" and not change.name.endswith(("kustomization.yaml", ".example"))
        if not unread and (objects or change.name.endswith(".tf")):
            continue  # reported above, object by object
        area = {"github": GITHUB, "dockerfile": IMAGES}.get(kind or "", OTHER)
        sign = "~" if change.old_path and change.path else "+" if change.path else "-"
        found = tuple(each for _, group in change.groups for each in group)
        noted = [
            note
            for subject, found_notes in notes.items()
            if subject.split(" ")[0] == change.name
            for note in found_notes
        ]
        yield Action(area, sign, change.name, Place(change.name, 1), found, tuple(dict.fromkeys(noted)))
