"""An image must run as a numeric user that exists in it, and the pod must set the same number.

Why: the kubelet does not resolve user names. With `runAsNonRoot` it refuses to start an image with `USER
nodeuser`, because that name could be root. Files that belong to user 1001 are not writable for user 1000.

Bad:

    USER nodeuser                # and no runAsUser in the pod

Good:

    USER 1001:1001               # and runAsUser: 1001
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, error_if, warning
from generator.languages.dockerfile.instructions import Instruction, expanded, pairs
from generator.languages.node import Map
from generator.system import Component, Container
from generator.system.images import image_name

CODE = "checks/user"
ADVICE = "docs.docker.com, Building best practices: USER"
USERS = ("adduser", "useradd")
_GROUPS = ("addgroup", "groupadd")
_NUMBER = {**dict.fromkeys(USERS, ("-u", "--uid")), **dict.fromkeys(_GROUPS, ("-g", "--gid"))}
_WITH_VALUE = frozenset(
    "-u --uid -g --gid -G --groups --ingroup -d --home --home-dir -h -s --shell -c --comment --gecos -k --skel -K"
    " --key -p --password -b --base-dir -e --expiredate -f --inactive --firstuid --lastuid".split()
)

# Images whose user is root, and parts of the names of those with another user.
_NOT_ROOT = re.compile(r"non-?root|unprivileged|rootless|bitnami|chainguard|cgr\.dev")
_ROOT = frozenset(
    "alpine amazoncorretto amazonlinux busybox centos debian eclipse-temurin fedora golang gradle httpd maven nginx"
    " node openjdk php python ruby rust scratch ubuntu".split()
)
# Users and groups that images have by their base: those of Debian and Alpine, and those of official images.
_OF_BASE = frozenset(
    "root daemon bin sys adm nogroup www-data users staff games mail node nginx postgres redis mysql mongodb"
    " rabbitmq elasticsearch logstash kibana grafana jenkins tomcat haproxy memcache".split()
) | {"nobody"}
_ROOT_USERS = ("root", "0")

Accounts = dict[str, tuple[str, Instruction]]


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.components:
        raise NotApplicableError("no image is built")
    for component in system.components:
        user = next((each for each in reversed(component.dockerfile.final()) if each.keyword == "USER"), None)
        if user is None or user.arguments.partition(":")[0] in _ROOT_USERS:
            yield from _root(component, user)
            continue
        yield from _added(component, user)
        for container in component.containers:
            yield from _same(component, container, user)


def _base_user(component: Component) -> str:
    """Return who an image without `USER` runs as: root, or "" when that is not known of its base."""
    stages = component.dockerfile.stages
    image = component.dockerfile.lineage(stages[-1])[-1].image if stages else ""
    is_root = image_name(image).repository.removeprefix("library/") in _ROOT
    return "root" if is_root and not _NOT_ROOT.search(image) else ""


def _root(component: Component, user: Instruction | None) -> Iterator[Finding]:
    name = "root" if user else _base_user(component)
    if not name:
        return
    notes = tuple(
        Note(f"it runs in {each.what}", each.node.at_key("name")) for each in component.containers[:2]
    )
    last = user or (component.dockerfile.stages[-1].start if component.dockerfile.stages else None)
    yield warning(
        CODE,
        f"the image of {component.name} runs as {name}",
        last.at if last else component.dockerfile.source.span(1),
        notes=notes,
        hint="add USER 1001:1001 at the end",
    )


def added(instructions: list[Instruction], programs: tuple[str, ...]) -> Accounts | None:
    """Return the id of each user or group that an image adds, with the instruction, by its name.

    Return None if a name is not known before the build.
    """
    values: dict[str, str] = {}
    accounts: Accounts = {}
    for each in instructions:
        if each.keyword == "ENV":
            values.update(pairs(each))
        for command in each.script.commands:
            names = command.arguments(_WITH_VALUE)
            if posixpath.basename(command.name) not in programs or not names:
                continue
            name = expanded(names[0].text, values)
            number = command.option(*_NUMBER[posixpath.basename(command.name)])
            if "$" in name:
                return None
            accounts[name] = (number.text if number and number.text.isdigit() else "", each)
    return accounts


def _added(component: Component, user: Instruction) -> Iterator[Finding]:
    """Yield an error if the image adds users or groups, but not the one that it runs as."""
    name, _, group = user.arguments.partition(":")
    for word, programs, what in ((name, USERS, "user"), (group, _GROUPS, "group")):
        made = added(component.dockerfile.final(), programs) or {}
        numbers = {number for number, _ in made.values()}
        if not word or not made or "$" in word or word in made or word in numbers or word in _OF_BASE:
            continue
        notes = tuple(
            Note(f"it adds {each} {number}".rstrip(), one.at) for each, (number, one) in made.items()
        )
        hint = f"write {' or '.join(sorted(filter(None, numbers)) or sorted(made))}"
        # Docker accepts each number, also one without a user.
        is_name = not word.isdigit()
        yield error_if(
            is_name, CODE, f"the image has no {what} {word}", user.where(word), notes=notes, hint=hint
        )


def _same(component: Component, container: Container, user: Instruction) -> Iterator[Finding]:
    name, _, group = user.arguments.partition(":")
    uid, gid = _number(component, name, USERS), _number(component, group, _GROUPS)
    for key, number, what in (
        ("runAsUser", uid, "user"),
        ("runAsGroup", gid, "group"),
        ("fsGroup", gid, "group"),
    ):
        holder = _context(container, key)
        text = holder.text(key)
        if text and number and text != number:
            note = Note(f"the image runs as {user.arguments}", user.at)
            message = f"{key} of {container.what} is {text}, but the {what} of its image is {number}"
            yield error(CODE, message, holder.at_key(key), notes=(note,), hint=f"write {number}")
    must_prove = _context(container, "runAsNonRoot").value("runAsNonRoot") is True
    if not name.isdigit() and not _context(container, "runAsUser").text("runAsUser"):
        yield error_if(
            must_prove,
            CODE,
            f"the user of the image is a name ({name}), and {container.what} sets no runAsUser:"
            " the kubelet cannot verify that it is not root",
            user.where(name),
            notes=(Note("the container", container.node.at_key("name")),),
            hint=f"write USER {uid or '1001'} here, or runAsUser: {uid or '1001'} in the pod",
        )


def _number(component: Component, name: str, programs: tuple[str, ...]) -> str:
    accounts = added(component.dockerfile.final(), programs) or {}
    return name if name.isdigit() else accounts[name][0] if name in accounts else ""


def _context(container: Container, key: str) -> Map:
    own = container.node.map("securityContext")
    return own if key in own else container.workload.pod_spec.map("securityContext")
