"""The values of a service of Compose must be such that Docker accepts them.

Checked: ports, restart policies, health checks and their times, capabilities, names and ports of services with
several copies, services that they extend or need although their profile is off, and ports beside `network_mode:
host`.

Why: Compose or Docker refuses them when the service starts, with a message that does not name the line
(docs.docker.com, "Compose file reference"; github.com/compose-spec/compose-go, loader and validation).

Bad:

    healthcheck: {test: [curl, -f, "http://localhost/"], interval: 30}

Good:

    healthcheck: {test: [CMD, curl, -f, "http://localhost/"], interval: 30s}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, error, warning
from generator.findings.suggest import nearest
from generator.languages.node import Leaf, Map
from generator.system.compose import ComposeFile, Service
from generator.system.quantities import seconds

CODE = "checks/compose-values"
ADVICE = "docs.docker.com, Compose file reference"
_PORT = re.compile(
    r"(?:(?:\[[0-9a-fA-F:]+\]|\d+(?:\.\d+){3}):)?(?:(?P<outer>\d*|\d+-\d+):)?(?P<inner>\d+(?:-\d+)?)(?:/\w+)?"
)
_RESTART = re.compile(r"no|false|always|unless-stopped|on-failure(?::\d+)?")
_TESTS = ("NONE", "CMD", "CMD-SHELL")
_TIMES = ("interval", "timeout", "start_period", "start_interval")
_LAST_PORT = 65535


def check(context: Context) -> Iterator[Finding]:
    files = context.system.compose
    if not files:
        raise NotApplicableError("there is no Compose file")
    for file in files:
        for name, service in file.parts.items():
            own = file.services.map(name)
            yield from _ports(own)
            yield from _restart(own)
            yield from _health_check(own)
            yield from _capabilities(own)
            yield from _copies(service, own)
            yield from _others(file, name, own)
        yield from _names(file)


def _ports(own: Map) -> Iterator[Finding]:
    for leaf in own.seq("ports").leaves():
        found = _PORT.fullmatch(leaf.text)
        numbers = re.findall(r"\d+", f"{found['outer'] or ''} {found['inner']}") if found else ["0"]
        if "$" not in leaf.text and not all(0 < int(each) <= _LAST_PORT for each in numbers):
            hint = 'write "8080:80", a port of the machine and one of the container'
            yield error(CODE, f"{leaf.text} is no port of Compose", leaf.at, hint=hint)
    if own.text("network_mode") == "host" and own.seq("ports"):
        message = "Docker ignores the ports of a service in the network of the machine"
        yield warning(CODE, message, own.key_place("ports"), hint="remove ports, or network_mode: host")


def _restart(own: Map) -> Iterator[Finding]:
    leaf = own.leaf("restart")
    if leaf and "$" not in leaf.text and not _RESTART.fullmatch(leaf.text):
        choices = ["no", "always", "unless-stopped", "on-failure"]
        message = f"restart is {leaf.text}, expected {', '.join(choices)}"
        yield error(CODE, message, leaf.at, hint=nearest(leaf.text, choices) or "write unless-stopped")


def _health_check(own: Map) -> Iterator[Finding]:
    check = own.map("healthcheck")
    first = next(iter(check.seq("test").leaves()), None)
    if first and first.text not in _TESTS and "$" not in first.text:
        message = f"the test of a health check begins with {first.text}, expected {', '.join(_TESTS)}"
        yield error(CODE, message, first.at, hint=f"write [CMD, {first.text}, …]")
    for leaf in (*(check.leaf(key) for key in _TIMES), own.leaf("stop_grace_period")):
        if leaf and "$" not in leaf.text and seconds(leaf.text) is None:
            message = f"the time {leaf.text} has no unit that Docker knows"
            yield error(
                CODE, message, leaf.at, hint=f"write {leaf.text}s" if leaf.text.isdigit() else "write 30s"
            )


def _capabilities(own: Map) -> Iterator[Finding]:
    known = words(table("compose")["capabilities"])
    for leaf in (*own.seq("cap_add").leaves(), *own.seq("cap_drop").leaves()):
        name = leaf.text.upper().removeprefix("CAP_")
        if name not in known and "$" not in name:
            hint = nearest(name, sorted(known)) or "see capabilities(7)"
            yield error(CODE, f"Linux has no capability {leaf.text}", leaf.at, hint=hint)


def _copies(service: Service, own: Map) -> Iterator[Finding]:
    """Yield an error for a service with several copies that can have only one."""
    leaf = own.leaf("deploy", "replicas") or own.leaf("scale")
    if leaf is None or not isinstance(leaf.value, int) or leaf.value < 2:
        return
    note = Note("the number of copies", leaf.at)
    if "container_name" in own:
        message = (
            f"{service.name} has {leaf.value} copies, which cannot all be called {own.text('container_name')}"
        )
        yield error(
            CODE, message, own.key_place("container_name"), notes=(note,), hint="remove container_name"
        )
    for port in service.ports:
        if port.published.isdigit() and own.text("deploy", "mode") != "global":
            message = (
                f"{service.name} has {leaf.value} copies, and only one can publish port {port.published}"
            )
            hint = "publish a range of ports, or put a proxy before the copies"
            yield error(CODE, message, port.node.at, notes=(note,), hint=hint)


def _others(file: ComposeFile, name: str, own: Map) -> Iterator[Finding]:
    """Yield an error for a service that extends one which is not there, or needs one that its profile leaves out."""
    base = own.leaf("extends", "service") or own.leaf("extends")
    if base and base.text not in file.services and "file" not in own.map("extends"):
        hint = nearest(base.text, list(file.services)) or f"write one of {', '.join(file.services)}"
        yield error(CODE, f"{name} extends {base.text}, which does not exist", base.at, hint=hint)
    runs = set(own.seq("profiles").texts())
    wanted = own.map("depends_on")
    needed: list[Leaf] = [*own.seq("depends_on").leaves()]
    places = {
        each: wanted.key_place(each) for each in wanted if wanted.map(each).value("required") is not False
    }
    for each, at in {**places, **{leaf.text: leaf.at for leaf in needed}}.items():
        only = set(file.services.seq(each, "profiles").texts())
        if only and not (runs and runs <= only):
            message = f"{name} depends on {each}, which runs only with the profile {', '.join(sorted(only))}"
            note = Note("the profiles", file.services.map(each).key_place("profiles"))
            hint = f"give {name} the same profiles, or write required: false"
            yield error(CODE, message, at, notes=(note,), hint=hint)


def _names(file: ComposeFile) -> Iterator[Finding]:
    """Yield an error for each name that two containers have."""
    seen: dict[str, str] = {}
    for name in file.services:
        own = file.services.map(name)
        given = own.leaf("container_name")
        if given is None or "$" in given.text or "profiles" in own:
            continue
        other = seen.setdefault(given.text, name)
        if other != name:
            message = f"{name} and {other} have the container name {given.text}"
            yield error(CODE, message, given.at, hint="remove container_name, and Compose makes names")
