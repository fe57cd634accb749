"""An image must have the same name where it is built, pushed, stored and run.

Compared: the tag of `docker build`, the pushed name, the repository in Terraform, the image in the manifest,
and the commands that set the registry.

Why: an image name without a registry refers to Docker Hub, where `oet-backend:latest` belongs to somebody
else or does not exist. A push to a repository that does not exist fails, and so does a push of a fixed tag to
a repository with immutable tags.

Bad:

    env: {ECR_REPOSITORY: oet-backend}            # and no aws_ecr_repository of that name

Good:

    resource "aws_ecr_repository" "backend" { name = "oet-backend" }
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from generator.checks.rule import NotApplicable
from generator.findings import Finding, Note, Span, error
from generator.findings.suggest import nearest
from generator.languages.word import Word
from generator.system.former import Container, Parsed
from generator.system.former.manifests import image_parts
from generator.system.former.nodes import Map
from generator.system.former.workflows import Step
from generator.values.layers import Values

CODE = "checks/images"
_UNSET = re.compile(r"\$(?!\{\{)")  # a variable that nothing sets: unset-variables says so
_FIXED = re.compile(r"[\w.-]+")


def check(tree: Parsed, values: Values) -> Iterator[Finding]:
    if not tree.builds and not tree.terraform.resources("aws_ecr_repository"):
        raise NotApplicable("no workflow builds an image, and there is no image repository")
    for container in tree.containers:
        if container.image and not image_parts(container.image)[2]:
            message = f"the image {container.image} has no tag, which means latest"
            yield error(CODE, message, container.data.at("image"), hint=f"write {container.image}:TAG")
    yield from _repositories(tree)
    yield from _pushes(tree)
    yield from _sources(tree)
    yield from _releases(tree)
    yield from _policy(tree)


def _pushed(tree: Parsed) -> list[tuple[Step, Word, str]]:
    """Return what the workflows push: the step, the word, and the image with its variables filled in."""
    return [
        (step, command.words[-1], step.filled(command.words[-1].text))
        for step, command in tree.commands
        if command.starts_with("docker", "push")
    ]


def _at(step: Step, word: Word) -> Span:
    return step.place(word.offset, len(word.text))


def _fact(step: Step, word: Word) -> Span:
    """Return the place that says the repository: the variable in `env`, or else the word itself."""
    for name in re.findall(r"\$\{?(\w+)", word.text):
        found = step.variable(name)
        if found and "${{" not in found[0]:
            return found[1]
    return _at(step, word)


def _repositories(tree: Parsed) -> Iterator[Finding]:
    """What is pushed has a repository of that name, and the other way round."""
    made = {
        tree.terraform.text(block.body, "name"): block
        for block in tree.terraform.resources("aws_ecr_repository")
    }
    pushed: dict[str, Span] = {}
    for step, word, image in _pushed(tree):
        repository = image_parts(image)[1]
        if repository in pushed or "$" in repository:
            continue
        pushed[repository] = _fact(step, word)
        if tree.terraform.files and repository not in made:
            there = tuple(
                Note(f"Terraform makes {name}", block.body.at("name")) for name, block in made.items()
            )
            hint = (
                nearest(repository, list(made))
                or f'add resource "aws_ecr_repository" with name = "{repository}"'
            )
            at = pushed[repository]
            message = f"the image is pushed to {repository}, and Terraform makes no such repository"
            yield error(CODE, message, at, notes=there or _files(tree), hint=hint)
    for name, block in made.items():
        if tree.workflows and name not in pushed:
            notes = tuple(Note(f"{each} is pushed", at) for each, at in pushed.items())
            hint = "delete it, or push to it"
            yield error(
                CODE, f"nothing pushes an image to {name}", block.body.at("name"), notes=notes, hint=hint
            )


def _files(tree: Parsed) -> tuple[Note, ...]:
    return (Note("none of the resources is one", tree.terraform.files[0].source.span(1)),)


def _pushes(tree: Parsed) -> Iterator[Finding]:
    """What is pushed was built or tagged before; a fixed tag can be pushed again."""
    mutable = {
        tree.terraform.text(block.body, "name"): block
        for block in tree.terraform.resources("aws_ecr_repository")
        if tree.terraform.text(block.body, "image_tag_mutability").startswith("IMMUTABLE")
    }
    built = {(build.step.job.name, tag) for build in tree.builds for tag in build.tags}
    built |= {
        (step.job.name, step.filled(command.words[-1].text))
        for step, command in tree.commands
        if command.starts_with("docker", "tag")
    }
    for step, command in tree.commands:
        if command.starts_with("docker", "tag") and len(command.words) > 3:
            source = step.filled(command.words[2].text)
            if (step.job.name, source) not in built:
                yield _unbuilt(step, command.words[2], source, tree)
    for step, word, image in _pushed(tree):
        if (step.job.name, image) not in built:
            yield _unbuilt(step, word, image, tree)
        _, repository, tag = image_parts(image)
        if repository in mutable and _FIXED.fullmatch(tag):
            note = Note("tags are immutable there", mutable[repository].body.at("image_tag_mutability"))
            message = f"the tag {tag} of {repository} is pushed again and again"
            yield error(
                CODE, message, _at(step, word), notes=(note,), hint="push a tag of its own for each commit"
            )


def _unbuilt(step: Step, word: Word, image: str, tree: Parsed) -> Finding:
    tags = [tag for build in tree.builds if build.step.job == step.job for tag in build.tags]
    notes = tuple(
        Note(f"this builds {', '.join(build.tags)}", build.at) for build in tree.builds if build.step == step
    )
    return error(
        CODE,
        f"{_shown(image)} is not what the job builds",
        _at(step, word),
        notes=notes,
        hint=f"write {_shown(tags[0])}" if tags else "build it first",
    )


def _shown(image: str) -> str:
    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", r"<\1>", image)


def _sources(tree: Parsed) -> Iterator[Finding]:
    """An image of ours has a registry: in the manifest, or by what the deploy puts in its place."""
    ours = {repository for build in tree.builds for repository in build.repositories}
    if not ours:
        return
    for component in tree.components:
        for container in component.containers:
            host, repository, _ = image_parts(container.image)
            if not component.builds:
                yield _never_built(component.name, container, tree)
            elif not host and repository not in _replaced(tree):
                build = component.builds[0]
                yield error(
                    CODE,
                    f"{container.image} is an image of Docker Hub: nothing puts the registry in front of it before"
                    f" {container.workload.identity} is applied",
                    container.data.at("image"),
                    notes=(
                        Note(
                            f"it is built here as {_shown(build.tags[0]) if build.tags else 'nothing'}",
                            build.at,
                        ),
                    ),
                    hint="name it under images: of the kustomization that the deploy applies, or write the registry",
                )
            elif host and "$" not in host and repository not in ours:
                notes = tuple(
                    Note(f"this builds {', '.join(build.repositories)}", build.at)
                    for build in component.builds
                )
                message = f"{container.what} runs {repository}, which no workflow builds"
                hint = f"write {' or '.join(sorted(ours))}"
                yield error(CODE, message, container.data.at("image"), notes=notes, hint=hint)


def _never_built(name: str, container: Container, tree: Parsed) -> Finding:
    notes = tuple(Note("this builds another folder", build.at) for build in tree.builds[:2])
    return error(
        CODE,
        f"no workflow builds the image of {container.what} from {name}/",
        container.data.at("image"),
        notes=notes,
        hint=f"build {name}/ in a workflow",
    )


def _replaced(tree: Parsed) -> set[str]:
    """Return the images that get another name: by a kustomization, or before a file is applied."""
    found = {
        image.text("name")
        for each in tree.kustomizations
        for image in each.data.each("images")
        if image.text("newName")
    }
    found |= {str(image.get("name")) for _, _, image in _written(tree) if image.get("newName")}
    for _step, command in tree.commands:
        if command.starts_with("kubectl", "set", "image") and "--local" in command.texts:
            option = command.option("-f", "--filename")
            for each in tree.containers:
                if option and option.text.endswith(each.workload.source.path):
                    found.add(image_parts(each.image)[1])
    return found


def _written(tree: Parsed) -> Iterator[tuple[Step, Word, dict[str, object]]]:
    """Yield each entry under `images` of a kustomization that a step writes."""
    for step, command in tree.commands:
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


def _releases(tree: Parsed) -> Iterator[Finding]:
    """What a deploy puts in place of an image is an image of a manifest, and what was pushed."""
    pushed = {image for _, _, image in _pushed(tree)}
    names = {_name(each) for each in tree.containers}
    named = [image for each in tree.kustomizations for image in each.data.each("images")]
    for image in named:
        if image.text("name") not in names:
            yield _no_container(tree, image.text("name"), image.at("name"), names)
        yield from _tag(tree, image)
    names |= {image.text("newName") for image in named if image.text("newName")}
    for step, word, written in _written(tree):
        name = str(written.get("name", ""))
        if name not in names:
            yield _no_container(tree, name, _line_of(step, name, word), names)
        whole = step.filled(f"{written.get('newName', '')}:{written.get('newTag', '')}")
        if written.get("newName") and whole not in pushed and not _UNSET.search(whole):
            yield _not_pushed(whole, _line_of(step, "newName", word), tree)
    for step, command in tree.commands:
        for word in command.words if command.starts_with("kubectl", "set", "image") else ():
            container, equals, text = word.text.partition("=")
            whole = step.filled(text)
            is_image = equals and not container.startswith("-") and "/" in text
            if is_image and whole not in pushed and not _UNSET.search(whole):
                yield _not_pushed(whole, _at(step, word), tree)


def _tag(tree: Parsed, image: Map) -> Iterator[Finding]:
    """The tag of a kustomization is one that is pushed for that image."""
    pushed = [(step, word, image_parts(each)) for step, word, each in _pushed(tree)]
    wanted = image_parts(image.text("newName"))[1] if "newName" in image else image.text("name")
    own = [each for each in pushed if each[2][1].startswith(wanted)]
    tags = {parts[2] for _, _, parts in own if _FIXED.fullmatch(parts[2])}
    if "newTag" in image and tags and image.text("newTag") not in tags:
        notes = tuple(
            Note(f"this pushes {parts[2]}", _at(step, word)) for step, word, parts in own if parts[2] in tags
        )
        message = f"the tag {image.text('newTag')} of {image.text('name')} is never pushed"
        yield error(CODE, message, image.at("newTag"), notes=notes, hint=f"write {' or '.join(sorted(tags))}")


def _no_container(tree: Parsed, name: str, at: Span, names: set[str]) -> Finding:
    notes = tuple(Note(f"{one.what} runs {_name(one)}", one.data.at("image")) for one in tree.containers[:3])
    hint = nearest(name, sorted(names)) or f"write {' or '.join(sorted(names))}"
    return error(CODE, f"no container runs {name}, so this changes no image", at, notes=notes, hint=hint)


def _name(container: Container) -> str:
    host, repository, _ = image_parts(container.image)
    return f"{host}/{repository}" if host else repository


def _line_of(step: Step, text: str, word: Word) -> Span:
    offset = step.run.find(text, word.offset)
    return step.place(offset, len(text)) if offset >= 0 else _at(step, word)


def _not_pushed(image: str, at: Span, tree: Parsed) -> Finding:
    notes = tuple(
        Note(f"this pushes {_shown(each)}", _at(step, word)) for step, word, each in _pushed(tree)[:3]
    )
    message = f"the deploy runs {_shown(image)}, which is not what is pushed"
    return error(CODE, message, at, notes=notes, hint="name what docker push names")


def _policy(tree: Parsed) -> Iterator[Finding]:
    """Whoever pushes may push to each repository."""
    for block in tree.terraform.blocks("data", "aws_iam_policy_document"):
        for statement in block.body.all("statement"):
            actions = statement.body.get("actions")
            if not isinstance(actions, list) or "ecr:PutImage" not in actions:
                continue
            allowed = statement.body.attributes.get("resources")
            text = statement.body.source.text[allowed.value_offset : allowed.end] if allowed else ""
            for repository in tree.terraform.resources("aws_ecr_repository"):
                address = ".".join(repository.labels)
                if "*" not in text and not re.search(rf"\b{re.escape(address)}\.arn\b", text):
                    yield error(
                        CODE,
                        f"the pipelines may not push to {tree.terraform.text(repository.body, 'name')}",
                        statement.body.at("resources"),
                        notes=(Note("the repository", repository.at),),
                        hint=f"add {address}.arn",
                    )
