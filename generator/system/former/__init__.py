"""The files of one rendered environment as data with places. Each is read once, when the first rule asks for
it."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from generator.findings import Span
from generator.languages.dockerfile.instructions import Dockerfile
from generator.languages.dockerfile.instructions import parse as parse_dockerfile
from generator.languages.hcl import read as hcl
from generator.languages.shell.read import parse as parse_shell
from generator.languages.shell.script import Command, Script
from generator.languages.source import Source
from generator.languages.typescript.read import Program
from generator.project import OUT
from generator.render.tree import Tree
from generator.system.former import nodes
from generator.system.former.manifests import Manifest, image_parts
from generator.system.former.nodes import Documents, Map
from generator.system.former.workflows import Step, Workflow
from generator.system.terraform import Module

_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class ShellFile:
    """A script."""

    source: Source
    script: Script

    def at(self, offset: int, length: int = 1) -> Span:
        return self.source.at(offset, length)


@dataclass(frozen=True)
class Build:
    """A `docker build` of a workflow: the folder that it builds, and the images that it names."""

    step: Step
    command: Command
    folder: str

    @property
    def at(self) -> Span:
        return self.step.place(self.command.offset, len("docker build"))

    @property
    def tags(self) -> list[str]:
        return [self.step.filled(word.text) for word in self.command.options("-t", "--tag")]

    @property
    def repositories(self) -> list[str]:
        """The repositories of the images that it makes, without host and tag."""
        return [image_parts(tag)[1] for tag in self.tags]

    @property
    def arguments(self) -> dict[str, tuple[str, Span]]:
        """The build arguments that it gives, each with its text and place."""
        found = {}
        for word in self.command.options("--build-arg"):
            name, _, value = word.text.partition("=")
            found[name] = (self.step.filled(value), self.step.place(word.offset, len(word.text)))
        return found


@dataclass(frozen=True)
class Container:
    """A container of a workload."""

    workload: Manifest
    data: Map

    @property
    def name(self) -> str:
        return self.data.text("name")

    @property
    def image(self) -> str:
        return self.data.text("image")

    @property
    def what(self) -> str:
        return f"container {self.name} of {self.workload.identity}"


@dataclass(frozen=True)
class Component:
    """A folder that an image is built from, with all that belongs to it."""

    name: str
    dockerfile: Dockerfile
    containers: tuple[Container, ...]
    builds: tuple[Build, ...]

    @property
    def serving(self) -> list[Container]:
        """The containers that run as long as the system does: those of no Job."""
        return [each for each in self.containers if each.workload.kind not in ("Job", "CronJob")]


class Parsed:
    """The rendered files of one environment, read as what they are; `today` is the day of the check."""

    def __init__(self, tree: Tree, today: datetime.date) -> None:
        self.tree = tree
        self.today = today
        self.env = tree.env
        self.sources = {
            artifact.path: Source(
                artifact.path, artifact.text, artifact.format, f"{OUT}/{tree.env}/{artifact.path}"
            )
            for artifact in tree.artifacts
        }

    def of_format(self, *formats: str) -> list[Source]:
        """Return the files of these formats, sorted by path."""
        return [source for source in self.sources.values() if source.language in formats]

    @cached_property
    def documents(self) -> dict[str, Documents]:
        """Every YAML file, by path."""
        return {
            path: nodes.load(source)
            for path, source in self.sources.items()
            if path.removesuffix(".example").endswith(_YAML)
        }

    # Kubernetes

    @cached_property
    def objects(self) -> list[Manifest]:
        """Every Kubernetes object of every file, those of examples and kustomizations too."""
        return [
            Manifest(self.sources[path], document)
            for path, documents in self.documents.items()
            if not path.startswith(".github/")
            for document in documents.maps()
            if "kind" in document and "apiVersion" in document
        ]

    @cached_property
    def manifests(self) -> list[Manifest]:
        """The objects that are meant to be applied."""
        return [each for each in self.objects if each.kind != "Kustomization" and not each.is_example]

    @cached_property
    def kustomizations(self) -> list[Manifest]:
        return [each for each in self.objects if each.kind == "Kustomization"]

    def kind(self, *kinds: str) -> list[Manifest]:
        """Return the objects of these kinds."""
        return [each for each in self.manifests if each.kind in kinds]

    @cached_property
    def workloads(self) -> list[Manifest]:
        return [each for each in self.manifests if each.pod is not None]

    @cached_property
    def containers(self) -> list[Container]:
        return [Container(each, data) for each in self.workloads for data in each.all_containers]

    # GitHub

    @cached_property
    def workflows(self) -> list[Workflow]:
        return [
            Workflow(self.sources[path], document)
            for path, documents in self.documents.items()
            if path.startswith(".github/workflows/")
            for document in documents.maps()[:1]
        ]

    @cached_property
    def steps(self) -> list[Step]:
        return [step for workflow in self.workflows for step in workflow.steps]

    @cached_property
    def commands(self) -> list[tuple[Step, Command]]:
        """Every command of every workflow."""
        return [pair for workflow in self.workflows for pair in workflow.commands()]

    @cached_property
    def builds(self) -> list[Build]:
        return [
            Build(step, command, _context(step, command))
            for step, command in self.commands
            if command.starts_with("docker", "build") or command.starts_with("docker", "buildx", "build")
        ]

    # The rest

    @cached_property
    def dockerfiles(self) -> list[Dockerfile]:
        return [parse_dockerfile(source) for source in self.of_format("dockerfile")]

    @cached_property
    def terraform(self) -> Module:
        own = [source for source in self.of_format("hcl") if "/tests/" not in source.path]
        tests = [source for source in self.of_format("hcl") if "/tests/" in source.path]
        return Module(
            tuple(hcl.read_file(source) for source in own if source.path.endswith(".tf")),
            tuple(hcl.read_file(source) for source in own if source.path.endswith(".tfvars")),
            tuple(hcl.read_file(source) for source in tests),
        )

    @cached_property
    def scripts(self) -> list[ShellFile]:
        return [ShellFile(source, parse_shell(source.text)) for source in self.of_format("shell")]

    @cached_property
    def compose(self) -> list[tuple[Source, Map]]:
        return [
            (source, document)
            for source in self.of_format("compose")
            for document in self.documents[source.path].maps()[:1]
        ]

    @cached_property
    def programs(self) -> list[Program]:
        return [Program(source) for source in self.of_format("typescript")]

    @cached_property
    def components(self) -> list[Component]:
        """What is built from a folder of its own, by the folder's name."""
        return [self._component(each) for each in self.dockerfiles if each.folder]

    def component_of(self, path: str) -> Component | None:
        """Return the component whose folder holds the file at `path`."""
        return next((each for each in self.components if path.startswith(f"{each.name}/")), None)

    def _component(self, dockerfile: Dockerfile) -> Component:
        builds = tuple(each for each in self.builds if each.folder == dockerfile.folder)
        repositories = {repository for each in builds for repository in each.repositories}
        name = dockerfile.folder.rpartition("/")[2]
        own = tuple(
            each
            for each in self.containers
            if _is_of(name, each) or image_parts(each.image)[1] in repositories
        )
        return Component(dockerfile.folder, dockerfile, own, builds)


def _is_of(component: str, container: Container) -> bool:
    """Say whether a container runs a component's image: by the image's last part, or by the container's name."""
    image = image_parts(container.image)[1].rpartition("/")[2]
    return container.name == component or image == component or image.endswith(f"-{component}")


def _context(step: Step, command: Command) -> str:
    """Return the folder that a `docker build` is given, relative to the repository."""
    words = _positional(command.texts[2:], _VALUED)
    context = step.filled(words[-1]) if words else "."
    path = posixpath.normpath(posixpath.join(step.folder or ".", context))
    return "" if path == "." else path


# Options of docker build that take a value of their own.
_VALUED = frozenset(
    "-t --tag -f --file --build-arg --target --platform --label --cache-from --cache-to --secret --ssh --network"
    " --progress --output -o --add-host --builder".split()
)


def _positional(texts: list[str], valued: Iterable[str]) -> list[str]:
    """Return the words that are no options and no values of options."""
    found, skip = [], False
    for text in texts:
        if skip or text.startswith("-"):
            skip = not skip and text in valued
        else:
            found.append(text)
    return found


__all__ = ["Build", "Component", "Container", "Parsed", "ShellFile"]
