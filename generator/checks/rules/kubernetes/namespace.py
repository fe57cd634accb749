"""All objects must be in one namespace that is created, and every command must name it.

Compared: manifests, kustomizations, `kubectl` in workflows and scripts, and the namespaces of Terraform's
access entries.

Why: a manifest without a namespace is applied to the one that the command names, or to `default`. Two
commands that differ apply half of the system to each of two namespaces. An access entry for another namespace
ends in "forbidden".

Bad:

    kubectl apply -f k8s/                        # and no namespace in the manifests

Good:

    metadata: {name: oet-backend, namespace: oet}
    kubectl apply --namespace oet -k k8s
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from generator.checks.agreement import Statement, disagreements
from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.languages.hcl import read as hcl
from generator.languages.shell.script import Command
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/namespace"
_NEEDS = frozenset(
    "apply create delete describe exec get label annotate logs patch rollout scale set wait".split()
)
_CLUSTER = ("kubectl", "get", "nodes")
_OTHER = frozenset(["kube-system"])  # Kubernetes' own, of which charts and policies speak


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    objects = [each for each in system.objects if not (each.is_cluster_scoped or each.is_kustomization)]
    if not objects:
        raise NotApplicable("there are no manifests")
    statements = [each for each in _statements(system, objects) if each.text not in _OTHER]
    yield from disagreements(CODE, "the namespace", statements)
    without = [(each.identity, each.at) for each in objects if not each.namespace]
    yield from _bare(without, statements, "namespace: {} to its metadata")
    yield from _bare(list(_unnamed(system)), statements, "--namespace {}")
    if statements:
        yield from _kustomizations(system, statements[0])
        yield from _created(system, statements[0])


def _statements(system: System, objects: list[Object]) -> Iterator[Statement]:
    """Yield every namespace that is named: by objects, kustomizations, commands and the access in Terraform."""
    for each in objects:
        if each.namespace:
            yield Statement(each.namespace, each.identity, each.metadata.at_key("namespace"))
    for each in system.kustomizations:
        if each.node.text("namespace"):
            yield Statement(each.node.text("namespace"), each.path, each.node.at_key("namespace"))
    yield from _commands(system)
    yield from _access(system)


def _kustomizations(system: System, first: Statement) -> Iterator[Finding]:
    for each in system.kustomizations:
        if not each.node.text("namespace") and _lists_namespaced(system, each):
            note = Note(f"{first.what} says {first.text}", first.at)
            message = f"{each.path} names no namespace"
            yield error(CODE, message, each.node.at, notes=(note,), hint=f"add namespace: {first.text}")


def _created(system: System, first: Statement) -> Iterator[Finding]:
    created = system.kind("Namespace")
    if first.text not in [each.name for each in created]:
        notes = tuple(Note("this one is made", each.at) for each in created)
        message = f"nothing makes the namespace {first.text}"
        yield error(CODE, message, first.at, notes=notes, hint="add a Namespace of that name")


def _lists_namespaced(system: System, kustomization: Object) -> bool:
    listed = kustomization.resources
    return any(each.path in listed and not each.is_cluster_scoped for each in system.manifests)


def _commands(system: System) -> Iterator[Statement]:
    for run in system.runs:
        if run.command.texts[0] == "kubectl":
            for word in run.command.options("-n", "--namespace"):
                if "$" not in word.text:
                    yield Statement(word.text, "the command", run.place(word.offset, len(word.text)))


def _bare(bare: list[tuple[str, Span]], said: list[Statement], add: str) -> Iterator[Finding]:
    """Yield an error for each object or command without a namespace; where none has one, a single error."""
    hint = f"add {add.format(said[0].text if said else 'NAME')}"
    if bare and not said:
        notes = tuple(Note(f"neither does {what}", at) for what, at in bare[1:4])
        more = f", and {len(bare) - 1} others do not either" if len(bare) > 1 else ""
        yield error(CODE, f"{bare[0][0]} names no namespace{more}", bare[0][1], notes=notes, hint=hint)
        return
    for what, at in bare:
        notes = tuple(Note(f"{other.what} says {other.text}", other.at) for other in said[:1])
        yield error(CODE, f"{what} names no namespace", at, notes=notes, hint=hint)


def _unnamed(system: System) -> Iterator[tuple[str, Span]]:
    for run in system.runs:
        command = run.command
        verbs = [word.text for word in command.words[1:] if not word.text.startswith("-")]
        if (
            command.texts[0] != "kubectl"
            or not verbs
            or verbs[0] not in _NEEDS
            or _is_of_cluster(system, command)
        ):
            continue
        if not any(True for _ in command.options("-n", "--namespace")):
            yield f"kubectl {verbs[0]}", run.place(command.offset, len("kubectl"))


def _is_of_cluster(system: System, command: Command) -> bool:
    """Return whether a command is about no namespace: it only reads files, or applies what belongs to the cluster."""
    texts = command.texts
    if "--local" in texts or command.starts_with(*_CLUSTER):
        return True
    if (
        command.starts_with("kubectl", "apply")
        and "--server-side" in texts
        and any("crds" in word for word in _piped(system, command))
    ):
        return True
    for option in command.options("-k", "--kustomize"):
        folder = posixpath.normpath(option.text)
        for each in system.kustomizations:
            own = posixpath.dirname(each.source.path)
            if folder.endswith(own) and not each.node.text("namespace"):
                return True
    return False


def _piped(system: System, command: Command) -> list[str]:
    """Return the words of the commands of the script that a here-string of this one comes from."""
    for script in system.scripts:
        if command in script.script.commands and "$" in command.heredoc:
            return [word for each in script.script.commands for word in each.texts]
    return []


def _access(system: System) -> Iterator[Statement]:
    for block in system.terraform.clusters:
        for path, found in system.terraform.objects(block.body):
            names = system.terraform.known(found.get("namespaces")) if isinstance(found, hcl.Object) else None
            for name in names if isinstance(names, list) and path[:1] == ("access_entries",) else []:
                if isinstance(name, str):
                    at = block.body.source.find(f'"{name}"', found.attributes["namespaces"].value_offset)
                    yield Statement(name, "the pipelines' access in Terraform", at)
