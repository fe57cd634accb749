"""All objects must be in one namespace that is created, and every command must name it.

Compared: manifests, kustomizations, `kubectl` in workflows and scripts, and the namespaces of Terraform's
access entries.

Why: a manifest without a namespace is applied to the one that the command names, or to `default`. Two
commands that differ apply half of the system to each of two namespaces. An access entry for another namespace
ends in "forbidden".

Bad:

    kubectl apply -f k8s/                        # and no namespace in the manifests

Good:

    metadata: {name: shop-backend, namespace: shop}
    kubectl apply --namespace shop -k k8s
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator

from generator.checks.agreement import Statement, disagreements
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.findings.suggest import nearest
from generator.languages.shell.script import Command
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/namespace"
_NEEDS = frozenset(
    "apply create delete describe exec get label annotate logs patch rollout scale set wait".split()
)
_CLUSTER = ("kubectl", "get", "nodes")
_OTHER = frozenset(["default", "kube-system", "kube-public", "kube-node-lease"])  # those of Kubernetes itself


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    objects = [each for each in system.objects if not (each.is_cluster_scoped or each.is_kustomization)]
    if not objects:
        raise NotApplicableError("there are no manifests")
    statements = [each for each in _statements(system, objects) if each.text not in _OTHER]
    created = {each.name for each in system.kind("Namespace")}
    roots = {each.root for each in objects if each.root}
    if (
        len(created) > 1
        or (len(roots) > 1 and _differ(objects))
        or (not created and len({each.text for each in statements}) > 1)
    ):
        yield from _misspelt(statements, created)
        return
    yield from disagreements(CODE, "the namespace", statements)
    without = [(each.identity, each.at) for each in objects if not each.namespace and each.is_builtin]
    yield from _without_namespace(without, statements, "namespace: {} to its metadata")
    yield from _without_namespace(list(_commands_without_namespace(system)), statements, "--namespace {}")
    if statements:
        yield from _kustomizations(system, statements[0])
        yield from _created(system, statements[0])


def _differ(objects: list[Object]) -> bool:
    """Return whether kustomizations build objects for different namespaces."""
    return len({each.namespace for each in objects if each.root}) > 1


def _misspelt(statements: list[Statement], created: set[str]) -> Iterator[Finding]:
    """Where there are several namespaces, yield an error for one that is only written like another."""
    counts = Counter(each.text for each in statements)
    for each in statements:
        others = [name for name in {*created, *counts} if counts[name] > counts[each.text] or name in created]
        near = nearest(each.text, others) if each.text not in created and counts[each.text] == 1 else ""
        if near:
            message = f"{each.what} uses the namespace {each.text}, which is used nowhere else"
            yield error(CODE, message, each.at, hint=near)


def _statements(system: System, objects: list[Object]) -> Iterator[Statement]:
    """Yield every stated namespace: of objects, kustomizations, commands and the cluster access in Terraform."""
    for each in objects:
        if each.namespace and each.is_builtin:
            yield Statement(each.namespace, each.identity, each.metadata.at_key("namespace"))
    for each in _roots(system):
        if each.node.text("namespace"):
            yield Statement(each.node.text("namespace"), each.path, each.node.at_key("namespace"))
    yield from _commands(system)
    yield from _access(system)


def _roots(system: System) -> list[Object]:
    return [each.kustomization for each in system.kustomized]


def _kustomizations(system: System, first: Statement) -> Iterator[Finding]:
    for each in _roots(system):
        if not each.node.text("namespace") and _lists_namespaced(system, each):
            note = Note(f"{first.what} uses {first.text}", first.at)
            message = f"{each.path} has no namespace"
            yield error(CODE, message, each.node.at, notes=(note,), hint=f"add namespace: {first.text}")


def _created(system: System, first: Statement) -> Iterator[Finding]:
    created = system.kind("Namespace")
    if created and first.text not in [each.name for each in created]:
        notes = tuple(Note("this namespace is created", each.at) for each in created)
        message = f"the namespace {first.text} is never created"
        yield error(CODE, message, first.at, notes=notes, hint="add a Namespace with that name")


def _lists_namespaced(system: System, kustomization: Object) -> bool:
    listed = kustomization.resources
    return any(each.path in listed and not each.is_cluster_scoped for each in system.manifests)


def _commands(system: System) -> Iterator[Statement]:
    for run in system.runs:
        if run.command.texts[0] == "kubectl":
            for word in run.command.options("-n", "--namespace"):
                if "$" not in word.text:
                    yield Statement(word.text, "the command", run.place(word.offset, len(word.text)))


def _without_namespace(
    missing: list[tuple[str, Span]], statements: list[Statement], add: str
) -> Iterator[Finding]:
    """Yield an error for each object or command without a namespace, or a single error if none has one."""
    hint = f"add {add.format(statements[0].text if statements else 'NAME')}"
    if missing and not statements:
        notes = tuple(Note(f"{what} has none either", at) for what, at in missing[1:4])
        more = f", and {len(missing) - 1} others have none either" if len(missing) > 1 else ""
        yield warning(CODE, f"{missing[0][0]} has no namespace{more}", missing[0][1], notes=notes, hint=hint)
        return
    for what, at in missing:
        notes = tuple(Note(f"{other.what} uses {other.text}", other.at) for other in statements[:1])
        yield error(CODE, f"{what} has no namespace", at, notes=notes, hint=hint)


def _commands_without_namespace(system: System) -> Iterator[tuple[str, Span]]:
    for run in system.runs:
        command = run.command
        verbs = [word.text for word in command.words[1:] if not word.text.startswith("-")]
        if (
            command.texts[0] != "kubectl"
            or not verbs
            or verbs[0] not in _NEEDS
            or _needs_no_namespace(system, command)
        ):
            continue
        if not any(True for _ in command.options("-n", "--namespace")):
            yield f"kubectl {verbs[0]}", run.place(command.offset, len("kubectl"))


def _needs_no_namespace(system: System, command: Command) -> bool:
    """Return whether a command needs no namespace: it only reads files, or applies cluster-scoped objects."""
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
    """Return all words of the script from whose variables the here-string of a command comes."""
    for script in system.scripts:
        if command in script.script.commands and "$" in command.heredoc:
            return [word for each in script.script.commands for word in each.texts]
    return []


def _access(system: System) -> Iterator[Statement]:
    for block in system.terraform.clusters:
        for _, entry in system.terraform.objects(block.get("access_entries")):
            for name in system.terraform.texts(entry, "namespaces"):
                at = entry.source.find(f'"{name}"', entry.map("namespaces").start)
                yield Statement(name, "the workflows' cluster access in Terraform", at)
