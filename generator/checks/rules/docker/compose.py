"""The services of a Compose file must be consistent: dependencies, health checks, volumes, ports, and the
variables in `.env.example`.

Compose merges several files of a folder (`docker-compose.override.yml`, `-f a -f b`), so that what one of them leaves
out may be in another one.

Why: `depends_on` with `condition: service_healthy` never becomes true for a service without a health check. A
variable that is missing from `.env.example` is noticed only when somebody starts the service.

Bad:

    depends_on: {postgres: {condition: service_healthy}}         # and no healthcheck of postgres

Good:

    postgres: {healthcheck: {test: [CMD, pg_isready]}}
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple, Self

from generator.checks import databases
from generator.checks.cycles import cycles
from generator.checks.data import table, words
from generator.checks.databases import Address
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.node import Map, leaves
from generator.languages.source import Source
from generator.system import System
from generator.system.compose import ComposeFile, Port, Service
from generator.system.images import image_name

CODE = "checks/compose"
ADVICE = "docs.docker.com, Compose file reference; Dockerfile reference, EXPOSE"
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
        whole = _Merged.of(system, file)
        for name in services:
            yield from _depends(file, name, whole)
            yield from _build(system, file, name, whole)
            yield from _ports(system, file, name)
            yield from _volumes(services.map(name), whole)
        yield from _parts(file, whole)
        yield from _circles(file)
        yield from _published(file, whole)
        yield from _misspelt(file)
        yield from _passwords(file, whole)
        yield from _variables(system, file.source, whole)
        yield from _addresses(system, services)
        yield from _health_checks(services)
        yield from _env_files(system, file)


class _Merged(NamedTuple):
    """What Compose may merge a file with: the other files of its folder, and files that the tree does not have."""

    files: list[ComposeFile]
    is_partial: bool

    @classmethod
    def of(cls, system: System, file: ComposeFile) -> Self:
        files = [each for each in system.compose if each.folder == file.folder]
        name = posixpath.basename(file.source.path)
        is_more = name.count(".") > 1 or "override" in name  # compose.dev.yaml is for a second `-f`
        return cls(files, len(files) > 1 or is_more or "include" in file.node)

    def services(self) -> set[str]:
        return {name for each in self.files for name in each.services}

    def volumes(self) -> list[str]:
        return [name for each in self.files for name in each.node.map("volumes")]

    def has(self, name: str, *keys: str) -> bool:
        """Return whether a file has one of some keys of a service."""
        return any(key in each.services.map(name) for each in self.files for key in keys)


def _health_checks(services: Map) -> Iterator[Finding]:
    """Yield findings for health checks without a valid test, and for local URLs with an unpublished port."""
    published = {
        text.split(":")[-2]
        for name in services
        for text in services.seq(name, "ports").texts()
        if ":" in text
    }
    for name in services:
        own = services.map(name)
        check = own.map("healthcheck")
        is_off = check.value("disable") is True
        if "healthcheck" in own and not (is_off or check.text("test") or check.seq("test")):
            message = f"the health check of {name} has no test, so only one of its image is run"
            yield warning(CODE, message, own.key_place("healthcheck"), hint="add test")
        for leaf in own.seq("healthcheck", "test").leaves():
            if (
                leaf.text.startswith(("http://", "https://"))
                and "$" not in leaf.text
                and not _URL.fullmatch(leaf.text)
            ):
                hint = "write http://127.0.0.1:PORT/PATH"
                yield warning(CODE, f"{leaf.text} is not a valid URL", leaf.at, hint=hint)
        for holder in (own.map("environment"), own.map("build", "args")):
            for key in holder:
                match = _LOCAL.match(holder.text(key))
                if match and published and match[1] not in published:
                    message = f"{key} uses port {match[1]} of localhost, which no service publishes"
                    hint = f"write {' or '.join(sorted(published))}"
                    yield warning(CODE, message, holder.at_key(key), hint=hint)


def _depends(file: ComposeFile, name: str, whole: _Merged) -> Iterator[Finding]:
    services, own = file.services, file.services.map(name)
    wanted = own.map("depends_on")
    names = [(each, wanted.key_place(each)) for each in wanted] + [
        (leaf.text, leaf.at) for leaf in own.seq("depends_on").leaves()
    ]
    for each, at in names:
        if each not in services:
            near = nearest(each, list(services))
            if not (each in whole.services() or (whole.is_partial and not near)):
                hint = near or f"write one of {', '.join(services)}"
                yield error(CODE, f"{name} depends on {each}, which does not exist", at, hint=hint)
            continue
        condition = wanted.map(each).text("condition")
        if condition and condition not in _CONDITIONS and "$" not in condition:
            yield error(
                CODE,
                f"unknown condition {condition}",
                wanted.map(each).at_key("condition"),
                hint=f"write {_CONDITIONS[1]}",
            )
        if condition == "service_healthy" and _has_no_check(each, whole):
            note = Note("the service", services.key_place(each))
            message = f"{name} waits until {each} is healthy, but {each} has no health check"
            yield error(CODE, message, at, notes=(note,), hint=f"add a healthcheck to {each}")


def _has_no_check(name: str, whole: _Merged) -> bool:
    """Return whether a service has no health check: not in Compose, nor in its image, as far as that is known."""
    if whole.has(name, "healthcheck", "build", "extends"):
        return False
    images = [each.services.text(name, "image") for each in whole.files]
    return any(
        databases.product_of(image) and "mysql-server" not in image for image in images
    )  # which has one


def _is_above(system: System, file: ComposeFile, context: str) -> bool:
    """Return whether a folder above that of the Compose file has the context, for `--project-directory`."""
    folder = file.folder
    while folder:
        folder = posixpath.dirname(folder)
        path = posixpath.normpath(posixpath.join(folder, context))
        if path != "." and any(each.startswith(f"{path}/") for each in system.sources):
            return True
    return False


def _build(system: System, file: ComposeFile, name: str, whole: _Merged) -> Iterator[Finding]:
    service = file.services.map(name)
    keys = ("image", "build", "extends", "provider")
    is_whole = any(key in each.services.map(name) for each in system.compose for key in keys)
    if not is_whole and not whole.is_partial:
        yield error(CODE, "the service has neither an image nor a build", service.at, hint="add one of them")
    build = service.map("build")
    text = build.text("context") or service.text("build")
    context = posixpath.normpath(posixpath.join(file.folder, text))
    is_there = any(path.startswith(f"{context}/") for path in system.sources)
    known = [each.name for each in system.components]
    near = nearest(context, known) if text and not is_there else ""
    is_other = bool(known) and not text.startswith("..") and {*build} <= {"context", "target", "args"}
    if "build" in service and "$" not in text and context not in known and (near or is_other):
        if _is_above(system, file, text):
            return
        at = build.at_key("context") if build else service.at_key("build")
        message = f"{text or 'the folder of the Compose file'} has no Dockerfile"
        yield error_if(near, CODE, message, at, hint=near or f"build one of {', '.join(known)}")


def _exposed(dockerfile: Dockerfile) -> dict[str, Span]:
    return {
        word: each.where(word)
        for each in dockerfile.final()
        if each.keyword == "EXPOSE"
        for word in each.texts
    }


def _ports(system: System, file: ComposeFile, name: str) -> Iterator[Finding]:
    """Yield a finding for the port of a mapping or health check on which the image does not listen.

    A database listens on one port. Another program may listen on more than its image exposes, as for a debugger.
    """
    service = file.services.map(name)
    component = system.built_by(file, service)
    known = _exposed(component.dockerfile) if component else {}
    product = databases.product_of(service.text("image"))
    if product:
        own = Service(name, service)
        listens = databases.listens(product, own.settings, own.command)
        known = dict.fromkeys((*listens, *(product.others if listens else ())), service.at_key("image"))
    is_database = product is not None and "command" not in service and "entrypoint" not in service
    ports = [
        (leaf.text.rpartition(":")[2].partition("/")[0], leaf.at) for leaf in service.seq("ports").leaves()
    ]
    test = service.seq("healthcheck", "test").leaves()
    ports += [(match[1], word.at) for word in test if (match := _URL_PORT.match(word.text))]
    pairs = itertools.pairwise(test)
    ports += [(port.text, port.at) for option, port in pairs if option.text in ("-p", "--port")]
    is_right = any(port in known for port, _ in ports)
    for port, at in ports:
        if known and port not in known and port.isdigit() and (is_database or not is_right):
            notes = tuple(Note(f"its image listens on {each}", place) for each, place in known.items())
            message = f"{name} is accessed on port {port}, on which its image does not listen"
            is_closed = is_database and not is_right and not (product and product.others)
            yield error_if(is_closed, CODE, message, at, notes=notes, hint=f"write {' or '.join(known)}")


def _volumes(service: Map, whole: _Merged) -> Iterator[Finding]:
    known = whole.volumes()
    for leaf in service.seq("volumes").leaves():
        name, colon, _ = leaf.text.partition(":")
        is_path = name.startswith((".", "/", "~", "$")) or re.fullmatch("[A-Za-z]", name)
        if colon and name and not is_path and name not in known:
            near = nearest(name, known)
            if near or not whole.is_partial:
                hint = near or f"add {name}: to volumes"
                yield error(CODE, f"the volume {name} is not declared", leaf.at, hint=hint)


def _parts(file: ComposeFile, whole: _Merged) -> Iterator[Finding]:
    """Yield an error for a network, secret or configuration that is not declared, and for two ways into a network."""
    for name, service in file.parts.items():
        own = service.node
        for kind in ("networks", "secrets", "configs"):
            known = [each for other in whole.files for each in other.node.map(kind)]
            used = [(each, own.map(kind).key_place(each)) for each in own.map(kind)]
            used += [(leaf.text, leaf.at) for leaf in own.seq(kind).leaves()]
            used += [(each.text("source"), each.at) for each in own.seq(kind).maps()]
            for text, at in used:
                near = nearest(text, known)
                is_free = text in ("", "default", *known) or "$" in text or (whole.is_partial and not near)
                if not is_free:
                    message = f"the {kind.removesuffix('s')} {text} of {name} is not declared"
                    yield error(CODE, message, at, hint=near or f"add {text}: to {kind}")
        if own.text("network_mode") and "networks" in own:
            message = f"{name} has network_mode and networks, of which Compose takes one"
            yield error(CODE, message, own.at_key("network_mode"), hint="remove one of them")


def _circles(file: ComposeFile) -> Iterator[Finding]:
    needs = {name: [each for each in part.needs if each in file.parts] for name, part in file.parts.items()}
    for names in cycles(needs):
        at = file.services.key_place(names[0])
        message = f"the services {', '.join(names)} wait for each other"
        yield error(CODE, message, at, hint="remove one of the dependencies")


def _published(file: ComposeFile, whole: _Merged) -> Iterator[Finding]:
    """Yield an error for each port of the machine that two services publish which always run together."""
    seen: dict[tuple[str, str, str], tuple[str, Port]] = {}
    for name, part in file.parts.items():
        for port in () if whole.has(name, "profiles", "extends", "deploy", "scale") else part.ports:
            key = (port.address, port.published, port.protocol)
            other, first = seen.setdefault(key, (name, port))
            is_other = other != name or first.target != port.target
            if is_other and port.published.isdigit():
                who = f"{name} and {other} publish" if other != name else f"{name} publishes"
                message = f"{who} port {port.published} of the machine{'' if other != name else ' twice'}"
                notes = (Note("the first one", first.node.at),)
                hint = "publish another port, or leave it to Docker"
                yield error(CODE, message, port.node.at, notes=notes, hint=hint)


def _env_files(system: System, file: ComposeFile) -> Iterator[Finding]:
    """Yield a warning for each `env_file` that is not there, and that nothing shows to be made on the machine."""
    for name in file.services:
        service = file.services.map(name)
        single = service.leaf("env_file")
        listed = [*((single,) if single else ()), *service.seq("env_file").leaves()]
        needed = (each for each in service.maps("env_file") if each.value("required") is not False)
        listed += filter(None, (each.leaf("path") for each in needed))
        for leaf in listed:
            path = posixpath.normpath(posixpath.join(file.folder, leaf.text))
            if "$" in leaf.text or path.startswith(("/", "../", "~")) or _may_be_made(system, path):
                continue
            folder = posixpath.dirname(path)
            beside = [each for each in system.sources if posixpath.dirname(each) == folder]
            hint = nearest(path, beside) or "add it, or write path: and required: false"
            yield warning(CODE, f"{name} reads {leaf.text}, which does not exist", leaf.at, hint=hint)


def _may_be_made(system: System, path: str) -> bool:
    """Return whether a file is there, is one that is not committed by custom, or is named in another file."""
    name = posixpath.basename(path)
    if path in system.sources or name == ".env" or system.is_ignored(path):
        return True
    has_example = any(posixpath.basename(each).startswith(name) for each in system.sources)
    others = (each.text for each in system.sources.values() if each.language != "compose")
    return has_example or any(name in text for text in others)


def _misspelt(file: ComposeFile) -> Iterator[Finding]:
    """Yield an error for a key of a service that Compose does not know, but that is written like one of its keys."""
    known = words(table("compose")["keys"])
    for name in file.services:
        for key in (service := file.services.map(name)):
            near = "" if key in known or key.startswith("x-") or key == "<<" else nearest(key, sorted(known))
            if near:
                yield error(CODE, f"{name} has no key {key} in Compose", service.key_place(key), hint=near)


def _passwords(file: ComposeFile, whole: _Merged) -> Iterator[Finding]:
    """Yield a warning for a database whose image creates nothing without a password."""
    passwords = table("compose")["passwords"]
    for name, part in file.parts.items():
        image = image_name(part.image)
        product = image.repository.removeprefix("library/")
        keys = passwords.get(product, "").split() if image.registry in ("", "docker.io") else []
        given = [*part.node.map("environment")]
        given += [text.partition("=")[0] for text in part.node.seq("environment").texts()]
        is_set = any(each.removesuffix("_FILE") in keys for each in given)
        is_elsewhere = whole.is_partial or whole.has(name, "env_file", "extends", "entrypoint")
        if keys and not (is_set or is_elsewhere):
            message = (
                f"{name} does not set {keys[0]}, without which {product} does not start on an empty volume"
            )
            yield warning(CODE, message, part.node.at_key("image"), hint=f"set {keys[0]} from a variable")


def _variables(system: System, source: Source, whole: _Merged) -> Iterator[Finding]:
    """Yield a warning for each variable that only one of a Compose file and the example beside it has.

    Another Compose file may use a variable of the example, and so may a program, where these use few of them.
    """
    example = system.sources.get(posixpath.join(posixpath.dirname(source.path), ".env.example"))
    if example is None:
        return
    used = {match[1]: (match.start(), match[2]) for match in _VARIABLE.finditer(source.text)}
    declared = {
        line.partition("=")[0]: number
        for number, line in enumerate(example.lines, start=1)
        if re.match(r"[A-Za-z_]\w*=", line)
    }
    for name, (offset, operator) in used.items():
        if name not in declared and not operator.endswith(("-", "+")):
            note = Note("the example", example.span(1))
            hint = nearest(name, list(declared)) or f"add {name}= to {example.path}"
            at = source.at(offset, len(name) + 2)
            yield warning(CODE, f"{name} is missing from {example.path}", at, notes=(note,), hint=hint)
    # By `env_file`, all of its variables go into the container. What no file uses is reported once.
    if _ENV_FILE.search(source.text) or source is not whole.files[0].source:
        return
    texts = (each.source.text for each in whole.files)
    anywhere = {match[1] for text in texts for match in _VARIABLE.finditer(text)}
    is_for_compose = _is_named(source) and 2 * len(anywhere & {*declared}) >= len(declared)
    for name, number in declared.items():
        near = nearest(name, [each for each in anywhere if each not in declared])
        if name not in anywhere and (near or is_for_compose):
            note = Note("the Compose file", source.span(1))
            message = f"{source.path} does not use {name}"
            hint = near or "remove it"
            yield warning(CODE, message, example.span(number), notes=(note,), hint=hint)


def _is_named(source: Source) -> bool:
    """Return whether a Compose file uses variables without braces nowhere, so that those it uses are known."""
    return re.search(r"(?<!\$)\$[A-Za-z_]", source.text) is None


def _is_of_network(host: str) -> bool:
    """Return whether a host can only be one of the network of Compose."""
    return bool(host) and host != "localhost" and not {".", ":", "$"} & set(host)


def _addresses(system: System, services: Map) -> Iterator[Finding]:
    """Yield a finding for each address whose host is written like a service, or which the service does not serve."""
    for address in databases.addresses(system):
        if not _is_of(address.source, services):
            continue
        if address.host in services:
            yield from _served(address, Service(address.host, services.map(address.host)))
            continue
        near = nearest(address.host, list(services))
        if near or _is_of_network(address.host):
            message = f"the URL uses the host {address.host}, which is not a service"
            hint = near or f"write one of {', '.join(services)}"
            yield warning(CODE, message, address.at(address.host), hint=hint)


def _is_of(source: Source, services: Map) -> bool:
    """Return whether the programs of a Compose file read a file: their own, one in its folder, or a named one."""
    if source.language != "dotenv":
        return source is services.source
    folder = posixpath.dirname(services.source.path)
    named = (leaf.text for name in services for leaf in leaves(services.map(name).get("env_file")))
    return posixpath.dirname(source.path) == folder or source.path in (
        posixpath.normpath(posixpath.join(folder, each)) for each in named
    )


def _served(address: Address, service: Service) -> Iterator[Finding]:
    """Yield a finding where a service is another product, listens on another port, or has another database."""
    own, wanted = databases.product_of(service.image), address.product
    if own is None:
        return
    note, host = Note("the service", service.node.key_at), address.host
    if own is not wanted:
        message = f"the URL is one of {wanted.name}, but {host} runs {own.name}"
        hint = f"write {own.schemes[0]}://, or the service that runs {wanted.name}"
        yield error(CODE, message, address.at(address.scheme), notes=(note,), hint=hint)
        return
    settings = service.settings
    ports = databases.listens(own, settings, service.command)
    if ports and (address.port or own.ports[0]) not in ports:
        message = f"the URL uses port {address.port or own.ports[0]}, but {host} listens on {' and '.join(ports[:1])}"
        yield error(CODE, message, address.at(address.port), notes=(note,), hint=f"write {ports[0]}")
    made = next((settings[name] for name in own.creates if settings.get(name)), "")
    has_more = any("initdb" in each.target for each in service.mounts)
    is_literal = "$" not in f"{address.name}{made}" and bool(address.name)
    if made and is_literal and address.name != made and not has_more:
        message = f"the URL uses the database {address.name}, but {host} creates {made}"
        yield warning(CODE, message, address.at(address.name), notes=(note,), hint=f"write {made}")
