"""A command must use the namespace of the objects that it names, and no namespace may be a misspelling of another.

Compared: manifests, kustomizations, `kubectl` in workflows and scripts, the namespaces of Terraform's access entries,
and what refers to an object in a namespace: subjects of role bindings, names of Services, roles of service accounts.

Why: `kubectl apply --namespace` refuses an object of another namespace; `kubectl rollout status` does not find it. A
manifest without a namespace is applied to the one that the command or the context names, or to `default`. An access
entry for another namespace ends in "forbidden".

Bad:

    kubectl rollout status deployment/shop-backend        # whose manifest has namespace: shop

Good:

    kubectl rollout status --namespace shop deployment/shop-backend
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from generator.checks.agreement import Statement
from generator.checks.rule import Context, NotApplicableError
from generator.checks.rules.across.deploy_targets import named
from generator.checks.rules.kubernetes.applied import applies, piped
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import nearest
from generator.languages.node import Map, walk
from generator.languages.shell.script import Command
from generator.languages.word import Word
from generator.system import System
from generator.system.kubernetes import Object
from generator.system.model import Run

CODE = "checks/namespace"
ADVICE = "kubernetes.io, Namespaces: do not use the default namespace in production"
_OTHER = frozenset("default kube-system kube-public kube-node-lease".split())  # those of Kubernetes itself
_MADE = frozenset("configmap deployment job role rolebinding secret serviceaccount".split())
_LOOKING = ("delete", "describe", "get", "logs", "wait")
_LABELS = re.compile(r"[\w./-]+==?[\w.-]+(?:,[\w./-]+==?[\w.-]+)*")
_EVERYWHERE = frozenset(["-A", "--all-namespaces"])
_CONTEXT = frozenset(["set-context", "use-context", "kubens", "kubectx"])
# `system:serviceaccount:NAMESPACE:NAME`, and the name of a Service in DNS: `NAME.NAMESPACE.svc`.
_REFERENCE = re.compile(
    r"system:serviceaccount:(?P<of_account>[a-z0-9-]+):(?P<account>[a-z0-9-]+)"
    r"|(?<![\w.-])(?P<service>[a-z0-9-]+)\.(?P<of_service>[a-z0-9-]+)\.svc\b"
)
_SHORTEST = (
    3  # characters of a word in which a difference is a misspelling: team-a is no misspelling of team-b
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    objects = [each for each in system.objects if not (each.is_cluster_scoped or each.is_kustomization)]
    if not objects:
        raise NotApplicableError("there are no manifests")
    own = [each for each in objects if each.is_builtin and not each.kind.endswith("List")]
    runs = [run for run in system.runs if run.command.texts[0] == "kubectl"]
    statements = [*_statements(system, own), *_in_commands(runs)]
    yield from _misspelt(statements, {each.name for each in system.kind("Namespace")})
    made = {after: before for step in system.steps for before, after in piped(step.script.commands)}
    for run in runs:
        yield from _command(system, run, made.get(run.command, run.command), own)
    yield from _access(system, own)
    lacking = list(_single(system, [*statements, *_references(system, own)]))
    yield from lacking
    unknown = system.unknown_files(broken=True)
    yield from _without(
        [each for each in own if each.path not in unknown], is_named=bool(statements or lacking)
    )


def _statements(system: System, objects: list[Object]) -> Iterator[Statement]:
    """Yield the namespace of every object and kustomization that names one."""
    for each in objects:
        if each.namespace:
            yield Statement(each.namespace, each.identity, each.metadata.at_key("namespace"))
    for built in system.kustomized:
        node = built.kustomization.node
        if node.text("namespace"):
            yield Statement(node.text("namespace"), built.kustomization.path, node.at_key("namespace"))


def _references(system: System, objects: list[Object]) -> Iterator[Statement]:
    """Yield the namespace in each reference to an object without one, as of a role binding or a name of DNS."""
    homeless = {(each.kind, each.name) for each in objects if not each.namespace}
    accounts = {name for kind, name in homeless if kind == "ServiceAccount"}
    for each in system.manifests:
        for node in walk(each.node):
            if isinstance(node, Map) and node is not each.metadata and node.text("namespace"):
                kinds = [node.text("kind")] if "kind" in node else [kind for kind, _ in homeless]
                if any((kind, node.text("name")) in homeless for kind in kinds):
                    yield Statement(node.text("namespace"), each.identity, node.at_key("namespace"))
    for source in system.sources.values():
        # The expression alone takes a hundred times as long as a look for what each match contains.
        if ".svc" not in source.text and "system:serviceaccount:" not in source.text:
            continue
        for found in _REFERENCE.finditer(source.text):
            if found["account"] in accounts or ("Service", found["service"]) in homeless:
                group = "of_account" if found["account"] else "of_service"
                yield Statement(found[group], found[0], source.at(found.start(group), len(found[group])))


def _in_commands(runs: list[Run]) -> Iterator[Statement]:
    for run in runs:
        for word in run.command.options("-n", "--namespace"):
            if "$" not in word.text:
                yield Statement(word.text, "the command", run.place(word.offset, len(word.text)))


def _misspelt(statements: list[Statement], created: set[str]) -> Iterator[Finding]:
    """Yield a warning for each namespace that one place alone names, and that is written like another one."""
    counts = Counter(each.text for each in statements)
    for each in statements:
        if counts[each.text] > 1 or each.text in created:
            continue
        others = [name for name in {*created, *counts} if name in created or counts[name] > 1]
        near = nearest(each.text, [name for name in others if _is_misspelling(each.text, name)])
        if near:
            message = f"{each.what} uses the namespace {each.text}, which is used nowhere else"
            yield warning(CODE, message, each.at, hint=near)


def _is_misspelling(text: str, other: str) -> bool:
    words, others = text.split("-"), other.split("-")
    if len(words) != len(others):
        return text.replace("-", "") == other.replace("-", "")
    pairs = [(word, there) for word, there in zip(words, others, strict=True) if word != there]
    return len(pairs) == 1 and all(len(word) >= _SHORTEST and not word[-1].isdigit() for word in pairs[0])


def _command(system: System, run: Run, source: Command, objects: list[Object]) -> Iterator[Finding]:
    """Yield a finding for a command of another namespace than the objects that it applies, names or selects.

    `source` is the command that names the files to apply: itself, or the one before it in a pipe.
    """
    command = run.command
    option = command.option("-n", "--namespace")
    if option and "$" in option.text:
        return
    if option and command.starts_with("kubectl", "apply"):
        for each in objects:
            if each.namespace not in ("", option.text) and applies(system, source, each):
                note = Note("the object", each.metadata.at_key("namespace"))
                message = f"the command uses {option.text}, but the namespace of {each.identity} is {each.namespace}"
                at = run.place(option.offset, len(option.text))
                yield error(CODE, message, at, notes=(note,), hint=f"write {each.namespace} here")
                return
    for what, found, word in [*_named(command, objects), *_selected(command, objects)]:
        spaces = {each.namespace for each in found}
        if not found or "" in spaces or (option.text if option else "default") in spaces:
            continue
        if option or not _has_context(system):
            uses = f"uses {option.text}" if option else "has no namespace"
            note = Note("the object", found[0].metadata.at_key("namespace"))
            message = f"the command {uses}, but {what} is in {found[0].namespace}"
            hint = f"write --namespace {found[0].namespace}"
            yield warning(CODE, message, run.place(word.offset, len(word.text)), notes=(note,), hint=hint)
            return
    yield from _creates(system, run, objects)


def _named(command: Command, objects: list[Object]) -> Iterator[tuple[str, list[Object], Word]]:
    """Yield what a command names: the words for it, the objects, and the place."""
    for kind, name, word in named(command):
        yield f"{kind}/{name}", [each for each in objects if (each.kind, each.name) == (kind, name)], word


def _selected(command: Command, objects: list[Object]) -> Iterator[tuple[str, list[Object], Word]]:
    """Yield the workloads whose pods a command selects by labels, unless it looks in every namespace."""
    selector = command.option("-l", "--selector")
    is_looking = any(command.starts_with("kubectl", verb) for verb in _LOOKING)
    if (
        not is_looking
        or not selector
        or not _LABELS.fullmatch(selector.text)
        or _EVERYWHERE & set(command.texts)
    ):
        return
    wanted = dict(part.split("=") for part in selector.text.replace("==", "=").split(","))
    found = [each for each in objects if each.is_workload and wanted.items() <= each.pod_labels.items()]
    if found:
        yield found[0].identity, found, selector


def _creates(system: System, run: Run, objects: list[Object]) -> Iterator[Finding]:
    """Yield a warning for `kubectl create` without a namespace, where every object has one."""
    texts = run.command.texts
    is_made = run.command.starts_with("kubectl", "create") and texts[2:] and texts[2] in _MADE
    if not is_made or run.command.option("-n", "--namespace") or _has_context(system):
        return
    spaces = {each.namespace for each in objects}
    if len(spaces) == 1 and "" not in spaces:
        message = f"kubectl create {texts[2]} has no namespace, and every object is in {min(spaces)}"
        note = Note(objects[0].identity, objects[0].metadata.at_key("namespace"))
        at = run.place(run.command.offset, len("kubectl"))
        yield warning(CODE, message, at, notes=(note,), hint=f"add --namespace {min(spaces)}")


def _has_context(system: System) -> bool:
    """Return whether a command chooses a context, and so may choose a namespace."""
    return any(_CONTEXT & set(run.command.texts) for run in system.runs)


def _access(system: System, objects: list[Object]) -> Iterator[Finding]:
    """Yield a warning for each namespace of Terraform's cluster access that no object is in."""
    spaces = {each.namespace for each in objects if each.namespace}
    for block in system.terraform.clusters if len(spaces) == 1 else ():
        for _, entry in system.terraform.objects(block.get("access_entries")):
            for name in system.terraform.texts(entry, "namespaces"):
                if name not in spaces:
                    at = entry.source.find(f'"{name}"', entry.map("namespaces").start)
                    message = (
                        f"the workflows' cluster access in Terraform uses {name}, but the namespace is"
                        f" {min(spaces)} elsewhere"
                    )
                    yield warning(CODE, message, at, hint=f"write {min(spaces)}")


def _single(system: System, statements: list[Statement]) -> Iterator[Finding]:
    """Yield warnings where everything is in one namespace: it is not the one created, or a kustomization lacks it."""
    statements = [each for each in statements if each.text not in _OTHER]
    used, created = {each.text for each in statements}, system.kind("Namespace")
    homes = used if len(used) == 1 else used & {each.name for each in created}
    if len(homes) != 1:
        return
    first = next(each for each in statements if each.text in homes)
    if len(created) == 1 and created[0].name not in used and len(statements) > 1:
        notes = (Note("this namespace is created", created[0].at),)
        message = f"the namespace {first.text} is never created"
        yield warning(CODE, message, first.at, notes=notes, hint="add a Namespace with that name")
    for built in system.kustomized:
        lacking = [each for each in built.objects if not (each.namespace or each.is_cluster_scoped)]
        if lacking:
            note = Note(f"{first.what} uses {first.text}", first.at)
            message = f"{built.kustomization.path} has no namespace"
            hint = f"add namespace: {first.text}"
            yield warning(CODE, message, built.kustomization.node.at, notes=(note,), hint=hint)


def _without(objects: list[Object], *, is_named: bool) -> Iterator[Finding]:
    """Yield a warning for objects without a namespace beside others that have one, or one if none is named at all."""
    groups: dict[str, list[Object]] = defaultdict(list)
    for each in objects:
        groups[each.root or posixpath.dirname(each.path)].append(each)
    for group in groups.values():
        lacking = [each for each in group if not each.namespace]
        first = next((each for each in group if each.namespace not in ("", "default")), None)
        if not first or not lacking:
            continue
        note = Note(f"{first.identity} uses {first.namespace}", first.metadata.at_key("namespace"))
        hint = f"add namespace: {first.namespace} to its metadata"
        if len(lacking) > len(group) - len(lacking) + 1:  # a command may set it
            yield warning(CODE, _have_none(lacking), lacking[0].at, notes=(note,), hint=hint)
            continue
        for each in lacking:
            yield warning(CODE, f"{each.identity} has no namespace", each.at, notes=(note,), hint=hint)
    if is_named or not objects:
        return
    notes = tuple(Note(f"{each.identity} has none either", each.at) for each in objects[1:4])
    hint = "add namespace: NAME to its metadata"
    yield warning(CODE, _have_none(objects), objects[0].at, notes=notes, hint=hint)


def _have_none(objects: list[Object]) -> str:
    """Return the message for objects without a namespace: the first one, and how many more there are."""
    more = {1: "", 2: ", and 1 other has none either"}
    others = more.get(len(objects), f", and {len(objects) - 1} others have none either")
    return f"{objects[0].identity} has no namespace{others}"
