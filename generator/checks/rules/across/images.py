"""An image must have the same name where it is built, pushed, stored and run.

Compared: the tag of `docker build`, the pushed name, the repository in Terraform, the image in the manifest,
and the commands that set the registry. The name must be one that a registry accepts.

Why: a name with capital letters or two tags is an "invalid reference format". An image name without a registry
refers to Docker Hub, where `shop-backend:latest` belongs to somebody else or does not exist. A push to a repository
that does not exist fails, and so does a push of a fixed tag to a repository with immutable tags.

Bad:

    env: {ECR_REPOSITORY: shop-backend}            # and no aws_ecr_repository of that name

Good:

    resource "aws_ecr_repository" "backend" { name = "shop-backend" }
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from generator.checks.rule import Context, NotApplicableError
from generator.findings import Finding, Note, Span, error, warning
from generator.findings.suggest import nearest
from generator.languages.hcl import expressions
from generator.languages.node import Leaf, Map
from generator.languages.word import Word
from generator.system import Container, System
from generator.system.api_server.schema import is_unknown
from generator.system.images import image_name, is_image_name
from generator.system.workflows import Step

CODE = "checks/images"
ADVICE = "docs.docker.com, docker image push; docs.aws.amazon.com, ECR"
_UNSET = re.compile(r"\$(?!\{\{)")  # a variable that is not set: unset-variables reports it
_SIGNS = re.compile(r"[/:@.]")
_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_-]{2,}|.*[<>{}%#]+.*|__.*__")
_FIXED = re.compile(r"[\w.-]+")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    is_built = bool(system.builds or system.terraform.resources("aws_ecr_repository"))
    run = list(_run(system))
    if not (is_built or run or any(each.node.maps("images") for each in system.kustomizations)):
        raise NotApplicableError("nothing builds, runs or replaces an image")
    yield from _refused(run)
    yield from _releases(system)
    if not is_built:
        return
    for container in system.containers:
        if container.image and not image_name(container.image).tag:
            message = f"the image {container.image} has no tag, so it is latest"
            yield warning(
                CODE, message, container.node.at_key("image"), hint=f"add a tag: {container.image}:TAG"
            )
    yield from _repositories(system)
    yield from _pushes(system)
    yield from _sources(system)
    yield from _policy(system)


def _run(system: System) -> Iterator[Leaf]:
    """Yield the image of each container of the manifests and of the services of Compose."""
    for container in system.containers:
        yield from filter(None, [container.node.leaf("image")])
    for file in system.compose:
        for name in file.services:
            yield from filter(None, [file.services.leaf(name, "image")])


def _refused(images: list[Leaf]) -> Iterator[Finding]:
    """Yield an error for each name that no registry has; other tools may replace placeholders before."""
    for image in images:
        text = image.text
        is_open = (
            "$" in text
            or is_unknown(text)
            or any(_PLACEHOLDER.fullmatch(each) for each in _SIGNS.split(text))
        )
        if text and not is_open and not is_image_name(text):
            message = f"{text} is not the name of an image: invalid reference format"
            name = image_name(text)
            is_upper = is_image_name(text.lower()) and name.repository != name.repository.lower()
            hint = (
                f"write {text.lower()}"
                if is_upper
                else "write REGISTRY/NAME:TAG, of which only the name is required"
            )
            yield error(CODE, message, image.at, hint=hint)


def _pushed(system: System) -> list[tuple[Step, Word, str]]:
    """Return the step, the word and the image of each push, with the variables expanded."""
    return [
        (step, command.words[-1], step.expanded(command.words[-1].text))
        for step, command in system.commands
        if command.starts_with("docker", "push")
    ]


def _at(step: Step, word: Word) -> Span:
    return step.place(word.offset, len(word.text))


def _fact(step: Step, word: Word) -> Span:
    """Return the place that sets the repository: the variable in `env`, or else the word itself."""
    for name in re.findall(r"\$\{?(\w+)", word.text):
        found = step.variables.get(name)
        if found and "${{" not in found.text:
            return found.at
    return _at(step, word)


def _repositories(system: System) -> Iterator[Finding]:
    """Check that each pushed image has a repository, and each repository an image."""
    made = {
        system.terraform.text(block, "name"): block
        for block in system.terraform.resources("aws_ecr_repository")
    }
    pushed: dict[str, Span] = {}
    for step, word, image in _pushed(system):
        repository = image_name(image).repository
        if repository in pushed or "$" in repository:
            continue
        pushed[repository] = _fact(step, word)
        if system.terraform.files and repository not in made:
            there = tuple(
                Note(f"Terraform creates {name}", block.at_key("name")) for name, block in made.items()
            )
            hint = (
                nearest(repository, list(made))
                or f'add resource "aws_ecr_repository" with name = "{repository}"'
            )
            at = pushed[repository]
            message = f"the image is pushed to {repository}, which Terraform does not create"
            yield warning(CODE, message, at, notes=there or _files(system), hint=hint)
    for name, block in made.items():
        if name and system.workflows and name not in pushed:
            notes = tuple(Note(f"{each} is pushed", at) for each, at in pushed.items())
            hint = "remove the repository, or push an image to it"
            yield warning(
                CODE, f"no workflow pushes an image to {name}", block.at_key("name"), notes=notes, hint=hint
            )


def _files(system: System) -> tuple[Note, ...]:
    return (Note("Terraform declares no aws_ecr_repository", system.terraform.files[0].source.span(1)),)


def _pushes(system: System) -> Iterator[Finding]:
    """Check that pushed images were built or tagged before, and that no fixed tag is immutable."""
    mutable = {
        system.terraform.text(block, "name"): block
        for block in system.terraform.resources("aws_ecr_repository")
        if system.terraform.text(block, "image_tag_mutability").startswith("IMMUTABLE")
    }
    built = {(build.step.job.name, tag) for build in system.builds for tag in build.tags}
    built |= {
        (step.job.name, step.expanded(command.words[-1].text))
        for step, command in system.commands
        if command.starts_with("docker", "tag")
    }
    for step, command in system.commands:
        if command.starts_with("docker", "tag") and len(command.words) > 3:
            source = step.expanded(command.words[2].text)
            if (step.job.name, source) not in built:
                yield _unbuilt(step, command.words[2], source, system)
    for step, word, image in _pushed(system):
        if (step.job.name, image) not in built:
            yield _unbuilt(step, word, image, system)
        _, repository, tag = image_name(image)
        if repository in mutable and _FIXED.fullmatch(tag):
            note = Note("its tags are immutable", mutable[repository].at_key("image_tag_mutability"))
            message = f"the tag {tag} of {repository} is immutable, but each run pushes it"
            yield error(
                CODE, message, _at(step, word), notes=(note,), hint="use a different tag for each commit"
            )


def _unbuilt(step: Step, word: Word, image: str, system: System) -> Finding:
    tags = [tag for build in system.builds if build.step.job == step.job for tag in build.tags]
    notes = tuple(
        Note(f"this builds {', '.join(build.tags)}", build.at)
        for build in system.builds
        if build.step == step
    )
    return warning(
        CODE,
        f"{_shown(image)} is not an image that the job builds",
        _at(step, word),
        notes=notes,
        hint=f"use {_shown(tags[0])}" if tags else "build it first",
    )


def _shown(image: str) -> str:
    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", r"<\1>", image)


def _sources(system: System) -> Iterator[Finding]:
    """Check that each image that is built here has a registry, in the manifest or from the deploy."""
    ours = {repository for build in system.builds for repository in build.repositories}
    if not ours:
        return
    replaced = _replaced(system)
    for component in system.components:
        for container in component.containers:
            host, repository, _ = image_name(container.image)
            if not component.builds:
                yield _never_built(component.name, container, system)
            elif not host and repository not in replaced:
                build = component.builds[0]
                yield warning(
                    CODE,
                    f"{container.image} refers to Docker Hub: nothing adds the registry before"
                    f" {container.workload.identity} is applied",
                    container.node.at_key("image"),
                    notes=(
                        Note(
                            f"it is built here as {_shown(build.tags[0]) if build.tags else 'nothing'}",
                            build.at,
                        ),
                    ),
                    hint="add it to images: of the kustomization that the deploy applies, or add the registry",
                )
            elif host and "$" not in host and repository not in ours:
                notes = tuple(
                    Note(f"this builds {', '.join(build.repositories)}", build.at)
                    for build in component.builds
                )
                message = f"{container.what} runs {repository}, which no workflow builds"
                hint = f"use {' or '.join(sorted(ours))}"
                yield warning(CODE, message, container.node.at_key("image"), notes=notes, hint=hint)


def _never_built(name: str, container: Container, system: System) -> Finding:
    notes = tuple(Note("this builds another folder", build.at) for build in system.builds[:2])
    return warning(
        CODE,
        f"no workflow builds the image of {container.what} from {name}/",
        container.node.at_key("image"),
        notes=notes,
        hint=f"add a build of {name}/ to a workflow",
    )


def _replaced(system: System) -> set[str]:
    """Return the images that a kustomization or a command renames before they are applied."""
    found = {
        image.text("name")
        for each in system.kustomizations
        for image in each.node.maps("images")
        if image.text("newName")
    }
    found |= {str(image.get("name")) for _, _, image in _written(system) if image.get("newName")}
    for _step, command in system.commands:
        if command.starts_with("kubectl", "set", "image") and "--local" in command.texts:
            option = command.option("-f", "--filename")
            for each in system.containers:
                if option and option.text.endswith(each.workload.source.path):
                    found.add(image_name(each.image).repository)
    return found


def _written(system: System) -> Iterator[tuple[Step, Word, dict[str, object]]]:
    """Yield each entry under `images` of a kustomization that a step writes."""
    for step, command in system.commands:
        if "images:" not in command.heredoc:
            continue
        try:
            data = yaml.safe_load(command.heredoc)
        except yaml.YAMLError:
            continue
        images = data.get("images") if isinstance(data, dict) else None
        for image in images if isinstance(images, list) else []:
            if isinstance(image, dict):
                yield step, command.words[0], image


def _releases(system: System) -> Iterator[Finding]:
    """Check that a deploy replaces an image of a manifest, by an image that is pushed."""
    pushed = {image for _, _, image in _pushed(system)}
    workloads = [
        each for each in system.written if each.is_workload
    ]  # kustomize has replaced the images of the others
    names = {_name(each) for workload in workloads for each in workload.all_containers}
    unknown = {each.kustomization.path for each in system.kustomized if each.unknown}
    unknown.update(system.unknown_files(broken=True))
    entries = [(each, image) for each in system.kustomizations for image in each.node.maps("images")]
    named = [image for _, image in entries]
    for each, image in entries:
        if image.text("name") not in names and each.path not in unknown:
            yield _no_container(system, image.text("name"), image.at_key("name"), names)
        yield from _tag(system, image)
    names |= {image.text("newName") for image in named if image.text("newName")}
    for step, word, written in _written(system):
        name = str(written.get("name", ""))
        if name not in names:
            yield _no_container(system, name, _line_of(step, name, word), names)
        whole = step.expanded(f"{written.get('newName', '')}:{written.get('newTag', '')}")
        if written.get("newName") and whole not in pushed and not _UNSET.search(whole):
            yield _not_pushed(whole, _line_of(step, "newName", word), system)
    for step, command in system.commands:
        for word in command.words if command.starts_with("kubectl", "set", "image") else ():
            container, equals, text = word.text.partition("=")
            whole = step.expanded(text)
            is_image = equals and not container.startswith("-") and "/" in text
            if is_image and whole not in pushed and not _UNSET.search(whole):
                yield _not_pushed(whole, _at(step, word), system)


def _tag(system: System, image: Map) -> Iterator[Finding]:
    """Check that the tag in a kustomization is pushed for that image."""
    pushed = [(step, word, image_name(each)) for step, word, each in _pushed(system)]
    wanted = image_name(image.text("newName")).repository if "newName" in image else image.text("name")
    own = [each for each in pushed if each[2][1].startswith(wanted)]
    tags = {parts[2] for _, _, parts in own if _FIXED.fullmatch(parts[2])}
    if "newTag" in image and tags and image.text("newTag") not in tags:
        notes = tuple(
            Note(f"this pushes {parts[2]}", _at(step, word)) for step, word, parts in own if parts[2] in tags
        )
        message = f"no workflow pushes the tag {image.text('newTag')} of {image.text('name')}"
        yield warning(
            CODE, message, image.at_key("newTag"), notes=notes, hint=f"use {' or '.join(sorted(tags))}"
        )


def _no_container(system: System, name: str, at: Span, names: set[str]) -> Finding:
    notes = tuple(
        Note(f"{one.what} runs {_name(one)}", one.node.at_key("image")) for one in system.containers[:3]
    )
    known = (
        f"use {' or '.join(sorted(names))}"
        if names
        else "add a container with this image, or remove the entry"
    )
    hint = nearest(name, sorted(names)) or known
    return warning(CODE, f"no container runs {name}: this replaces no image", at, notes=notes, hint=hint)


def _name(container: Container) -> str:
    host, repository, _ = image_name(container.image)
    return f"{host}/{repository}" if host else repository


def _line_of(step: Step, text: str, word: Word) -> Span:
    offset = step.run.find(text, word.offset)
    return step.place(offset, len(text)) if offset >= 0 else _at(step, word)


def _not_pushed(image: str, at: Span, system: System) -> Finding:
    notes = tuple(
        Note(f"this pushes {_shown(each)}", _at(step, word)) for step, word, each in _pushed(system)[:3]
    )
    message = f"the deploy runs {_shown(image)}, which no workflow pushes"
    return warning(CODE, message, at, notes=notes, hint="use the name that docker push uses")


def _policy(system: System) -> Iterator[Finding]:
    """Check that the policy of the pipelines covers each repository."""
    for block in system.terraform.blocks("data", "aws_iam_policy_document"):
        for statement in block.blocks("statement"):
            if "ecr:PutImage" not in statement.seq("actions").texts():
                continue
            text = expressions.written(statement.get("resources"))
            for repository in system.terraform.resources("aws_ecr_repository"):
                address = ".".join(repository.labels)
                if "*" not in text and not re.search(rf"\b{re.escape(address)}\.arn\b", text):
                    yield warning(
                        CODE,
                        f"the pipelines are not allowed to push to {system.terraform.text(repository, 'name')}",
                        statement.at_key("resources"),
                        notes=(Note("the repository", repository.at),),
                        hint=f"add {address}.arn to resources",
                    )
