"""`oetgen new`: add an environment, a service, or an entry of another map."""

from __future__ import annotations

import click

from generator.cli.completion import complete_environment
from generator.cli.proposal import Proposal, decisions
from generator.cli.session import Session, chosen, stop_at_errors
from generator.findings import OetgenError
from generator.pipeline import Pipeline


@click.command()
@click.argument("kind", metavar="environment|service|WORD")
@click.argument("name", metavar="NAME")
@click.option(
    "--from",
    "source",
    metavar="ENV",
    shell_complete=complete_environment,
    help="The environment that a new one resembles.",
)
@click.option("--like", metavar="SERVICE", help="The service that a new one resembles.")
@decisions
@click.pass_obj
def new(
    session: Session,
    kind: str,
    name: str,
    source: str | None,
    like: str | None,
    dry_run: bool,
    yes: bool,
    verbose: bool,
) -> None:
    """Add an environment, a service, or an entry of the map that WORD of oetgen.yaml stands for.

    It shows what changes first, and asks. Without a terminal it writes nothing unless --yes is given.
    """
    pipeline = session.pipeline()
    if kind == "environment":
        _refuse(like, "--like", kind)
        source, edits = _environment(session, pipeline, name, source)
    else:
        _refuse(source, "--from", kind)
        edits = _entry(session, pipeline, kind, name, like)
    Proposal(session, pipeline, edits, source, verbose=verbose).decide(dry_run=dry_run, yes=yes)


def _refuse(value: str | None, option: str, kind: str) -> None:
    if value is not None:
        raise OetgenError(f"{option} is not for a new {kind}", "remove it")


def _environment(
    session: Session, pipeline: Pipeline, name: str, source: str | None
) -> tuple[str, dict[str, str]]:
    from generator.changes.scaffold import new_environment

    project = pipeline.project
    names = project.environment_names()
    by_matrix = {each: variant.file for each, variant in project.variants.items()}
    files = sorted({by_matrix.get(each, each) for each in names})
    if source is None and len(files) != 1:
        raise OetgenError(
            f"which environment does {name} resemble?", f"add --from with one of {', '.join(files)}"
        )
    source, *_ = chosen(project, (source or files[0],), every=False)
    [validated] = pipeline.validate([source])
    stop_at_errors(session, list(validated.findings), writing=True)
    return source, new_environment(name, validated.values, [*names, *files], pipeline.accepts)


def _entry(session: Session, pipeline: Pipeline, kind: str, name: str, wanted: str | None) -> dict[str, str]:
    from generator.changes.scaffold import new_entry
    from generator.values.layers import value_at

    names = chosen(pipeline.project, (), every=True)
    validated = pipeline.validate(names)
    words = pipeline.settings.each
    maps = {word: each.path for word, each in words.items() if each.path[0] not in words}
    maps |= {word: each.path for word, each in pipeline.settings.matrix.items()}
    environments = [each.values for each in validated]
    where = maps.get(kind, ())
    is_first = where and not any(value_at(each.data, where) for each in environments)
    if not is_first:
        stop_at_errors(session, [found for each in validated for found in each.findings], writing=True)
    edits = new_entry(kind, name, wanted, environments, maps, pipeline.schema)
    if is_first:  # a schema may demand one
        validated = pipeline.edited(edits).validate(names)
        stop_at_errors(session, [found for each in validated for found in each.findings], writing=True)
    return edits
