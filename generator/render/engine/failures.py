"""What can be wrong with a template, as exceptions."""

from __future__ import annotations

from jinja2 import TemplateRuntimeError, TemplateSyntaxError

from generator.findings import Finding
from generator.project import TEMPLATES


class TemplateFailure(Exception):
    """A template is wrong, or cannot be rendered with these values."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Refused(TemplateRuntimeError):
    """A value that cannot be put out at all."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Explained(TemplateSyntaxError):
    """A template that is refused for a reason of ours."""

    def __init__(self, message: str, hint: str, place: int, name: str) -> None:
        super().__init__(message, place, name, f"{TEMPLATES}/{name}")
        self.hint = hint
