"""`oetgen blame`: show the template line, values and conditions behind a file or a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import click

from generator.cli.completion import complete_output, output_file, traced
from generator.cli.session import Session
from generator.findings import OetgenError
from generator.findings.suggest import nearest
from generator.project.content import text_of
from generator.project.files import read_bytes
from generator.report.blame_data import file_data
from generator.report.blame_text import file_text, line_text

_PLACE = re.compile(r"(.+?)(?::([1-9][0-9]*))?(?::([1-9][0-9]*))?")


@click.command()
@click.argument(
    "files", metavar="FILE[:LINE[:COLUMN]]", nargs=-1, required=True, shell_complete=complete_output
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Output format.")
@click.pass_obj
def blame(session: Session, files: tuple[str, ...], form: str) -> None:
    """Show the template line and values behind each line of FILE in out/; with LINE, every condition, too."""
    file, *others = files
    if others:
        is_line = all(re.fullmatch("[1-9][0-9]*", each) for each in others)
        hint = f"run: oetgen blame {':'.join(files)}" if is_line else "name one"
        raise OetgenError("blame is about one file", hint)
    place = _PLACE.fullmatch(file)
    if place is None:
        raise OetgenError(
            f"{file!r} is not the name of a file", "name a file in out/, as out/prod/k8s/ingress.yaml:12"
        )
    env, path = output_file(session, place[1])
    (trace,) = traced(session, [env])
    found = trace.file(path)
    if found is None:
        known = [f"{trace.folder}/{each.path}" for each in trace.files() if each.text]
        hint = nearest(f"{trace.folder}/{path}", known) or f"run: oetgen render {env} to list its files"
        raise OetgenError(f"no template generates {trace.folder}/{path}", hint)
    line, column = int(place[2] or 0), int(place[3] or 0)
    if found.text and line > len(found.lines):
        raise OetgenError(f"{place[1]} has {len(found.lines)} lines", "name one of them")
    if form == "json":
        data = file_data(trace, found, [line] if line and found.text else None)
        text = json.dumps(data, ensure_ascii=False, indent=2)
    elif line and found.text:
        text = line_text(trace, found, line, column, session.console.paint, session.console.width)
    else:
        text = file_text(trace, found, session.console.paint, session.console.width)
    if form == "text":
        text = "\n".join([*_edited(session, f"{trace.folder}/{path}", found.text, line), text])
    trace.tracer.remember()
    session.console.print(text)


def _edited(session: Session, path: str, rendered: str, number: int) -> Iterator[str]:
    """Yield a line if the file on disk, or its line `number`, has another text than what is shown."""
    root = session.pipeline().project.root
    try:
        found = text_of(read_bytes(str(root), path))
    except (OSError, UnicodeDecodeError):
        return
    lines, wanted = found.splitlines(), rendered.splitlines()
    shown = slice(number - 1, number) if number else slice(None)
    if lines[shown] != wanted[shown]:
        text = f"it is now: {''.join(lines[shown]).strip()}" if number else "run: oetgen diff"
        what = f"line {number} of the file on disk" if number else f"{path} on disk"
        yield session.console.paint(f"{what} is not as rendered, which is shown here; {text}", "yellow")
