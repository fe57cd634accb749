"""A volume of a database must hold its data directory, and of PostgreSQL in the cluster a folder above it.

Checked: official images, and those that are made from them.

Why: without a volume at its data directory, a database writes into its container, and starts empty after the next
update. A new EBS volume contains `lost+found`, so that `initdb` rejects its top folder, and the database does not
start. PostgreSQL 18 keeps its data in `/var/lib/postgresql/18/docker`, and its image refuses to start with a volume
at the old place (hub.docker.com, postgres, PGDATA; docker-library/postgres, docker-entrypoint.sh).

Bad:

    volumeMounts: [{name: storage, mountPath: /var/lib/postgresql/data}]

Good:

    env: [{name: PGDATA, value: /var/lib/postgresql/data/pgdata}]
    volumeMounts: [{name: storage, mountPath: /var/lib/postgresql/data}]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from generator.checks import databases
from generator.checks.databases import POSTGRES, Product
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.system import Container
from generator.system.compose import Service
from generator.system.images import image_name

CODE = "checks/data-directory"
ADVICE = "hub.docker.com, the pages of postgres, mysql, mariadb, mongo, redis and rabbitmq"
_DEFAULT = "/var/lib/postgresql/data"
_SINCE_18 = "/var/lib/postgresql"
_VERSION = re.compile(r"^(?:pg)?(\d+)|-pg(\d+)")
_OFFICIAL = re.compile(
    r"(?:library/)?[a-z]+|postgis/postgis|pgvector/pgvector|timescale/timescaledb|valkey/valkey|clickhouse/clickhouse-server"
)
_MOVED = re.compile(r"dir|dbpath|data|config", re.IGNORECASE)  # a command that may name another folder
_OTHER = re.compile(
    r"init|conf|back|dump|log|run|tmp|cert|ssl|plugin|script|export|import|secret", re.IGNORECASE
)


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    running = [(each, found) for each in system.containers if (found := databases.product_of(each.image))]
    if not running and not system.compose:
        raise NotApplicableError("no database runs in the cluster")
    for container, product in running:
        yield from _in_cluster(container, product)
    for file in system.compose:
        for service in file.parts.values():
            own = databases.product_of(service.image)
            if own and "extends" not in service.node:
                yield from _in_compose(service, own)


def _in_compose(service: Service, product: Product) -> Iterator[Finding]:
    node = service.node
    mounts = {each.target: each.node.at for each in service.mounts}
    named = {each.target: each.node.at for each in service.mounts if each.kind == "volume" and each.source}
    if "entrypoint" not in node and "env_file" not in node:
        yield from _kept(
            service.name, service.image, product, service.settings, service.command, mounts, named
        )


def _kept(
    what: str,
    image: str,
    product: Product,
    settings: Mapping[str, str],
    command: str,
    mounts: Mapping[str, Span],
    named: Mapping[str, Span],
) -> Iterator[Finding]:
    """Yield a finding where no mount holds the data directory, for each of `named`, the mounts that last."""
    name = image_name(image)
    is_official = name.registry in ("", "docker.io") and _OFFICIAL.fullmatch(name.repository)
    if not (is_official and product.data) or _MOVED.search(command) or any("$" in each for each in mounts):
        return
    folder = product.data
    if product.key == "postgres":
        found = _VERSION.search(name.tag)
        major = int(found[1] or found[2]) if found else 0
        folder = settings.get("PGDATA", "")
        if not folder and major >= 18 and _DEFAULT in mounts:
            message = f"{what} has a volume at {_DEFAULT}, with which PostgreSQL {major} does not start"
            yield error(CODE, message, mounts[_DEFAULT], hint=f"mount it at {_SINCE_18}")
            return
        folder = folder or (f"{_SINCE_18}/{major}/docker" if major >= 18 else _DEFAULT)
        is_unsure = not major and any(each.startswith(_SINCE_18) for each in mounts)
        if is_unsure or "$" in folder:
            return
    is_kept = any(f"{folder.rstrip('/')}/".startswith(f"{each.rstrip('/')}/") for each in mounts)
    for path, at in named.items() if not is_kept else ():
        if not _OTHER.search(path):
            message = f"{what} has a volume at {path}, but {product.name} keeps its data in {folder}"
            yield warning(CODE, message, at, hint=f"mount it at {folder}")


def _in_cluster(container: Container, product: Product) -> Iterator[Finding]:
    settings = {name: entry.text("value") or "$" for name, entry in container.environment.items()}
    texts = [leaf.text for key in ("command", "args") for leaf in container.node.seq(key).leaves()]
    mounts = {
        each.text("mountPath").rstrip("/"): each.at_key("mountPath")
        for each in container.node.maps("volumeMounts")
    }
    kept = _claimed(container)
    named = {path: at for path, at in mounts.items() if path in kept}
    if not (container.ends or "envFrom" in container.node):
        yield from _kept(container.what, container.image, product, settings, " ".join(texts), mounts, named)
    if databases.is_image(container.image, POSTGRES):
        for path, at in kept.items():
            yield from _below(container, path, at)


def _claimed(container: Container) -> dict[str, Span]:
    """Return where a container mounts claims, whole ones."""
    volumes, spec = container.workload.pod_spec.maps("volumes"), container.workload.spec
    kept = {volume.text("name") for volume in volumes if "persistentVolumeClaim" in volume}
    kept |= {claim.text("metadata", "name") for claim in spec.maps("volumeClaimTemplates")}
    return {
        mount.text("mountPath").rstrip("/"): mount.at_key("mountPath")
        for mount in container.node.maps("volumeMounts")
        if mount.text("name") in kept and "subPath" not in mount
    }


def _below(container: Container, path: str, at: Span) -> Iterator[Finding]:
    entry = container.environment.get("PGDATA")
    folder = entry.text("value").rstrip("/") if entry else _DEFAULT
    found = _VERSION.search(image_name(container.image).tag)
    is_new = found is not None and int(found[1] or found[2]) >= 18 and not entry
    if is_new or folder not in ("", path):
        return
    place = entry.at_key("value") if entry else at
    setting = f"PGDATA is {folder or 'empty'}" if entry else f"PGDATA is not set and defaults to {folder}"
    wanted = f"expected a folder below {path}, where the volume is mounted"
    message = f"{setting}, {wanted}"
    note = Note("the volume is mounted here", at)
    yield error(CODE, message, place, notes=(note,), hint=f"set PGDATA to {path}/pgdata")
