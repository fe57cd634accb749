"""`oetgen values`: print the merged values of an environment, each with its origin, or one value of all of them."""

from __future__ import annotations

import json

import click

from generator.cli.completion import complete_environment, complete_value, near_value
from generator.cli.session import Session, chosen
from generator.findings import OetgenError, has_errors, merge_environments
from generator.project.folder import Project
from generator.report.values import across_text, values_data, values_yaml
from generator.values.layers import Files, Values, load_values
from generator.values.source import KeyPath, all_paths


@click.command()
@click.argument("environment", metavar="ENV|PATH", shell_complete=complete_environment)
@click.argument("path", required=False, metavar="[PATH]", shell_complete=complete_value)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", help="Output format.")
@click.pass_obj
def values(session: Session, environment: str, path: str | None, form: str) -> None:
    """Print the merged values of ENV, or those below PATH, with the line that sets each and what it overrides.

    With PATH alone: what it is in each environment, and the line that sets it there.
    """
    project = session.project()
    every = _everywhere(session, project, environment) if path is None else []
    if every:
        _print_every(session, every, environment, form)
        return
    chosen(project, (environment,), every=False, single=True)
    merged, findings = load_values(project, environment)
    session.console.findings(findings)
    if has_errors(findings):
        raise SystemExit(1)
    wanted = _path(merged, path) if path else ()
    if form == "json":
        click.echo(json.dumps(values_data(merged, wanted), ensure_ascii=False, indent=2))
    else:
        click.echo(values_yaml(merged, wanted), nl=False)


def _everywhere(session: Session, project: Project, text: str) -> list[Values]:
    """Return the values of every environment where `text` names a value of one of them, and no environment."""
    names = project.environment_names()
    if (
        not names
        or text in names
        or "/" in text
        or any(variant.file == text for variant in project.variants.values())
    ):
        return []
    files = Files(project, session.cache)
    loaded = [load_values(project, env, (), files) for env in names]
    known = dict.fromkeys(path for each, _ in loaded for path in all_paths(each.data))
    if text not in known and "." not in text:
        return []
    if text not in known:
        raise OetgenError(f'no environment has a value "{text}"', near_value(text, known, names[0]))
    findings = merge_environments(finding for _, found in loaded for finding in found)
    session.console.findings(findings)
    if has_errors(findings):
        raise SystemExit(1)
    return [each for each, _ in loaded]


def _print_every(session: Session, every: list[Values], path: str, form: str) -> None:
    wanted = next(known[path] for each in every if path in (known := all_paths(each.data)))
    if form == "json":
        found = [values_data(each, wanted) for each in every]
        click.echo(
            json.dumps({"version": 1, "path": path, "environments": found}, ensure_ascii=False, indent=2)
        )
    else:
        session.console.print(
            "\n".join(across_text(every, wanted, session.console.paint, session.console.width))
        )


def _path(merged: Values, text: str) -> KeyPath:
    known = all_paths(merged.data)
    if text not in known:
        raise OetgenError(f'{merged.env} has no value "{text}"', near_value(text, known, merged.env))
    return known[text]
