"""Errors of Jinja and of running templates, as findings at the template's line."""

from __future__ import annotations

import re

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError

from generator.findings import Finding, Note, error
from generator.findings.suggest import alternatives, nearest
from generator.project import TEMPLATES
from generator.project.limits import EXCEEDED, reason
from generator.render import filters
from generator.render.engine.errors import RefusedTemplateError
from generator.render.engine.sandbox import MissingNameError
from generator.render.engine.sources import Sources
from generator.render.filters import CapturedTextError
from generator.render.tokens.delimiters import show_braces
from generator.render.tokens.foreign import raw_hint
from generator.render.tokens.syntax_errors import diagnose


def syntax_finding(jinja: Environment, sources: Sources, problem: TemplateSyntaxError) -> Finding:
    """Return the finding for a template that Jinja or the loader refuses."""
    name = (problem.name or "").removeprefix(f"{TEMPLATES}/")  # Jinja's lexer has the file name instead
    message = problem.message or ""
    missing = re.search(r"[Nn]o (filter|test) named '([^']*)'", message)
    if missing:
        kind, word = missing.groups()
        known = sorted(filters.NAMES if kind == "filter" else jinja.tests)
        hint = nearest(word, known) or f"use one of {alternatives(word, known)}"
        at = sources.line(name, problem.lineno, word)
        return error("engine/syntax", f'there is no {kind} "{word}"', at, hint=hint)
    if isinstance(problem, RefusedTemplateError):
        return error("engine/syntax", message, sources.line(name, problem.lineno), hint=problem.hint)
    diagnosis = diagnose(jinja, sources.code(name), problem)
    opened = diagnosis.opened
    notes = (Note("the block begins here", sources.line(name, opened)),) if opened else ()
    message = show_braces(diagnosis.message)
    at = sources.line(name, diagnosis.position)
    hint = raw_hint(at.text, at.column) or diagnosis.hint
    return error("engine/syntax", message, at, notes=notes, hint=hint)


def runtime_finding(sources: Sources, name: str, problem: Exception, names: list[str]) -> Finding | None:
    """Return the finding for a failure of the template `name`, which sees `names`; None when none was running."""
    import traceback  # 5 ms

    prefix = f"{TEMPLATES}/"
    lines = [
        (frame.filename.removeprefix(prefix), frame.lineno or 1)
        for frame in traceback.extract_tb(problem.__traceback__)
        if frame.filename.startswith(prefix)
    ]
    if not lines and not isinstance(problem, (TemplateNotFound, *EXCEEDED)):
        return None
    inner, line = lines[-1] if lines else (name, 1)
    outer = [each for each in reversed(lines[:-1]) if each != (inner, line)]
    notes = tuple(Note("used by this line", sources.line(*each)) for each in outer)
    if isinstance(problem, MissingNameError):
        at = sources.line(inner, line, problem.name)
        hint = (
            raw_hint(at.text, at.column)
            or nearest(problem.name, problem.near or names)
            or f"fix the name, or add it to {sources.folders.base}"
        )
        return error("engine/undefined", str(problem), at, notes=notes, hint=hint)
    message, hint = _failure(problem, sources)
    hint = hint or "fix the expression on this line"
    code = "engine/captured-text" if isinstance(problem, CapturedTextError) else "engine/failed"
    return error(code, message, sources.line(inner, line), notes=notes, hint=hint)


def _failure(problem: Exception, sources: Sources) -> tuple[str, str]:
    """Return a message and a hint for an exception of a running template."""
    if isinstance(problem, TemplateNotFound):
        hint = (
            nearest(str(problem.name), sources.names) or f"fix the name, or add the template {problem.name}"
        )
        return f'there is no template "{problem.name}"', hint
    if isinstance(problem, RecursionError):
        return "a macro or an include calls itself without end", ""
    if isinstance(problem, EXCEEDED):
        return reason(problem), getattr(problem, "hint", "")
    return str(problem) or type(problem).__name__, getattr(problem, "hint", "")
