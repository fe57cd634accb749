"""Exceptions of the engine."""

from __future__ import annotations

from jinja2 import TemplateRuntimeError, TemplateSyntaxError

from generator.findings import Finding
from generator.project import TEMPLATES


class RenderError(Exception):
    """A template is wrong, or cannot be rendered with these values; `finding` is the reason."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class RefusedValueError(TemplateRuntimeError):
    """A `{{ … }}` has a value that cannot be written."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class RefusedTemplateError(TemplateSyntaxError):
    """A template is valid Jinja, but not allowed in oetgen."""

    def __init__(self, message: str, hint: str, position: int, name: str) -> None:
        super().__init__(message, position, name, f"{TEMPLATES}/{name}")
        self.hint = hint
