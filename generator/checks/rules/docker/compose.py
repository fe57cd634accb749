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

from generator.checks import databases as stores
from generator.checks.databases import PORTS, POSTGRES, REDIS
from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.source import Source
from generator.system.former import Component, Parsed
from generator.system.former.nodes import Map
from generator.values.layers import Values

CODE = "checks/compose"
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_]\w*)([:?+-]*)")
_URL_PORT = re.compile(r"https?://[^/\s:]+:(\d+)")
_URL = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/\S*)?")
_LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1):(\d+)")
_CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    if not tree.compose:
        raise NotApplicable("there is no Compose file")
    for source, document in tree.compose:
        services = document.sub("services")
        for name in services:
            yield from _depends(services, name)
            yield from _build(tree, services.sub(name))
            yield from _ports(tree, services, name)
            yield from _volumes(document, services.sub(name))
        yield from _variables(tree, source)
        yield from _addresses(tree, services)
        yield from _local(services)


def _local(services: Map) -> Iterator[Finding]:
    """An address of this machine leads to a port that some service publishes; a health check says what it runs."""
    published = {
        text.split(":")[-2]
        for name in services
        for text, _ in services.sub(name).listed("ports").texts()
        if ":" in text
    }
    for name in services:
        own = services.sub(name)
        if "healthcheck" in own and not own.sub("healthcheck").get("test"):
            yield error(
                CODE, f"the health check of {name} runs nothing", own.key_at("healthcheck"), hint="add test"
            )
        test = [
            (text, at)
            for text, at in own.sub("healthcheck").listed("test").texts()
            if text.startswith("http")
        ]
        for text, at in test:
            if not _URL.fullmatch(text):
                yield error(CODE, f"{text} is no address", at, hint="write http://127.0.0.1:PORT/PATH")
        for holder in (own.sub("environment"), own.sub("build", "args")):
            for key in holder:
                found = _LOCAL.match(holder.text(key))
                if found and published and found[1] not in published:
                    message = f"{key} leads to port {found[1]} of this machine, which no service publishes"
                    yield error(CODE, message, holder.at(key), hint=f"write {' or '.join(sorted(published))}")


def _depends(services: Map, name: str) -> Iterator[Finding]:
    own = services.sub(name)
    wanted = own.sub("depends_on")
    names = [(each, wanted.key_at(each)) for each in wanted] + list(own.listed("depends_on").texts())
    for each, at in names:
        if each not in services:
            hint = nearest(each, list(services)) or f"there are {', '.join(services)}"
            yield error(CODE, f"{name} depends on {each}, and no service is called so", at, hint=hint)
            continue
        condition = wanted.sub(each).text("condition")
        if condition and condition not in _CONDITIONS:
            yield error(
                CODE,
                f"there is no condition {condition}",
                wanted.sub(each).at("condition"),
                hint=f"write {_CONDITIONS[1]}",
            )
        if condition == "service_healthy" and "healthcheck" not in services.sub(each):
            note = Note("the service", services.key_at(each))
            message = f"{name} waits until {each} is healthy, and nothing says when it is"
            yield error(CODE, message, at, notes=(note,), hint=f"give {each} a healthcheck")


def _component(tree: Parsed, service: Map) -> Component | None:
    context = service.sub("build").text("context") or service.text("build")
    return next(
        (each for each in tree.components if each.name == context.removeprefix("./").rstrip("/")), None
    )


def _build(tree: Parsed, service: Map) -> Iterator[Finding]:
    if "build" not in service:
        if "image" not in service:
            yield error(
                CODE, "the service has neither an image nor a build", service.here(), hint="add one of them"
            )
        return
    build = service.sub("build")
    if tree.components and _component(tree, service) is None:
        at = build.at("context") if build else service.at("build")
        known = [f"./{each.name}" for each in tree.components]
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


def _ports(tree: Parsed, services: Map, name: str) -> Iterator[Finding]:
    """Mappings and health checks are about the port that the image listens on."""
    service = services.sub(name)
    component = _component(tree, service)
    known = _exposed(component.dockerfile) if component else {}
    for names in (POSTGRES, REDIS):
        if stores.is_image(service.text("image"), names):
            known = {_told(service) or PORTS[names]: service.at("image")}
    asked = [(text.rpartition(":")[2].partition("/")[0], at) for text, at in service.listed("ports").texts()]
    test = list(service.sub("healthcheck").listed("test").texts())
    asked += [(found[1], at) for text, at in test if (found := _URL_PORT.match(text))]
    asked += [
        (port, at) for (option, _), (port, at) in itertools.pairwise(test) if option in ("-p", "--port")
    ]
    for port, at in asked:
        if known and port not in known and port.isdigit():
            notes = tuple(Note(f"its image listens on {each}", place) for each, place in known.items())
            yield error(
                CODE, f"{name} is asked on port {port}", at, notes=notes, hint=f"write {' or '.join(known)}"
            )


def _told(service: Map) -> str:
    """Return the port that the service is told to listen on, or nothing."""
    words = [text for text, _ in service.listed("command").texts()]
    named = [port for option, port in itertools.pairwise(words) if option == "--port"]
    return service.sub("environment").text("PGPORT") or (named[0] if named else "")


def _volumes(document: Map, service: Map) -> Iterator[Finding]:
    known = document.sub("volumes")
    for text, at in service.listed("volumes").texts():
        name = text.partition(":")[0]
        if name and not name.startswith((".", "/", "~", "$")) and name not in known:
            notes = tuple(Note(f"there is {each}", known.key_at(each)) for each in known)
            hint = nearest(name, list(known)) or f"add {name}: to volumes"
            yield error(CODE, f"no volume is called {name}", at, notes=notes, hint=hint)


def _variables(tree: Parsed, source: Source) -> Iterator[Finding]:
    example = next(
        (each for path, each in tree.sources.items() if path.rpartition("/")[2] == ".env.example"), None
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
                hint=nearest(name, list(used)) or "take it out",
            )


def _addresses(tree: Parsed, services: Map) -> Iterator[Finding]:
    """Addresses in the example lead to services of Compose, on the ports that they have."""
    for address in stores.addresses(tree):
        if address.is_test:
            continue
        names = POSTGRES if address.scheme.startswith("postgres") else REDIS
        own = services.sub(address.host)
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
            note = Note(f"it listens on {wanted}", services.key_at(address.host))
            yield error(
                CODE,
                f"the address says port {address.port}",
                address.at(address.port),
                notes=(note,),
                hint=f"write {wanted}",
            )
