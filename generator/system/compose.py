"""Compose files: their services."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from generator.languages.node import Map
from generator.languages.source import Source


@dataclass(frozen=True)
class ComposeFile:
    """A Compose file."""

    source: Source
    node: Map

    @cached_property
    def services(self) -> Map:
        return self.node.map("services")
