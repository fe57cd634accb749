"""One side of a comparison: the rendered tree, with Terraform by module."""

from __future__ import annotations

from functools import cached_property

from generator.languages.node import ReadResult
from generator.system import System as TreeSystem
from generator.system.terraform_model import Terraform


class System(TreeSystem):
    """The model of a rendered tree, whose Terraform is read by module."""

    @cached_property
    def terraform(self) -> Terraform:  # type: ignore[override]
        return Terraform({path: ReadResult(node) for path, node in self.nodes.items()})
