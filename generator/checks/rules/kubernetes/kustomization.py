"""A kustomization must list only files that exist, each manifest must be listed, and no object may occur twice.

Why: `kubectl apply -k` fails if a listed file is missing, and ignores a file that is not listed: a new
manifest outside the list is never applied.

Bad:

    resources: [backend-deployment.yaml]         # and k8s/ingress.yaml beside it

Good:

    resources: [backend-deployment.yaml, ingress.yaml]
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, error
from generator.findings.suggest import nearest
from generator.system.former import Parsed
from generator.system.former.manifests import Manifest
from generator.values.layers import Values

CODE = "checks/kustomization"


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    if not tree.manifests:
        raise NotApplicable("there are no manifests")
    yield from _once(tree)
    listed: dict[str, set[str]] = {}
    for each in tree.kustomizations:
        folder = posixpath.dirname(each.source.path)
        listed[folder] = set()
        beside = [path for path in tree.sources if posixpath.dirname(path) == folder]
        for text, at in each.data.listed("resources").texts():
            path = posixpath.normpath(posixpath.join(folder, text))
            if path in listed[folder]:
                yield error(CODE, f"{text} is listed twice", at, hint="take one out")
            listed[folder].add(path)
            if path not in tree.sources and not any(other.startswith(f"{path}/") for other in tree.sources):
                names = [posixpath.basename(other) for other in beside]
                hint = nearest(text, names) or "take it out, or make the file"
                notes = tuple(Note("there is this file", tree.sources[other].span(1)) for other in beside[:2])
                yield error(CODE, f"{text} is listed, and is not there", at, notes=notes, hint=hint)
    yield from _unlisted(tree, listed)


def _once(tree: Parsed) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], Manifest] = {}
    for each in tree.manifests:
        key = (each.version.rpartition("/")[0], each.kind, each.namespace, each.name)
        if key in seen:
            note = Note("the first", seen[key].at)
            message = f"{each.identity} is there twice, and the last one applied counts"
            yield error(CODE, message, each.at, notes=(note,), hint="rename one, or delete it")
        seen[key] = each


def _unlisted(tree: Parsed, listed: dict[str, set[str]]) -> Iterator[Finding]:
    applied = {
        option.text
        for command in [
            *(command for _, command in tree.commands),
            *(c for s in tree.scripts for c in s.script.commands),
        ]
        for option in command.options("-f", "--filename")
    }
    seen = set()
    for each in tree.manifests:
        path = each.source.path
        folder = posixpath.dirname(path)
        if path in seen or folder not in listed or path in listed[folder]:
            continue
        seen.add(path)
        by_hand = any(option.endswith(path) for option in applied) or each.kind == "Job"
        if not by_hand:
            own = next(one for one in tree.kustomizations if posixpath.dirname(one.source.path) == folder)
            note = Note("the list", own.data.key_at("resources"))
            message = f"{own.source.path} does not list {posixpath.basename(path)}, so nothing applies it"
            yield error(
                CODE, message, each.at, notes=(note,), hint=f"add {posixpath.basename(path)} to its resources"
            )
