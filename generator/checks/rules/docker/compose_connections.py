"""A service of Compose must reach the database or service that it names, and with the right password.

Checked: addresses with `localhost` where another service is meant, services without a common network, passwords that
are not those of the database, and a password that the address of Redis lacks.

Why: in a container, `localhost` is the container itself. Services find each other by name, and only in a network that
both have (docs.docker.com, "Networking in Compose"). Images of databases take users and passwords from their own
variables (hub.docker.com, the pages of postgres, mysql, mariadb, mongo and rabbitmq).

Bad:

    app: {environment: {DATABASE_URL: "postgres://app@localhost:5432/app"}}      # and db is the database

Good:

    app: {environment: {DATABASE_URL: "postgres://app@db:5432/app"}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks import databases
from generator.checks.databases import Address
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.system.compose import ComposeFile, Service

CODE = "checks/compose-connections"
ADVICE = "docs.docker.com, Networking in Compose"
_LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?)?([A-Za-z0-9_-]+)(?::\d+)?(?:[/?]\S*)?")
_HOST_KEY = re.compile(r"(?:.*_)?(?:HOST|HOSTNAME|URL|URI|ADDR|ADDRESS|SERVER|SERVERS)")
_REDIS_PASSWORD = re.compile(r"--requirepass[ =]\S")


def check(context: Context) -> Iterator[Finding]:
    files = context.system.compose
    if not files:
        raise NotApplicableError("there is no Compose file")
    addresses = list(databases.addresses(context.system))
    for file in files:
        for address in addresses:
            if address.source is file.source:
                yield from _local(address, file)
                if service := file.parts.get(address.host):
                    yield from _password(address, service)
        for service in file.parts.values():
            yield from _networks(service, file)


def _local(address: Address, file: ComposeFile) -> Iterator[Finding]:
    """Yield a warning for an address of the container itself, where the database is another service."""
    holders = [
        each
        for each in file.parts.values()
        if any(address.text in value for value in each.settings.values())
        and each.node.text("network_mode") != "host"
    ]
    others = [each for each in file.parts.values() if databases.product_of(each.image) is address.product]
    is_own = any(each.name == other.name for each in holders for other in others)
    if address.host in _LOCAL and holders and others and not is_own:
        what = f"{others[0].name} runs {address.product.name}"
        message = f"the URL leads {holders[0].name} to its own container, and {what}"
        note = Note("the service", others[0].node.key_at)
        hint = f"write the host {others[0].name}"
        yield warning(CODE, message, address.at(address.host), notes=(note,), hint=hint)


def _password(address: Address, service: Service) -> Iterator[Finding]:
    """Yield an error for an address whose password is not the one of its user."""
    product, settings = databases.product_of(service.image), service.settings
    if product is None or product is not address.product:
        return
    note = Note("the service", service.node.key_at)
    for user, default, password in product.logins:
        name, wanted = settings.get(user, default), settings.get(password, "")
        differs = wanted and address.password and wanted != address.password
        if name == address.user and differs and not {"$", "%"} & {*wanted, *address.password}:
            message = f"the password of {name} in the URL is not {password} of {service.name}"
            yield error(
                CODE, message, address.at(address.password), notes=(note,), hint="use one variable for both"
            )
    if product.key == "redis" and _REDIS_PASSWORD.search(service.command) and not address.password:
        message = f"{service.name} requires a password, and the URL has none"
        at = address.at(address.host)
        yield error(CODE, message, at, notes=(note,), hint=f"write redis://:PASSWORD@{address.host}")


def _networks(service: Service, file: ComposeFile) -> Iterator[Finding]:
    """Yield an error for each service that a variable names, and that is in none of its networks."""
    if "network_mode" in service.node or "extends" in service.node:
        return
    for key, text in service.settings.items():
        found = _HOST.fullmatch(text) if _HOST_KEY.fullmatch(key) else None
        other = file.parts.get(found[1]) if found else None
        is_apart = (
            other is not None
            and not {"network_mode", "extends"} & {*other.node}
            and not {*service.networks} & {*other.networks}
        )
        if other and is_apart and not _aliases(file, service, other.name):
            message = f"{key} of {service.name} names {other.name}, and the two have no network in common"
            note = Note("its networks", _place(other))
            yield error(CODE, message, _place(service), notes=(note,), hint="put both into one network")


def _aliases(file: ComposeFile, service: Service, name: str) -> bool:
    """Return whether a name is also the alias of a service in a network of `service`."""
    texts = (
        each.node.seq("networks", network, "aliases").texts()
        for each in file.parts.values()
        for network in service.networks
    )
    return any(name in each for each in texts)


def _place(service: Service) -> Span:
    return service.node.key_place("networks") if "networks" in service.node else service.node.key_at
