"""What validating and rendering one environment gives."""

from __future__ import annotations

from generator.findings import Finding
from generator.findings.record import record
from generator.render.tree import Tree
from generator.render.typecheck import Reads
from generator.values.layers import Values


@record
class Validated:
    """The values of one environment, the findings about them and the templates, and what the templates read."""

    values: Values
    findings: tuple[Finding, ...]
    reads: Reads


@record
class RenderResult:
    """What validating and rendering one environment gave: its tree, or None with errors, and the findings."""

    values: Values
    tree: Tree | None
    findings: tuple[Finding, ...]

    @property
    def env(self) -> str:
        """The name of the environment."""
        return self.values.env
