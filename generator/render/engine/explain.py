"""What goes wrong in a template, told as a finding at its line."""

from __future__ import annotations

import re

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError

from generator.findings import Finding, Note, error
from generator.findings.suggest import alternatives, nearest
from generator.project import TEMPLATES
from generator.render import filters
from generator.render.engine.failures import Explained
from generator.render.engine.loader import BRACE, keep_expressions
from generator.render.engine.sandbox import MissingName
from generator.render.engine.sources import Sources
from generator.render.tokens.syntax_errors import mistake


def syntax_finding(jinja: Environment, sources: Sources, problem: TemplateSyntaxError) -> Finding:
    """Return what is wrong with a template that is no template."""
    name = (problem.name or "").removeprefix(f"{TEMPLATES}/")  # Jinja's lexer names the file instead
    message = problem.message or ""
    missing = re.search(r"[Nn]o (filter|test) named '([^']*)'", message)
    if missing:
        kind, word = missing.groups()
        known = sorted(filters.NAMES if kind == "filter" else jinja.tests)
        hint = nearest(word, known) or f"there are {alternatives(word, known)}"
        return error(
            "engine/syntax", f'no {kind} "{word}"', sources.line(name, problem.lineno, word), hint=hint
        )
    if isinstance(problem, Explained):
        return error("engine/syntax", message, sources.line(name, problem.lineno), hint=problem.hint)
    found = mistake(jinja, keep_expressions(sources.text(name)), problem)
    notes = (Note("the block begins here", sources.line(name, found.opened)),) if found.opened else ()
    shown = found.message.replace(BRACE, "{")
    return error("engine/syntax", shown, sources.line(name, found.place), notes=notes, hint=found.hint)


def runtime_finding(sources: Sources, name: str, problem: Exception, names: list[str]) -> Finding | None:
    """Return what went wrong while the template `name` ran with values of these names; None when none was running."""
    import traceback  # 5 ms

    prefix = f"{TEMPLATES}/"
    frames = [
        frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename.startswith(prefix)
    ]
    if not frames:
        if isinstance(problem, TemplateNotFound):
            return error("engine/failed", f'no template "{problem.name}"', sources.line(name, 1))
        return None
    places = [(frame.filename.removeprefix(prefix), frame.lineno or 1) for frame in frames]
    inner, line = places[-1]
    notes = tuple(
        Note("used by this line", sources.line(*place))
        for place in reversed(places[:-1])
        if place != places[-1]
    )
    if isinstance(problem, MissingName):
        at = sources.line(inner, line, problem.name)
        hint = (
            nearest(problem.name, problem.near or names)
            or "add it to environments/base.yaml, or mend the name"
        )
        return error("engine/undefined", str(problem), at, notes=notes, hint=hint)
    if isinstance(problem, TemplateNotFound):
        hint = nearest(str(problem.name), sources.names)
        return error(
            "engine/failed",
            f'no template "{problem.name}"',
            sources.line(inner, line),
            notes=notes,
            hint=hint,
        )
    message = str(problem) or type(problem).__name__
    if isinstance(problem, RecursionError):
        message = "a macro or an include uses itself without end"
    hint = getattr(problem, "hint", "") or "mend the expression on this line"
    return error("engine/failed", message, sources.line(inner, line), notes=notes, hint=hint)
