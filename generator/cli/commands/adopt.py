"""`oetgen adopt`: existing folders, one for each environment, become a project that renders the same bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli import speed
from generator.cli.session import Session
from generator.findings import Finding, FindingError, OetgenError, Severity
from generator.project import BASE, ENVIRONMENTS, OUT, SETTINGS, TEMPLATES
from generator.project.names import environment_problems
from generator.report.text import hanging
from generator.writer.create import create

if TYPE_CHECKING:
    from generator.adopt.project import Adoption, Names
    from generator.adopt.secrets import Public
    from generator.adopt.tree import Folder

_MOST_LEFT = 5  # files that a message names
_MADE = (ENVIRONMENTS, TEMPLATES, SETTINGS)


@click.command()
@click.argument("folders", nargs=-1, metavar="NAME=FOLDER[,FILE]...")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), default=".", metavar="DIR", help="The project to make."
)
@click.option(
    "--names",
    "names_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The names of the values; a file that does not exist is written with the proposed names.",
)
@click.option(
    "--not-secret",
    "public",
    multiple=True,
    metavar="PATH[:LINE]=REASON",
    help="What looks like a secret there is public, for this reason.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write what differs, and the values, as one HTML page.",
)
@click.pass_context
def adopt(
    context: click.Context,
    folders: tuple[str, ...],
    target: Path,
    names_file: Path | None,
    public: tuple[str, ...],
    form: str,
    page: Path | None,
) -> None:
    """Turn existing folders, one for each environment, into a project that renders the same bytes.

    FOLDER may also be a file or several, such as the output of `helm template`, or a Compose file and its override.
    Writes environments/, templates/ and oetgen.yaml to DIR, and the output to DIR/out; the folders stay as they are.
    """
    from generator.adopt.drift import drift
    from generator.adopt.secrets import read_public
    from generator.cli.commands.render import render
    from generator.report import adopt as report
    from generator.report.page.adoption import adoption_page

    session: Session = context.obj
    sources = _sources(session, folders)
    root = session.start / target
    _refuse_project(root, target, list(sources))
    names = _names(session, names_file)
    read = _read(sources)
    with session.console.progress(3, "adopt") as done:
        adoption, findings = _proved(read, names, read_public(public), done)
        _refuse_nothing(adoption)
        if names_file and not names.file:
            _propose(session, names_file, adoption)
            return
        create(root, adoption.files, adoption.executable)
        done()
    copied = ((each.environment, each.path) for each in adoption.copied)
    found = drift(adoption.compared(), adoption.environments, copied)
    printer = replace(session, start=root, console=replace(session.console, quiet=True))
    context.obj = printer
    context.invoke(
        render,
        environments=(),
        every=True,
        shard=None,
        out=None,
        settings=(),
        overwrite=False,
        jobs=_jobs(adoption),
    )
    session.console.findings([*adoption.findings, *findings])
    if page:
        _write_page(session, page, adoption_page(adoption, found, str(target)))
    if form == "json":
        session.console.print(report.render_json(adoption, found, str(target)))
    else:
        text = report.render_text(adoption, found, str(target), session.console.paint)
        session.console.note("\n".join(hanging(line, session.console.width) for line in text.split("\n")))


def _write_page(session: Session, file: Path, text: str) -> None:
    try:
        (session.start / file).write_text(text, "utf-8", "backslashreplace")
    except OSError as problem:
        raise OetgenError(
            f"cannot write {file}: {problem.strerror}", "name another file with --page"
        ) from None


def _sources(session: Session, folders: tuple[str, ...]) -> dict[str, list[Path]]:
    """Return the folder or files of each environment. Raises OetgenError for what cannot be one."""
    if not folders:
        raise OetgenError(
            "no folder is named", "name one for each environment: prod=deploy/prod dev=deploy/dev"
        )
    sources: dict[str, list[Path]] = {}
    for each in folders:
        name, separator, folder = each.partition("=")
        if not separator or not name or not folder:
            raise OetgenError(f"{each} is not NAME=FOLDER", "write, for example, prod=deploy/prod")
        if name in sources:
            raise OetgenError(f'two folders are named for the environment "{name}"', "remove one of them")
        is_one = os.path.lexists(session.start / folder)
        parts = [folder] if is_one else [part for part in folder.split(",") if part]
        sources[name] = [session.start / part for part in parts or [folder]]
    problems = environment_problems(sources)
    if BASE in sources:
        problems[BASE] = f"{ENVIRONMENTS}/{BASE}.yaml has the defaults of all environments"
    for name, reason in problems.items():
        raise OetgenError(f'an environment cannot be called "{name}": {reason}', "use another name")
    return sources


def _refuse_project(root: Path, target: Path, environments: list[str]) -> None:
    """Raise OetgenError when something is where the project is going to be: nothing is ever overwritten."""
    paths = [*_MADE, *(f"{OUT}/{name}" for name in environments)]
    taken = [path for path in paths if os.path.lexists(root / path)]
    if taken:
        raise OetgenError(
            f"{target} already has {', '.join(taken)}",
            "name another folder with --to DIR, or move these away",
        )
    if root.exists() and not root.is_dir():
        raise OetgenError(f"--to {target} is not a folder", "name a folder")


def _read(sources: dict[str, list[Path]]) -> list[Folder]:
    from generator.adopt.tree import read_folder

    return [read_folder(name, paths) for name, paths in sorted(sources.items())]


def _names(session: Session, file: Path | None) -> Names:
    """Read the names of the values, if there are any yet."""
    from generator.adopt.project import NO_NAMES, Names
    from generator.adopt.renames import read_names

    if file is None or not os.path.lexists(session.start / file):
        return NO_NAMES
    try:
        text = (session.start / file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise OetgenError(f"cannot read {file}: {problem}", "name a file of text") from None
    return Names(str(file), read_names(text, str(file)))


def _propose(session: Session, file: Path, adoption: Adoption) -> None:
    from generator.adopt.renames import names_text

    (session.start / file).write_text(names_text(adoption.values, adoption.maps), "utf-8")
    number = len(adoption.values) + sum(len(each.values) for each in adoption.maps)
    session.console.note(f"{file}: {number} proposed names; edit them, and run the same command again")


def _refuse_nothing(adoption: Adoption) -> None:
    """Raise OetgenError when no file can be adopted."""
    if any(adoption.originals.values()):
        return
    left = [f"{each.environment}:{each.path}: {each.reason}" for each in adoption.left]
    more = f"; and {len(left) - _MOST_LEFT} more" if len(left) > _MOST_LEFT else ""
    raise OetgenError(
        f"no file can be adopted: {'; '.join(left[:_MOST_LEFT])}{more}",
        "move secrets to a store; for text that is not a secret, add --not-secret PATH:LINE=REASON",
    )


def _proved(
    read: list[Folder], names: Names, public: list[Public], done: Callable[[], None]
) -> tuple[Adoption, list[Finding]]:
    """Make a project, render it and compare it with the originals; return it and its warnings.

    Files that come out differently are written line by line instead. Raises OetgenError when that does not help.
    """
    from generator.adopt.project import adopt as build
    from generator.adopt.prove import differing, first_difference

    plain: dict[str, str] = {}
    copied: set[str] = set()
    apart: frozenset[str] = frozenset()
    while True:
        adoption = build(read, plain, copied, names, apart, public)
        done()
        rendered, findings = _rendered(adoption)
        errors = [each for each in findings if each.severity is Severity.ERROR]
        wrong = {} if errors else differing(adoption.originals, rendered)
        if not errors and not wrong:
            return adoption, findings
        joined = adoption.joined(errors, wrong)
        worse = {} if joined else adoption.blamed(errors, wrong)
        apart = adoption.apart | joined
        if not worse and not joined:
            break
        copied |= worse.keys() & plain.keys()
        plain |= worse
    if errors:
        raise FindingError(*errors[:5])
    environment, paths = next(iter(wrong.items()))
    reason = first_difference(
        adoption.originals[environment].get(paths[0]), rendered.get(environment, {}).get(paths[0])
    )
    raise OetgenError(
        f"{environment}:{paths[0]} cannot be rendered as it was: {reason}; nothing was written",
        "please report this with the file; without it, the others can be adopted",
    )


def _rendered(adoption: Adoption) -> tuple[dict[str, dict[str, bytes]], list[Finding]]:
    """Render all environments of a project in a temporary folder, as `oetgen render` does."""
    from generator.pipeline import Pipeline
    from generator.project.folder import Project
    from generator.render.result import Validated

    with tempfile.TemporaryDirectory(prefix="oetgen-adopt-") as folder:
        create(Path(folder), adoption.files)
        pipeline = Pipeline(Project(Path(folder)))

        def render(each: Validated) -> tuple[dict[str, bytes] | None, tuple[Finding, ...]]:
            result = pipeline.render(each)
            tree = result.tree.files.items() if result.tree else None
            return None if tree is None else {path: file.data for path, file in tree}, result.findings

        validated = pipeline.validate(list(adoption.environments))
        with speed.in_steps(validated, (render,), _jobs(adoption)) as (results,):
            found = dict(zip(adoption.environments, results, strict=True))
    rendered = {name: files for name, (files, _) in found.items() if files is not None}
    return rendered, [finding for _, findings in found.values() for finding in findings]


def _jobs(adoption: Adoption) -> int:
    return speed.fitting(sum(map(len, adoption.originals.values())))
