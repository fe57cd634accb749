"""What commands share that explain the output: traces, names given by the user, and shell completion."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.session import Session, rendered
from generator.findings import OetgenError
from generator.findings.suggest import listed, nearest
from generator.pipeline import Pipeline, configured
from generator.project import OUT
from generator.project.folder import Project, find

if TYPE_CHECKING:  # a render, which completes environments, needs nothing of these
    from click.shell_completion import CompletionItem

    from generator.provenance.trace import Trace
    from generator.values.layers import Values
    from generator.values.source import KeyPath


def traced(session: Session, names: list[str]) -> list[Trace]:
    """Validate and render environments, and return their traces; with errors, print all findings and exit."""
    pipeline = session.pipeline()
    return [pipeline.trace(result.values) for result, _ in rendered(session, pipeline, names)]


def output_file(session: Session, text: str) -> tuple[str, str]:
    """Return the environment and path of the output file that `text` names. Raises OetgenError."""
    pipeline = session.pipeline()
    project = pipeline.project
    folders = pipeline.folders()
    bases = [Path(os.path.realpath(session.start)), project.root]
    places = [
        Path(to_path(base / text)) for base in bases for to_path in (os.path.realpath, os.path.normpath)
    ]
    for place in places:
        for env, folder in folders.items():
            if place != project.root / folder and place.is_relative_to(project.root / folder):
                return env, place.relative_to(project.root / folder).as_posix()
    top = pipeline.settings.top
    for place in places:
        if (
            top
            and place.is_relative_to(project.root / top)
            and len(place.relative_to(project.root / top).parts) > 1
        ):
            env = place.relative_to(project.root / top).parts[0]
            hint = nearest(env, project.environment_names())
            raise OetgenError(f'no environment "{env}"', hint or f"name a file below {top}/ENV/")
    example = next(iter(folders.values()), f"{OUT}/prod")
    meant = [f"{folder}/{text}" for folder in folders.values() if (project.root / folder / text).is_file()]
    hint = f"name one, as {listed(meant) if meant else f'{example}/FILE'}"
    raise OetgenError(f"{text} is not a file below {top or example}/", hint)


def value_path(pipeline: Pipeline, values: Sequence[Values], text: str) -> KeyPath:
    """Return the path of the value that `text` names, in any of the environments. Raises OetgenError.

    Values that only a template names are known, too; they are looked for when no environment sets the value.
    """
    from generator.values.source import all_paths, format_path

    known: dict[str, KeyPath] = {}
    for each in values:
        known |= all_paths(each.data)
    for trace in () if text in known else map(pipeline.trace, values):
        for file in trace.files():
            found = [
                path for line in file.lines for each in line for path in (*each.tag.paths, *each.decides)
            ]
            found += [path for omission in file.omissions for path in omission.decides]
            known |= {format_path(path): path for path in found}
    if text not in known:
        raise OetgenError(f'no value "{text}"', near_value(text, known, "ENV"))
    return known[text]


def near_value(text: str, known: Collection[str], env: str) -> str:
    """Return a hint for the path of a value that is not among `known`: one like it, or what the map above it has."""
    parts = text.split(".")
    heads = [".".join(parts[:count]) for count in range(1, len(parts))]
    parent = next((head for head in reversed(heads) if head in known), "")
    if not parent:
        return nearest(text, list(known)) or f"run: oetgen values {env} to list all values"
    keys = [path[len(parent) + 1 :] for path in known if path.startswith(f"{parent}.")]
    keys = list(dict.fromkeys(key.partition(".")[0] for key in keys))
    near = nearest(parts[parent.count(".") + 1], keys, f"{parent}.")
    return near or (f"{parent} has {listed(keys)}" if keys else f"{parent} is a value without parts")


def complete_environment(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of an environment."""
    from click.shell_completion import CompletionItem

    project = _project(context)
    names = project.environment_names() if project else []
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def complete_value(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the path of a value, one key at a time, from the values files alone."""
    from click.shell_completion import CompletionItem

    from generator.values.layers import load_values
    from generator.values.source import format_path, leaves

    project = _project(context)
    if project is None:
        return []
    named = context.params.get("environment")
    names = [named] if named in project.environment_names() else project.environment_names()
    paths = {path for name in names for path, _ in leaves(load_values(project, name)[0].data)}
    found: dict[str, None] = {}
    for text in sorted(format_path(path) for path in paths):
        if text.startswith(incomplete):
            end = text.find(".", len(incomplete))
            found[text if end < 0 else text[: end + 1]] = None
    if len(found) == 1 and next(iter(found)).endswith("."):  # no choice at this key
        return complete_value(context, parameter, next(iter(found)))
    return [CompletionItem(text) for text in found]


def complete_code(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the code of a finding."""
    from click.shell_completion import CompletionItem

    from generator.report.explain import explanations

    return [CompletionItem(code) for code in explanations() if code.startswith(incomplete)]


def complete_starter(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the name of a starter."""
    from click.shell_completion import CompletionItem

    from generator.project.starters import starters

    return [CompletionItem(name) for name in starters() if name.startswith(incomplete)]


def complete_output(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the path of a file in out/."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete or f"{OUT}/", type="file")]


def _project(context: click.Context) -> Project | None:
    """Return the project during shell completion, when no command runs."""
    start = context.find_root().params.get("start", Path())
    try:
        return configured(find(Path(start)))
    except OetgenError:
        return None
