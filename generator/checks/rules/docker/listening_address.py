"""A server in a container must listen on an address that others reach.

Checked: the command and the variables of images with `EXPOSE`, of containers with ports and of services of Compose
that publish ports: addresses such as `127.0.0.1`, and servers that listen there by default.

Why: the loopback address of a container is its own. Connections, Services and probes come from outside of it, and are
refused (docs.docker.com, "Networking overview"; kubernetes.io, "Debug Services").

Bad:

    EXPOSE 8000
    CMD ["uvicorn", "app:app", "--port", "8000"]

Good:

    EXPOSE 8000
    CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Span, warning
from generator.languages.dockerfile.instructions import Dockerfile, Instruction, pairs
from generator.languages.shell.options import shell_program
from generator.languages.shell.read import parse
from generator.system import Container
from generator.system.compose import Service

CODE = "checks/listening-address"
ADVICE = "docs.docker.com, Networking overview; kubernetes.io, Debug Services"
_LOOPBACK = re.compile(r"(?:https?://)?(?:127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)(?::\d+)?")


class _Setting(NamedTuple):
    """The value of a variable of an image or a container, and its place."""

    value: str
    at: Span


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not (system.dockerfiles or system.containers or system.compose):
        raise NotApplicableError("there are no images and no containers")
    for dockerfile in system.dockerfiles:
        yield from _image(dockerfile)
    for container in system.containers:
        alone = len(container.workload.all_containers) == 1  # another one of the pod may lead requests to it
        if alone and container.node.seq("ports") and not container.workload.pod_spec.value("hostNetwork"):
            yield from _container(container)
    for file in system.compose:
        for name, service in file.parts.items():
            if file.services.map(name) and service.ports and service.node.text("network_mode") != "host":
                yield from _service(service)


def _image(dockerfile: Dockerfile) -> Iterator[Finding]:
    final = dockerfile.final()
    if any(each.keyword == "EXPOSE" for each in final):
        settings = {
            name: _Setting(value, each.at)
            for each in final
            if each.keyword == "ENV"
            for name, value in pairs(each)
        }
        starts = [_last(final, keyword) for keyword in ("ENTRYPOINT", "CMD")]
        texts = [text for each in starts if each for text in _unwrapped(each.command)]
        at = next((each.at for each in reversed(starts) if each), None)
        yield from _listens(texts, at, settings)


def _last(instructions: list[Instruction], keyword: str) -> Instruction | None:
    return next((each for each in reversed(instructions) if each.keyword == keyword), None)


def _unwrapped(texts: list[str]) -> list[str]:
    """Return the words of a command, also of one that a shell is given as code."""
    at = shell_program(texts)
    return texts if at is None else _in_shell(texts[at])


def _in_shell(code: str) -> list[str]:
    """Return the words of the last command of shell code: the server, after what prepares it."""
    commands = parse(code).commands
    return commands[-1].texts if commands else []


def _container(container: Container) -> Iterator[Finding]:
    leaves = [leaf for key in ("command", "args") for leaf in container.node.seq(key).leaves()]
    settings = {
        name: _Setting(entry.text("value"), entry.at_key("value" if "value" in entry else "name"))
        for name, entry in container.environment.items()
    }
    texts = _unwrapped([leaf.text for leaf in leaves])
    yield from _listens(texts, leaves[0].at if leaves else None, settings)


def _service(service: Service) -> Iterator[Finding]:
    node = service.node
    text, listed = node.text("command"), node.seq("command").texts()
    place = node.at_key("environment") if "environment" in node else service.node.at
    settings = {name: _Setting(value, place) for name, value in service.settings.items()}
    at = node.at_key("command") if "command" in node else None
    yield from _listens(_unwrapped(listed) if listed else _in_shell(text), at, settings)


def _listens(texts: Sequence[str], at: Span | None, settings: Mapping[str, _Setting]) -> Iterator[Finding]:
    """Yield a warning for a command, and for each variable, by which a server listens on the loopback address."""
    wide = "listen on 0.0.0.0, which are all addresses of the container"
    addresses = [*_addresses(texts)]
    named = next((each for each in addresses if _LOOPBACK.fullmatch(each)), "")
    if addresses and not named:
        return
    for name in sorted(words(_data()["variables"]) & {*settings}):
        value, place = settings[name]
        if _LOOPBACK.fullmatch(value):
            yield warning(CODE, _message(f"{name} is {value}"), place, hint=wide)
    if named and at:
        yield warning(CODE, _message(f"the program listens on {named}"), at, hint=wide)
    elif at and (found := _by_default(texts, settings)):
        yield warning(CODE, _message(f"{found[0]} listens on 127.0.0.1"), at, hint=f"add {found[1]}")


def _message(what: str) -> str:
    return f"{what}: nothing outside of the container reaches it"


def _addresses(texts: Sequence[str]) -> Iterator[str]:
    """Yield the addresses that options name, and that of PHP's own server."""
    options = words(_data()["options"])
    for index, text in enumerate(texts):
        name, equals, value = text.partition("=")
        following = texts[index + 1] if index + 1 < len(texts) else ""
        if name in options:
            yield value if equals else following
        elif text == "-S" and posixpath.basename(texts[0]) == "php":
            yield following


def _by_default(texts: Sequence[str], settings: Mapping[str, _Setting]) -> tuple[str, str] | None:
    """Return a server that has no address to listen on, and the words that give it one."""
    names = [posixpath.basename(text) for text in texts]
    for server, row in _data()["loopback_by_default"].items():
        program, _, action = server.partition(" ")
        after = list(texts[names.index(program) + 1 :]) if program in names else []
        if program not in names or row.get("variable") in settings or (action and action not in after):
            continue
        after = after[after.index(action) + 1 :] if action else after
        if row.get("argument"):
            has_one = any(not text.startswith("-") and not text.isdigit() for text in after)
            return None if has_one else (server, f"0.0.0.0:8000 after {action}")
        options = row["options"].split()
        has_one = any(text.partition("=")[0] in options or text.startswith("$") for text in after)
        return None if has_one else (server, f"{options[0]} 0.0.0.0")
    return None


@cache
def _data() -> dict[str, Any]:
    return table("listening")
