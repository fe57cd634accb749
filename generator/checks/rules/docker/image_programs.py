"""A command must be a program that the image has.

Checked: what `RUN` and `HEALTHCHECK` start, and the commands, probes, hooks and health checks of containers: the
package manager of another distribution, a shell in an image without one, and programs that small images lack:
`bash`, `curl`, `git`, `wget`, `useradd`. What an earlier line installs or copies is there; a script that asks what
there is, is left alone.

Why: the build ends with `not found`. A health check or probe with a missing program fails each time, so that the
container is never healthy, and is restarted again and again.

Bad:

    FROM node:24-alpine
    HEALTHCHECK CMD curl -f http://localhost:3000/ || exit 1

Good:

    FROM node:24-alpine
    HEALTHCHECK CMD wget -q -O /dev/null http://localhost:3000/ || exit 1
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from generator.checks.data import table, words
from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error_if
from generator.findings.record import record
from generator.languages.dockerfile.instructions import Dockerfile, Instruction, Stage
from generator.languages.shell.options import is_shell, shell_program
from generator.languages.shell.read import parse
from generator.system import Component, Container
from generator.system.compose import Service
from generator.system.images import image_name
from generator.system.kubernetes import PROBES

CODE = "checks/image-programs"
ADVICE = "github.com/docker-library/official-images"
_OFFICIAL = re.compile(r"(?:docker\.io/|public\.ecr\.aws/docker/)?(?:library/)?([\w-]+)(?::.*)?")
_WINDOWS = re.compile(r"nanoserver|windowsservercore")
_ASKS = re.compile(r"\|\||\b(?:command -v|hash|which|type|if)\b")  # whether a program is there
_INSTALLS = re.compile(
    r"\b(?:apk\s+add|(?:apt|apt-get|aptitude|dnf|microdnf|yum|rpm|dpkg)\b.*\s(?:install|-i))\b"
)
_MADE = (
    r"(?:\s-[oO]|>|\b(?:ln|cp|mv|install|tee))\s[^\n;&]*/"  # before the name of a file that a command makes
)
_PROGRAM_FOLDERS = re.compile(r"/(?:$|(?:usr/)?(?:local/)?s?bin\b)|/usr(?:/local)?/?$")
_MANAGERS = frozenset("apk apt apt-get aptitude dnf microdnf yum".split())
_ANYTHING = "*"


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not (system.dockerfiles or system.containers or system.compose):
        raise NotApplicableError("there are no images and no containers")
    for dockerfile in system.dockerfiles:
        for stage in dockerfile.stages:
            yield from _stage(dockerfile, stage)
    for file in system.compose:
        for name, service in file.parts.items():
            if file.services.map(name):
                yield from _service(service, system.built_by(file, service.node))
    built = {
        id(container.node): _final(component)
        for component in system.components
        if component.dockerfile.stages
        for container in component.containers
    }
    for container in system.containers:
        yield from _container(container, built.get(id(container.node), _Image(container.image)))


@record
class _Image:
    """An image, and the lines of its Dockerfile that may have added programs to it."""

    name: str
    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, dockerfile: Dockerfile, stage: Stage, until: Instruction | None = None) -> _Image:
        """Return the image of a stage, after its instruction `until`."""
        base, lines = dockerfile.lineage(stage)[-1], []
        for each in dockerfile.built(stage):
            if each.keyword == "RUN":
                lines.append("\n".join((each.arguments, *(one.body.text for one in each.heredocs))))
            elif each.keyword in ("COPY", "ADD"):
                lines += _copied(each)
            if each is until:
                break
        return cls("" if base.start.flag("platform").startswith("windows") else base.image, tuple(lines))

    def lacks(self, program: str) -> str:
        """Return the command that adds a program which the image lacks, "-" if none does; "" if it may have it."""
        name = posixpath.basename(program)
        added = _data()["packages"].get(name, name)
        if _ANYTHING in self.lines or any(_mentions(line, name, added) for line in self.lines):
            return ""
        if self._has_no_shell:
            return "-" if is_shell(name) else ""
        kind, image = _distribution(self.name)
        if not kind or ("/" in program and posixpath.dirname(program) not in ("/bin", "/usr/bin")):
            return ""
        row = _data()["distributions"][kind]
        if name in words(row["lacks"]):
            return f"{row['adds']} {added}" if name in _data()["packages"] else "-"
        return f"{row['adds']} {added}" if image in _without(name, kind, self.name) else ""

    @property
    def _has_no_shell(self) -> bool:
        names = _data()["without_shell"].split()
        return any(self.name.startswith(each) for each in names) and "debug" not in self.name


def _copied(each: Instruction) -> list[str]:
    """Return the copies of a `COPY` to folders of programs, as shell code; one that may bring any program is `*`."""
    *sources, target = each.texts or [""]
    if not _PROGRAM_FOLDERS.match(target):
        return []
    if target.rstrip("/") in ("", "/usr", "/usr/local"):
        return [_ANYTHING]
    names = [
        posixpath.basename(source) for source in (sources if target.endswith(("/", "bin")) else [target])
    ]
    return [
        _ANYTHING if name in ("", ".", "bin", "sbin") or "*" in name else f"cp x /{name}" for name in names
    ]


@cache
def _data() -> dict[str, Any]:
    return table("base-images")


def _mentions(line: str, name: str, package: str) -> bool:
    """Return whether a line of `RUN` installs a package, or may: by a variable, or by a file of that name."""
    installs = _INSTALLS.search(line)
    if (
        installs
        and name not in _MANAGERS
        and re.search(rf"[\s\"'](?:{re.escape(package)}\b|[$@])", line[installs.start() :])
    ):
        return True
    return re.search(rf"{_MADE}{re.escape(name)}\b", line) is not None


def _distribution(image: str) -> tuple[str, str]:
    """Return the distribution of an official image, and its short name; "" where they are not known."""
    found = _OFFICIAL.fullmatch(image)
    if not found or _WINDOWS.search(image):
        return "", ""
    tag = image_name(image).tag
    tags = set(re.split(r"[-.$\d{}:@]+", tag))
    for kind, row in _data()["distributions"].items():
        if tags & words(row["tags"]):
            return kind, found[1]
    kinds = (kind for kind, row in _data()["distributions"].items() if found[1] in words(row["images"]))
    return ("", "") if "$" in tag else (next(kinds, ""), found[1])


def _without(program: str, kind: str, image: str) -> frozenset[str]:
    """Return the short names of the images of a distribution that lack a program."""
    row = _data()["programs"].get(program, {})
    small = words(row.get("slim", "")) if "slim" in image else frozenset()
    return words(row.get(kind, "")) | small


def _stage(dockerfile: Dockerfile, stage: Stage) -> Iterator[Finding]:
    for each in stage.instructions:
        image = _Image.of(dockerfile, stage, each)
        if each.keyword == "RUN" and each.is_json:
            yield from _said(image, each.texts[:1], each.at, stage.start, is_build=True)
        elif each.keyword == "RUN":
            programs = (
                [] if _ASKS.search(each.script.text) else [command.name for command in each.script.commands]
            )
            yield from _said(image, ["sh", *programs], each.at, stage.start, is_build=True)
        elif each.keyword == "SHELL":
            yield from _said(image, each.texts[:1], each.at, stage.start, is_build=True)
        elif each.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK") and stage is dockerfile.stages[-1]:
            yield from _said(_Image.of(dockerfile, stage), _started(each.command), each.at, stage.start)


def _started(texts: Sequence[str]) -> list[str]:
    """Return the programs that words start: the first, and those in the code that a shell among them is given."""
    at = shell_program(texts)
    if at is None:
        return [*texts[:1]]
    first = texts[at].partition("||")[0]  # what follows is for the case that it fails
    inner = [] if _ASKS.search(first) else [command.name for command in parse(first).commands]
    return [texts[0], *inner]


def _service(service: Service, component: Component | None) -> Iterator[Finding]:
    """Yield a finding for the health check of a service of Compose."""
    node, test = service.node, service.node.map("healthcheck")
    target = node.text("build", "target")
    image = _final(component, target) if component else _Image("" if "build" in node else service.image)
    if "test" in test:
        yield from _said(image, _started(service.health_check), test.at_key("test"), None)


def _final(component: Component, target: str = "") -> _Image:
    """Return the image of a Dockerfile: that of its last stage, or of the one with a name."""
    stages = component.dockerfile.stages
    stage = next((each for each in stages if each.name == target), stages[-1])
    return _Image.of(component.dockerfile, stage)


def _container(container: Container, image: _Image) -> Iterator[Finding]:
    node = container.node
    holders = [node.map(probe, "exec") for probe in PROBES]
    holders += [node.map("lifecycle", hook, "exec") for hook in ("preStop", "postStart")]
    for holder in (node, *holders):
        leaves = [*holder.seq("command").leaves()]
        if holder is node and leaves:
            leaves += holder.seq("args").leaves()
        if leaves:
            yield from _said(image, _started([leaf.text for leaf in leaves]), leaves[0].at, None)


def _said(
    image: _Image, programs: list[str], at: Span, base: Instruction | None, *, is_build: bool = False
) -> Iterator[Finding]:
    """Yield a finding for the first program that an image does not have."""
    for program in programs:
        adds = image.lacks(program)
        if adds:
            name = posixpath.basename(program)
            notes = (Note("the base image", base.at),) if base else ()
            what = "no shell" if adds == "-" and is_shell(name) else f"no {name}"
            yield error_if(
                is_build, CODE, f"{image.name} has {what}", at, notes=notes, hint=_hint(name, adds)
            )
            return


def _hint(name: str, adds: str) -> str:
    if adds != "-":
        other = {
            "bash": ", or run it with sh",
            "curl": ", or use what the image has, such as wget or its language",
        }
        return f"install it: RUN {adds}{other.get(name, '')}"
    if is_shell(name):
        return 'start a program that the image has, by a list: ["/app/server"]'
    return "use the package manager of the image's distribution, or another base image"
