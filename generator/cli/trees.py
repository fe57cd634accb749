"""The trees of the environments that a command writes, with those of earlier runs where they still hold."""

from __future__ import annotations

from collections.abc import Sequence

from generator.findings import Finding, has_errors
from generator.pipeline import Pipeline
from generator.render.tree import Tree


class Trees:
    """Renders environments one by one: earlier trees where they hold, the others validated together."""

    def __init__(self, pipeline: Pipeline, names: Sequence[str], settings: tuple[str, ...] = ()) -> None:
        self._pipeline = pipeline
        self._settings = settings
        missing = [name for name in names if self._earlier(name) is None]
        validated = pipeline.validate(missing, settings) if missing else []
        self._validated = {each.values.env: each for each in validated}
        self._computed = bool(missing)
        self.failed = any(has_errors(each.findings) for each in validated)

    def render(self, env: str) -> tuple[Tree | None, tuple[Finding, ...]]:
        """Return the tree of an environment, None with errors, and the findings."""
        validated = self._validated.pop(env, None)
        tree = None if validated else self._earlier(env)
        if tree:
            return tree, ()
        result = self._pipeline.render(validated or self._pipeline.validate([env], self._settings)[0])
        self.failed = self.failed or result.tree is None
        if result.tree and not result.findings and not self._settings:
            self._pipeline.records.keep(env, result.tree.packed())
        return result.tree, result.findings

    def remember(self) -> None:
        """Keep for the next run what was computed."""
        if self._computed:
            self._pipeline.remember()

    def _earlier(self, env: str) -> Tree | None:
        """Return the earlier tree; it is read again when needed, because all of them together are large."""
        files = None if self._settings else self._pipeline.records.files(env)
        return None if files is None else Tree.unpacked(env, files, self._pipeline.out(env))
