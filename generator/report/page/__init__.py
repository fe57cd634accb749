"""The page to look at: one file with all in it, for people who open it in a browser.

Nothing of a value is ever markup: the page holds data, and its script makes text of it. The drawings are the only
markup with values in them, and `drawing` escapes those.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from generator import __version__
from generator.provenance.coverage import Coverage
from generator.report.drawing import STYLE, svg
from generator.report.page.data import Subject, page_data


def page(
    subjects: Sequence[Subject], coverage: Coverage | None, done: Callable[[], None] = lambda: None
) -> str:
    """Return the page about environments; `done` is called after each. Raises OetgenError without the extra."""
    script = _part("page.js")
    style = STYLE + _part("page.css")
    data = json.dumps(
        page_data(subjects, coverage, done), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    for character in "<>&\u2028\u2029":
        data = data.replace(character, f"\\u{ord(character):04x}")
    drawings = "\n".join(
        f'<div class="drawing" data-drawing="{escape(subject.values.env)}" tabindex="0" role="group"'
        f' aria-label="drawing, scrolls" hidden>{svg(subject.graph, alone=False)}</div>'
        for subject in subjects
        if subject.graph
    )
    names = ", ".join(subject.values.env for subject in subjects)
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": escape(policy),
        "title": escape(f"oetgen: {names}"),
        "names": escape(names),
        "version": escape(__version__),
        "style": style,
        "script": script,
        "drawings": drawings,
        "data": data,
    }
    pieces = _part("page.html").split("%%")
    return "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def _part(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


__all__ = ["Subject", "page"]
