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
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.node import Map
from generator.languages.source import Source
from generator.system import Component, System

CODE = "checks/compose"
_ENV_FILE = re.compile(r"^[ \t]*env_file[ \t]*:", re.MULTILINE)
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_]\w*)([:?+-]*)")
_URL_PORT = re.compile(r"https?://[^/\s:]+:(\d+)")
_URL = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/\S*)?")
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1):(\d+)")
_CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.compose:
        raise NotApplicableError("there is no Compose file")
    for file in system.compose:
        services = file.services
        for name in services:
            yield from _depends(services, name)
            yield from _build(system, services.map(name))
            yield from _ports(system, services, name)
            yield from _volumes(file.node, services.map(name))
        yield from _variables(system, file.source)
        yield from _addresses(system, services)
        yield from _health_checks(services)


def _health_checks(services: Map) -> Iterator[Finding]:
    """Yield an error for each health check without a valid test, and each local URL with an unpublished port."""
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
                f"the health check of {name} has no test",
                own.key_place("healthcheck"),
                hint="add test",
            )
        for leaf in own.seq("healthcheck", "test").leaves():
            if leaf.text.startswith("http") and not _URL.fullmatch(leaf.text):
                yield error(
                    CODE, f"{leaf.text} is not a valid URL", leaf.at, hint="write http://127.0.0.1:PORT/PATH"
                )
        for holder in (own.map("environment"), own.map("build", "args")):
            for key in holder:
                match = _LOCAL.match(holder.text(key))
                if match and published and match[1] not in published:
                    message = f"{key} uses port {match[1]} of localhost, which no service publishes"
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
            hint = nearest(each, list(services)) or f"write one of {', '.join(services)}"
            yield error(CODE, f"{name} depends on {each}, which does not exist", at, hint=hint)
            continue
        condition = wanted.map(each).text("condition")
        if condition and condition not in _CONDITIONS:
            yield error(
                CODE,
                f"unknown condition {condition}",
                wanted.map(each).at_key("condition"),
                hint=f"write {_CONDITIONS[1]}",
            )
        if condition == "service_healthy" and "healthcheck" not in services.map(each):
            note = Note("the service", services.key_place(each))
            message = f"{name} waits until {each} is healthy, but {each} has no health check"
            yield error(CODE, message, at, notes=(note,), hint=f"add a healthcheck to {each}")


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
        near = nearest(build.text("context") or service.text("build"), known)
        if not near:
            return
        hint = near
        yield error(
            CODE, f"{build.text('context') or service.text('build')} has no Dockerfile", at, hint=hint
        )


def _exposed(dockerfile: Dockerfile) -> dict[str, Span]:
    return {
        word: each.where(word)
        for each in dockerfile.final()
        if each.keyword == "EXPOSE"
        for word in each.texts
    }


def _ports(system: System, services: Map, name: str) -> Iterator[Finding]:
    """Yield an error for each mapping and health check with a port on which the image does not listen."""
    service = services.map(name)
    component = _component(system, service)
    known = _exposed(component.dockerfile) if component else {}
    for names in (POSTGRES, REDIS):
        if databases.is_image(service.text("image"), names):
            known = {_listen_port(service) or PORTS[names]: service.at_key("image")}
    ports = [
        (leaf.text.rpartition(":")[2].partition("/")[0], leaf.at) for leaf in service.seq("ports").leaves()
    ]
    test = service.seq("healthcheck", "test").leaves()
    ports += [(match[1], word.at) for word in test if (match := _URL_PORT.match(word.text))]
    pairs = itertools.pairwise(test)
    ports += [(port.text, port.at) for option, port in pairs if option.text in ("-p", "--port")]
    for port, at in ports:
        if known and port not in known and port.isdigit():
            notes = tuple(Note(f"its image listens on {each}", place) for each, place in known.items())
            yield error(
                CODE,
                f"{name} is accessed on port {port}, on which its image does not listen",
                at,
                notes=notes,
                hint=f"write {' or '.join(known)}",
            )


def _listen_port(service: Map) -> str:
    """Return the port that the service is configured to listen on, or an empty string."""
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
            yield error(CODE, f"the volume {name} is not declared", leaf.at, notes=notes, hint=hint)


def _variables(system: System, source: Source) -> Iterator[Finding]:
    example = next(
        (each for path, each in system.sources.items() if path.rpartition("/")[2] == ".env.example"), None
    )
    used = {match[1]: (match.start(), match[2]) for match in _VARIABLE.finditer(source.text)}
    if example is None:
        return
    declared = {
        line.partition("=")[0]: number
        for number, line in enumerate(example.lines, start=1)
        if re.match(r"[A-Za-z_]\w*=", line)
    }
    for name, (offset, operator) in used.items():
        if name not in declared and operator not in ("-", ":-"):
            note = Note("the example", example.span(1))
            hint = nearest(name, list(declared)) or f"add {name}= to {example.path}"
            yield error(
                CODE,
                f"{name} is missing from {example.path}",
                source.at(offset, len(name) + 2),
                notes=(note,),
                hint=hint,
            )
    if _ENV_FILE.search(source.text):  # its variables go into the container, all of them
        return
    for name, number in declared.items():
        if name not in used:
            note = Note("the Compose file", source.span(1))
            yield error(
                CODE,
                f"{source.path} does not use {name}",
                example.span(number),
                notes=(note,),
                hint=nearest(name, list(used)) or "remove it",
            )


def _addresses(system: System, services: Map) -> Iterator[Finding]:
    """Yield an error for each URL in the example whose host is not a service or whose port is wrong."""
    for address in databases.addresses(system):
        if address.is_test:
            continue
        names = POSTGRES if address.scheme.startswith("postgres") else REDIS
        own = services.map(address.host)
        if address.host not in services:
            hint = nearest(address.host, list(services)) or f"write one of {', '.join(services)}"
            yield error(
                CODE,
                f"the URL uses the host {address.host}, which is not a service",
                address.at(address.host),
                hint=hint,
            )
            continue
        wanted = _listen_port(own) or PORTS[names]
        if (address.port or PORTS[names]) != wanted:
            note = Note("the service", services.key_place(address.host))
            yield error(
                CODE,
                f"the URL uses port {address.port}, but {address.host} listens on {wanted}",
                address.at(address.port),
                notes=(note,),
                hint=f"write {wanted}",
            )
