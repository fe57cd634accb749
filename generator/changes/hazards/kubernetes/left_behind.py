"""Objects that are no longer rendered: `kubectl apply` creates and changes objects, but deletes none.

Flux and Argo CD delete what they have applied, where they are set to prune: fluxcd.io, "Kustomization", Prune;
argo-cd.readthedocs.io, "Automated Sync Policy", Automatic Pruning.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.changes.hazards.model import Effect, Hazard, When, place
from generator.changes.hazards.pairs import both, deletes, removed
from generator.languages.node import Leaf, leaves
from generator.languages.shell.script import Command
from generator.system import Object, System
from generator.system.kubernetes import config_names, is_kustomization_file, secret_names

_APPLY = (
    "https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-to-delete-objects"
)
_RECLAIM = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#delete"
_NAMESPACE = "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"
_WITH_DATA = frozenset(["PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"])
_WITH_ALL = "; that deletes its data, so copy it first"
_KEPT = {  # annotations that keep an object
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
    "argocd.argoproj.io/sync-options": "Prune=false",
}
_PRUNE = frozenset(["--prune", "--prune=true"])


def find(old: System, new: System) -> Iterator[Hazard]:
    """Yield a hazard for each object that is no longer applied."""
    prunes = "`kubectl apply --prune`" if any(_prunes(run.command) for run in new.runs) else ""
    controllers = list(_controllers(old))
    unknown = new.unknown_files()
    gone = _gone(old, new)
    pairs = list[tuple[Object, Object]]()
    for was in removed(old, new):
        if was.root in unknown or was.path in unknown:
            continue  # the kustomization may still build it
        if _is_made_again(was, new):
            continue  # by its hash, each content has a name of its own, and the old one serves to go back
        moved = _moved(was, new)
        by = prunes or next((who for who, path in controllers if _covers(path, was)), "")
        if moved and not (by and was.kind != "StatefulSet"):
            pairs.append((was, moved))
            yield from _in_another_namespace(was, moved, was.namespace in gone)
        elif old.is_applied(was):
            yield from _left(was, by, deletes(new, was))
    for was, now in both(old, new):
        if old.is_applied(was) and not new.is_applied(now):
            yield from _left(was, "", deletes(new, was))
    yield from _not_moved(old, new, pairs)


def _gone(old: System, new: System) -> frozenset[str]:
    """Return the namespaces that are no longer rendered: to delete one deletes everything in it."""
    return frozenset(each.name for each in removed(old, new, "Namespace") if old.is_applied(each))


def _prunes(command: Command) -> bool:
    return command.starts_with("kubectl", "apply") and any(text in _PRUNE for text in command.texts)


def _controllers(side: System) -> Iterator[tuple[str, str]]:
    """Yield the controllers that delete what is gone, each with the folder that it applies."""
    for each in side.customs:
        is_flux = (each.group, each.kind) == ("kustomize.toolkit.fluxcd.io", "Kustomization")
        if is_flux and each.spec.value("prune") is True:
            yield "Flux", posixpath.normpath(each.spec.text("path") or ".")
        is_application = (each.group, each.kind) == ("argoproj.io", "Application")
        if is_application and each.spec.map("syncPolicy", "automated").value("prune") is True:
            for source in (each.spec.map("source"), *each.spec.maps("sources")):
                yield "Argo CD", posixpath.normpath(source.text("path") or "?")


def _covers(path: str, was: Object) -> bool:
    """Return whether an object is below a folder of the repository, of which the output may be a part."""
    if any(was.metadata.text("annotations", key) == value for key, value in _KEPT.items()):
        return False
    folder = posixpath.dirname(was.root or was.path)
    parts = folder.split("/") if folder else []
    above = ("/".join(parts[:number]) for number in range(1, len(parts) + 1))
    return path == "." or any(path == each or path.endswith(f"/{each}") for each in above)


def _is_made_again(was: Object, new: System) -> bool:
    """Return whether a generator of a kustomization makes an object of the same name but for the hash."""
    stem = was.name.rpartition("-")[0]
    return bool(was.root and stem and is_kustomization_file(was.path)) and any(
        each.path == was.path and each.name.rpartition("-")[0] == stem for each in new.kind(was.kind)
    )


def _moved(was: Object, new: System) -> Object | None:
    """Return the object that has the same kind and name in another namespace."""
    if not was.namespace:
        return None
    alike = (
        each
        for each in new.by_key.values()
        if (each.group, each.kind, each.name) == (was.group, was.kind, was.name)
    )
    return next(alike, None)


def _left(was: Object, prunes: str, deleted: bool) -> Iterator[Hazard]:
    """Yield what becomes of an object: `prunes` names who deletes what is gone."""
    command = f"kubectl delete {was.kind.lower()} {was.name}" + (
        f" --namespace {was.namespace}" if was.namespace else ""
    )
    at = place(was.node)
    if prunes or deleted:
        how = f"{prunes or 'a command of these files'} deletes it"
        if was.kind in _WITH_DATA:
            message = f"is no longer rendered, and {how}, with the data in it"
            safe = "copy the data first, or keep the object"
            yield Hazard("left-behind", Effect.DATA_LOSS, was.subject, message, at, None, safe, _RECLAIM)
        return
    message = "is no longer rendered, but stays in the cluster: applying deletes nothing"
    safe = f"run `{command}` when nothing uses it any more"
    if was.kind in _WITH_DATA:
        safe += _WITH_ALL
    yield Hazard("left-behind", Effect.LEFT, was.subject, message, at, None, safe, _APPLY)


def _in_another_namespace(was: Object, now: Object, is_gone: bool) -> Iterator[Hazard]:
    """Yield what a move does; `is_gone` where the old namespace is no longer rendered."""
    places = place(was.node), place(now.node)
    if not now.namespace:
        yield Hazard(
            "other-namespace",
            Effect.UNKNOWN,
            was.subject,
            f"no longer names its namespace: unless the command names {was.namespace}, it is created again, in "
            "the namespace of kubectl's context",
            *places,
            f"write namespace: {was.namespace}, or apply it with `--namespace {was.namespace}`",
            _NAMESPACE,
        )
        return
    if was.kind in ("PersistentVolumeClaim", "StatefulSet"):
        yield Hazard(
            "other-namespace",
            Effect.DATA_LOSS,
            was.subject,
            f"is created in the namespace {now.namespace} with an empty volume; the old one stays, with the data",
            *places,
            "keep the namespace, or copy the data before anything uses the new one",
            _NAMESPACE,
        )
        return
    message = f"is created again in the namespace {now.namespace}; the old one stays in {was.namespace}"
    command = f"run `kubectl delete {was.kind.lower()} {was.name} --namespace {was.namespace}`"
    safe, when = f"{command} when the new one works", When.LAST
    if is_gone:
        safe = f"run `kubectl delete namespace {was.namespace}` when nothing uses it any more{_WITH_ALL}"
    if was.kind in ("Ingress", "Gateway") or was.spec.text("type") == "LoadBalancer":
        message += ", and DNS leads to its address until you change it"
        last = "before you delete the namespace" if is_gone else f"then {command}"
        safe = f"compare the addresses with kubectl get, move the DNS records if they differ, {last}"
        when = When.AFTER
    yield Hazard("other-namespace", Effect.LEFT, was.subject, message, *places, safe, _NAMESPACE, when=when)


def _not_moved(old: System, new: System, pairs: list[tuple[Object, Object]]) -> Iterator[Hazard]:
    """Yield a hazard for each Secret or ConfigMap that no file creates, and that pods read in another namespace."""
    made = {(each.kind, each.name) for side in (old, new) for each in side.kind("Secret", "ConfigMap")}
    texts = {leaf.text for each in (*old.customs, *new.customs) for leaf in leaves(each.node)}
    spaces = {each.name for each in new.kind("Namespace")} - {each.name for each in old.kind("Namespace")}
    readers: dict[tuple[str, str, str], list[tuple[Object, Object, Leaf]]] = {}
    for was, now in pairs:
        for kind, names in (("Secret", secret_names), ("ConfigMap", config_names)):
            for name in names(now) if was.is_workload and now.namespace else ():
                if (kind, name.text) not in made and name.text not in texts:
                    key = kind, name.text, was.namespace
                    readers.setdefault(key, []).append((was, now, name))
    for (kind, what, space), found in readers.items():
        was, now, name = found[0]
        count = len({each.identity for _, each, _ in found})
        pods = now.identity if count == 1 else f"{count} workloads"
        message = f"stays, and {pods} will read it in the namespace {now.namespace}, where no file creates it"
        yield Hazard(
            "other-namespace",
            Effect.LEFT,
            f"{kind} {space}/{what}",
            message,
            place(was.node),
            place(name),
            _first(kind, now.namespace, spaces) + _script(new, what),
            _NAMESPACE,
            when=When.BEFORE,
        )


def _first(kind: str, namespace: str, spaces: set[str]) -> str:
    if namespace in spaces:
        return f"create the namespace {namespace} and the {kind} in it before you apply the rest"
    return f"create it in {namespace} before you apply the change"


def _script(new: System, name: str) -> str:
    """Return which script creates a Secret or ConfigMap, as part of a sentence; "" without one."""
    for run in new.runs:
        if run.command.starts_with("kubectl", "create") and name in run.command.texts:
            return f", as {run.what} does"
    return ""
