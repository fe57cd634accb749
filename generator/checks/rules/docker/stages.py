"""Everything that a Dockerfile copies must exist: in an earlier stage, and created there.

Also checked: the stage that `docker build --target` or Compose names, and the order of `ARG` and `FROM`.

Why: Docker reports a missing stage only during the build, and takes a misspelled stage for an image on Docker
Hub. Copying a folder that the stage never creates fails at the end of the build.

Bad:

    FROM base AS builder
    FROM base
    COPY --from=build /app/dist ./dist

Good:

    FROM base AS builder
    RUN npm run build
    FROM base
    COPY --from=builder /app/dist ./dist
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from generator.checks.rule import Context, NotApplicableError
from generator.checks.rules.docker.user import USERS, added
from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import nearest
from generator.languages.dockerfile.instructions import (
    KEYWORDS,
    Dockerfile,
    Instruction,
    Stage,
    expanded,
    pairs,
)
from generator.system import System

CODE = "checks/stages"
_ABSOLUTE = re.compile(r"""[/$"'\\]|[A-Za-z]:""")  # a path of Linux or Windows, or one that a variable gives
ADVICE = "docs.docker.com, Build checks: DuplicateStageName, WorkdirRelativePath; Dockerfile reference, COPY --from"
_BUILDS = re.compile(r"\b(?:npm|pnpm|yarn) run build\b")
# Base images of which the command is a shell or an interpreter, or which have none.
_BARE = frozenset("alpine busybox debian golang node openjdk php python ruby scratch ubuntu".split())
_NEVER = "which never creates it"  # what the base image has outside of the folder is not known
_USERS = frozenset(["root", "node", "nobody"])
# Commands whose effect on the files of an image is known: what they do not make, they do not make.
_KNOWN = frozenset(
    "addgroup adduser apk apt-get chmod chown corepack groupadd mkdir node npm npx pnpm rm set useradd yarn".split()
)
_FROM_BASE = ("/bin/", "/etc/", "/lib/", "/lib64/", "/opt/", "/root/", "/sbin/", "/usr/", "/var/")
_SCRIPT = r"\b(?:bun|npm|pnpm|yarn)\s+(?:run\s+)?(?!add\b|cache\b|ci\b|config\b|i\b|install\b|set\b)\w"
_CREATES = {  # the command that creates a folder that is not copied
    "node_modules": re.compile(r"\b(?:npm (?:ci|install|i)|pnpm (?:install|i)|yarn)\b"),
    **dict.fromkeys(("dist", "build", ".next"), re.compile(rf"\bbuild\b|{_SCRIPT}")),
}


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    if not system.dockerfiles:
        raise NotApplicableError("there are no Dockerfiles")
    for dockerfile in system.dockerfiles:
        yield from _instructions(dockerfile)
        yield from _names(dockerfile)
        yield from _contents(dockerfile)
        for number, stage in enumerate(dockerfile.stages):
            for each in stage.all("COPY"):
                if each.flag("from"):
                    yield from _copy(dockerfile, number, each)
            for each in stage.all("RUN"):
                yield from _mounts(dockerfile, number, each)
    yield from _targets(system)


def _instructions(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield an error for each unknown or misplaced instruction, and for a missing command at the end."""
    has_from = False
    for each in dockerfile.instructions:
        has_from |= each.keyword == "FROM"
        if each.keyword not in KEYWORDS:
            hint = (
                nearest(each.keyword, sorted(KEYWORDS))
                or "check whether the line before ends with a backslash"
            )
            yield error(CODE, f"unknown instruction {each.keyword}", each.at, hint=hint)
        elif not has_from and each.keyword != "ARG":
            yield error(CODE, f"{each.keyword} comes before the first FROM", each.at, hint="start with FROM")
        elif each.keyword in ("CMD", "ENTRYPOINT", "SHELL") and each.arguments.startswith("["):
            if not each.is_json:
                hint = 'write a JSON list: ["node", "server.js"]'
                yield error(CODE, f"{each.keyword} starts with [ but is not a JSON list", each.at, hint=hint)
        elif not each.arguments:
            yield error(CODE, f"{each.keyword} has no arguments", each.at, hint="add its arguments")
        elif each.keyword == "WORKDIR" and not _ABSOLUTE.match(each.arguments):
            yield warning(
                CODE,
                f"WORKDIR {each.arguments} is relative, expected an absolute path",
                each.at,
                hint=f"write /{each.arguments}",
            )
    if not dockerfile.stages:
        yield error(CODE, "the Dockerfile has no FROM", dockerfile.source.span(1), hint="start it with FROM")
    elif _has_no_command(dockerfile):
        last = dockerfile.stages[-1].start
        yield warning(CODE, "the final image has no CMD", last.at, hint='add CMD ["…"] at the end')


def _has_no_command(dockerfile: Dockerfile) -> bool:
    """Return whether the final image has no command, and none of a base image that has one of its own."""
    base = dockerfile.lineage(dockerfile.stages[-1])[-1].image
    has_own = any(each.keyword in ("CMD", "ENTRYPOINT") for each in dockerfile.final())
    return not has_own and base.partition(":")[0] in _BARE


def _names(dockerfile: Dockerfile) -> Iterator[Finding]:
    seen: dict[str, Instruction] = {}
    for stage in dockerfile.stages:
        words = stage.start.texts
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            message = f"FROM {stage.start.arguments} is neither FROM IMAGE nor FROM IMAGE AS NAME"
            yield error(CODE, message, stage.start.at, hint="write FROM IMAGE AS NAME")
        if stage.name.lower() in seen:
            note = Note("the first one is here", seen[stage.name.lower()].at)
            message = f"two stages have the name {stage.name}"
            yield warning(CODE, message, stage.start.at, notes=(note,), hint="rename one")
        seen[stage.name.lower()] = stage.start


def _contents(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Yield an error for each missing package, unknown owner and relative path in the stages."""
    for stage in dockerfile.stages:
        instructions = dockerfile.built(stage)
        yield from _packages(stage, instructions)
        yield from _owners(stage, instructions)
        relative = [each for each in stage.all("COPY") if _is_relative(each)]
        if relative and not any(each.keyword == "WORKDIR" for each in instructions):
            message = f"the stage {stage.name} copies to {relative[0].texts[-1]}, but has no WORKDIR"
            note = Note("the stage", stage.start.at)
            yield warning(CODE, message, relative[0].at, notes=(note,), hint="add WORKDIR /app before it")


def _is_relative(copy: Instruction) -> bool:
    return bool(copy.texts) and not copy.texts[-1].startswith(("/", "$"))


def _packages(stage: Stage, instructions: list[Instruction]) -> Iterator[Finding]:
    """Yield a warning for each build in a stage before its packages are installed."""
    for each in instructions:
        if each.keyword == "COPY" and "node_modules" in each.arguments:
            return
        if each.keyword != "RUN":
            continue
        if _CREATES["node_modules"].search(each.arguments):
            return
        if _BUILDS.search(each.arguments) and each in stage.instructions:
            message = f"the stage {stage.name} builds before its packages are installed"
            note = Note("the stage", stage.start.at)
            yield warning(CODE, message, each.at, notes=(note,), hint="install the packages before the build")


def _owners(stage: Stage, instructions: list[Instruction]) -> Iterator[Finding]:
    """Yield an error for each owner of a copy that the image does not have."""
    if added(instructions, USERS) is None:
        return
    values = {name: value for each in instructions if each.keyword == "ENV" for name, value in pairs(each)}
    runs = [each for each in instructions if each.keyword == "RUN"]
    words = [text for each in runs for command in each.script.commands for text in command.texts]
    words += [text for each in runs if each.is_json for text in each.texts]
    known = _USERS | {expanded(word, values) for word in words}
    for each in stage.all("COPY", "ADD"):
        for name in filter(None, each.flag("chown").split(":")):
            if name not in known and not name.isdigit() and "$" not in name:
                at = each.where(f"--chown={each.flag('chown')}")
                made = sorted(added(instructions, USERS) or {})
                near = nearest(name, made)
                message = f"the image has no user or group {name}"
                if made:  # otherwise it is one of the base image
                    hint = near or "add it with adduser or addgroup before this line"
                    yield error_if(near, CODE, message, at, hint=hint)


def _copy(dockerfile: Dockerfile, number: int, each: Instruction) -> Iterator[Finding]:
    name = each.flag("from")
    stage, problem = _source(dockerfile, number, name, each.where(f"--from={name}"))
    yield from problem
    if stage is None:
        return
    for path in each.texts[:-1]:
        reason = _missing_because(dockerfile, stage, path)
        if reason and dockerfile.built(stage):
            note = Note(f"the stage {stage.name}", stage.start.at)
            yield error_if(
                reason == _NEVER,
                CODE,
                f"{path} is copied from {stage.name}, {reason}",
                each.where(path),
                notes=(note,),
                hint=_hint(path),
            )


def _mounts(dockerfile: Dockerfile, number: int, run: Instruction) -> Iterator[Finding]:
    """Yield findings about the stages that `RUN --mount=from=` names."""
    for flag in run.flags:
        found = re.search(r"[=,]from=([^,]+)", flag.text)
        if flag.text.startswith("--mount=") and found:
            yield from _source(dockerfile, number, found[1], run.place(flag))[1]


def _source(dockerfile: Dockerfile, number: int, name: str, at: Span) -> tuple[Stage | None, list[Finding]]:
    """Return the earlier stage that the stage `number` copies from, and what is wrong with the name."""
    stages = dockerfile.stages
    place = next((n for n, one in enumerate(stages) if one.name.lower() == name.lower()), -1)
    if place < 0 and name.isdigit():
        place = int(name)
        if place >= len(stages):
            message = f"there is no stage {name}: the last one is {len(stages) - 1}"
            hint = "write the name of a stage, or its number from 0 on"
            return None, [error(CODE, message, at, hint=hint)]
    earlier = stages[:number]
    known = [one.name for one in earlier if not one.name.isdigit()]
    notes = tuple(Note(f"there is {one.name}", one.start.at) for one in earlier)
    if place < 0:
        # Without a similar name it may be an image, or a context of the build.
        near = "" if set("/:$") & set(name) else nearest(name, known)
        message = f"no earlier stage has the name {name}"
        return None, [error(CODE, message, at, notes=notes, hint=near)] if near else []
    stage = stages[place]
    if place == number:
        message = f"the stage {stage.name} copies from itself"
        return None, [error(CODE, message, at, notes=notes, hint="name another stage")]
    if place > number:
        message = f"the stage {stage.name} comes later: BuildKit accepts that, and other builders refuse it"
        note = Note("the stage", stage.start.at)
        return None, [warning(CODE, message, at, notes=(note,), hint="move it before this stage")]
    return stage, []


def _hint(path: str) -> str:
    name = next((part for part in path.split("/") if part in _CREATES), "")
    return (
        "copy it from the stage that creates it"
        if name
        else "fix the path, or create the folder in that stage"
    )


def _missing_because(dockerfile: Dockerfile, stage: Stage, path: str) -> str:
    """Return why a stage cannot have a path, or an empty string."""
    if not path.startswith("/") or path.startswith(_FROM_BASE) or "$" in path:
        return ""
    instructions = dockerfile.built(stage)
    if any(_may_create(each) for each in instructions if each.keyword == "RUN"):
        return ""
    folders = [each.arguments for each in instructions if each.keyword == "WORKDIR"]
    if not folders:
        return "" if _is_copied(instructions, path) and path.count("/") == 1 else "which has no WORKDIR"
    inside = next((folder for folder in folders if path.startswith(f"{folder.rstrip('/')}/")), None)
    if inside is None:
        return f"whose WORKDIR is {folders[-1]}" if not _is_copied(instructions, path) else ""
    own = path.removeprefix(inside.rstrip("/")).lstrip("/")
    return "" if _is_created(instructions, own) else _NEVER


def _may_create(run: Instruction) -> bool:
    """Return whether a command may create files that only it knows of."""
    if run.is_json:
        return True
    return any(command.texts and command.texts[0] not in _KNOWN for command in run.script.commands)


def _is_created(instructions: list[Instruction], path: str) -> bool:
    """Return whether an instruction copies or creates a path below the WORKDIR of a stage."""
    first = path.split("/")[0]
    runs = [each.arguments for each in instructions if each.keyword == "RUN"]
    if first in _CREATES:
        copied = any(each.keyword == "COPY" and first in " ".join(each.texts) for each in instructions)
        return copied or any(_CREATES[first].search(run) for run in runs)
    return _is_copied(instructions, path) or any(first.rstrip("*") in run for run in runs)


def _is_copied(instructions: list[Instruction], path: str) -> bool:
    """Return whether an instruction copies a path, a folder that it is in, or a whole folder that may have it."""
    parts = set(path.strip("/").split("/"))
    for each in instructions:
        if each.keyword in ("COPY", "ADD"):
            names = {posixpath.basename(word.rstrip("/")) for word in each.texts}
            if names & parts or {".", "./"} & set(each.texts[:-1]):
                return True
    return False


def _targets(system: System) -> Iterator[Finding]:
    """Yield an error for each build whose target is not a stage of the Dockerfile."""
    named: list[tuple[str, str, Span]] = []
    for build in system.builds:
        option = build.command.option("--target")
        if option:
            named.append((build.folder, option.text, build.step.place(option.offset, len(option.text))))
    for file in system.compose:
        for name in file.services:
            own = file.services.map(name, "build")
            if own.text("target"):
                folder = posixpath.normpath(posixpath.join(file.folder, own.text("context")))
                folder = "" if folder == "." else folder
                named.append((folder, own.text("target"), own.at_key("target")))
    for folder, target, at in named:
        found = [each for each in system.dockerfiles if each.folder == folder.rstrip("/")]
        dockerfile = found[0] if len(found) == 1 else None
        if dockerfile and target not in [stage.name for stage in dockerfile.stages]:
            known = [stage.name for stage in dockerfile.stages]
            notes = tuple(Note(f"there is {stage.name}", stage.start.at) for stage in dockerfile.stages)
            hint = nearest(target, known) or f"write one of {', '.join(known)}"
            yield error(CODE, f"{dockerfile.source.path} has no stage {target}", at, notes=notes, hint=hint)
