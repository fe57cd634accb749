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
from collections.abc import Callable, Iterator

from generator.checks.agreement import Said, disagreements
from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.languages.hcl.read import Object
from generator.languages.shell.script import Command
from generator.system.former import Parsed
from generator.system.former.manifests import CLUSTER_WIDE, Manifest
from generator.values.layers import Values

CODE = "checks/namespace"
_NEEDS = frozenset(
    "apply create delete describe exec get label annotate logs patch rollout scale set wait".split()
)
_CLUSTER = ("kubectl", "get", "nodes")
_OTHER = frozenset(["kube-system"])  # Kubernetes' own, of which charts and policies speak


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    objects = [
        each for each in tree.objects if each.kind not in CLUSTER_WIDE and each.kind != "Kustomization"
    ]
    if not objects:
        raise NotApplicable("there are no manifests")
    said = [
        Said(each.namespace, each.identity, each.metadata.at("namespace"))
        for each in objects
        if each.namespace
    ]
    said += [
        Said(each.data.text("namespace"), f"{each.source.path}", each.data.at("namespace"))
        for each in tree.kustomizations
        if each.data.text("namespace")
    ]
    said += [*_commands(tree), *_access(tree)]
    said = [each for each in said if each.text not in _OTHER]
    yield from disagreements(CODE, "the namespace", said)
    yield from _bare(
        [(each.identity, each.at) for each in objects if not each.namespace],
        said,
        "namespace: {} to its metadata",
    )
    yield from _bare(list(_unnamed(tree)), said, "--namespace {}")
    for each in tree.kustomizations:
        if said and not each.data.text("namespace") and _lists_namespaced(tree, each):
            note = Note(f"{said[0].what} says {said[0].text}", said[0].at)
            yield error(
                CODE,
                f"{each.source.path} names no namespace",
                each.data.here(),
                notes=(note,),
                hint=f"add namespace: {said[0].text}",
            )
    made = {each.name: each for each in tree.kind("Namespace")}
    if said and said[0].text not in made:
        notes = tuple(Note("this one is made", each.at) for each in made.values())
        message = f"nothing makes the namespace {said[0].text}"
        yield error(CODE, message, said[0].at, notes=notes, hint="add a Namespace of that name")


def _lists_namespaced(tree: Parsed, kustomization: Manifest) -> bool:
    folder = posixpath.dirname(kustomization.source.path)
    listed = {posixpath.join(folder, text) for text, _ in kustomization.data.listed("resources").texts()}
    return any(each.source.path in listed and each.kind not in CLUSTER_WIDE for each in tree.manifests)


def _all_commands(tree: Parsed) -> Iterator[tuple[Command, Callable[[int, int], Span]]]:
    for step, command in tree.commands:
        yield command, step.place
    for script in tree.scripts:
        for command in script.script.commands:
            yield command, script.at


def _commands(tree: Parsed) -> Iterator[Said]:
    for command, where in _all_commands(tree):
        if command.texts[0] == "kubectl":
            for word in command.options("-n", "--namespace"):
                if "$" not in word.text:
                    yield Said(word.text, "the command", where(word.offset, len(word.text)))


def _bare(bare: list[tuple[str, Span]], said: list[Said], add: str) -> Iterator[Finding]:
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


def _unnamed(tree: Parsed) -> Iterator[tuple[str, Span]]:
    for command, where in _all_commands(tree):
        verbs = [word.text for word in command.words[1:] if not word.text.startswith("-")]
        if (
            command.texts[0] != "kubectl"
            or not verbs
            or verbs[0] not in _NEEDS
            or _is_of_cluster(tree, command)
        ):
            continue
        if not any(True for _ in command.options("-n", "--namespace")):
            yield f"kubectl {verbs[0]}", where(command.offset, len("kubectl"))


def _is_of_cluster(tree: Parsed, command: Command) -> bool:
    """Say whether a command is about no namespace: it only reads files, or applies what belongs to the cluster."""
    texts = command.texts
    if "--local" in texts or command.starts_with(*_CLUSTER):
        return True
    if (
        command.starts_with("kubectl", "apply")
        and "--server-side" in texts
        and any("crds" in word for word in _piped(tree, command))
    ):
        return True
    for option in command.options("-k", "--kustomize"):
        folder = posixpath.normpath(option.text)
        for each in tree.kustomizations:
            own = posixpath.dirname(each.source.path)
            if folder.endswith(own) and not each.data.text("namespace"):
                return True
    return False


def _piped(tree: Parsed, command: Command) -> list[str]:
    """Return the words of the commands of the script that a here-string of this one comes from."""
    for script in tree.scripts:
        if command in script.script.commands and "$" in command.heredoc:
            return [word for each in script.script.commands for word in each.texts]
    return []


def _access(tree: Parsed) -> Iterator[Said]:
    for block in tree.terraform.clusters:
        for path, found in tree.terraform.objects(block.body):
            names = tree.terraform.known(found.get("namespaces")) if isinstance(found, Object) else None
            for name in names if isinstance(names, list) and path[:1] == ("access_entries",) else []:
                if isinstance(name, str):
                    at = block.body.source.find(f'"{name}"', found.attributes["namespaces"].value_offset)
                    yield Said(name, "the pipelines' access in Terraform", at)
