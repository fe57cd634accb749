"""The records of earlier runs, as the pipeline asks for them."""

from __future__ import annotations

from collections.abc import Mapping

from generator import writer
from generator.incremental.inputs import File, Records
from generator.pipeline import Earlier
from generator.project.cache import Cache
from generator.render.tree import Artifact, Tree


class Recorded(Earlier):
    """Earlier trees and written files, recorded in a cache."""

    def __init__(self, cache: Cache, root: str) -> None:
        self._records = Records(cache, root)

    def tree(self, env: str) -> Tree | None:
        files = self._records.files(env)
        return None if files is None else unpacked(env, files)

    def texts(self, env: str) -> Mapping[str, str]:
        return {made_from: text for _, _, text, _, made_from in self._records.latest_files(env)}

    def unchanged(self, env: str) -> int | None:
        return self._records.unchanged(env)

    def keep(self, tree: Tree) -> None:
        self._records.keep(tree.env, packed(tree))

    def keep_written(self, env: str, plan: writer.Plan) -> None:
        files = ((path, file.text, file.executable) for path, file in plan.files.items())
        self._records.keep_written(env, files)


def packed(tree: Tree) -> list[File]:
    """Return the files of a tree as plain data."""
    return [(each.path, each.format, each.text, each.template, each.made_from) for each in tree.artifacts]


def unpacked(env: str, files: list[File]) -> Tree:
    """Return the tree that `packed` was given."""
    return Tree(env, tuple(Artifact(*file) for file in files))
