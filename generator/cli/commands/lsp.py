"""`oetgen lsp`: serve an editor over standard input and output."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from generator.findings import OetgenError


@click.command()
@click.option(
    "--log", type=click.Path(path_type=Path), metavar="FILE", help="Write a log to FILE, for a bug report."
)
def lsp(log: Path | None) -> None:
    """Serve an editor with the Language Server Protocol, over standard input and output."""
    try:
        from generator.editor.server import serve
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise OetgenError("the language server needs pygls", "run: pip install 'oetgen[editor]'") from None
    if log:
        logging.basicConfig(filename=log, level=logging.DEBUG, format="%(asctime)s %(name)s %(message)s")
    serve()
