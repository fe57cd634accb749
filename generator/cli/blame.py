"""`oetgen blame`: which template, values and conditions made a file or a line."""

from __future__ import annotations

import json
import re

import click

from generator.cli.completion import complete_output, output_file, traced
from generator.cli.session import Session
from generator.findings import OetgenError
from generator.findings.suggest import nearest
from generator.project import OUT
from generator.report.blame import file_data
from generator.report.blame_text import file_text, line_text

_PLACE = re.compile(r"(.+?)(?::([1-9][0-9]*))?(?::([1-9][0-9]*))?")


@click.command()
@click.argument("file", metavar="FILE[:LINE[:COLUMN]]", shell_complete=complete_output)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to say it.")
@click.pass_obj
def blame(session: Session, file: str, form: str) -> None:
    """Say what made each line of FILE, which is in out/; with LINE, all that led to it."""
    place = _PLACE.fullmatch(file)
    if place is None:
        raise OetgenError(f"{file!r} names no file", "name a file in out/, as out/prod/k8s/ingress.yaml:12")
    project = session.project()
    env, path = output_file(session, project, place[1])
    ((_, trace),) = traced(session, project, [env])
    found = trace.file(path)
    if found is None:
        known = [each.path for each in trace.files() if each.text]
        hint = nearest(path, known) or f"oetgen render {env} says which files there are"
        raise OetgenError(f"no template makes {OUT}/{env}/{path}", hint)
    line, column = int(place[2] or 0), int(place[3] or 0)
    if found.text and line > len(found.lines):
        raise OetgenError(f"{place[1]} has {len(found.lines)} lines", "name one of them")
    if form == "json":
        data = file_data(trace, found, [line] if line and found.text else None)
        text = json.dumps(data, ensure_ascii=False, indent=2)
    elif line and found.text:
        text = line_text(trace, found, line, column, session.console.paint)
    else:
        text = file_text(trace, found, session.console.paint)
    trace.tracer.remember()
    click.echo(text, color=session.console.color)
