"""Format results as one HTML page.

A value never becomes markup: the page contains compressed data, and its script displays it as text. Only the drawings
are markup that contains values; `drawing` escapes them.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from generator import __version__
from generator.changes import Comparison
from generator.provenance.coverage import Coverage
from generator.report.drawing import STYLE, svg
from generator.report.page.data import Subject, page_data
from generator.report.page.highlight import Highlights as Highlights


def page(
    subjects: Sequence[Subject],
    comparisons: Sequence[Comparison] = (),
    coverage: Coverage | None = None,
    highlights: Highlights | None = None,
    done: Callable[[], None] = lambda: None,
) -> str:
    """Return the page; `done` is called after each environment. Raise OetgenError if an extra is not installed."""
    script = part("page.js")
    style = STYLE + part("page.css")
    content = page_data(subjects, comparisons, coverage, highlights or Highlights(), done)
    data = json.dumps(content, separators=(",", ":"), sort_keys=True)
    drawings = "\n".join(
        f'<div class="drawing" data-drawing="{escape(subject.values.env)}" tabindex="0" role="group"'
        f' aria-label="drawing, scrolls" hidden>{svg(subject.graph, alone=False)}</div>'
        for subject in subjects
        if subject.graph
    )
    names = ", ".join(subject.values.env for subject in subjects)
    policy = (
        f"default-src 'none'; script-src {source_hash(script)}; style-src {source_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": escape(policy),
        "title": escape(f"oetgen: {names}"),
        "version": escape(__version__),
        "style": style,
        "script": script,
        "drawings": drawings,
        "data": packed(data),
    }
    # Between each pair of %% is the name of a part.
    texts = part("page.html").split("%%")
    return "".join(parts[text] if number % 2 else text for number, text in enumerate(texts))


def packed(text: str) -> str:
    """Return ASCII text as the page contains it: a tenth of the size, and without any character of markup."""
    data = zlib.compress(text.encode("ascii"), 9)  # 4 % smaller than level 6, for 1 % of the time
    return b64encode(data).decode("ascii")


def part(name: str) -> str:
    """Return the text of a file of this package."""
    return files(__name__).joinpath(name).read_text("utf-8")


def source_hash(text: str) -> str:
    """Return the source of a content security policy that allows exactly this script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


__all__ = ["Subject", "page", "part", "source_hash"]
