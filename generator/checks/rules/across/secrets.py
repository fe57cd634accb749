"""The keys of a secret must be the same everywhere, and no manifest may contain a value.

Compared: the keys that pods reference, the keys that the script creates, the keys in the example, and the
variables that the workflow passes to the script.

Why: a pod that references a missing key does not start. A key that was renamed in one place fails at the next
deployment that recreates the secret. The API server rejects `data:` that is not valid base64; valid data
would stay in Git.

Bad:

    key: database-url            # and --from-file=db-url=… in the script

Good:

    key: database-url            # and --from-file=database-url=… in the script
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.languages.node import Map, leaves
from generator.system import System
from generator.system.kubernetes import Object, secret_names

CODE = "checks/secrets"
ADVICE = "kubernetes.io, Secrets"
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_SECRET = re.compile(r"secrets\.([A-Za-z_]\w*)")


@record
class Created:
    """A key of a secret that a command creates, and the variable with its value."""

    secret: str
    key: str
    variable: str
    at: Span


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    manifests = [each for each in system.objects if each.kind == "Secret"]
    created = list(_created(system))
    used = [(each, name) for each in system.workloads for name in secret_names(each)]
    if not manifests and not created and not used:
        raise NotApplicableError("there are no secrets")
    made = _made(system)
    needed = [(each, name) for each in system.workloads for name in secret_names(each, needed=True)]
    missing = [(each, name) for each, name in needed if name.text not in made]
    if missing and not created and len(missing) == len(needed) and all(each.is_example for each in manifests):
        each, name = missing[0]
        notes = tuple(Note("this is only an example", example.at) for example in manifests[:1])
        message = f"{each.identity} uses the secret {name.text}, which nothing creates"
        yield warning(
            CODE,
            message,
            name.at,
            notes=notes,
            hint=f"run kubectl create secret generic {name.text} in a script",
        )
    yield from _used(system, manifests, created)
    yield from _manifests(manifests, created)
    yield from _variables(system, created)
    for each in manifests:
        yield from _values(system, each)


def _created(system: System) -> Iterator[Created]:
    """Yield the keys that the scripts and workflows create."""
    for run in system.runs:
        if not run.command.starts_with("kubectl", "create", "secret", "generic"):
            continue
        names = [word for word in run.command.words if not word.text.startswith("-")]
        for word in run.command.options("--from-literal", "--from-file"):
            key, equals, value = word.text.partition("=")
            variable = _VARIABLE.search(value)
            if equals and len(names) > 4:
                at = run.place(word.offset, len(key))
                yield Created(names[4].text, key, variable[1] if variable else "", at)


def _used(system: System, manifests: list[Object], created: list[Created]) -> Iterator[Finding]:
    """Check that each secret that pods use is created, each key from the variable of the same name."""
    there = {(each.secret, each.key): each for each in created}
    there |= {
        (each.name, key): Created(each.name, key, "", holder.key_place(key))
        for each in manifests
        if not created or not each.is_example
        for holder in (each.node.map("data"), each.node.map("stringData"))
        for key in holder
    }
    there |= {(each.secret, each.key): each for each in _by_operators(system)}
    others = _made(system) - {secret for secret, _ in there}
    for workload in system.workloads:
        for container in workload.all_containers:
            for entry in container.node.maps("env"):
                reference = entry.map("valueFrom", "secretKeyRef")
                if reference and there and reference.text("name") not in others:
                    yield from _reference(there, entry.text("name"), entry.at_key("name"), reference)
        names = {secret for secret, _ in there}
        for name in secret_names(workload, by_key=False):
            if names and name.text not in names | others:
                near = nearest(name.text, names)
                if near:
                    yield warning(CODE, f"nothing creates the secret {name.text}", name.at, hint=near)


def _made(system: System) -> set[str]:
    """Return every text of custom resources, any of which may be the name of a secret that an operator makes."""
    return {leaf.text for each in system.customs for leaf in leaves(each.node)}


def _by_operators(system: System) -> Iterator[Created]:
    """Yield the keys of the secrets that operators make, where the custom resource names all of them."""
    for each in system.customs:
        is_whole = "dataFrom" not in each.spec and not each.spec.map("target", "template")
        if each.kind == "ExternalSecret" and is_whole:
            name = each.spec.text("target", "name") or each.name
            for entry in each.spec.maps("data"):
                yield Created(name, entry.text("secretKey"), "", entry.at_key("secretKey"))
        if each.kind == "SealedSecret" and not each.spec.map("template", "data"):
            data = each.spec.map("encryptedData")
            yield from (Created(each.name, key, "", data.key_place(key)) for key in data)


def _reference(
    there: dict[tuple[str, str], Created], variable: str, named: Span, reference: Map
) -> Iterator[Finding]:
    name, key = reference.text("name"), reference.text("key")
    found = there.get((name, key))
    secrets = sorted({secret for secret, _ in there})
    if name not in secrets:
        note = Note(f"{secrets[0]} is created here", next(iter(there.values())).at)
        message = f"nothing creates the secret {name}"
        same = next((secret for secret, each in there if each == key), "")  # only its name differs
        near = nearest(name, secrets) or (f"use {same}" if same else "")
        if near:
            yield warning(CODE, message, reference.at_key("name"), notes=(note,), hint=near)
    elif found is None and reference.value("optional") is not True:
        known = [each for secret, each in there if secret == name]
        note = Note(
            "its keys are created here",
            next(created.at for (secret, _), created in there.items() if secret == name),
        )
        hint = nearest(key, known) or f"use {' or '.join(known)}"
        yield error(
            CODE, f"the secret {name} has no key {key}", reference.at_key("key"), notes=(note,), hint=hint
        )
    elif found and found.variable.isupper() and found.variable != variable:
        note = Note(f"the script creates {key} from {found.variable}", found.at)
        message = f"the container receives the key {key} as {variable}, expected {found.variable}"
        hint = f"use the name {found.variable} in both places"
        yield warning(CODE, message, named, notes=(note,), hint=hint)


def _manifests(manifests: list[Object], created: list[Created]) -> Iterator[Finding]:
    """Check that each manifest of a Secret has the keys that the script creates."""
    for each in manifests:
        holders = [holder for holder in (each.node.map("data"), each.node.map("stringData")) if holder]
        keys = {key: holder.key_place(key) for holder in holders for key in holder}
        own = [one for one in created if one.secret == each.name]
        if created and not own:
            near = nearest(each.name, {one.secret for one in created})
            note = Note(f"{created[0].secret} is created here", created[0].at)
            message = f"nothing creates the secret {each.name} of this manifest"
            if near and each.is_example:
                yield warning(CODE, message, each.at, notes=(note,), hint=near)
            continue
        for one in own:
            if one.key not in keys:
                note = Note("its keys", next(iter(keys.values()), each.at))
                hint = nearest(one.key, list(keys)) or f"add {one.key} to {each.source.path}"
                message = f"{each.source.path} does not have the key {one.key}"
                yield warning(CODE, message, one.at, notes=(note,), hint=hint)
        for key, at in keys.items():
            if own and key not in [one.key for one in own]:
                note = Note("its keys are created here", own[0].at)
                hint = nearest(key, [one.key for one in own]) or f"create {key} too, or remove it here"
                yield warning(CODE, f"nothing creates the key {key}", at, notes=(note,), hint=hint)


def _variables(system: System, created: list[Created]) -> Iterator[Finding]:
    """Check that a step that runs the script sets each of its variables from the secret of that name."""
    for script in system.scripts:
        wanted = [use for use in script.script.uses if use.operator == "?"]
        for step, command in system.commands:
            if not command.texts[0].endswith(script.source.path):
                continue
            for use in wanted:
                if use.name not in step.variables:
                    note = Note("the script requires it", script.at(use.offset, len(use.name)))
                    message = (
                        f'the step "{step.name}" does not set {use.name}, which {script.source.path} requires'
                    )
                    hint = f"add {use.name}: ${{{{ secrets.{use.name} }}}} to env of the step"
                    yield error(
                        CODE,
                        message,
                        step.place(command.offset, len(command.texts[0])),
                        notes=(note,),
                        hint=hint,
                    )
            for name, value in step.variables.items():
                found = _SECRET.search(value.text)
                if found and found[1] != name and name in [use.name for use in wanted]:
                    message = f"{name} is set from the secret {found[1]}, expected {name}"
                    hint = f"use secrets.{name}"
                    yield error(
                        CODE,
                        message,
                        value.at,
                        notes=(Note("the variable", value.key_at),),
                        hint=hint,
                    )


def _values(system: System, each: Object) -> Iterator[Finding]:
    """Check that the values of a Secret that is applied are base64."""
    if each.is_example:
        return
    data = each.node.map("data")
    for key in data:
        try:
            base64.b64decode(data.text(key), validate=True)
        except (binascii.Error, ValueError):
            yield error(
                CODE,
                f"the value of {key} is not base64: the API server rejects the Secret",
                data.at_key(key),
                notes=(Note("the secret", each.at),),
                hint=f"rename the file to {each.source.path}.example, which is not applied, or use stringData",
            )
            return
