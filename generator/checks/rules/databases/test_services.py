"""The tests must connect to the database and cache services of their job.

The user, password, database name and port in the URLs of the steps are compared with the `services` of the
job.

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
from generator.checks.databases import PORTS, POSTGRES, REDIS, Address, Beside
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error
from generator.system.workflows import Job

CODE = "checks/test-services"
_HOSTS = ("localhost", "127.0.0.1")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    addresses = [each for each in databases.addresses(system) if each.is_test]
    services = [each for names in (POSTGRES, REDIS) for each in databases.beside(system, names) if each.job]
    if not addresses and not services:
        raise NotApplicableError("no test uses a database or cache")
    for workflow in system.workflows:
        for job in workflow.jobs:
            own = [each for each in services if each.job is not None and each.job.node is job.node]
            for address in addresses:
                if address.source is workflow.source and _is_in(job, address):
                    yield from _reaches(address, own)
            yield from _no_address(job) if own else ()
            for each in own:
                yield from _port(each)


def _no_address(job: Job) -> Iterator[Finding]:
    """Check that each variable that ends in `_URL` is a URL."""
    for holder in (job.node.map("env"), *(step.node.map("env") for step in job.steps)):
        for name in holder:
            text = holder.text(name)
            if name.endswith("_URL") and text and "://" not in text and "${{" not in text:
                message = f"{name} is {text}, expected a URL"
                yield error(
                    CODE,
                    message,
                    holder.at_key(name),
                    hint="use the form postgresql://USER:PASSWORD@localhost:5432/NAME",
                )


def _is_in(job: Job, address: Address) -> bool:
    texts = [step.node.map("env").text(name) for step in job.steps for name in step.node.map("env")]
    texts += [job.node.map("env").text(name) for name in job.node.map("env")]
    return address.text in texts


def _reaches(address: Address, services: list[Beside]) -> Iterator[Finding]:
    names = POSTGRES if address.scheme.startswith("postgres") else REDIS
    service = next((each for each in services if databases.is_image(each.image, names)), None)
    if service is None:
        message = f"the step connects to {address.text}, but its job has no service {names[0]}"
        yield error(CODE, message, address.at(""), hint=f"add {names[0]} to services of the job")
        return
    ports = {leaf.text.partition(":")[0]: leaf.at for leaf in service.node.seq("ports").leaves()}
    env = service.node.map("env")
    user = env.text("POSTGRES_USER") or "postgres"
    wanted = [
        (
            "host",
            address.host,
            {_HOSTS[0]: service.node.at} if address.host not in _HOSTS else {address.host: None},
        ),
        ("port", address.port or PORTS[names], ports),
    ]
    if names == POSTGRES:
        wanted += [
            ("user", address.user, {user: env.at_key("POSTGRES_USER")}),
            ("password", address.password, {env.text("POSTGRES_PASSWORD"): env.at_key("POSTGRES_PASSWORD")}),
            ("database", address.name, {env.text("POSTGRES_DB") or user: env.at_key("POSTGRES_DB")}),
        ]
    if not ports and address.host in _HOSTS:
        note = Note("the service", service.node.at)
        message = f"{service.what} maps no port: nothing listens on {address.host}:{address.port}"
        yield error(
            CODE,
            message,
            address.at(address.port),
            notes=(note,),
            hint=f'add ports: ["{PORTS[names]}:{PORTS[names]}"]',
        )
    for what, text, there in wanted:
        if text not in there and there:
            yield _differs(address, what, text, dict(there), service)


def _differs(
    address: Address, what: str, text: str, there: dict[str, Span | None], service: Beside
) -> Finding:
    wanted, at = next(iter(there.items()))
    notes = (Note(f"{service.what} has {wanted}", at or service.node.at),)
    message = f"the step connects with the {what} {text}, but {service.what} has {wanted}"
    return error(CODE, message, address.at(text), notes=notes, hint=f"use {wanted}, or change {service.what}")


def _port(service: Beside) -> Iterator[Finding]:
    """Check that each mapping forwards to the port that the image listens on."""
    names = POSTGRES if databases.is_image(service.image, POSTGRES) else REDIS
    for leaf in service.node.seq("ports").leaves():
        inner = leaf.text.rpartition(":")[2].partition("/")[0]
        if inner != PORTS[names]:
            message = f"the mapping forwards to port {inner}, but {service.image} listens on {PORTS[names]}"
            note = Note("the image", service.node.at_key("image"))
            yield error(
                CODE, message, leaf.at, notes=(note,), hint=f"use {PORTS[names]} as the port of the container"
            )
