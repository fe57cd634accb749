"""The services of a Compose file must be consistent: dependencies, health checks, volumes, ports, and the
variables in `.env.example`.

Why: `depends_on` with `condition: service_healthy` never becomes true for a service without a health check. A
variable that is missing from `.env.example` is noticed only when somebody starts the service.

Bad:

    depends_on: {postgres: {condition: service_healthy}}         # and no healthcheck of postgres

Good:

    postgres: {healthcheck: {test: [CMD, pg_isready]}}
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from generator.checks import databases
from generator.checks.databases import PORTS, POSTGRES, REDIS
from generator.checks.rule import Context, NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.node import Map
from generator.languages.source import Source
from generator.system import Component, System

CODE = "checks/compose"
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_]\w*)([:?+-]*)")
_URL_PORT = re.compile(r"https?://[^/\s:]+:(\d+)")
_URL = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/\S*)?")
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1):(\d+)")
_CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.compose:
        raise NotApplicable("there is no Compose file")
    for file in system.compose:
        services = file.services
        for name in services:
            yield from _depends(services, name)
            yield from _build(system, services.map(name))
            yield from _ports(system, services, name)
            yield from _volumes(file.node, services.map(name))
        yield from _variables(system, file.source)
        yield from _addresses(system, services)
        yield from _local(services)


def _local(services: Map) -> Iterator[Finding]:
    """An address of this machine leads to a port that some service publishes; a health check says what it runs."""
    published = {
        text.split(":")[-2]
        for name in services
        for text in services.seq(name, "ports").texts()
        if ":" in text
    }
    for name in services:
        own = services.map(name)
        if "healthcheck" in own and not (own.text("healthcheck", "test") or own.seq("healthcheck", "test")):
            yield error(
                CODE,
                f"the health check of {name} runs nothing",
                own.key_place("healthcheck"),
                hint="add test",
            )
        for leaf in own.seq("healthcheck", "test").leaves():
            if leaf.text.startswith("http") and not _URL.fullmatch(leaf.text):
                yield error(
                    CODE, f"{leaf.text} is no address", leaf.at, hint="write http://127.0.0.1:PORT/PATH"
                )
        for holder in (own.map("environment"), own.map("build", "args")):
            for key in holder:
                found = _LOCAL.match(holder.text(key))
                if found and published and found[1] not in published:
                    message = f"{key} leads to port {found[1]} of this machine, which no service publishes"
                    yield error(
                        CODE, message, holder.at_key(key), hint=f"write {' or '.join(sorted(published))}"
                    )


def _depends(services: Map, name: str) -> Iterator[Finding]:
    own = services.map(name)
    wanted = own.map("depends_on")
    names = [(each, wanted.key_place(each)) for each in wanted] + [
        (leaf.text, leaf.at) for leaf in own.seq("depends_on").leaves()
    ]
    for each, at in names:
        if each not in services:
            hint = nearest(each, list(services)) or f"there are {', '.join(services)}"
            yield error(CODE, f"{name} depends on {each}, and no service is called so", at, hint=hint)
            continue
        condition = wanted.map(each).text("condition")
        if condition and condition not in _CONDITIONS:
            yield error(
                CODE,
                f"there is no condition {condition}",
                wanted.map(each).at_key("condition"),
                hint=f"write {_CONDITIONS[1]}",
            )
        if condition == "service_healthy" and "healthcheck" not in services.map(each):
            note = Note("the service", services.key_place(each))
            message = f"{name} waits until {each} is healthy, and nothing says when it is"
            yield error(CODE, message, at, notes=(note,), hint=f"give {each} a healthcheck")


def _component(system: System, service: Map) -> Component | None:
    context = service.map("build").text("context") or service.text("build")
    return next(
        (each for each in system.components if each.name == context.removeprefix("./").rstrip("/")), None
    )


def _build(system: System, service: Map) -> Iterator[Finding]:
    if "build" not in service:
        if "image" not in service:
            yield error(
                CODE, "the service has neither an image nor a build", service.at, hint="add one of them"
            )
        return
    build = service.map("build")
    if system.components and _component(system, service) is None:
        at = build.at_key("context") if build else service.at_key("build")
        known = [f"./{each.name}" for each in system.components]
        hint = nearest(build.text("context"), known) or f"write {' or '.join(known)}"
        yield error(
            CODE, f"{build.text('context') or service.text('build')} holds no Dockerfile", at, hint=hint
        )


def _exposed(dockerfile: Dockerfile) -> dict[str, Span]:
    return {
        word: each.where(word)
        for each in dockerfile.final()
        if each.keyword == "EXPOSE"
        for word in each.texts
    }


def _ports(system: System, services: Map, name: str) -> Iterator[Finding]:
    """Mappings and health checks are about the port that the image listens on."""
    service = services.map(name)
    component = _component(system, service)
    known = _exposed(component.dockerfile) if component else {}
    for names in (POSTGRES, REDIS):
        if databases.is_image(service.text("image"), names):
            known = {_told(service) or PORTS[names]: service.at_key("image")}
    asked = [
        (leaf.text.rpartition(":")[2].partition("/")[0], leaf.at) for leaf in service.seq("ports").leaves()
    ]
    test = service.seq("healthcheck", "test").leaves()
    asked += [(found[1], word.at) for word in test if (found := _URL_PORT.match(word.text))]
    pairs = itertools.pairwise(test)
    asked += [(port.text, port.at) for option, port in pairs if option.text in ("-p", "--port")]
    for port, at in asked:
        if known and port not in known and port.isdigit():
            notes = tuple(Note(f"its image listens on {each}", place) for each, place in known.items())
            yield error(
                CODE, f"{name} is asked on port {port}", at, notes=notes, hint=f"write {' or '.join(known)}"
            )


def _told(service: Map) -> str:
    """Return the port that the service is told to listen on, or nothing."""
    words = service.seq("command").texts()
    named = [port for option, port in itertools.pairwise(words) if option == "--port"]
    return service.map("environment").text("PGPORT") or (named[0] if named else "")


def _volumes(document: Map, service: Map) -> Iterator[Finding]:
    known = document.map("volumes")
    for leaf in service.seq("volumes").leaves():
        name = leaf.text.partition(":")[0]
        if name and not name.startswith((".", "/", "~", "$")) and name not in known:
            notes = tuple(Note(f"there is {each}", known.key_place(each)) for each in known)
            hint = nearest(name, list(known)) or f"add {name}: to volumes"
            yield error(CODE, f"no volume is called {name}", leaf.at, notes=notes, hint=hint)


def _variables(system: System, source: Source) -> Iterator[Finding]:
    example = next(
        (each for path, each in system.sources.items() if path.rpartition("/")[2] == ".env.example"), None
    )
    used = {found[1]: (found.start(), found[2]) for found in _VARIABLE.finditer(source.text)}
    if example is None:
        return
    shown = {
        line.partition("=")[0]: number
        for number, line in enumerate(example.lines, start=1)
        if re.match(r"[A-Za-z_]\w*=", line)
    }
    for name, (offset, operator) in used.items():
        if name not in shown and operator not in ("-", ":-"):
            note = Note("the example", example.span(1))
            hint = nearest(name, list(shown)) or f"add {name}= to {example.path}"
            yield error(
                CODE,
                f"{example.path} does not have {name}",
                source.at(offset, len(name) + 2),
                notes=(note,),
                hint=hint,
            )
    for name, number in shown.items():
        if name not in used:
            note = Note("what reads it", source.span(1))
            yield error(
                CODE,
                f"{source.path} does not read {name}",
                example.span(number),
                notes=(note,),
                hint=nearest(name, list(used)) or "remove it",
            )


def _addresses(system: System, services: Map) -> Iterator[Finding]:
    """Addresses in the example lead to services of Compose, on the ports that they have."""
    for address in databases.addresses(system):
        if address.is_test:
            continue
        names = POSTGRES if address.scheme.startswith("postgres") else REDIS
        own = services.map(address.host)
        if address.host not in services:
            hint = nearest(address.host, list(services)) or f"write one of {', '.join(services)}"
            yield error(
                CODE,
                f"the address leads to {address.host}, and no service is called so",
                address.at(address.host),
                hint=hint,
            )
            continue
        wanted = _told(own) or PORTS[names]
        if (address.port or PORTS[names]) != wanted:
            note = Note(f"it listens on {wanted}", services.key_place(address.host))
            yield error(
                CODE,
                f"the address says port {address.port}",
                address.at(address.port),
                notes=(note,),
                hint=f"write {wanted}",
            )
