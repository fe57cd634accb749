"""Every object that belongs in the cluster must be applied by a workflow or a script.

Checked where a workflow deploys, and where commands apply at least half of the objects: otherwise another tool, such
as Argo CD, applies them.

Why: `kubectl set image` changes an existing Deployment and fails in an empty cluster. An object that no
`kubectl apply` selects keeps the state of its first manual apply.

Bad:

    run: kubectl set image deployment/shop-backend backend=$IMAGE

Good:

    run: |
      kubectl apply -k k8s
      kubectl set image deployment/shop-backend backend=$IMAGE
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, warning
from generator.languages.shell.script import Command
from generator.system import System
from generator.system.kubernetes import Object

CODE = "checks/applied"
ADVICE = "kubernetes.io, Declarative Management of Kubernetes Objects Using Configuration Files"
_CHANGES = frozenset("apply create patch replace rollout scale set".split())


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    deploys = [
        (step, command)
        for step, command in system.commands
        if command.texts[0] == "kubectl" and _CHANGES & set(command.texts)
    ]
    if not deploys or not system.manifests:
        raise NotApplicableError("no workflow deploys to a cluster")
    applying = [
        run.command
        for run in system.runs
        if run.command.starts_with("kubectl", "apply") or run.command.starts_with("kubectl", "create")
    ]
    applying += [command for step in system.steps for command, _ in piped(step.script.commands)]
    step, command = deploys[-1]
    unapplied = [
        each for each in system.manifests if not any(applies(system, apply, each) for apply in applying)
    ]
    if unapplied == system.manifests and not applying:
        at = deploys[0][0].place(deploys[0][1].offset, len("kubectl"))
        message = (
            f"the deployment changes objects, but no command applies any of the {len(unapplied)} objects"
        )
        notes = tuple(Note(each.identity, each.at) for each in unapplied[:3])
        yield warning(CODE, message, at, notes=notes, hint="run kubectl apply with -f or -k before it")
        return
    used = {each.path.partition("/")[0] for each in system.manifests if each not in unapplied}
    for each in unapplied if 2 * len(unapplied) <= len(system.manifests) else ():
        if each.path.partition("/")[0] not in used or not each.name:
            continue  # of another part of the repository, such as examples, or the settings of a program
        yield warning(
            CODE,
            f"no command applies {each.identity}: no kubectl apply in a workflow or script selects it",
            each.at,
            notes=(Note("the deployment", step.place(command.offset, len("kubectl"))),),
            hint="add labels that an apply selects, list it in the kustomization, or apply its file",
        )


def piped(commands: list[Command]) -> Iterator[tuple[Command, Command]]:
    """Yield each `kubectl set image --local`, and the next command where it applies the result with `-f -`."""
    for command, following in pairwise(commands):
        is_change = command.starts_with("kubectl", "set", "image") and "--local" in command.texts
        if is_change and following.starts_with("kubectl", "apply") and "-" in following.texts:
            yield command, following


def applies(system: System, command: Command, each: Object) -> bool:
    selector = command.option("-l", "--selector")
    if selector and not all(
        each.labels.get(key) == value
        for key, value in (part.partition("=")[::2] for part in selector.text.split(",") if part)
    ):
        return False
    for option in command.options("-f", "--filename"):
        if option.text.rstrip("/").endswith((each.source.path, posixpath.dirname(each.source.path))):
            return True
    return any(_in_folder(system, option.text, each) for option in command.options("-k", "--kustomize"))


def _in_folder(system: System, folder: str, each: Object) -> bool:
    """Return whether applying a folder applies an object: the kustomization there lists its file."""
    path = posixpath.normpath(folder)
    listing = (
        kustomization
        for kustomization in system.kustomizations
        if each.path in kustomization.resources or kustomization.path == each.root
    )
    folders = [posixpath.dirname(kustomization.path) for kustomization in listing]
    return any(path == own or path.endswith(f"/{own}") or _is_release(system, path, own) for own in folders)


def _is_release(system: System, path: str, own: str) -> bool:
    """Return whether `path` is a folder for which a command writes a kustomization that includes `own`."""
    for command in (run.command for run in system.runs if "resources" in run.command.heredoc):
        written = {posixpath.normpath(posixpath.dirname(word.text)) for word in command.writes}
        listed = re.findall(r"[\w./${}-]+", command.heredoc)
        included = (posixpath.normpath(posixpath.join(path, each)) for each in listed)
        if path in written and any(each == own or each.endswith(f"/{own}") for each in included):
            return True
    return False
