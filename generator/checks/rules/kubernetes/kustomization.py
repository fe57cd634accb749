"""A kustomization must list only files that exist, each manifest must be listed, and no object may occur twice.

A patch must be for exactly one of the objects, and a generator must read files that exist.

Why: `kubectl apply -k` fails if a listed file is missing or an object occurs twice, and ignores a file that is not
listed: a new manifest outside the list is never applied.

Bad:

    resources: [backend-deployment.yaml]         # and k8s/ingress.yaml beside it

Good:

    resources: [backend-deployment.yaml, ingress.yaml]
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.node import leaves
from generator.system import System
from generator.system.kubernetes import Key, Object, is_elsewhere, is_kustomization_file

CODE = "checks/kustomization"
ADVICE = "kubectl.docs.kubernetes.io, kustomization: resources"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.manifests and not system.kustomizations:
        raise NotApplicableError("there are no manifests")
    yield from _duplicates(system)
    listed: dict[str, set[str]] = {}
    for each in system.kustomizations:
        if not is_kustomization_file(each.path):
            continue
        folder = posixpath.dirname(each.source.path)
        listed[folder] = set()
        beside = [path for path in system.sources if posixpath.dirname(path) == folder]
        for entry in each.node.seq("resources").leaves():
            text = entry.text
            path = posixpath.normpath(posixpath.join(folder, text))
            if is_elsewhere(text, path):
                continue
            if path in listed[folder]:
                yield error(CODE, f"{text} is listed twice", entry.at, hint="remove one of the entries")
            listed[folder].add(path)
            if entry in system.missing(each):
                names = [posixpath.basename(other) for other in beside]
                hint = nearest(text, names) or "remove the entry, or add the file"
                notes = tuple(Note("this file exists", system.sources[other].span(1)) for other in beside[:2])
                yield error(CODE, f"{text} is listed but does not exist", entry.at, notes=notes, hint=hint)
        yield from _generated(system, each)
    yield from _unlisted(system, listed)
    for built in system.kustomized:
        if built.is_refused:
            own = built.kustomization
            at, hint = built.at or own.node.key_place("patches"), "correct what it names, or remove it"
            yield error(CODE, f"kustomize cannot build {own.path}: {built.unknown}", at, hint=hint)


def _generated(system: System, kustomization: Object) -> Iterator[Finding]:
    """Yield a finding for each missing file of a generator; a secret may be made on the machine that applies it."""
    for key, leaf in system.missing_for_generators(kustomization):
        text = leaf.text.rpartition("=")[2]
        near = nearest(posixpath.basename(text), [posixpath.basename(other) for other in system.sources])
        is_certain = near or key == "configMapGenerator"
        message = f"{key} reads {text}, which does not exist"
        yield error_if(is_certain, CODE, message, leaf.at, hint=near or "correct the path, or add the file")


def _duplicates(system: System) -> Iterator[Finding]:
    seen: dict[tuple[str, Key], Object] = {}
    listing = {path: each.path for each in system.kustomizations for path in each.resources}
    for each in system.manifests:
        root = each.root or listing.get(each.path, "")
        place = (root or each.path, each.key)
        if place in seen and each.name:
            note = Note("the first one is here", seen[place].at)
            message = f"{each.identity} is defined twice, and only the last one applied takes effect"
            hint = "rename or delete one of them"
            yield error_if(root, CODE, message, each.at, notes=(note,), hint=hint)
        seen[place] = each


def _unlisted(system: System, listed: dict[str, set[str]]) -> Iterator[Finding]:
    applied = {option.text for run in system.runs for option in run.command.options("-f", "--filename")}
    seen = set()
    for each in system.manifests:
        path = each.source.path
        folder = posixpath.dirname(path)
        if each.root or path in seen or folder not in listed or path in listed[folder]:
            continue
        seen.add(path)
        own = next(
            one
            for one in system.kustomizations
            if posixpath.dirname(one.path) == folder and is_kustomization_file(one.path)
        )
        by_hand = any(option.endswith(path) for option in applied) or each.kind == "Job"
        # It may be a transformer, a generator or a patch.
        is_named = any(posixpath.basename(path) == posixpath.basename(leaf.text) for leaf in leaves(own.node))
        if not by_hand and not is_named:
            note = Note("its resources", own.node.key_place("resources"))
            message = f"{own.source.path} does not list {posixpath.basename(path)}, so it is never applied"
            hint = f"add {posixpath.basename(path)} to its resources"
            yield warning(CODE, message, each.at, notes=(note,), hint=hint)
