"""Everything that a deployment command names must exist: workloads, containers, files, folders and labels.

The commands of workflows and scripts are compared with the manifests and files of the same environment.

Why: `kubectl rollout status deployment/shop-bakend` fails only in the pipeline, after everything else has been
applied. A selector that matches nothing applies nothing and exits with status 0.

Bad:

    kubectl set image deployment/shop-backend back-end=$IMAGE

Good:

    kubectl set image deployment/shop-backend backend=$IMAGE
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

import yaml

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if
from generator.findings.suggest import nearest
from generator.languages.shell.script import Command, Script
from generator.languages.word import Word
from generator.system import System
from generator.system.kubernetes import Object
from generator.system.workflows import HIDDEN

CODE = "checks/deploy-targets"
ADVICE = "kubernetes.io, kubectl reference"

_KINDS = {
    **dict.fromkeys(
        ("deployment", "deployments", "deploy", "deployment.apps", "deployments.apps"), "Deployment"
    ),
    **dict.fromkeys(("statefulset", "statefulsets", "sts"), "StatefulSet"),
    **dict.fromkeys(("daemonset", "daemonsets", "ds"), "DaemonSet"),
    **dict.fromkeys(("job", "jobs", "job.batch"), "Job"),
    **dict.fromkeys(("cronjob", "cronjobs", "cj"), "CronJob"),
    **dict.fromkeys(("service", "services", "svc"), "Service"),
    **dict.fromkeys(("configmap", "configmaps", "cm"), "ConfigMap"),
    **dict.fromkeys(("serviceaccount", "serviceaccounts", "sa"), "ServiceAccount"),
    **dict.fromkeys(("ingress", "ingresses", "ing"), "Ingress"),
    **dict.fromkeys(("hpa", "horizontalpodautoscaler"), "HorizontalPodAutoscaler"),
    **dict.fromkeys(("persistentvolumeclaim", "pvc"), "PersistentVolumeClaim"),
}
_VERBS = frozenset("delete describe get logs patch rollout scale set wait annotate label exec".split())
_VALUED = frozenset(
    "-n --namespace -l --selector -o --output -c --container --timeout --for --replicas -f -k".split()
)
# What names the folder that is applied: Argo CD has it in its sources, Flux at the top.
_APPLIED = {("argoproj.io", "Application"): "source", ("kustomize.toolkit.fluxcd.io", "Kustomization"): ""}
_CHDIR = re.compile(r"-chdir=([\w./$-]+)")

Where = Callable[[Word], Span]
Place = Callable[[int, int], Span]


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    output = context.repository.folder
    if not system.manifests or not (system.workflows or system.scripts or system.pipelines or system.customs):
        raise NotApplicableError("no workflow or script deploys anything")
    yield from _folders(system, output)
    for step in system.steps:
        yield from _script(system, step.script, step.place, output, step.folder)
    for script in system.scripts:
        own = posixpath.dirname(script.source.path)  # many scripts are run where they stand
        yield from _script(system, script.script, script.at, output, own)
    for code in system.pipelines:
        yield from _script(system, code.script, code.place, output, posixpath.dirname(code.source.path))


def _folders(system: System, output: str) -> Iterator[Finding]:
    """Yield an error for a folder that Argo CD or Flux applies and that is written like one beside it."""
    for each in system.customs:
        where = _APPLIED.get((each.group, each.kind))
        holders = (each.spec.map(where), *each.spec.maps(f"{where}s")) if where else ()
        for holder in (*holders, each.spec) if where is not None else ():
            leaf = holder.leaf("path")
            if (
                leaf is None
                or "{{" in leaf.text
                or "chart" in holder
                or inside(system, leaf.text, output, "")
            ):
                continue
            path = posixpath.normpath(leaf.text).lstrip("/")
            above, last = posixpath.split(path)
            start = f"{above}/" if above else ""
            beside = {each[len(start) :].split("/")[0] for each in system.sources if each.startswith(start)}
            near = nearest(last, sorted(beside))
            if near:
                yield error(
                    CODE, f"{each.identity} applies {leaf.text}, which does not exist", leaf.at, hint=near
                )


def _script(system: System, script: Script, place: Place, output: str, folder: str) -> Iterator[Finding]:
    def where(word: Word) -> Span:
        return place(word.offset, len(word.text))

    written = {
        posixpath.dirname(word.text): command for command in script.commands for word in command.writes
    }
    has_chart = any(script.all("helm"))  # what a chart creates is not known
    for command in script.commands:
        if command.texts[0] == "kubectl":
            yield from () if has_chart else _objects(system, command, where)
            yield from () if has_chart else _labels(system, command, where)
            yield from _paths(system, command, where, output, folder, set(written))
        elif command.texts[0].endswith(".sh") or (output and command.texts[0].startswith(f"{output}/")):
            yield from _file(system, command.words[0], where, output, folder)
    created = set(_created(script))
    for path, command in written.items():
        is_known = path and "$" not in path and not path.startswith(("/", "~"))
        if is_known and posixpath.normpath(path) not in created and not inside(system, path, output, folder):
            message = f"a file is written to {path}/, which does not exist"
            yield error(CODE, message, where(command.words[0]), hint=f"run mkdir -p {path} first")
        if command.heredoc and "$" not in path:
            yield from _release(system, command, where, output, path)
    for found in _CHDIR.finditer(script.text):
        if "$" not in found[1] and not inside(system, found[1], output, folder):
            yield _missing(system, Word(found[1], found.start(1)), where)


def _created(script: Script) -> Iterator[str]:
    """Yield the folders that mkdir creates, and their parents."""
    for command in script.all("mkdir"):
        for word in command.arguments(frozenset(["-m", "--mode"])):
            path = posixpath.normpath(word.text)
            while path.strip("/."):
                yield path
                path = posixpath.dirname(path)


def named(command: Command) -> Iterator[tuple[str, str, Word]]:
    """Yield the kind, name and word of each object in a kubectl command."""
    words = command.words[1:]
    verbs = [word.text for word in words if not word.text.startswith("-")]
    if not verbs or verbs[0] not in _VERBS:
        return
    skip = False
    for index, word in enumerate(words):
        if skip or word.text.startswith("-"):
            skip = not skip and word.text in _VALUED
            continue
        kind, slash, name = word.text.partition("/")
        if kind.lower() in _KINDS and slash and "$" not in name:
            yield _KINDS[kind.lower()], name, word
        elif kind.lower() in _KINDS and index + 1 < len(words) and _is_name(words[index + 1].text):
            yield _KINDS[kind.lower()], words[index + 1].text, words[index + 1]


def _is_name(text: str) -> bool:
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", text))


def _objects(system: System, command: Command, where: Where) -> Iterator[Finding]:
    for kind, name, word in named(command):
        found = next((each for each in system.kind(kind) if each.name == name), None)
        if found is None:
            known = [each.name for each in system.kind(kind)]
            notes = tuple(Note(f"{each.identity} exists", each.at) for each in system.kind(kind)[:3])
            near = nearest(name, known)
            if system.customs and not near:
                continue  # an operator may make it
            hint = near or "fix the name, or add a manifest"
            yield error_if(near, CODE, f"{kind}/{name} has no manifest", where(word), notes=notes, hint=hint)
        elif command.starts_with("kubectl", "set", "image"):
            yield from _containers(command, [found], where)
    if command.starts_with("kubectl", "set", "image") and "--local" in command.texts:
        yield from _containers(command, _of_file(system, command), where)


def _of_file(system: System, command: Command) -> list[Object]:
    option = command.option("-f", "--filename")
    return [each for each in system.workloads if option and option.text.endswith(each.source.path)]


def _containers(command: Command, workloads: list[Object], where: Where) -> Iterator[Finding]:
    for word in command.words:
        name, equals, _ = word.text.partition("=")
        if not equals or not _is_name(name):
            continue
        for workload in workloads:
            known = {container.name: container.node for container in workload.all_containers}
            if name not in known and name != "*":
                notes = tuple(Note("its container", each.at_key("name")) for each in known.values())
                hint = nearest(name, list(known)) or f"use {' or '.join(known)}"
                message = f"{workload.identity} has no container {name}"
                yield error(CODE, message, where(word), notes=notes, hint=hint)


def _labels(system: System, command: Command, where: Where) -> Iterator[Finding]:
    option = command.option("-l", "--selector")
    if option is None or "$" in option.text:
        return
    wanted = [part.partition("=")[::2] for part in option.text.split(",") if "=" in part]
    known = [each.labels for each in system.manifests]
    known += [] if command.starts_with("kubectl", "apply") else [each.pod_labels for each in system.workloads]
    if any(all(labels.get(key) == value for key, value in wanted) for labels in known):
        return
    keys = dict(wanted)
    notes = [
        Note(f"{each.identity} has {key}: {each.labels[key]}", each.metadata.map("labels").at_key(key))
        for key in keys
        for each in system.manifests
        if key in each.labels
    ]
    message = f"no object has the labels {option.text}: the command selects nothing"
    yield error_if(
        notes, CODE, message, where(option), notes=tuple(notes[:3]), hint="use labels that the objects have"
    )


def _paths(
    system: System, command: Command, where: Where, output: str, folder: str, written: set[str]
) -> Iterator[Finding]:
    for option in command.options("-f", "-k", "--filename", "--kustomize"):
        if option.text in ("-", "") or "$" in option.text or "://" in option.text or option.text in written:
            continue
        if not inside(system, option.text, output, folder):
            yield _missing(system, option, where)


def _file(system: System, word: Word, where: Where, output: str, folder: str) -> Iterator[Finding]:
    if "$" not in word.text and "/" in word.text and not inside(system, word.text, output, folder):
        yield _missing(system, word, where)


def inside(system: System, path: str, output: str, folder: str) -> bool:
    """Return whether a path of the repository is a file or folder of this environment."""
    name = path.removeprefix("./")
    if path.startswith(("/", "~")) or HIDDEN in path:
        return True  # on the machine, or only GitHub knows
    if "/" not in name and any(own.endswith(f"/{name}") for own in system.sources):
        return True  # in a folder that another command may have entered
    for base in {"", folder, output}:
        whole = posixpath.normpath(posixpath.join(base, path))
        for start in {f"{output}/" if output else "", ""}:
            own = whole.removeprefix(start) if whole.startswith(start) else whole
            if own in system.sources or any(each.startswith(f"{own}/") for each in system.sources):
                return True
    return False


def _missing(system: System, word: Word, where: Where) -> Finding:
    last = word.text.rstrip("/").rpartition("/")[2]
    near = nearest(last, [name for path in system.sources if (name := path.rpartition("/")[2]) != last])
    at = next(
        (source.span(1) for path, source in system.sources.items() if near and path.endswith(near[14:-2])),
        None,
    )
    notes = (Note("this file exists", at),) if at else ()
    return error_if(
        near, CODE, f"{word.text} does not exist", where(word), notes=notes, hint=near or "fix the path"
    )


def _release(system: System, command: Command, where: Where, output: str, path: str) -> Iterator[Finding]:
    """Check that the resources of a kustomization that a deploy writes exist."""
    try:
        data = yaml.safe_load(command.heredoc)
    except yaml.YAMLError:
        return
    if not isinstance(data, dict) or not ({"images", "resources"} & set(data)):
        return
    resources = data.get("resources")
    if not isinstance(resources, list) or not resources:
        message = "the kustomization written here has no resources: applying it changes nothing"
        yield error(
            CODE, message, where(command.words[0]), hint="add resources: with the folder of the manifests"
        )
        return
    for each in resources:
        if not inside(system, posixpath.normpath(posixpath.join(path, str(each))), output, ""):
            message = f"the kustomization written here has the resource {each}, which does not exist"
            own = next((posixpath.dirname(one.path) for one in system.kustomizations if "/" in one.path), "")
            hint = f"use {output}/{own}" if output and own else "fix the path"
            yield error(CODE, message, where(command.words[0]), hint=hint)
