"""Container images: their names, the commands that build them, and the folders that they are built from."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from generator.findings import Span
from generator.findings.record import record
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.shell.script import Command
from generator.system.kubernetes import Container
from generator.system.workflows import Step

# A registry, a repository, a tag and a digest; the registry alone may have capital letters.
_REGISTRY = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?/"
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:{_REGISTRY})?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]+)?",
    re.ASCII,
)
# Options of docker build that take a value of their own.
_WITH_VALUE = frozenset(
    "-t --tag -f --file --build-arg --target --platform --label --cache-from --cache-to --secret --ssh --network"
    " --progress --output -o --add-host --builder".split()
)


class ImageName(NamedTuple):
    """The parts of the name of an image; `tag` is the digest where it has no tag, "" where it has neither."""

    registry: str
    repository: str
    tag: str


def is_image_name(text: str) -> bool:
    """Return whether Docker takes a text for the name of an image; github.com/distribution/reference, regexp.go."""
    return _NAME.fullmatch(text) is not None


def image_name(text: str) -> ImageName:
    """Return the parts of the name of an image: a registry has a dot, a colon or is `localhost`."""
    name, _, digest = text.partition("@")
    head, slash, rest = name.partition("/")
    has_registry = bool(slash) and ("." in head or ":" in head or head == "localhost" or "$" in head)
    repository, _, tag = (rest if has_registry else name).partition(":")
    return ImageName(head if has_registry else "", repository, tag or digest)


@record
class Build:
    """A `docker build` in a workflow: the folder that it builds, and the images that it names."""

    step: Step
    command: Command

    @property
    def at(self) -> Span:
        return self.step.place(self.command.offset, len("docker build"))

    @property
    def folder(self) -> str:
        """The folder that it is given, relative to the repository."""
        words = self.command.arguments(_WITH_VALUE)[1 + self.command.starts_with("docker", "buildx") :]
        context = self.step.expanded(words[-1].text) if words else "."
        path = posixpath.normpath(posixpath.join(self.step.folder or ".", context))
        return "" if path == "." else path

    @property
    def tags(self) -> list[str]:
        return [self.step.expanded(word.text) for word in self.command.options("-t", "--tag")]

    @property
    def repositories(self) -> list[str]:
        """The repositories of the images that it builds, without registry and tag."""
        return [image_name(tag).repository for tag in self.tags]

    @property
    def arguments(self) -> dict[str, tuple[str, Span]]:
        """The build arguments that it gives, each with its text and place."""
        arguments = {}
        for word in self.command.options("--build-arg"):
            name, _, value = word.text.partition("=")
            arguments[name] = (self.step.expanded(value), self.step.place(word.offset, len(word.text)))
        return arguments


@record
class Component:
    """A folder that an image is built from, with all that belongs to it."""

    name: str
    dockerfile: Dockerfile
    containers: tuple[Container, ...]
    builds: tuple[Build, ...]

    @property
    def serving(self) -> list[Container]:
        """The containers that run as long as the system does: those of no Job, and no init containers."""
        jobs = ("Job", "CronJob")
        return [each for each in self.containers if each.workload.kind not in jobs and not each.ends]


def component(dockerfile: Dockerfile, containers: Iterable[Container], builds: Iterable[Build]) -> Component:
    """Return the component of a Dockerfile: the builds of its folder, and the containers that run its image."""
    own = tuple(each for each in builds if each.folder == dockerfile.folder)
    repositories = {repository for each in own for repository in each.repositories}
    name = dockerfile.folder.rpartition("/")[2]
    running = tuple(
        each
        for each in containers
        if _is_named(each, name) or image_name(each.image).repository in repositories
    )
    return Component(dockerfile.folder, dockerfile, running, own)


def _is_named(container: Container, component: str) -> bool:
    """Return whether a container or the last part of its image has the name of a component."""
    image = image_name(container.image).repository.rpartition("/")[2]
    return component in (container.name, image) or image.endswith(f"-{component}")
