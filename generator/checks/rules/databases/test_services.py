"""The tests must connect to the database, cache and broker services of their job.

The host, port, user, password and database name in the URLs of the steps are compared with the `services` of the
job. A job that runs in a container reaches a service by its name, and every other job by localhost.

Why: the service container creates exactly the configured user and database, and GitHub maps exactly the
configured port. Anything else ends in "connection refused" after a minute of retries.

Bad:

    services: {postgres: {ports: ["5433:5432"]}}
    env: {DATABASE_URL: "postgresql://postgres:postgres@localhost:5432/test_db"}

Good:

    services: {postgres: {ports: ["5432:5432"]}}
    env: {DATABASE_URL: "postgresql://postgres:postgres@localhost:5432/test_db"}
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks import databases
from generator.checks.databases import Address, Beside
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.languages.github.expressions import OPENING
from generator.languages.node import Leaf
from generator.system.workflows import Job

CODE = "checks/test-services"
ADVICE = "docs.github.com, Communicating with Docker service containers"
_HOSTS = ("localhost", "127.0.0.1")
# What starts a program, or may: no service is needed for it.
_STARTS = frozenset("brew docker docker-compose initdb make pg_ctl podman service systemctl".split())


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    addresses = [each for each in databases.addresses(system) if each.is_test]
    jobs = [job for workflow in system.workflows for job in workflow.jobs]
    services = {(job.workflow.source, job.name): _services(job) for job in jobs}
    if not addresses and not any(services.values()):
        raise NotApplicableError("no test uses a database or cache")
    for job in jobs:
        own = services[job.workflow.source, job.name]
        for address in addresses:
            if address.source is job.workflow.source and OPENING not in address.text and _is_in(job, address):
                yield from _reaches(address, job, own)
        yield from _no_address(job) if own else ()
        for each in own:
            yield from _port(each)


def _services(job: Job) -> list[Beside]:
    """Return the services of a job whose image is that of a known database, cache or broker."""
    all_of_them = [
        Beside(job.node.map("services"), name, f"job {job.name}") for name in job.node.map("services")
    ]
    return [each for each in all_of_them if databases.product_of(each.image)]


def _no_address(job: Job) -> Iterator[Finding]:
    """Check that each variable that ends in `_URL` is a URL."""
    for holder in (job.node.map("env"), *(step.node.map("env") for step in job.steps)):
        for name in holder:
            text = holder.text(name)
            if name.endswith("_URL") and text and "://" not in text and OPENING not in text:
                message = f"{name} is {text}, expected a URL"
                hint = "use the form postgresql://USER:PASSWORD@localhost:5432/NAME"
                yield error(CODE, message, holder.at_key(name), hint=hint)


def _is_in(job: Job, address: Address) -> bool:
    texts = [step.node.map("env").text(name) for step in job.steps for name in step.node.map("env")]
    texts += [job.node.map("env").text(name) for name in job.node.map("env")]
    return address.text in texts


def _reaches(address: Address, job: Job, services: list[Beside]) -> Iterator[Finding]:
    named = next((each for each in services if each.name == address.host), None)
    if named is None and address.host not in _HOSTS:
        return
    port = address.port or address.product.ports[0]
    same = [each for each in services if databases.product_of(each.image) == address.product]
    service = named or next((each for each in same if port in _mapped(each)), same[0] if same else None)
    if service is None:
        if not (_has_unknown(job) or _starts(job)):
            name = address.product.key
            message = f"the step connects to {address.text}, but its job has no service {name}"
            yield warning(CODE, message, address.at(""), hint=f"add {name} to services of the job")
        return
    at = service.node.at
    wanted: list[tuple[str, str, dict[str, Span | None]]] = [("host", address.host, _hosts(job, service))]
    ports = _mapped(service)
    if "container" in job.node:
        ports = dict.fromkeys(_listens(service))
    elif not ports and "-p" not in service.node.text("options"):
        message = f"{service.what} maps no port: nothing listens on {address.host}:{port}"
        inner, notes = address.product.ports[0], (Note("the service", at),)
        hint = f'add ports: ["{inner}:{inner}"]'
        yield error(CODE, message, address.at(address.port), notes=notes, hint=hint)
    wanted += [("port", port, ports), *_login(address, service)]
    for what, text, there in wanted:
        if there and text not in there and not any(OPENING in each for each in there):
            yield _differs(address, what, text, there, service)


def _mapped(service: Beside) -> dict[str, Span | None]:
    """Return the ports of the runner that lead to a service."""
    return {leaf.text.partition(":")[0]: leaf.at for leaf in service.node.seq("ports").leaves()}


def _has_unknown(job: Job) -> bool:
    """Return whether what a service of the job runs cannot be known."""
    services = job.node.map("services")
    images = [services.text(name, "image") for name in services]
    return isinstance(job.node.get("services"), Leaf) or None in map(databases.product_of, images)


def _starts(job: Job) -> bool:
    """Return whether a step may start what another one connects to."""
    commands = [command for step in job.steps for command in step.script.commands]
    return any("/" in each.name or not _STARTS.isdisjoint(each.texts) for each in commands)


def _hosts(job: Job, service: Beside) -> dict[str, Span | None]:
    """Return the names by which a job reaches a service; none where it cannot be known."""
    container = job.node.get("container")
    if container is None:
        return {} if _starts(job) else dict.fromkeys(_HOSTS, service.node.at)
    is_known = isinstance(container, Leaf) or "network" not in job.node.text("container", "options")
    image = job.node.text("container") or job.node.text("container", "image")
    return {service.name: service.node.at} if is_known and image and OPENING not in image else {}


def _login(address: Address, service: Beside) -> Iterator[tuple[str, str, dict[str, Span | None]]]:
    """Yield what a service makes a login of at its first start, and what the address has."""
    env = service.node.map("env")
    if address.product.key == "postgres":
        user = env.text("POSTGRES_USER") or "postgres"
        yield "user", address.user, {user: env.at_key("POSTGRES_USER")}
        if env.text("POSTGRES_HOST_AUTH_METHOD") != "trust":
            password = {env.text("POSTGRES_PASSWORD"): env.at_key("POSTGRES_PASSWORD")}
            yield "password", address.password, dict(password)
        yield "database", address.name, {env.text("POSTGRES_DB") or user: env.at_key("POSTGRES_DB")}


def _differs(
    address: Address, what: str, text: str, there: dict[str, Span | None], service: Beside
) -> Finding:
    wanted, at = next(iter(there.items()))
    notes = (Note(f"{service.what} has {wanted}", at or service.node.at),)
    message = f"the step connects with the {what} {text}, but {service.what} has {wanted}"
    return error(CODE, message, address.at(text), notes=notes, hint=f"use {wanted}, or change {service.what}")


def _listens(service: Beside) -> tuple[str, ...]:
    """Return the ports that a service listens on; none where it cannot be known."""
    product = databases.product_of(service.image)
    command = f"{service.node.text('command')} {service.node.text('options')}"
    ports = databases.listens(product, service.node.map("env").texts(), command) if product else ()
    return (*ports, *product.others) if ports and product else ()


def _port(service: Beside) -> Iterator[Finding]:
    """Check that each mapping forwards to a port that the image listens on."""
    known = _listens(service)
    for leaf in service.node.seq("ports").leaves():
        inner = leaf.text.rpartition(":")[2].partition("/")[0]
        if known and inner not in known and OPENING not in leaf.text:
            message = f"the mapping forwards to port {inner}, but {service.image} listens on {known[0]}"
            notes = (Note("the image", service.node.at_key("image")),)
            hint = f"use {known[0]} as the port of the container"
            yield error(CODE, message, leaf.at, notes=notes, hint=hint)
